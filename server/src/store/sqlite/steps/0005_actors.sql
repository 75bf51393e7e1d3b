-- The number of each actor's last change in a document. It stands in for an index over all changes by actor: that one
-- wrote a page of its own for every document of a batch.
CREATE TABLE IF NOT EXISTS actors (
    document_id INTEGER NOT NULL REFERENCES documents,
    actor       BLOB NOT NULL,
    last        INTEGER NOT NULL,
    PRIMARY KEY (document_id, actor)
) WITHOUT ROWID;
INSERT OR REPLACE INTO actors (document_id, actor, last)
    SELECT document_id, actor, max(sequence) FROM changes GROUP BY document_id, actor;
DROP INDEX IF EXISTS changes_by_actor;
