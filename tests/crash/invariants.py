"""What must hold after any crash, once the kiosk has come back and everything in doubt was asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sync.entries import CaseOpened, Entry, Granted, Lend, ReleaseIntended, Settled, Settlement

RELEASED_AFI = 0xC2


@dataclass(frozen=True, slots=True)
class World:
    """The witnesses: the journal's *entries*, the AFI bytes of each item's *tags*, and who has it at the server.

    *readers* is who asked for each item, *said* are the items of which the screen said that they are lent.  *inactive*
    are the items whose strips a gate lets pass, *erased* those that a strip unit destroyed.
    """

    entries: tuple[Entry, ...]
    tags: Mapping[str, tuple[int, ...]]
    holders: Mapping[str, str | None]
    readers: Mapping[str, str]
    said: frozenset[str] = frozenset()
    inactive: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()


def broken(world: World) -> list[str]:
    """Every promise that does not hold, as a sentence."""
    return [*_open(world.entries), *_items(world), *_strips(world), *_said(world)]


def _open(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if not entry.is_settled:
            yield f"{entry.key}: is not settled"


def _items(world: World) -> Iterator[str]:
    for item, afis in world.tags.items():
        loans = [
            entry for entry in world.entries if isinstance(entry.promise, Lend) and entry.promise.item == item
        ]
        granted = [entry for entry in loans if isinstance(entry.answer, Granted)]
        is_released = any(afi == RELEASED_AFI for afi in afis)
        if is_released and not any(_has_release_row(entry) for entry in granted):
            yield f"{item}: a tag is released and no journal row grants that (I2)"
        ends = [_end(entry) for entry in loans]
        holder, reader = world.holders[item], world.readers[item]
        if holder not in (None, reader):
            yield f"{item}: is on loan to a stranger"
        if ends.count(Settlement.DONE) > 1:
            yield f"{item}: was lent twice (I1)"
        if Settlement.CASE in ends:
            continue
        if (holder == reader) != (Settlement.DONE in ends):
            yield f"{item}: journal says {[end and end.value for end in ends]}, server {holder is not None} (I1)"
        if is_released and Settlement.DONE not in ends:
            yield f"{item}: a tag is released without a loan (I2)"


def _strips(world: World) -> Iterator[str]:
    """A strip has no identity: all that says whose it may be is the row before the pulse."""
    for item in sorted(world.inactive):
        loans = [
            entry for entry in world.entries if isinstance(entry.promise, Lend) and entry.promise.item == item
        ]
        if not any(has_strip_row(entry) for entry in loans):
            yield f"{item}: a strip is inactive and no journal row grants that (I2)"
        ends = [_end(entry) for entry in loans]
        if Settlement.DONE not in ends and Settlement.CASE not in ends:
            yield f"{item}: a strip is inactive without a loan (I2)"
    for item in sorted(world.erased):
        yield f"{item}: a tape was in the field of a coil"


def _said(world: World) -> Iterator[str]:
    for item in sorted(world.said):
        if world.holders.get(item) != world.readers[item]:
            yield f"{item}: the screen said lent, the server has no loan (I1)"


def _has_release_row(entry: Entry) -> bool:
    return any(isinstance(row, ReleaseIntended) for row in entry.rows)


def has_strip_row(entry: Entry) -> bool:
    """Whether it was granted, or promised by the terminal itself, and written that its strip is about to go."""
    is_granted = isinstance(entry.answer, Granted) or entry.promised is not None
    return is_granted and any(
        isinstance(row, ReleaseIntended) and row.strip is not None for row in entry.rows
    )


def _end(entry: Entry) -> Settlement | None:
    if any(isinstance(row, CaseOpened) for row in entry.rows):
        return Settlement.CASE
    return next((row.how for row in entry.rows if isinstance(row, Settled)), None)
