"""Makes a journal of what is left of a damaged one.

Four steps, a module each: `wreck.py` collects every row that can be read, by SQL and from raw pages of file and log;
`proof.py` tells by the chain which of them are what was written; `rewriting.py` puts those into a new journal under a
new epoch, with a case for whatever nobody can know; here all of it is done and told.  The damaged file is only read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import apsw

from sync.journal.care import rewriting
from sync.journal.care.proof import Proven, proven
from sync.journal.care.publishing import draft_of, publish, require_free, sync_folder
from sync.journal.care.reading_only import log_of
from sync.journal.care.rewriting import Plan
from sync.journal.care.wreck import Remains, remains_of
from sync.journal.errors import JournalBroken, JournalDamaged
from sync.journal.file import named, open_file
from sync.journal.keys import JournalKeys
from sync.journal.verification import verify


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was found and what became of it.  Numbers are of rows of the damaged file; keys name entries.

    *proven* rows were found and are as they were written; *left_out* are those among them that could not be placed.
    *missing* are runs of numbers, both ends included, without a row that can be proven; *doubtful* the rows found there
    that look right and cannot be proven, *doubtful_used* those of them that became cases.  *unfinished*: rows of which
    the end of their transaction is missing: whoever waited for them was never told that they are written.
    *purged_to*: rows up to there were purged before.  *beheaded*: beginnings that are gone, of entries that were not
    seen to end: only these may have been open and are not in the new journal.
    *cases* became cases of reason journal-damaged, *nameless* are those among them whose patron nobody can tell any
    more; *in_doubt* go on as after any restart.
    """

    epoch: str
    entries: int
    proven: int
    purged_to: int
    missing: tuple[tuple[int, int], ...]
    doubtful: tuple[int, ...]
    doubtful_used: tuple[int, ...]
    unfinished: tuple[int, ...]
    left_out: tuple[int, ...]
    beheaded: tuple[int, ...]
    cases: tuple[str, ...]
    nameless: tuple[str, ...]
    in_doubt: tuple[str, ...]
    pages_read: int
    frames_read: int
    is_readable_by_sql: bool

    @property
    def missing_count(self) -> int:
        """How many rows are known to be missing."""
        return sum(last - first + 1 for first, last in self.missing)


def salvage(damaged: Path, target: Path, keys: JournalKeys, now: datetime) -> Salvaged:
    """Makes the new journal *target* of what is left in *damaged* and its log, which are only read.

    Raises `FileNotFoundError`, `CareRefused` when *target* exists, `JournalKeyWrong`, `JournalDamaged` when nothing can
    be proven to be of this journal, `JournalFull` or `JournalBroken` when the new one cannot be written.
    """
    if not damaged.is_file():
        raise FileNotFoundError(f"{damaged}: there is no such file")
    require_free(target)
    try:
        remains = remains_of(damaged)
        known = proven(remains, keys)
        plan = rewriting.plan(known, now)
        epoch = _write(plan, target, keys, now)
    except OSError as error:
        raise JournalBroken(f"{damaged}: {error.strerror}") from error
    finally:
        draft_of(target)
    return _told(epoch, remains, known, plan)


def replace_damaged(path: Path, keys: JournalKeys, now: datetime) -> tuple[Salvaged, Path]:
    """Salvages the journal *path* and puts the new one in its place; gives where the damaged one is kept.

    At every moment the damaged file has a name.  Raises as `salvage` does; then nothing was moved.
    """
    aside = _aside(path)
    made = path.with_name(path.name + ".salvaged")
    made.unlink(missing_ok=True)
    salvaged = salvage(path, made, keys, now)
    try:
        if log_of(path).exists():
            os.rename(log_of(path), log_of(aside))
        os.rename(path, aside)
        os.rename(made, path)
        sync_folder(path.parent)
    except OSError as error:
        raise JournalBroken(f"{path}: cannot be moved aside ({error.strerror}); {made} is whole") from error
    return salvaged, aside


def _aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists() or log_of(aside).exists():
        number += 1
    return aside


def _write(plan: Plan, target: Path, keys: JournalKeys, now: datetime) -> str:
    draft = draft_of(target)
    file = open_file(draft, keys, now.isoformat())
    try:
        rewriting.write(plan, file)
        file.connection.execute("INSERT INTO keys SELECT number, key FROM rows WHERE key IS NOT NULL")
        report = verify(file)
    except apsw.Error as error:
        raise named(error, file.connection, target) from error
    finally:
        file.connection.close()
    if not report.is_whole:
        fault = report.faults[0]
        raise JournalDamaged(f"what was salvaged does not make a journal: row {fault.number} {fault.what}")
    publish(draft, target)
    return file.epoch


def _told(epoch: str, remains: Remains, known: Proven, plan: Plan) -> Salvaged:
    return Salvaged(
        epoch=epoch,
        entries=len(plan.entries),
        proven=len(known.rows),
        purged_to=known.floor,
        missing=known.missing,
        doubtful=tuple(sorted(known.doubtful)),
        doubtful_used=tuple(plan.doubtful_used),
        unfinished=known.unfinished,
        left_out=tuple(plan.left_out),
        beheaded=tuple(plan.beheaded),
        cases=tuple(str(key) for key in plan.cases),
        nameless=tuple(str(key) for key in plan.nameless),
        in_doubt=tuple(str(key) for key in plan.in_doubt),
        pages_read=remains.pages_read,
        frames_read=remains.frames_read,
        is_readable_by_sql=remains.is_readable_by_sql,
    )
