"""For each item, or each patron, the entries of a lane that touch it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from typing import Generic, TypeVar

from sync.entries import ItemId, PatronId
from sync.uplink.waiting import Stage, Waiting

Touched = TypeVar("Touched", ItemId, PatronId)


class Queues(Generic[Touched]):
    """One queue for each item, or each patron: the first in it is in the way of the others.

    An entry that touches none (None) is in nobody's way.
    """

    def __init__(self) -> None:
        self._places: dict[Touched, list[int]] = {}

    def add(self, touched: Touched | None, place: int) -> None:
        """Who waits at *place* touches *touched*."""
        if touched is not None:
            heappush(self._places.setdefault(touched, []), place)

    def places(self, touched: Touched | None) -> Iterable[int]:
        """The places of those that touch *touched*, in no order; some of them may be empty by now."""
        return () if touched is None else self._places.get(touched, ())

    def first(
        self, touched: Touched | None, lane: Mapping[int, Waiting], *, is_barred_by_undone: bool
    ) -> Waiting | None:
        """The first one in *lane* that bars the way to *touched*; *is_barred_by_undone*: a loan that waits for its
        undoing does.
        """
        if touched is None:
            return None
        places = self._places.get(touched)
        while places:
            waiting = lane.get(places[0])
            if waiting is not None and (is_barred_by_undone or waiting.stage is not Stage.TO_BE_UNDONE):
                return waiting
            heappop(places)
        self._places.pop(touched, None)
        return None
