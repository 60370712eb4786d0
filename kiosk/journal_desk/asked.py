"""What may be asked, checked: requests come from another process and may say anything."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.engine.errands import NotDone, Request
from sync.cases import CaseRefused
from sync.entries import CaseEnd, Entry
from sync.journal.care.export import exported
from sync.journal.care.publishing import draft_of, private_file, publish, require_free
from sync.journal.file import OpenFile

LIMIT_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Listing:
    """Which entries are to be listed: at most *limit*, those begun since *since*, or *only_open* ones."""

    limit: int
    since: datetime | None
    only_open: bool


@dataclass(frozen=True, slots=True)
class Closing:
    """Which case is to be closed, how, by whom, with which note."""

    reference: str
    how: CaseEnd
    by: str
    note: str


def listing(request: Request) -> Listing:
    """The listing that *request* asks for.  Raises `NotDone`, as all here do, for one that makes no sense."""
    limit, only_open = request.get("limit", 20), request.get("open", False)
    if type(limit) is not int or not 1 <= limit <= LIMIT_MAX or type(only_open) is not bool:
        raise _wrong(f'"limit" is a number from 1 to {LIMIT_MAX}, "open" true or false')
    text = request.get("since")
    if text is None:
        return Listing(limit, None, only_open)
    try:
        since = datetime.fromisoformat(_text(request, "since"))
    except ValueError:
        raise _wrong('"since" is a moment as 2026-05-12T12:00:00+08:00') from None
    if since.tzinfo is None:
        raise _wrong('"since" needs an offset, as +08:00')
    return Listing(limit, since, only_open)


def closing_of(request: Request) -> Closing:
    """The closing that *request* asks for."""
    try:
        how = CaseEnd(_text(request, "how"))
    except ValueError:
        raise _wrong(f'"how" is one of {", ".join(end.value for end in CaseEnd)}') from None
    note = _text(request, "note") if "note" in request else ""
    return Closing(_text(request, "reference"), how, _text(request, "by"), note)


def entry_of(entries: Iterable[Entry], reference: str) -> Entry:
    """The one of *entries* with an open case that people call *reference* (a whole key names it too)."""
    found = [entry for entry in entries if reference in (entry.key.reference, str(entry.key))]
    if not found:
        raise CaseRefused(f"there is no open case {reference}")
    if len(found) > 1:
        raise CaseRefused(f"{reference} names {len(found)} cases; give the whole key")
    return found[0]


def target(request: Request) -> Path:
    """Where a file is to be made: a whole path, for who answers may stand in another folder than who asks."""
    path = Path(_text(request, "to"))
    if not path.is_absolute():
        raise _wrong('"to" is a whole path, from / on')
    return path


def segments(request: Request) -> tuple[int, int] | None:
    """Which closed segments; None: all there is."""
    match request.get("segments"):
        case None:
            return None
        case [int() as first, int() as last] if not isinstance(first, bool) and not isinstance(last, bool):
            return first, last
        case _:
            raise _wrong('"segments" is two numbers, the first and the last')


def write_export(file: OpenFile, path: Path, wanted: tuple[int, int] | None, now: datetime) -> int:
    """Writes the export of *file* to the new file *path*, mode 0600; how many rows.

    Raises `CareRefused` where *path* exists or there are no such segments, `OSError`.
    """
    require_free(path)
    draft = draft_of(path)
    count = 0
    try:
        with private_file(draft) as descriptor, os.fdopen(os.dup(descriptor), "w", encoding="utf-8") as out:
            for line in exported(file, now.isoformat(), wanted):
                out.write(line + "\n")
                count += 1
        publish(draft, path)
    finally:
        draft_of(path)
    return count - 2


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(f'"{name}" is a text, and needed')
    return value


def _wrong(sentence: str) -> NotDone:
    return NotDone(sentence, is_call_wrong=True)
