-- Epochs get a table, because a restored journal goes on under a new one.  A start says how many rows there were, so
-- that the rows of a start are known.  Segments are closed, anchored and purged.

CREATE TABLE epochs (
    number INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    after INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;

INSERT INTO epochs SELECT 1, epoch, 0, created_at FROM journal;

CREATE TRIGGER epochs_are_never_changed BEFORE UPDATE ON epochs
BEGIN
    SELECT RAISE(ABORT, 'epochs are never changed');
END;

CREATE TRIGGER epochs_are_never_deleted BEFORE DELETE ON epochs
BEGIN
    SELECT RAISE(ABORT, 'epochs are never deleted');
END;

CREATE TEMP TABLE boots_before AS SELECT boot, at FROM boots;

DROP TABLE boots;

CREATE TABLE boots (
    boot INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    after INTEGER
) STRICT;

INSERT INTO boots SELECT boot, at, NULL FROM boots_before;

DROP TABLE boots_before;

CREATE TRIGGER boots_are_never_changed BEFORE UPDATE ON boots
BEGIN
    SELECT RAISE(ABORT, 'starts of the terminal are never changed');
END;

CREATE TRIGGER boots_are_never_deleted BEFORE DELETE ON boots
BEGIN
    SELECT RAISE(ABORT, 'starts of the terminal are never deleted');
END;

CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    closed_at TEXT NOT NULL,
    positions TEXT NOT NULL,
    link BLOB NOT NULL,
    digest BLOB NOT NULL,
    purged_at TEXT
) STRICT;

CREATE TRIGGER segments_are_never_changed BEFORE UPDATE ON segments
WHEN OLD.purged_at IS NOT NULL OR NEW.purged_at IS NULL
    OR (OLD.number, OLD.first, OLD.last, OLD.closed_at, OLD.positions, OLD.link, OLD.digest)
    IS NOT (NEW.number, NEW.first, NEW.last, NEW.closed_at, NEW.positions, NEW.link, NEW.digest)
BEGIN
    SELECT RAISE(ABORT, 'anchors of segments are never changed');
END;

CREATE TRIGGER segments_are_never_deleted BEFORE DELETE ON segments
BEGIN
    SELECT RAISE(ABORT, 'anchors of segments are never deleted');
END;

DROP TRIGGER rows_are_never_deleted;

CREATE TRIGGER rows_are_never_deleted BEFORE DELETE ON rows
WHEN OLD.number > (SELECT coalesce(max(last), 0) FROM segments WHERE purged_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'rows of the journal are never deleted before their segment is purged');
END;
