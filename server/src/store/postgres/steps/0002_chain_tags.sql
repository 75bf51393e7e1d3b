-- The tag of an entry now stands for all entries of its feed up to it. What it was before is kept, since a
-- device may still name it in its cursor; NULL for entries that were stored later. The bytes under the hash
-- are those of `chained` in shared/src/sync/relay/entry.rs.
ALTER TABLE entries ADD COLUMN older_tag BYTEA;

DO $$
DECLARE
    entry    RECORD;
    feed     BIGINT;
    previous BYTEA;
BEGIN
    FOR entry IN SELECT feed_id, seq, tag FROM entries ORDER BY feed_id, seq LOOP
        IF entry.feed_id IS DISTINCT FROM feed THEN
            feed := entry.feed_id;
            previous := '\x0000000000000000'::bytea;
        END IF;
        previous := substring(
            sha256('\x000000000000000e'::bytea || 'simpul chain 1'::bytea || previous || entry.tag) FOR 8);
        UPDATE entries SET older_tag = tag, tag = previous WHERE feed_id = entry.feed_id AND seq = entry.seq;
    END LOOP;
END
$$;
