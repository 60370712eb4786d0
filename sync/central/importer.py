"""Takes a library's lists in from CSV: all of them or nothing, with every mistake named by line, column
and reason.

`lists.py` says which lists there are and what their columns hold.  A file is UTF-8 (with or without a
byte order mark) or GB18030, with commas and a header line.  Rows whose key is known replace what was
there; loans, holds, blocks and fees are only added.  No message repeats the content of a cell.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from drivers.masked import Secret
from sync.central.cells import BadCell, Reading
from sync.central.circulation.desk_bookings import charge_imported
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.lists import FORMS, ListForm, Needed, heading
from sync.central.store import tables as t
from sync.central.store.store import Store

FILE_SIZE_MAX = 256 * 1024 * 1024
PROBLEMS_MAX = 1000
KNOWN_LISTS = ", ".join(FORMS)
_OPEN = {"loans": t.loans.c.closed_at, "holds": t.holds.c.closed_at}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: *line* counts from 1, the header, and is 0 for the file as a whole; *column* may be
    empty.
    """

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}" + (f" line {self.line}" if self.line else "")
        return f"{place}{f', column {self.column}' if self.column else ''}: {self.reason}"


class ImportRefused(Exception):
    """Nothing was imported.  *problems* are the mistakes, in the order of the files, at most
    `PROBLEMS_MAX`.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    values: dict[str, Any]


def import_lists(
    store: Store, library: Library, judge: SecretJudge, files: Mapping[str, bytes]
) -> dict[str, int]:
    """Imports *files*, each the content of the list it is named after, and says how many rows each had.

    Raises `ImportRefused`, and has then changed nothing.
    """
    problems = [
        Problem(name, 0, "", f"there is no such list; known are {KNOWN_LISTS}")
        for name in files
        if name not in FORMS
    ]
    reading = Reading(library.today(), library.zone, library.currency)
    lists: dict[str, list[_Line]] = {}
    for name, form in FORMS.items():
        if name in files:
            lists[name] = _read_list(form, files[name], reading, problems)
    _refuse_if(problems)
    _hash_pins(lists.get("patrons", ()), judge)
    with store.writing() as connection:
        for name, lines in lists.items():
            _check_references(connection, FORMS[name], lines, lists, problems)
            _check_open(connection, FORMS[name], lines, problems)
        _refuse_if(problems)
        for name, lines in lists.items():
            if name == "fees":
                charge_imported(connection, library, [line.values for line in lines])
            else:
                _write(connection, FORMS[name], lines)
    return {name: len(lines) for name, lines in lists.items()}


def _refuse_if(problems: list[Problem]) -> None:
    if problems:
        order = list(FORMS)
        problems.sort(key=lambda it: (order.index(it.file) if it.file in FORMS else -1, it.line))
        raise ImportRefused(tuple(problems[:PROBLEMS_MAX]))


# --- Reading ---


def _read_list(form: ListForm, content: bytes, reading: Reading, problems: list[Problem]) -> list[_Line]:
    text = _decoded(form, content, problems)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[_Line] = []
    try:
        header = [name.strip() for name in next(rows, [])]
        if not _check_header(form, header, problems):
            return []
        for row in rows:
            if row and len(problems) < PROBLEMS_MAX:
                line = _read_row(form, header, row, rows.line_num, reading, problems)
                if line is not None:
                    lines.append(line)
    except csv.Error as error:
        problems.append(Problem(form.name, rows.line_num, "", f"this is not CSV: {error}"))
    _check_keys(form, lines, problems)
    return lines


def _decoded(form: ListForm, content: bytes, problems: list[Problem]) -> str:
    if len(content) > FILE_SIZE_MAX:
        problems.append(Problem(form.name, 0, "", f"a file has at most {FILE_SIZE_MAX} bytes"))
        return ""
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(charset)
        except UnicodeDecodeError:
            continue
    problems.append(Problem(form.name, 0, "", "the text is neither UTF-8 nor GB18030"))
    return ""


def _check_header(form: ListForm, header: list[str], problems: list[Problem]) -> bool:
    known = [heading(column) for column in form.columns]
    before = len(problems)
    for name in header:
        if name not in known:
            reason = f"there is no such column; known are {', '.join(known)}"
            problems.append(Problem(form.name, 1, name[:40] if name.isprintable() else "?", reason))
        elif header.count(name) > 1:
            problems.append(Problem(form.name, 1, name, "this column is there more than once"))
    for column in form.columns:
        if column.default is Needed.HERE and heading(column) not in header:
            problems.append(Problem(form.name, 1, heading(column), "this column is missing"))
    return len(problems) == before


def _read_row(
    form: ListForm, header: list[str], row: list[str], number: int, reading: Reading, problems: list[Problem]
) -> _Line | None:
    if len(row) != len(header):
        reason = f"there are {len(row)} cells, and {len(header)} columns"
        problems.append(Problem(form.name, number, "", reason))
        return None
    cells = dict(zip(header, row, strict=True))
    values: dict[str, Any] = {}
    before = len(problems)
    for column in form.columns:
        text = cells.get(heading(column), "").strip()
        if not text:
            if column.default is Needed.HERE:
                problems.append(Problem(form.name, number, heading(column), "must not be empty"))
            values[column.name] = column.default
            continue
        try:
            values[column.name] = column.read(text, reading)
        except BadCell as error:
            problems.append(Problem(form.name, number, heading(column), str(error)))
    return _Line(number, values) if len(problems) == before else None


def _check_keys(form: ListForm, lines: Iterable[_Line], problems: list[Problem]) -> None:
    first: dict[tuple[object, ...], int] = {}
    for line in lines if form.key else ():
        key = tuple(line.values[name] for name in form.key)
        if key in first:
            reason = f"the same as in line {first[key]}"
            problems.append(Problem(form.name, line.number, ", ".join(form.key), reason))
        first.setdefault(key, line.number)


def _hash_pins(lines: Iterable[_Line], judge: SecretJudge) -> None:
    for line in lines:
        pin = line.values["pin_hash"]
        if isinstance(pin, Secret):
            line.values["pin_hash"] = judge.hash(pin)


# --- Checking against the store ---


def _check_references(
    connection: Connection,
    form: ListForm,
    lines: list[_Line],
    lists: Mapping[str, list[_Line]],
    problems: list[Problem],
) -> None:
    for column in form.columns:
        if not column.points_to:
            continue
        target = FORMS[column.points_to]
        (key,) = target.key
        known = set(connection.execute(select(target.table.c[key])).scalars())
        known.update(line.values[key] for line in lists.get(column.points_to, ()))
        for line in lines:
            value = line.values[column.name]
            if value is not None and value not in known:
                reason = f"it is not in the list of {column.points_to}"
                problems.append(Problem(form.name, line.number, heading(column), reason))


def _check_open(connection: Connection, form: ListForm, lines: list[_Line], problems: list[Problem]) -> None:
    """An item can be on loan once, and a patron waits for an item once."""
    closed_at = _OPEN.get(form.name)
    if closed_at is None:
        return
    keys = [form.table.c[name] for name in form.key]
    is_open = {tuple(row) for row in connection.execute(select(*keys).where(closed_at.is_(None)))}
    for line in lines:
        if tuple(line.values[name] for name in form.key) in is_open:
            reason = f"this is among the open {form.name} already"
            problems.append(Problem(form.name, line.number, ", ".join(form.key), reason))
        if form.name == "loans" and line.values["lent_at"].date() > line.values["due_on"]:
            problems.append(Problem(form.name, line.number, "due_on", "is before the day of the loan"))


# --- Writing ---


def _write(connection: Connection, form: ListForm, lines: list[_Line]) -> None:
    is_added = not form.key or form.name in _OPEN
    keys = [form.table.c[name] for name in form.key]
    known = set() if is_added else {tuple(row) for row in connection.execute(select(*keys))}
    new = []
    for line in lines:
        values = line.values
        key = tuple(values[name] for name in form.key)
        if is_added or key not in known:
            new.append(values)
            continue
        # A list without PINs leaves the PINs that patrons have.
        changed = {
            name: value
            for name, value in values.items()
            if name not in form.key and not (name == "pin_hash" and value is None)
        }
        if changed:
            where = and_(*(column == value for column, value in zip(keys, key, strict=True)))
            connection.execute(update(form.table).where(where).values(**changed))
    if new:
        connection.execute(insert(form.table), new)
