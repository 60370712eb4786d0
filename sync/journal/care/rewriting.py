"""Puts what was saved of a damaged journal into a new one, under a new epoch.

Entries keep their keys and their positions; rows get new numbers, a new chain and new boxes.  What an entry says in the
new journal is what was proven, as far as it makes sense in that order:

- An entry that is over stays over; where a row of it is missing it is closed as it stands, by the terminal itself.
- An entry that was not settled, and of which no row can be missing, stays as it was: in doubt.
- Of any other entry nobody knows how it stood.  It becomes a case and is never sent again: a loan that was settled,
  given back and lent to somebody else must not be asked for once more.
- A beginning that is doubtful (behind a gap) but whose box opens counts as one of which rows may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    EntryKey,
    EntryRow,
    Intended,
    OtherRow,
    Row,
    Settled,
    Settlement,
)
from sync.journal import automaton, codec
from sync.journal.care.proof import Proven
from sync.journal.errors import BadRow
from sync.journal.file import OpenFile
from sync.journal.seal import Record
from sync.journal.stages import EntryState, What

BY_ITSELF: Final = "self"
_NOBODY: Final = b'{"patron":""}'
"""Stands in the box of an open entry whose own box is lost."""

_NAMELESS: Final = b"{}"
"""The same of an entry that is about nobody: nothing that is needed is lost with its box."""

_ABOUT_NOBODY: Final = (What.RETURN, What.REPORT)
_INSERT_ROW: Final = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_BOX: Final = "INSERT INTO sealed VALUES (?, ?)"


@dataclass(slots=True)
class Line:
    """A row on its way into the new journal: as it was (*record*, *personal* where its box opened), or *added*."""

    order: int
    key: EntryKey | None
    record: Record | None = None
    personal: bytes | None = None
    added: EntryRow | None = None


@dataclass(slots=True)
class Told:
    """One entry as far as it can be told: its *lines*, where it stands after them, and whether rows may be missing."""

    key: EntryKey
    lines: list[Line]
    state: EntryState
    is_doubtful: bool = False
    lost_rows: bool = False
    was_closed: bool = False


@dataclass(slots=True)
class Plan:
    """What goes into the new journal.  *left_out* are numbers of proven rows that could not be placed: their entry's
    beginning is gone, or they make no sense without a row that is.  *beheaded* are numbers of beginnings that are gone,
    of entries of which no row says that they ended.
    """

    entries: list[Told] = field(default_factory=list)
    others: list[Line] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    cases: list[EntryKey] = field(default_factory=list)
    in_doubt: list[EntryKey] = field(default_factory=list)
    nameless: list[EntryKey] = field(default_factory=list)
    doubtful_used: list[int] = field(default_factory=list)
    beheaded: list[int] = field(default_factory=list)

    def lines(self) -> Iterator[Line]:
        """Every row in the order in which it was first written; what is added stands behind its entry's last row."""
        every = [*self.others, *(line for entry in self.entries for line in entry.lines)]
        yield from sorted(every, key=lambda line: line.order)


def plan(proven: Proven, now: datetime) -> Plan:
    """What the new journal will say, written at *now* where something has to be added."""
    result = Plan()
    by_entry: dict[int, list[int]] = {}
    for number, record in proven.rows.items():
        if record.entry is None:
            _place_other(result, proven, record)
        elif record.key is None:
            by_entry.setdefault(record.entry, []).append(number)
    beginnings = {n: r for n, r in {**proven.doubtful, **proven.rows}.items() if r.key is not None}
    taken: set[EntryKey] = set()
    for number in sorted(beginnings):
        told = _begin(proven, number, beginnings[number])
        later = by_entry.pop(number, [])
        if told is None or told.key in taken:
            result.left_out += [n for n in (number, *later) if n in proven.rows]
            continue
        taken.add(told.key)
        if told.is_doubtful:
            result.doubtful_used.append(number)
        _follow(result, proven, told, later)
        _conclude(result, proven, told, now)
        result.entries.append(told)
    for beginning, numbers in sorted(by_entry.items()):
        result.left_out += numbers
        is_over = any(proven.rows[number].kind == codec.SETTLED for number in numbers)
        if not is_over and beginning > proven.floor:
            result.beheaded.append(beginning)
    result.left_out.sort()
    return result


def write(plan: Plan, file: OpenFile) -> None:
    """Writes *plan* into the new, empty journal *file* in one transaction.  Raises what apsw raises."""
    seal, link = file.seal, file.seal.first_link()
    first_of: dict[EntryKey, int] = {}
    with file.connection:
        for number, line in enumerate(plan.lines(), 1):
            entry = None if line.key is None else first_of.setdefault(line.key, number)
            old, personal = line.record, line.personal
            if line.added is not None:
                encoded = codec.encode(line.added)
                old = Record(0, None, encoded.kind, None, None, None, None, encoded.body)
                personal = encoded.personal
            assert old is not None
            # A token whose box is gone stands for somebody nobody can name any more; it is kept as it is.
            token, box = (old.token, None) if personal is None else seal.close(number, personal)
            record = old._replace(number=number, entry=entry, token=token)
            link = seal.link(link, record)
            file.connection.execute(_INSERT_ROW, (*record, link))
            if box is not None:
                file.connection.execute(_INSERT_BOX, (number, box))


