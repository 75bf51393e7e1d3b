-- The tag of an entry now stands for all entries of its feed up to it. What it was before is kept, since a
-- device may still name it in its cursor; NULL for entries that were stored later.
ALTER TABLE entries ADD COLUMN older_tag BLOB;
