"""The same questions without a running terminal, asked of the file itself.  Looking changes nothing in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from kiosk.engine.errands import Answer, NotDone, Request
from kiosk.journal_desk import asked
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


def answer(path: Path, keys: JournalKeys, request: Request, now: Callable[[], datetime]) -> Answer:
    """What a terminal that has the journal *path* would answer.  Raises `NotDone`."""
    try:
        match request["do"]:
            case "journal.verify" if is_export(path):
                with path.open(encoding="utf-8", errors="replace") as lines:
                    return export_said(check_export(lines, keys))
            case "cases.close":
                return _closed(path, keys, request, now)
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


def _open_cases(file: OpenFile) -> tuple[Entry, ...]:
    memory, _ = read_standing(file, floor_of(file))
    numbers = sorted(entry.number for entry in memory.entries.values() if entry.state.has_open_case)
    reading = Reading(file)
    return tuple(reading.entry_at(number) for number in numbers)


def _closed(path: Path, keys: JournalKeys, request: Request, now: Callable[[], datetime]) -> Answer:
    wanted = asked.closing_of(request)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    journal = Journal.open(path, keys, now)
    try:
        entry = asked.entry_of(journal.open_cases(), wanted.reference)
        row = closing(entry, wanted.how, wanted.by, wanted.note, now())
        journal.append([row])
    finally:
        journal.close()
    return {"closed": entry.key.reference, "how": row.how.value}
