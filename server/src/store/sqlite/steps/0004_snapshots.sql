-- Snapshots of documents, in place of their changes up to `until_seq` of the home feed; those stay. A newer one
-- stands beside the older ones for as long as somebody may be reading with these.
-- All of it is derived of them. `made` grows with each snapshot, whichever document it is of; `maker` is the
-- device of the first entry.
CREATE TABLE snapshots (
    document_id INTEGER NOT NULL REFERENCES documents,
    home_id     INTEGER NOT NULL REFERENCES feeds,
    first_seq   INTEGER NOT NULL,
    until_seq   INTEGER NOT NULL,
    made        INTEGER NOT NULL UNIQUE,
    maker       BLOB NOT NULL,
    changes     INTEGER NOT NULL,
    folded      BLOB NOT NULL,
    bytes       BLOB NOT NULL,
    PRIMARY KEY (document_id, made)
);
CREATE INDEX snapshots_by_place ON snapshots (home_id, first_seq);

-- Documents that could not be folded when they had so many changes, and why.
CREATE TABLE set_aside (
    document_id INTEGER PRIMARY KEY REFERENCES documents,
    changes     INTEGER NOT NULL,
    why         TEXT NOT NULL,
    at          INTEGER NOT NULL
);
