"""Random days of a terminal with a strip unit: books with tags, with strips, with both, and a tape, in one session.

Readers do what the screen asks, late or never; items pass over the unit that nobody asked for, its cable is pulled, its
coil is weak, and the power goes at any moment.  Nobody moves another item over the unit than the one it is armed for:
a strip has no identity, and no terminal could know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.sim.strip import tape
from kiosk.workflow.settings import ScannedItem, SessionSettings, Strips
from kiosk.workflow.view import Borrowing, StripStep, UseStripUnit, Welcome
from sync.central import demo
from sync.entries import Entry, Lend, Released, ReleaseIntended, Settlement, Strip
from sync.rules.offline import OfflinePolicy
from tests.crash.invariants import has_strip_row
from tests.journeys.test_random_days import BOOKS, NEVER, READERS, Day, end_of, standing
from tests.kit.effort import effort
from tests.kit.rig import OFFLINE

STRIPPED = (*demo.ITEMS_BY_STRIP, demo.ITEM_MAGNETIC, demo.ITEM_REFERENCE)


class StripDay(Day):
    """A day of a library with strips: on every item, or on those without a tag."""

    def __init__(self, folder: Path, seed: int, policy: OfflinePolicy = NEVER) -> None:
        super().__init__(folder, seed, policy)
        place = self.rig.strips
        place.items[demo.ITEM_MAGNETIC] = tape(demo.ITEM_MAGNETIC)
        for book in (*BOOKS, *STRIPPED):
            place.item(book)
        self.rig.tags |= {item: [] for item in STRIPPED}
        self.happenings |= {
            self.visit: 20,
            self.scan: 6,
            self.hand: 20,
            self.stray: 8,
            self.leave_there: 3,
            self.injure_unit: 5,
            self.injure_coil: 3,
        }

    def settings(self, policy: OfflinePolicy) -> SessionSettings:
        """As the other days, with strips."""
        strips = self.dice.choice([Strips.UNTAGGED, Strips.ALL])
        senses = self.dice.random() < 0.7
        return replace(
            super().settings(policy),
            strips=strips,
            strip_unit_senses=senses,
            strip_seconds=self.dice.choice([10, 30]),
            scanned_item=ScannedItem.LEND,
        )

    def mend(self) -> None:
        """All is well again with the strip unit, too."""
        self.rig.strips.is_plugged = True
        self.rig.strips.faults = 0
        self.rig.strips.lift()
        super().mend()

    def power_cut(self) -> None:
        """Whoever finds a dark terminal takes what lies there."""
        self.rig.strips.lift()
        super().power_cut()

    # --- What happens at the strip unit

    def visit(self) -> None:
        """Somebody comes with a few items, and perhaps lays the first on the unit before it is scanned."""
        self.card()
        self.rig.turn(8)
        for item in self.dice.sample(STRIPPED, self.dice.randint(1, 2)):
            if self.dice.random() < 0.4:
                self.lay_first(item)
            self.rig.scanner.scan(item, "F0")
            self.rig.turn(self.dice.randint(1, 8))
            for _ in range(self.dice.randint(0, 3)):
                self.hand()

    def lay_first(self, item: str) -> None:
        """*item* is laid on the unit before it is scanned, where it cannot be taken for another one."""
        self.rig.turn(12)
        view, place, strips = self.rig.view, self.rig.strips, self.rig.settings.strips
        is_free = isinstance(view, Borrowing) and not view.is_busy and not place.lying
        if is_free and place.abilities.senses_items and strips is Strips.UNTAGGED:
            place.lay(item)
            self.rig.turn(3)

    def scan(self) -> None:
        self.rig.scanner.scan(self.dice.choice(STRIPPED), "F0")

    def hand(self) -> None:
        """The reader does what the screen asks, as soon as it does."""
        self.rig.turn(self.dice.randint(1, 5))
        view, place = self.rig.view, self.rig.strips
        if not isinstance(view, UseStripUnit) or view.is_working:
            return
        match view.step:
            case StripStep.TAKE_AWAY:
                place.lift()
            case StripStep.SCAN_AGAIN:
                self.rig.scanner.scan(view.line.id, "F0")
            case _ if place.abilities.senses_items and self.dice.random() < 0.7:
                place.slide(view.line.id)
            case _:
                place.lift()
                place.lay(view.line.id)
        self.rig.turn(3)

    def leave_there(self) -> None:
        """What lies on the unit is taken away at last."""
        self.rig.strips.lift()

    def stray(self) -> None:
        """Somebody passes an item over the unit while the terminal waits for its next reader."""
        self.rig.turn(5)
        if isinstance(self.rig.view, Welcome):
            self.rig.strips.slide(self.dice.choice((*BOOKS, *STRIPPED)))

    def injure_unit(self) -> None:
        """The cable is pulled, and what lies there is taken away; or it is put back."""
        self.rig.strips.lift()
        self.rig.strips.is_plugged = not self.rig.strips.is_plugged

    def injure_coil(self) -> None:
        if self.dice.random() < 0.5:
            self.rig.strips.faults = self.dice.choice([1, 2, 5])
        else:
            self.rig.strips.item(self.dice.choice((*BOOKS, *STRIPPED))).strips[0].pulses_needed = 2

    # --- What must hold

    def broken(self) -> Iterator[str]:
        """Every promise that does not hold, as a sentence."""
        yield from super().broken()
        for number, item in self.rig.strips.items.items():
            loans = [
                entry
                for entry in self.rig.entries()
                if isinstance(entry.promise, Lend) and entry.promise.item == number
            ]
            if item.is_erased:
                yield f"{number}: a tape was in the field of a coil"
            for sentence in strip_disagreements(loans, is_active=item.is_active):
                yield f"{number}: {sentence}"


def strip_disagreements(loans: list[Entry], *, is_active: bool) -> Iterator[str]:
    """What the *loans* of one item in the journal and its strip contradict."""
    if not is_active and not any(has_strip_row(entry) for entry in loans):
        yield "a strip is inactive and no row grants that (I2)"
    if any(end_of(entry) in (Settlement.CASE, None) for entry in loans):
        return
    done = standing(loans)
    if not is_active and not done:
        yield "a strip is inactive without a loan (I2)"
    touched = [entry for entry in loans if any(isinstance(row, ReleaseIntended) for row in entry.rows)]
    says = [row.strip for row in touched[-1].rows if isinstance(row, Released)] if touched else []
    if touched and touched[-1] in done and says == [Strip.INACTIVE] and is_active:
        yield "the journal says inactive, the strip is active (I2)"


def strip_days(
    folder: Path, seeds: range, policy: OfflinePolicy, *, first_only: bool = False
) -> tuple[list[str], Counter[Strip | None]]:
    """What was broken on the days of *seeds*, and how strips were found when their items were lent."""
    found: list[str] = []
    seen: Counter[Strip | None] = Counter()
    for seed in seeds:
        day = StripDay(folder / str(seed), seed, policy)
        day.pass_by()
        found += [f"day {seed}: {sentence}" for sentence in day.broken()]
        released = (row for entry in day.rig.entries() for row in entry.rows if isinstance(row, Released))
        seen.update(row.strip for row in released)
        day.rig.close()
        if found and first_only:
            break
    return found, seen


@pytest.mark.parametrize("policy", [NEVER, OFFLINE], ids=["with the server", "by itself"])
@pytest.mark.parametrize("block", range(2))
def test_whatever_happens_at_the_strip_unit_journal_and_strips_agree(
    tmp_path: Path, block: int, policy: OfflinePolicy
) -> None:
    """No strip is off without its row, no tape is ever treated, tags and strips are released together or not at all."""
    found, seen = strip_days(tmp_path, range(block * effort(4), (block + 1) * effort(4)), policy)

    assert found == []
    assert seen[Strip.INACTIVE] > 0


def test_no_reader_of_these_days_is_named_by_a_strip() -> None:
    """The numbers with which these days play are items', so that a patron's in the log would be found."""
    assert not set(READERS) & {*BOOKS, *STRIPPED}
