"""The same questions without a running terminal, asked of the file itself.  Looking changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from kiosk.engine.errands import Answer, NotDone, Request
from kiosk.journal_desk import asked, ledger
from kiosk.journal_desk.ledger import LedgerPlace
from kiosk.journal_desk.saying import case_said, entry_said, export_said, not_done, report_said
from sync.cases import cases_of, closing
from sync.entries import Entry
from sync.journal.care.backup import back_up
from sync.journal.care.export import check_export
from sync.journal.care.reading_only import reading_only
from sync.journal.file import OpenFile
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.journal.reading import Reading
from sync.journal.segments import floor_of
from sync.journal.standing import read_standing
from sync.journal.verification import verify


def answer(
    path: Path,
    keys: JournalKeys,
    request: Request,
    now: Callable[[], datetime],
    place: LedgerPlace | None = None,
) -> Answer:
    """What a terminal that has the journal *path*, and its ledger *place*, would answer.  Raises `NotDone`."""
    try:
        match request["do"]:
            case "journal.verify" if is_export(path):
                with path.open(encoding="utf-8", errors="replace") as lines:
                    return export_said(check_export(lines, keys))
            case "cases.close":
                return _closed(path, keys, request, now)
            case "ledger.close" if place is not None:
                return _day_closed(path, keys, request, now, place)
            case "ledger.list" | "ledger.export" | "ledger.verify" if place is not None:
                with reading_only(path, keys) as file:
                    return _of_ledger(file, request, place)
            case _:
                with reading_only(path, keys) as file:
                    return _answer(file, keys, request, now())
    except NotDone:
        raise
    except Exception as error:
        told = not_done(error)
        if "mistake of ours" in str(told):
            raise
        raise told from error


def is_export(path: Path) -> bool:
    """Whether *path* begins as an export does."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(1) == b"{"


def _answer(file: OpenFile, keys: JournalKeys, request: Request, now: datetime) -> Answer:
    match request["do"]:
        case "journal.list":
            wanted = asked.listing(request)
            every: Iterator[Entry] = Reading(file).newest_first(floor_of(file).number)
            if wanted.only_open:
                every = (entry for entry in reversed(list(every)) if not entry.is_settled)
            found = (e for e in every if wanted.since is None or e.rows[0].at >= wanted.since)
            return {"entries": [entry_said(entry) for entry in islice(found, wanted.limit)]}
        case "journal.verify":
            return report_said(verify(file))
        case "journal.backup":
            target = asked.target(request)
            return {**report_said(back_up(file, target, keys)), "to": str(target)}
        case "journal.export":
            target = asked.target(request)
            return {
                "rows": asked.write_export(file, target, asked.segments(request), now),
                "to": str(target),
            }
        case "cases.list":
            return {"cases": [case_said(case) for case in cases_of(_open_cases(file))]}
        case _:
            raise NotDone("this can be asked of a running terminal only", is_call_wrong=True)


def _of_ledger(file: OpenFile, request: Request, place: LedgerPlace) -> Answer:
    rows = ledger.every_row(file)
    match request["do"]:
        case "ledger.list":
            return ledger.listed(rows, request, place)
        case "ledger.export":
            return ledger.exported(rows, request, place)
        case _:
            return ledger.verified(rows, place, purged=ledger.is_purged(file))


def _day_closed(
    path: Path, keys: JournalKeys, request: Request, now: Callable[[], datetime], place: LedgerPlace
) -> Answer:
    with _opened(path, keys, now) as journal:
        return ledger.closed(ledger.every_row(journal.file), request, now(), place, journal.append)


@contextmanager
def _opened(path: Path, keys: JournalKeys, now: Callable[[], datetime]) -> Iterator[Journal]:
    """The journal *path*, which is not made where there is none, to write one row into it."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    journal = Journal.open(path, keys, now)
    try:
        yield journal
    finally:
        journal.close()


def _open_cases(file: OpenFile) -> tuple[Entry, ...]:
    memory, _ = read_standing(file, floor_of(file))
    numbers = sorted(entry.number for entry in memory.entries.values() if entry.state.has_open_case)
    reading = Reading(file)
    return tuple(reading.entry_at(number) for number in numbers)


def _closed(path: Path, keys: JournalKeys, request: Request, now: Callable[[], datetime]) -> Answer:
    wanted = asked.closing_of(request)
    with _opened(path, keys, now) as journal:
        entry = asked.entry_of(journal.open_cases(), wanted.reference)
        row = closing(entry, wanted.how, wanted.by, wanted.note, now())
        journal.append([row])
    return {"closed": entry.key.reference, "how": row.how.value}
