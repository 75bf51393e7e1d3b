-- Times are milliseconds since 1970. Numbers of entries begin at 1 and have no gaps.

-- Each life of the store, oldest first, and where every feed's head was when it began.
CREATE TABLE epochs (
    id    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch BYTEA NOT NULL UNIQUE
);

-- One row: the mark of the receipts' key, which all relays on this database share. It does not give the key away.
CREATE TABLE receipt_keys (
    mark BYTEA NOT NULL
);

CREATE TABLE feeds (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed      TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    head      BIGINT NOT NULL DEFAULT 0,
    documents BIGINT NOT NULL DEFAULT 0,
    bytes     BIGINT NOT NULL DEFAULT 0,
    -- When its settings changed last: a number like `people.rights`, in the same order.
    settings_changed BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE epoch_heads (
    epoch_id BIGINT NOT NULL REFERENCES epochs,
    feed_id  BIGINT NOT NULL REFERENCES feeds,
    head     BIGINT NOT NULL,
    PRIMARY KEY (epoch_id, feed_id)
);

CREATE TABLE people (
    id              BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "user"          TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    position        TEXT NOT NULL,
    password_digest TEXT NOT NULL,
    -- Who set it: `self`; `other`, then it is to be changed at the first sign-in; or `demo`, which everybody knows.
    password_setter TEXT NOT NULL DEFAULT 'self',
    is_disabled     BOOLEAN NOT NULL DEFAULT FALSE,
    -- An office among the settings of the person's feed.
    office          TEXT,
    changed_at      BIGINT NOT NULL,
    -- The number of the last change of what the person may do, in the order of all such changes.
    rights          BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX people_by_rights ON people (rights);
CREATE INDEX people_by_change ON people (changed_at);
-- The number of the newest such change. Its row is locked until the change is committed: no number is seen
-- before a lower one.
CREATE TABLE rights (newest BIGINT NOT NULL);
INSERT INTO rights VALUES (0);

-- A role that was taken away stays as NULL: devices are told so. The view is a number that grows where sight of the feed
-- begins, ends or is refused, to at least the time.
CREATE TABLE memberships (
    person_id BIGINT NOT NULL REFERENCES people,
    feed_id   BIGINT NOT NULL REFERENCES feeds,
    role      TEXT,
    view      BIGINT NOT NULL DEFAULT 0,
    -- When the person began to see the feed, last.
    granted_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, feed_id)
);
CREATE INDEX memberships_by_feed ON memberships (feed_id, person_id);

CREATE TABLE devices (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device      BYTEA NOT NULL UNIQUE,
    person_id   BIGINT NOT NULL REFERENCES people,
    name        TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    seen_at     BIGINT,
    revoked_at  BIGINT,
    -- The SHA-256 of the secret by which the device proves that it was enrolled here, also once it has no session.
    secret      BYTEA
);
CREATE INDEX devices_by_person ON devices (person_id);

-- `token` is the SHA-256 of the session's token.
CREATE TABLE sessions (
    token      BYTEA PRIMARY KEY,
    device_id  BIGINT NOT NULL REFERENCES devices,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_device ON sessions (device_id);

-- Links by which a person sets a password, each once. `token` is the SHA-256 of the link's. What ended it before its time:
-- `used`, `replaced` by another or by a password, `withdrawn`; NULL while it may be used.
CREATE TABLE password_links (
    token      BYTEA PRIMARY KEY,
    person_id  BIGINT NOT NULL REFERENCES people,
    expires_at BIGINT NOT NULL,
    ended      TEXT
);
CREATE INDEX password_links_by_person ON password_links (person_id);

-- What a region decides for its feed. A value is never overwritten: the row of a key with the highest number counts.
-- `set_by` is a user name; or `operator:` and the name of the system's user, where the command line set it.
CREATE TABLE feed_settings (
    feed_id BIGINT NOT NULL REFERENCES feeds,
    number  BIGINT NOT NULL,
    key     TEXT NOT NULL,
    value   BYTEA NOT NULL,
    set_by  TEXT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (feed_id, number)
);
CREATE INDEX feed_settings_by_key ON feed_settings (feed_id, key, number);

-- Rows of the log get their ids from here. A relay takes a thousand and more at once, so that it knows the
-- ids of new rows without asking; what it does not use stays unused.
CREATE SEQUENCE ids INCREMENT BY 1024;

-- From here on there are no references: these rows are written by the one commit of a batch, which takes
-- the ids from rows that it locked or makes. A check of each would cost more than the row itself.

CREATE TABLE documents (
    id      BIGINT PRIMARY KEY,
    doc     BYTEA NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    home_id BIGINT NOT NULL,
    state   TEXT NOT NULL,
    bytes   BIGINT NOT NULL
);
CREATE TABLE document_feeds (
    document_id BIGINT NOT NULL,
    feed_id     BIGINT NOT NULL,
    PRIMARY KEY (document_id, feed_id)
);

-- Who made items: a few hundred rows, so that an item holds one small number. `user` is no reference: a
-- restored store may not know the person any more.
CREATE TABLE authors (
    id     BIGINT PRIMARY KEY,
    "user" TEXT NOT NULL,
    device BYTEA NOT NULL,
    UNIQUE ("user", device)
);

-- Who has entries in a feed: they keep their name there, whatever becomes of their role. "user" as in `authors`.
CREATE TABLE feed_authors (
    feed_id BIGINT NOT NULL,
    "user"  TEXT NOT NULL,
    PRIMARY KEY (feed_id, "user")
);

CREATE TABLE changes (
    id          BIGINT PRIMARY KEY,
    document_id BIGINT NOT NULL,
    hash        BYTEA NOT NULL,
    actor       BYTEA NOT NULL,
    sequence    BIGINT NOT NULL,
    max_op      BIGINT NOT NULL,
    home_seq    BIGINT NOT NULL,
    author_id   BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    receipt     BYTEA NOT NULL,
    clock       BYTEA NOT NULL,
    bytes       BYTEA NOT NULL
);
CREATE UNIQUE INDEX changes_by_hash ON changes (document_id, hash);
CREATE UNIQUE INDEX changes_by_actor ON changes (document_id, actor, sequence);
-- Chunks are as small as they get: trying to compress them again only costs time.
ALTER TABLE changes ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- The change that stands for each of those that no receipt proved and that somebody took over. A change that is stood for
-- is never stored itself.
CREATE TABLE stand_ins (
    document_id BIGINT NOT NULL,
    hash        BYTEA NOT NULL,
    stand_in    BYTEA NOT NULL,
    PRIMARY KEY (document_id, hash)
);

-- `note` is UTF-8 in bytes: a text may not hold U+0000 here, and what people type is kept as typed.
CREATE TABLE decisions (
    id          BIGINT PRIMARY KEY,
    decision    BYTEA NOT NULL UNIQUE,
    document_id BIGINT NOT NULL,
    event       TEXT NOT NULL,
    heads       BYTEA NOT NULL,
    note        BYTEA,
    made_at     BIGINT NOT NULL,
    home_seq    BIGINT NOT NULL,
    author_id   BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    receipt     BYTEA NOT NULL
);
CREATE INDEX decisions_by_document ON decisions (document_id, home_seq);

-- An entry with neither change nor decision says that the document has left the feed. `size` is what it
-- takes in a batch, so that a read knows where to stop before it fetches a chunk.
CREATE TABLE entries (
    feed_id     BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    document_id BIGINT NOT NULL,
    author_id   BIGINT NOT NULL,
    change_id   BIGINT,
    decision_id BIGINT,
    tag         BYTEA NOT NULL,
    size        BIGINT NOT NULL,
    PRIMARY KEY (feed_id, seq)
);

-- The audit log: only ever appended to. `tag` chains each row to those before it, see shared/src/audit.rs; the one row
-- of `audit_head` says where it ends, and which key all relays chain with. Its mark does not give the key away.
CREATE TABLE audit (
    seq     BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    sort    TEXT NOT NULL,
    person  TEXT NOT NULL,
    address TEXT NOT NULL,
    device  BYTEA,
    feed    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    tag     BYTEA NOT NULL
);
CREATE TABLE audit_head (
    seq      BIGINT NOT NULL,
    tag      BYTEA NOT NULL,
    key_mark BYTEA
);
INSERT INTO audit_head (seq, tag) VALUES (0, decode(repeat('00', 16), 'hex'));
