-- Entries are found by key in a table that is written behind: the index cost every intent a page of the log.
-- Tokens of rows written from here on are keyed BLAKE2b; those of older rows stay HMAC-SHA-256.

DROP INDEX rows_by_key;

CREATE TABLE keys (
    number INTEGER PRIMARY KEY REFERENCES rows (number),
    key TEXT NOT NULL UNIQUE
) STRICT;
