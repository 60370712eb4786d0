"""Makes a backup a journal that a terminal can go on with, also on another machine.

The copy gets a new epoch, so that no key made from now on can meet one that the original, should it go on somewhere,
makes too.  Entries that are in the backup keep their keys, their positions and their order: to a server that knows keys
they are the same entries, whoever sends them.  Every one that is not settled is in doubt, as after any restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import apsw

from sync.journal.care.publishing import draft_of, private_file, publish, require_free
from sync.journal.care.reading_only import connection_for_reading
from sync.journal.errors import JournalBroken, JournalDamaged
from sync.journal.file import begin_epoch, named, open_file
from sync.journal.keys import JournalKeys
from sync.journal.verification import ChainReport, verify


@dataclass(frozen=True, slots=True)
class Restored:
    """The journal goes on under *epoch*; *report* is of the backup."""

    epoch: str
    report: ChainReport


def restore(backup: Path, target: Path, keys: JournalKeys, now: str) -> Restored:
    """Makes the journal *target* from *backup*, which stays as it is; *now* is the moment, in ISO form.

    Raises `FileNotFoundError`, `CareRefused` when *target* exists, `JournalDamaged` when the backup is not what was
    written (salvage it instead), `JournalKeyWrong` and the other `JournalError`s.  Then there is no *target*.
    """
    if not backup.is_file():
        raise FileNotFoundError(f"{backup}: there is no such file")
    require_free(target)
    draft = draft_of(target)
    try:
        _copy(backup, draft)
        file = open_file(draft, keys, now)
        try:
            report = verify(file)
            if not report.is_whole:
                fault = report.faults[0]
                raise JournalDamaged(f"{backup} is damaged at row {fault.number}: {fault.what}")
            epoch = begin_epoch(file, now)
        except apsw.Error as error:
            raise named(error, file.connection, target) from error
        finally:
            file.connection.close()
        publish(draft, target)
    except OSError as error:
        raise JournalBroken(f"{target}: {error.strerror}") from error
    finally:
        draft_of(target)
    return Restored(epoch, report)


def _copy(backup: Path, draft: Path) -> None:
    with private_file(draft):
        pass
    source = connection_for_reading(backup)
    copy = apsw.Connection(str(draft), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        with copy.backup("main", source, "main") as pages:
            while not pages.done:
                pages.step(1000)
    except apsw.Error as error:
        raise named(error, source, backup) from error
    finally:
        copy.close()
        source.close()
