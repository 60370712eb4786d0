"""A snapshot as the JSON that lies sealed in its box (format 1, docs/guides/snapshot.md)."""

from __future__ import annotations

import json
import re
from typing import Final

from sync.snapshot.content import NUMBER_MAX, Snapshot
from sync.snapshot.fields import ContentWrong, Fields, parse
from sync.snapshot.table import Table
from sync.snapshot.terms_form import kind_from_json, kind_to_json, terms_from_json, terms_to_json

FORMAT: Final = 1
TERMINAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_TABLES: Final = ("items", "on_loan", "on_hold", "patrons")


def to_json(snapshot: Snapshot) -> bytes:
    """*snapshot* without its pepper; `from_json` takes it back."""
    tables = {name: getattr(snapshot, name).text for name in _TABLES}
    return json.dumps(
        {
            "format": FORMAT,
            "number": snapshot.number,
            "issued_at": snapshot.issued_at.isoformat(),
            "terminal": snapshot.terminal,
            "salt": snapshot.salt.hex(),
            **terms_to_json(snapshot.terms),
            "kinds": [kind_to_json(kind) for kind in snapshot.kinds],
            **tables,
        },
        separators=(",", ":"),
    ).encode("ascii")


def from_json(data: bytes) -> Snapshot:
    """The snapshot in *data*; its lines are not looked into.  Raises `ContentWrong`."""
    fields = parse(data)
    fields.whole("format", FORMAT, FORMAT)
    kinds = [kind_from_json(Fields(value, where)) for value, where in fields.members("kinds")]
    items, on_loan, on_hold, patrons = (_table(fields, name) for name in _TABLES)
    snapshot = Snapshot(
        number=fields.whole("number", 1, NUMBER_MAX),
        issued_at=fields.moment("issued_at"),
        terminal=fields.text("terminal", TERMINAL),
        terms=terms_from_json(fields),
        kinds=tuple(kinds),
        items=items,
        on_loan=on_loan,
        on_hold=on_hold,
        patrons=patrons,
        salt=bytes.fromhex(fields.text("salt", _SALT)),
    )
    fields.done()
    return snapshot


def _table(fields: Fields, name: str) -> Table:
    text = fields.any_text(name)
    if not text.isascii() or (text and not text.endswith("\n")):
        raise ContentWrong(f"{fields.place(name)}: must be lines of ASCII")
    return Table(text)
