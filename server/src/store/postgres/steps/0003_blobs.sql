-- Which documents refer to which attachments; the bytes lie outside of the database. "user" is no reference: a
-- restored store may not know the person any more.
CREATE TABLE blobs (
    document_id BIGINT NOT NULL REFERENCES documents,
    hash        BYTEA NOT NULL,
    size        BIGINT NOT NULL,
    media_type  TEXT NOT NULL,
    "user"      TEXT NOT NULL,
    device      BYTEA NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (document_id, hash)
);
-- What the blobs take of the documents whose home the feed is.
ALTER TABLE feeds ADD COLUMN blob_bytes BIGINT NOT NULL DEFAULT 0;