def _place_other(result: Plan, proven: Proven, record: Record) -> None:
    """A row of no entry: a PIN, the server's clock or that it was reached, a day of the ledger.  Who a PIN was
    about is not worth keeping.
    """
    row = _decoded(proven, record, None)
    if isinstance(row, OtherRow):
        result.others.append(Line(record.number, None, record))
    else:
        result.left_out.append(record.number)


def _begin(proven: Proven, number: int, record: Record) -> Told | None:
    is_doubtful = number not in proven.rows
    if is_doubtful and number not in proven.personal:
        return None
    row = _decoded(proven, record, None)
    if not isinstance(row, Intended) or record.entry != number:
        return None
    lines = [Line(number, row.key, record, proven.personal.get(number))]
    return Told(row.key, lines, automaton.begun(row.promise), is_doubtful, is_doubtful)


def _follow(result: Plan, proven: Proven, told: Told, numbers: list[int]) -> None:
    for number in sorted(numbers):
        record = proven.rows[number]
        row = _decoded(proven, record, told.key)
        is_entry_row = row is not None and not isinstance(row, OtherRow)
        state = automaton.following(told.state, row) if is_entry_row else None  # type: ignore[arg-type]
        if state is None:
            told.lost_rows = True
            result.left_out.append(number)
            # How it ended, and that staff settled it, is worth knowing also where what led there is gone.
            if isinstance(row, Settled):
                told.state = told.state._replace(is_settled=True)
            told.was_closed = told.was_closed or isinstance(row, CaseClosed)
            continue
        told.state = state
        told.lines.append(Line(number, told.key, record, proven.personal.get(number)))


def _conclude(result: Plan, proven: Proven, told: Told, now: datetime) -> None:
    """Settles what cannot stay open, and drops who an entry was about when nobody has to know any more."""
    is_about_nobody = told.state.what in _ABOUT_NOBODY
    is_known = is_about_nobody or told.lines[0].personal is not None
    is_ended = any(line.record is not None and line.record.kind == codec.SETTLED for line in told.lines)
    if is_ended:
        if _lost_its_case(told, proven):
            _open_before_end(told, now)
            result.cases.append(told.key)
    elif told.state.is_settled and not told.state.has_open_case:
        _close_quietly(told, now)
    elif told.state.is_settled:
        _add(told, Settled(told.key, now, Settlement.CASE))
    elif _may_have_lost(told, proven) or not is_known:
        why = "cannot be proven" if told.is_doubtful else "rows may be lost"
        _add(told, CaseOpened(told.key, now, CaseReason.JOURNAL_DAMAGED, why))
        _add(told, Settled(told.key, now, Settlement.CASE))
        told.state = told.state._replace(has_open_case=True)
        result.cases.append(told.key)
    else:
        result.in_doubt.append(told.key)
    if (is_ended or told.state.is_settled) and not told.state.has_open_case:
        for line in told.lines:
            line.personal = None
    elif told.lines[0].personal is None:
        told.lines[0].personal = _NAMELESS if is_about_nobody else _NOBODY
        if not is_about_nobody:
            result.nameless.append(told.key)


def _may_have_lost(told: Told, proven: Proven) -> bool:
    return told.lost_rows or any(end > told.lines[0].order for _, end in proven.missing)


def _lost_its_case(told: Told, proven: Proven) -> bool:
    """Whether it ended as a case of which neither the opening nor the closing is left."""
    kinds = [line.record.kind for line in told.lines if line.record is not None]
    body = next(line.record.body for line in told.lines if line.record and line.record.kind == codec.SETTLED)
    is_case = f'"how":"{Settlement.CASE.value}"' in body
    is_known = codec.CASE_OPENED in kinds or told.was_closed
    return is_case and not is_known and _may_have_lost(told, proven)


def _open_before_end(told: Told, now: datetime) -> None:
    end = next(i for i, line in enumerate(told.lines) if line.record and line.record.kind == codec.SETTLED)
    row = CaseOpened(told.key, now, CaseReason.JOURNAL_DAMAGED, "the case it became is lost")
    told.lines.insert(end, Line(told.lines[end].order, told.key, added=row))
    told.state = told.state._replace(has_open_case=True)


def _close_quietly(told: Told, now: datetime) -> None:
    """It was settled, and a row that led there is lost: nobody has to look."""
    _add(told, CaseOpened(told.key, now, CaseReason.JOURNAL_DAMAGED, "a row is lost"))
    _add(told, Settled(told.key, now, Settlement.CASE))
    note = "was settled before the damage"
    _add(told, CaseClosed(told.key, now, BY_ITSELF, CaseEnd.AS_IT_STANDS, note))


def _add(told: Told, row: EntryRow) -> None:
    told.lines.append(Line(told.lines[-1].order, told.key, added=row))


def _decoded(proven: Proven, record: Record, key: EntryKey | None) -> Row | None:
    try:
        own = key if record.key is None else EntryKey.parse(record.key)
        return codec.decode(record.kind, record.body, proven.personal.get(record.number), own)
    except (BadRow, ValueError):
        return None
