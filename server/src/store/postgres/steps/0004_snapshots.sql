-- Snapshots of documents, in place of their changes up to `until_seq` of the home feed; those stay. A newer one
-- stands beside the older ones for as long as somebody may be reading with these.
-- All of it is derived of them. `made` grows with each snapshot, whichever document it is of and whichever
-- relay makes it; `maker` is the device of the first entry. `size` is what it takes in a batch.
CREATE TABLE snapshots (
    document_id BIGINT NOT NULL,
    home_id     BIGINT NOT NULL,
    first_seq   BIGINT NOT NULL,
    until_seq   BIGINT NOT NULL,
    made        BIGINT NOT NULL UNIQUE,
    maker       BYTEA NOT NULL,
    changes     BIGINT NOT NULL,
    size        BIGINT NOT NULL,
    folded      BYTEA NOT NULL,
    bytes       BYTEA NOT NULL,
    PRIMARY KEY (document_id, made)
);
CREATE INDEX snapshots_by_place ON snapshots (home_id, first_seq);
-- It is deflated already.
ALTER TABLE snapshots ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Documents that could not be folded when they had so many changes, and why.
CREATE TABLE set_aside (
    document_id BIGINT PRIMARY KEY,
    changes     BIGINT NOT NULL,
    why         TEXT NOT NULL,
    at          BIGINT NOT NULL
);
