-- The journal's file format.  A new file is made from this; older files are led here by migrations/.
-- WAL, synchronous=FULL, one connection; rows are only ever added.

-- One line: which journal this is, and what tells a right key from a wrong one.
CREATE TABLE journal (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch TEXT NOT NULL,
    key_check BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Under which name keys are made: a line when the file is made, one for every restore and salvage.  The newest counts;
-- seal and chain stay with the first.  after: the last row there was.
CREATE TABLE epochs (
    number INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    after INTEGER NOT NULL,
    at TEXT NOT NULL
) STRICT;

-- Every start of the terminal, committed before its first row: keys of entries contain it.  after: the last row there
-- was; unknown for starts in formats before 4.
CREATE TABLE boots (
    boot INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    after INTEGER
) STRICT;

-- What happened.  entry: number of the row that began the entry.  key, destination, position: only in that row;
-- position counts a destination's entries without a gap.  token stands for what points to a person.  link: the chain.
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    entry INTEGER,
    kind TEXT NOT NULL,
    key TEXT,
    destination TEXT,
    position INTEGER,
    token BLOB,
    body TEXT NOT NULL,
    link BLOB NOT NULL
) STRICT;

CREATE INDEX rows_by_entry ON rows (entry) WHERE entry IS NOT NULL AND key IS NULL;

-- What the ledger of the machine is made of: few rows among many, found without reading the others.
CREATE INDEX rows_of_money ON rows (kind)
WHERE kind = 'payment-approved' OR kind = 'payment-reversed' OR kind = 'day-closed';

-- Which row begins the entry of a key.  Written behind, from the rows, when the journal is opened or idle.
CREATE TABLE keys (
    number INTEGER PRIMARY KEY REFERENCES rows (number),
    key TEXT NOT NULL UNIQUE
) STRICT;

-- Which rows are closed off, and what stands for them once they are purged: the last row's link, and how far each lane
-- is counted in which epoch (JSON).  digest: keyed, over all of it but purged_at.  Purged rows go behind that, in
-- portions, the oldest segment first.
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

-- What points to a person, sealed; wiped when nobody needs it any more.
CREATE TABLE sealed (
    number INTEGER PRIMARY KEY REFERENCES rows (number),
    box BLOB NOT NULL
) STRICT;

CREATE TRIGGER rows_are_never_changed BEFORE UPDATE ON rows
BEGIN
    SELECT RAISE(ABORT, 'rows of the journal are never changed');
END;

CREATE TRIGGER rows_are_never_deleted BEFORE DELETE ON rows
WHEN OLD.number > (SELECT coalesce(max(last), 0) FROM segments WHERE purged_at IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'rows of the journal are never deleted before their segment is purged');
END;

CREATE TRIGGER boots_are_never_changed BEFORE UPDATE ON boots
BEGIN
    SELECT RAISE(ABORT, 'starts of the terminal are never changed');
END;

CREATE TRIGGER boots_are_never_deleted BEFORE DELETE ON boots
BEGIN
    SELECT RAISE(ABORT, 'starts of the terminal are never deleted');
END;

CREATE TRIGGER boxes_are_never_changed BEFORE UPDATE ON sealed
BEGIN
    SELECT RAISE(ABORT, 'a sealed number is wiped, never changed');
END;

CREATE TRIGGER epochs_are_never_changed BEFORE UPDATE ON epochs
BEGIN
    SELECT RAISE(ABORT, 'epochs are never changed');
END;

CREATE TRIGGER epochs_are_never_deleted BEFORE DELETE ON epochs
BEGIN
    SELECT RAISE(ABORT, 'epochs are never deleted');
END;

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
