"""The journal as lines of JSON for other programs, with the chain, so that a stranger who has its key can check it.

docs/guides/journal.md tells the form.  No line says who a row is about: what may say so is sealed and stays where it
is; its token stands in its place, and cannot be tried against a list of patrons.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sync.journal.care.publishing import CareRefused
from sync.journal.file import OpenFile
from sync.journal.keys import JournalKeys
from sync.journal.seal import Record, Seal
from sync.journal.segments import floor_of, segments_of

FORM: Final = 1
_ROWS: Final = (
    "SELECT number, entry, kind, key, destination, position, token, body, link FROM rows"
    " WHERE number BETWEEN ? AND ? ORDER BY number"
)
_FIELDS: Final = ("number", "entry", "kind", "key", "destination", "position", "token", "body")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """*rows* were read from number *first* on; *faults* say what is wrong, by line from 1.  No faults: every row is
    what the journal held, and none between the first and the last is missing.
    """

    first: int
    rows: int
    faults: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def exported(file: OpenFile, now: str, segments: tuple[int, int] | None = None) -> Iterator[str]:
    """The lines of *file*, without their ends: all of it, or only the closed *segments* from one through another.

    Raises `CareRefused` when there are no such segments (any more).
    """
    first, last, before = _range(file, segments)
    epochs = [epoch for (epoch,) in file.query("SELECT epoch FROM epochs ORDER BY number")]
    yield _line(
        {
            "what": "library-kiosk journal",
            "form": FORM,
            "origin": file.origin,
            "epochs": epochs,
            "first": first,
            "before": before.hex(),
            "exported_at": now,
        }
    )
    count, link = 0, before
    for *columns, link in file.connection.execute(_ROWS, (first, last)):
        row: dict[str, Any] = dict(zip(_FIELDS, columns, strict=True))
        row["token"] = None if row["token"] is None else bytes(row["token"]).hex()
        yield _line({**row, "link": bytes(link).hex()})
        count += 1
    yield _line({"what": "end", "rows": count, "link": bytes(link).hex()})


def check_export(lines: Iterable[str], keys: JournalKeys) -> ExportReport:
    """Holds an export against its chain.  Never raises for what is in *lines*; after ten faults it reads no further."""
    faults: list[str] = []
    first = rows = 0
    link, is_ended = b"", False
    seal = Seal(keys, "")
    for number, text in enumerate(lines, 1):
        try:
            line = json.loads(text)
            if number == 1:
                link, first = _beginning(line, keys)
            elif line.get("what") == "end":
                is_ended = True
                if line["rows"] != rows or bytes.fromhex(line["link"]) != link:
                    faults.append(f"line {number}: rows are missing or added")
            elif is_ended:
                faults.append(f"line {number}: stands behind the end")
            else:
                record, said = _record(line)
                if record.number != first + rows or seal.link(link, record) != said:
                    faults.append(
                        f"line {number}: row {record.number} is not what was written, or not in its place"
                    )
                link, rows = said, rows + 1
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error):
            faults.append(f"line {number}: is no line of an export")
        if len(faults) >= 10:
            break
    if not is_ended:
        faults.append("the end is missing")
    return ExportReport(first, rows, tuple(faults))


def _range(file: OpenFile, segments: tuple[int, int] | None) -> tuple[int, int, bytes]:
    """The first and the last row, and the link before the first."""
    floor = floor_of(file)
    if segments is None:
        ((last,),) = file.query("SELECT coalesce(max(number), 0) FROM rows")
        return floor.number + 1, int(last), floor.link
    kept = {s.number: s for s in segments_of(file) if not s.is_purged}
    begin, end = segments
    if begin > end or begin not in kept or end not in kept:
        known = f"{min(kept)} to {max(kept)}" if kept else "none"
        raise CareRefused(f"there are no closed segments {begin} to {end}; what there is: {known}")
    first = kept[begin].first
    if first == floor.number + 1:
        return first, kept[end].last, floor.link
    ((before,),) = file.query("SELECT link FROM rows WHERE number = ?", first - 1)
    return first, kept[end].last, bytes(before)


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _beginning(line: dict[str, Any], keys: JournalKeys) -> tuple[bytes, int]:
    if line["what"] != "library-kiosk journal" or line["form"] != FORM:
        raise ValueError("this is no export")
    link, first = bytes.fromhex(line["before"]), int(line["first"])
    if first == 1 and link != Seal(keys, str(line["origin"])).first_link():
        raise ValueError("the chain does not begin where this journal began")
    return link, first


def _record(line: dict[str, Any]) -> tuple[Record, bytes]:
    token = line["token"]
    record = Record(
        int(line["number"]),
        line["entry"],
        str(line["kind"]),
        line["key"],
        line["destination"],
        line["position"],
        None if token is None else bytes.fromhex(token),
        str(line["body"]),
    )
    return record, bytes.fromhex(line["link"])
