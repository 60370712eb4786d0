"""What a book drop does not take: two items at once, and anything while its bin is full; on real bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.sim.shelf import item_tag
from kiosk.workflow.settings import DropSettings, Service
from kiosk.workflow.view import BookDropping, DropStep, Trouble
from sync.central import demo
from sync.entries import GiveBack
from tests.kit.rig import SETTINGS, Rig

DROP = replace(SETTINGS, services=(Service.RETURN,), drop=DropSettings())
BOOK, OTHER = demo.ITEMS_FREE[:2]
SECURED = 0x07


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """An unattended book drop, ready."""
    rig = Rig(tmp_path, DROP)
    rig.until(lambda: step(rig) is DropStep.READY)
    yield rig
    rig.close()


def step(rig: Rig) -> DropStep | None:
    """What the drop is at."""
    return rig.view.step if isinstance(rig.view, BookDropping) else None


def given_back(rig: Rig) -> list[str]:
    """The items that were promised to be given back."""
    return [str(one.promise.item) for one in rig.entries() if isinstance(one.promise, GiveBack)]


def test_two_items_at_once_come_out_again_and_one_by_one_they_are_taken(rig: Rig) -> None:
    """Nothing is promised, told or dropped while two are read; each alone goes its way."""
    for book in (BOOK, OTHER):
        rig.server.desk_lends(demo.READER, book)
    rig.insert(BOOK, item_tag(BOOK), item_tag(OTHER))
    rig.until(lambda: step(rig) is DropStep.TAKE_OUT)
    assert rig.seen(BookDropping).why is Trouble.ONE_AT_A_TIME
    assert (given_back(rig), rig.chute.bins) == ([], {})
    assert rig.server.loans_of(demo.READER) == {BOOK, OTHER}

    rig.take_out()
    rig.tags.clear()
    for book in (BOOK, OTHER):
        rig.until(lambda: step(rig) is DropStep.READY)
        rig.insert(book)
        rig.until(lambda: step(rig) is DropStep.DONE)

    assert given_back(rig) == [BOOK, OTHER]
    assert rig.chute.bins == {"": [BOOK, OTHER]}
    assert rig.server.loans_of(demo.READER) == set()
    assert [tag.afi for book in (BOOK, OTHER) for tag in rig.tags[book]] == [SECURED] * 2


def test_a_full_bin_takes_nothing_until_it_is_emptied(rig: Rig) -> None:
    """What is inserted all the same is neither secured nor told; afterwards the drop serves as before."""
    rig.server.desk_lends(demo.READER, BOOK)
    rig.chute.is_full = True
    rig.until(lambda: step(rig) is DropStep.FULL)
    rig.insert(BOOK)
    rig.pass_time(20)
    assert step(rig) in (DropStep.FULL, DropStep.TAKE_OUT)
    assert (given_back(rig), rig.chute.bins) == ([], {})
    assert rig.server.loans_of(demo.READER) == {BOOK}

    rig.take_out()
    rig.chute.is_full = False
    rig.until(lambda: step(rig) is DropStep.READY)
    rig.insert(BOOK)
    rig.until(lambda: step(rig) is DropStep.DONE)

    assert rig.chute.bins == {"": [BOOK]}
    assert rig.server.loans_of(demo.READER) == set()
