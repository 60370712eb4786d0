"""Answers as lines to read: columns, no colours, nothing that points to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from unicodedata import east_asian_width

Said = Mapping[str, Any]


def entries(said: Said) -> Iterator[str]:
    """The entries, one a line, the newest first."""
    rows = [
        (
            e["reference"],
            moment(e["at"]),
            e["wish"],
            e["item"] or e["amount"],
            e["patron"],
            _standing(e),
            e["title"],
        )
        for e in said["entries"]
    ]
    yield from table(("entry", "begun", "wish", "item", "patron", "how it stands", "title"), rows)
    yield count_of(len(rows), "entry", "entries")


def cases(said: Said) -> Iterator[str]:
    """The open cases, some lines each."""
    for case in said["cases"]:
        ours, server = case["ours"], case["server"]
        yield f"{case['reference']}  {_item(case)}  {case['title']}".rstrip()
        for note in case["reasons"]:
            detail = f": {note['detail']}" if note["detail"] else ""
            yield f"    why       {note['reason']}, since {moment(note['at'])}{detail}"
        if case["patron"]:
            yield f"    patron    {case['patron']}"
        yield f"    terminal  {ours['wish']} asked {moment(ours['at'])}{_did(case)}"
        yield f"    server    {_server(server)}"
        if not case["is_settled"]:
            yield "    the server is still to be asked; what it says may change this"
        yield f"    close as  {', '.join(case['ends'])}"
        yield ""
    yield count_of(len(said["cases"]), "open case", "open cases")


def report(said: Said) -> Iterator[str]:
    """What verifying found, of a journal or an export."""
    if "entries" in said:
        yield f"{said['rows']} rows, {said['entries']} entries, {said['unsettled']} not settled"
    else:
        yield f"{said['rows']} rows, from row {said['first']} on"
    for fault in said["faults"]:
        yield f"row {fault['row']}: {fault['what']}" if isinstance(fault, Mapping) else fault
    yield "whole: it is what was written" if said["is_whole"] else "NOT whole"


def salvaged(said: Said) -> Iterator[str]:
    """What a salvage found and made."""
    yield f"read        {said['pages_read']} pages, {said['frames_read']} frames of the log"
    yield f"proven      {said['proven']} rows, in {said['entries']} entries"
    if said["purged_to"]:
        yield f"purged      rows up to {said['purged_to']} were purged before"
    missing = ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in said["missing"])
    yield f"missing     {count_of(said['missing_count'], 'row', 'rows')}{': ' + missing if missing else ''}"
    for name, what in (
        ("doubtful", "look right and cannot be proven: row"),
        ("unfinished", "were never acknowledged: row"),
        ("left_out", "are proven and have no place without what is missing: row"),
        ("beheaded", "lost their beginning and may have been open; they began with row"),
    ):
        if said[name]:
            yield f"{name.replace('_', ' '):11} {len(said[name])} {what} {', '.join(map(str, said[name]))}"
    yield f"cases       {count_of(len(said['cases']), 'entry', 'entries')} became a case{_named(said['cases'])}"
    if said["nameless"]:
        yield f"nameless    of {len(said['nameless'])} of them nobody can tell the patron{_named(said['nameless'])}"
    in_doubt = count_of(len(said["in_doubt"]), "entry", "entries")
    yield f"in doubt    {in_doubt} to be asked about{_named(said['in_doubt'])}"
    yield f"epoch       {said['epoch']}"


def _named(references: Sequence[str]) -> str:
    return f": {', '.join(references)}" if references else ""


def _standing(entry: Said) -> str:
    if entry["has_open_case"]:
        return "CASE"
    if entry["ended"]:
        words = {"done": f"done, due {entry['due']}" if entry["due"] else "done"}
        reason = f" ({entry['reason']})" if entry["reason"] else ""
        return str(words.get(entry["ended"], entry["ended"])) + reason
    promised = f"provisional, due {entry['promised']}" if entry["promised"] else "open"
    return promised if entry["answer"] == "none" else f"{promised}, {entry['answer']}"


def _server(server: Said) -> str:
    if server["answer"] == "none":
        return "no answer that can be believed"
    about = server["reason"] or (f"due {server['due']}" if server["due"] else "")
    return f"{server['answer']}{', ' + about if about else ''}, {moment(server['at'])}"


def moment(text: str) -> str:
    """The minute, by the clock of whoever reads it."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def _item(case: Said) -> str:
    money = case["ours"]["money"]
    return f"{money['amount']} by {money['means']}" if money else f"item {case['item']}"


def _did(case: Said) -> str:
    """What the terminal told the reader, and what it did to tags or money."""
    ours = case["ours"]
    money, flaws = ours["money"], ours["flaws"]
    told = f", told due {ours['promised']}" if ours["promised"] else ""
    if money:
        names = [f"{name} {money[name]}" for name in ("voucher", "mark") if money[name]]
        return ", ".join([f", money {money['state']}", *names])
    return f": {', '.join(flaws)}" if flaws else f"{told}, tag {ours['tags']}"


def count_of(count: int, one: str, many: str) -> str:
    """*count* with the word for it."""
    return f"{count} {one if count == 1 else many}"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell; nothing where there is no row."""
    if not rows:
        return
    widths = [max(_width(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    for row in (heads, *rows):
        yield "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
