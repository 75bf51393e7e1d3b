-- Times are milliseconds since 1970. Numbers of entries begin at 1 and have no gaps.

-- Each life of the store, oldest first, and where every feed's head was when it began.
CREATE TABLE epochs (
    id    INTEGER PRIMARY KEY,
    epoch BLOB NOT NULL UNIQUE
);
CREATE TABLE epoch_heads (
    epoch_id INTEGER NOT NULL REFERENCES epochs,
    feed_id  INTEGER NOT NULL REFERENCES feeds,
    head     INTEGER NOT NULL,
    PRIMARY KEY (epoch_id, feed_id)
) WITHOUT ROWID;

CREATE TABLE feeds (
    id        INTEGER PRIMARY KEY,
    feed      TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    head      INTEGER NOT NULL DEFAULT 0,
    documents INTEGER NOT NULL DEFAULT 0,
    bytes     INTEGER NOT NULL DEFAULT 0,
    -- When its settings changed last: a number like `people.rights`, in the same order.
    settings_changed INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE people (
    id              INTEGER PRIMARY KEY,
    user            TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    position        TEXT NOT NULL,
    password_digest TEXT NOT NULL,
    -- Who set it: `self`; `other`, then it is to be changed at the first sign-in; or `demo`, which everybody knows.
    password_setter TEXT NOT NULL DEFAULT 'self',
    is_disabled     INTEGER NOT NULL DEFAULT 0,
    -- An office among the settings of the person's feed.
    office          TEXT,
    changed_at      INTEGER NOT NULL,
    -- The number of the last change of what the person may do, in the order of all such changes.
    rights          INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX people_by_rights ON people (rights);
CREATE INDEX people_by_change ON people (changed_at);

-- A role that was taken away stays as NULL: devices are told so. The view is a number that grows where sight of the feed
-- begins, ends or is refused, to at least the time.
CREATE TABLE memberships (
    person_id INTEGER NOT NULL REFERENCES people,
    feed_id   INTEGER NOT NULL REFERENCES feeds,
    role      TEXT,
    view      INTEGER NOT NULL DEFAULT 0,
    -- When the person began to see the feed, last.
    granted_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, feed_id)
) WITHOUT ROWID;
CREATE INDEX memberships_by_feed ON memberships (feed_id, person_id);

CREATE TABLE devices (
    id          INTEGER PRIMARY KEY,
    device      BLOB NOT NULL UNIQUE,
    person_id   INTEGER NOT NULL REFERENCES people,
    name        TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    seen_at     INTEGER,
    revoked_at  INTEGER,
    -- The SHA-256 of the secret by which the device proves that it was enrolled here, also once it has no session.
    secret      BLOB
);
CREATE INDEX devices_by_person ON devices (person_id);

-- `token` is the SHA-256 of the session's token.
CREATE TABLE sessions (
    token      BLOB PRIMARY KEY,
    device_id  INTEGER NOT NULL REFERENCES devices,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_device ON sessions (device_id);

-- Links by which a person sets a password, each once. `token` is the SHA-256 of the link's. What ended it before its time:
-- `used`, `replaced` by another or by a password, `withdrawn`; NULL while it may be used.
CREATE TABLE password_links (
    token      BLOB PRIMARY KEY,
    person_id  INTEGER NOT NULL REFERENCES people,
    expires_at INTEGER NOT NULL,
    ended      TEXT
) WITHOUT ROWID;
CREATE INDEX password_links_by_person ON password_links (person_id);

CREATE TABLE documents (
    id      INTEGER PRIMARY KEY,
    doc     BLOB NOT NULL UNIQUE,
    kind    TEXT NOT NULL,
    home_id INTEGER NOT NULL REFERENCES feeds,
    state   TEXT NOT NULL,
    bytes   INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE document_feeds (
    document_id INTEGER NOT NULL REFERENCES documents,
    feed_id     INTEGER NOT NULL REFERENCES feeds,
    PRIMARY KEY (document_id, feed_id)
) WITHOUT ROWID;

-- Who made items: a few hundred rows, so that an item holds one small number. `user` is no reference: a
-- restored store may not know the person any more.
CREATE TABLE authors (
    id     INTEGER PRIMARY KEY,
    user   TEXT NOT NULL,
    device BLOB NOT NULL,
    UNIQUE (user, device)
);

-- Who has entries in a feed: they keep their name there, whatever becomes of their role. `user` as in `authors`.
CREATE TABLE feed_authors (
    feed_id INTEGER NOT NULL REFERENCES feeds,
    user    TEXT NOT NULL,
    PRIMARY KEY (feed_id, user)
) WITHOUT ROWID;

-- What a region decides for its feed. A value is never overwritten: the row of a key with the highest number counts.
-- `set_by` is a user name; or `operator:` and the name of the system's user, where the command line set it.
CREATE TABLE feed_settings (
    feed_id INTEGER NOT NULL REFERENCES feeds,
    number  INTEGER NOT NULL,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    set_by  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (feed_id, number)
);
CREATE INDEX feed_settings_by_key ON feed_settings (feed_id, key, number);

-- Chunks lie one after the other as they came; both indexes keep a document's rows together.
CREATE TABLE changes (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents,
    hash        BLOB NOT NULL,
    actor       BLOB NOT NULL,
    sequence    INTEGER NOT NULL,
    max_op      INTEGER NOT NULL,
    home_seq    INTEGER NOT NULL,
    author_id   INTEGER NOT NULL REFERENCES authors,
    at          INTEGER NOT NULL,
    receipt     BLOB NOT NULL,
    clock       BLOB NOT NULL,
    bytes       BLOB NOT NULL
);
CREATE UNIQUE INDEX changes_by_hash ON changes (document_id, hash);
CREATE UNIQUE INDEX changes_by_actor ON changes (document_id, actor, sequence);

-- The change that stands for each of those that no receipt proved and that somebody took over; derived of its message. A
-- change that is stood for is never stored itself.
CREATE TABLE stand_ins (
    document_id INTEGER NOT NULL REFERENCES documents,
    hash        BLOB NOT NULL,
    stand_in    BLOB NOT NULL,
    PRIMARY KEY (document_id, hash)
) WITHOUT ROWID;

CREATE TABLE decisions (
    id          INTEGER PRIMARY KEY,
    decision    BLOB NOT NULL UNIQUE,
    document_id INTEGER NOT NULL REFERENCES documents,
    event       TEXT NOT NULL,
    heads       BLOB NOT NULL,
    note        TEXT,
    made_at     INTEGER NOT NULL,
    home_seq    INTEGER NOT NULL,
    author_id   INTEGER NOT NULL REFERENCES authors,
    at          INTEGER NOT NULL,
    receipt     BLOB NOT NULL
);
CREATE INDEX decisions_by_document ON decisions (document_id, home_seq);

-- An entry with neither change nor decision says that the document has left the feed.
CREATE TABLE entries (
    feed_id     INTEGER NOT NULL REFERENCES feeds,
    seq         INTEGER NOT NULL,
    document_id INTEGER NOT NULL REFERENCES documents,
    author_id   INTEGER NOT NULL REFERENCES authors,
    change_id   INTEGER REFERENCES changes,
    decision_id INTEGER REFERENCES decisions,
    tag         BLOB NOT NULL,
    PRIMARY KEY (feed_id, seq)
) WITHOUT ROWID;

-- The marks of the receipts' keys, the last one that of the key that holds; a mark does not give its key away.
CREATE TABLE receipt_keys (
    id   INTEGER PRIMARY KEY,
    mark BLOB NOT NULL
);
-- The last entry of each feed whose receipt is of a key that was given up.
CREATE TABLE given_up (
    feed_id INTEGER PRIMARY KEY REFERENCES feeds,
    head    INTEGER NOT NULL
);

-- The audit log: only ever appended to. `tag` chains each row to those before it, see shared/src/audit.rs; one row of
-- `audit_head` says where it ends, and by its mark under which key.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    sort    TEXT NOT NULL,
    person  TEXT NOT NULL,
    address TEXT NOT NULL,
    device  BLOB,
    feed    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    tag     BLOB NOT NULL
);
CREATE TABLE audit_head (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    seq      INTEGER NOT NULL,
    tag      BLOB NOT NULL,
    key_mark BLOB
);
INSERT INTO audit_head (id, seq, tag) VALUES (1, 0, zeroblob(16));
