"""What journal, tags and server hold after the demo, and whether they say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.entries import Answered, Entry, Granted, Lend, Refused, Settled, Settlement

RELEASED_AFI = 0xC2


@dataclass(frozen=True, slots=True)
class Findings:
    """*journal*: what became of each entry; *tags*: the AFI bytes of each item; *loans*: what the server has.

    *strips*: how the strip of each item is that has one, as the table says it.
    """

    journal: tuple[dict[str, Any], ...]
    tags: Mapping[str, tuple[str, ...]]
    strips: Mapping[str, str]
    loans: tuple[str, ...]
    disagreements: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """All of it as values that JSON has."""
        return {
            "journal": list(self.journal),
            "tags": {item: list(afis) for item, afis in self.tags.items()},
            "strips": dict(self.strips),
            "server": {"loans": list(self.loans)},
            "disagreements": list(self.disagreements),
        }


def look(
    entries: Iterable[Entry], things: Sequence[Mapping[str, Any]], items: Sequence[str], loans: Iterable[str]
) -> Findings:
    """Compares what the journal's *entries*, the table's *things* and the server's *loans* say about *items*."""
    journal = tuple(_told(entry) for entry in entries)
    tags = {
        str(thing["id"]): tuple(f"{tag['afi']:02X}" for tag in thing["tags"])
        for thing in things
        if thing["id"] in items and thing["tags"]
    }
    strips = {
        str(thing["id"]): str(thing["strip"]) for thing in things if thing["id"] in items and "strip" in thing
    }
    lent = {
        told["item"]
        for told in journal
        if told["promise"] == "lend" and told["ended"] == Settlement.DONE.value
    }
    held = {loan for loan in loans if loan in items}
    released = {item for item, afis in tags.items() if all(int(afi, 16) == RELEASED_AFI for afi in afis)}
    released |= {item for item, strip in strips.items() if strip != "active"}
    return Findings(
        journal,
        tags,
        strips,
        tuple(sorted(held)),
        tuple(_disagreements(items, journal, lent, held, released)),
    )


def _told(entry: Entry) -> dict[str, Any]:
    answer = entry.answer
    settled = [row.how.value for row in entry.rows if isinstance(row, Settled)]
    told: dict[str, Any] = {
        "key": str(entry.key),
        "promise": type(entry.promise).__name__.lower(),
        "item": str(entry.promise.item),
        "answer": "none" if answer is None else type(answer).__name__.lower(),
        "released": entry.is_released,
        "ended": settled[0] if settled else "open",
        "silences": sum(isinstance(row, Answered) for row in entry.rows) - (answer is not None),
    }
    match answer:
        case Granted(due, title):
            told |= {"title": title, "due": due.day.isoformat() if due.day else due.text}
        case Refused(reason, title):
            told |= {"title": title, "reason": reason.value}
        case _:
            pass
    if isinstance(entry.promise, Lend):
        told["fee_consented"] = entry.promise.fee_consented
    return told


def _disagreements(
    items: Sequence[str],
    journal: Sequence[Mapping[str, Any]],
    lent: set[str],
    held: set[str],
    released: set[str],
) -> Iterable[str]:
    for told in journal:
        if told["ended"] == "open":
            yield f"entry {told['key']} for item {told['item']} is not settled"
    for item in items:
        journal_says, server_says, tag_says = item in lent, item in held, item in released
        if journal_says != server_says:
            yield f"item {item}: journal {_lent(journal_says)}, server {_lent(server_says)}"
        if tag_says and not journal_says:
            yield f"item {item}: its tag or strip is released and the journal has no loan"
        if journal_says and not tag_says:
            yield f"item {item}: the journal has its loan and its tag or strip is not released"


def _lent(is_lent: bool) -> str:
    return "has the loan" if is_lent else "has no loan"
