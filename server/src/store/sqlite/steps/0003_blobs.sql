-- Which documents refer to which attachments; the bytes lie outside of the database. `user` is no reference: a
-- restored store may not know the person any more.
CREATE TABLE blobs (
    document_id INTEGER NOT NULL REFERENCES documents,
    hash        BLOB NOT NULL,
    size        INTEGER NOT NULL,
    media_type  TEXT NOT NULL,
    user        TEXT NOT NULL,
    device      BLOB NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (document_id, hash)
) WITHOUT ROWID;
-- What the blobs take of the documents whose home the feed is.
ALTER TABLE feeds ADD COLUMN blob_bytes INTEGER NOT NULL DEFAULT 0;
