"""A patron whose name, card, PIN and bank card are found wherever they land, in whatever form a program writes them."""

from __future__ import annotations

import base64
import gc
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from drivers.masked import Masked

NUMBER = "27319460258813"
NAME = "金丝雀欧阳 Zyxelina Quintavalle"
PIN = "73916482"
BANK_CARD = "4929131977264814"
SECRETS: Mapping[str, tuple[str, ...]] = {
    "number": (NUMBER,),
    "name": ("金丝雀欧阳", "Zyxelina", "Quintavalle"),
    "PIN": (PIN,),
    "bank card": (BANK_CARD, "4929 1319 7726 4814", "4929-1319-7726-4814", BANK_CARD[:12], BANK_CARD[4:]),
}


def forms_of(text: str) -> Iterator[tuple[str, bytes]]:
    """Every way in which *text* may lie in a file, with its name; shorter than five bytes none is looked for."""
    plain = text.encode()
    yield "UTF-8", plain
    yield "GBK", text.encode("gbk")
    yield "UTF-16LE", text.encode("utf-16-le")
    yield "JSON", text.encode("ascii", "backslashreplace")
    for charset in ("utf-8", "gbk", "utf-16-le"):
        data = text.encode(charset)
        yield f"hex of {charset}", data.hex().encode()
        yield f"HEX of {charset}", data.hex().upper().encode()
        yield f"hex of {charset}, spaced", data.hex(" ").encode()
        for shift in range(3):
            yield (
                f"base64 of {charset} at {shift}",
                base64.b64encode(bytes(shift) + data + bytes(-(shift + len(data)) % 3))[4:-4],
            )


_ELSEWHERE = ("drivers.sim", "drivers.link", "sync.central", "tests.", "functools")

_FORMS = tuple(
    (what, form, data)
    for what, texts in SECRETS.items()
    for text in texts
    for form, data in forms_of(text)
    if len(data) >= 5
)


def found_in(data: bytes | str) -> set[str]:
    """What of the canary is in *data*, and in which form; a text is looked through as UTF-8."""
    image = data.encode("utf-8", "replace") if isinstance(data, str) else data
    return {f"{what} as {form}" for what, form, secret in _FORMS if secret in image}


def reachable_from(*roots: object) -> set[str]:
    """What of the canary can be reached from *roots*, through masks too.

    Code and what it is bound to is not entered, nor are wires and what stands at their other end.
    """
    found: set[str] = set()
    seen: set[int] = set()
    todo: list[object] = list(roots)
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        match one:
            case str() | bytes() | bytearray():
                found |= found_in(bytes(one) if isinstance(one, bytearray) else one)
            case Masked():
                found |= found_in(one.reveal())
            case type() | ModuleType() | FunctionType() | MethodType() | BuiltinFunctionType():
                continue
            case _ if type(one).__module__.startswith(_ELSEWHERE):
                continue
            case _:
                todo.extend(gc.get_referents(one))
    return found


def columns_naming(database: Path) -> dict[str, set[str]]:
    """The columns of an SQLite *database* that hold something of the canary, and what of it."""
    found: dict[str, set[str]] = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in names:
            cursor = connection.execute(f'SELECT * FROM "{table}"')
            columns = [f"{table}.{head[0]}" for head in cursor.description]
            for row in cursor:
                for column, cell in zip(columns, row, strict=True):
                    if what := found_in(cell if isinstance(cell, bytes) else str(cell)):
                        found.setdefault(column, set()).update(one.split(" as ")[0] for one in what)
    return found
