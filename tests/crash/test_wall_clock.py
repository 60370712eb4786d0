"""The machine's wall clock jumps under a real kiosk process, by an hour and by a year, with the server and without."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.demo.world import TableControl, World
from kiosk.engine.control_call import NobodyServes, call
from sync.central import demo
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import Intended, ItemId, Lend
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from tests.crash.talking import CLOCK, Child, Talk

FAKETIME = Path(f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}/faketime/libfaketimeMT.so.1")
HOUR, YEAR = timedelta(hours=1), timedelta(days=365)
SLACK = timedelta(seconds=5)
LENT = {"lent", "lent-provisionally"}


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan as central has it, and between which true moments the reader got it."""

    lent_at: datetime
    due: date
    after: datetime
    before: datetime

    @property
    def is_true(self) -> bool:
        """Whether central's moment is the true one."""
        return self.after - SLACK <= self.lent_at <= self.before + SLACK


class Jumping:
    """The demo's world with its kiosk as a process whose wall clock can be set."""

    def __init__(self, world: World) -> None:
        self._folder = world.folder
        self._offset = world.folder / "wall-clock"
        self.set_wall(timedelta())
        beside = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        log, arguments = (
            world.folder / "kiosk.log",
            ["-m", "tests.crash.faked_time", str(world.settings_file)],
        )
        self.table = TableControl(world.control_path)
        self._kiosk = Talk(Child(arguments, log, beside), log)
        self._between: dict[str, tuple[datetime, datetime]] = {}

    def set_wall(self, offset: timedelta) -> None:
        """The kiosk's wall clock is *offset* ahead of the true time from now on."""
        draft = self._offset.with_suffix(".draft")
        draft.write_text(f"{offset.total_seconds():+.0f}\n", encoding="ascii")
        draft.replace(self._offset)

    def health(self) -> dict[str, Any]:
        """What the kiosk says of itself; nothing before it serves its socket."""
        try:
            return dict(call(self._folder / "service", {"do": "health"}))
        except NobodyServes:
            return {}

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Listens until *condition* holds."""
        self._kiosk.until(lambda: bool(condition()), what, 60)

    def borrow(self, offsets: dict[str, timedelta]) -> None:
        """A reader borrows book after book, each when the clock has been set to its offset, and leaves."""
        self.until(lambda: self._view() == "Welcome", "it is not ready")
        self.table.ask("show", thing=demo.READER)
        self.until(lambda: self._view() == "EnterPin", "the card was not recognised")
        self._kiosk.tell(pin=demo.PIN)
        self.until(lambda: self._view() == "Borrowing", "no session began")
        for book, offset in offsets.items():
            self.set_wall(offset)
            after = CLOCK.now()
            self.table.ask("put", thing=book)
            self.until(lambda book=book: self._status(book) in LENT, f"{book} was not lent")  # type: ignore[misc]
            self._between[book] = (after, CLOCK.now())
        self.set_wall(timedelta())
        self._kiosk.tell(choose="finish")
        self.until(lambda: self._view() == "Summary", "there is no summary")
        self.table.ask("hide")
        for book in offsets:
            self.table.ask("take", thing=book)
        self._kiosk.tell(choose="done")
        self.until(lambda: self._view() == "Welcome", "the summary stays")

    def _view(self) -> str:
        return next((str(said["view"]) for said in reversed(self._kiosk.said) if "view" in said), "")

    def _status(self, book: str) -> str:
        lists = [said["lines"] for said in self._kiosk.said if said.get("lines")]
        return str(lists[-1].get(book, "")) if lists else ""

    def lent(self) -> dict[str, Lent]:
        """The loans at central."""
        store = Store(f"sqlite:///{self._folder / 'central.db'}")
        found: dict[str, Lent] = {}
        try:
            with store.reading() as connection:
                for book, between in self._between.items():
                    loan = queries.open_loan_of_item(connection, ItemId(book))
                    assert loan is not None, f"central has no loan of {book}"
                    found[book] = Lent(loan.lent_at, loan.due_on, *between)
        finally:
            store.close()
        return found

    def written_at(self) -> dict[str, datetime]:
        """Ends the kiosk in order; what it took for the time of each loan."""
        self._kiosk.end(0)
        keys = JournalKeys.from_file(self._folder / "journal.key")
        journal = Journal.open(self._folder / "journal.db", keys, CLOCK.now)
        try:
            begun = [row for entry in journal.entries() for row in entry.rows if isinstance(row, Intended)]
            return {row.promise.item: row.at for row in begun if isinstance(row.promise, Lend)}
        finally:
            journal.close()

    def close(self) -> None:
        """Frees the table and ends the kiosk however it stands."""
        self.table.close()
        self._kiosk.kill()


@pytest.fixture
def jumping(tmp_path: Path) -> Iterator[Jumping]:
    with World(tmp_path, "en", CLOCK) as world:
        jumping = Jumping(world)
        yield jumping
        jumping.close()


def test_loans_bear_their_true_times_however_the_wall_clock_jumps(jumping: Jumping) -> None:
    """Set an hour and a year ahead and an hour back, online and offline, in the middle of sessions: central has every
    loan once, at the moment when it was made."""
    online = dict(zip(demo.ITEMS_FREE[:3], (HOUR, YEAR, -HOUR), strict=True))
    offline = dict(zip(demo.ITEMS_FREE[3:6], (HOUR, YEAR, -HOUR), strict=True))
    jumping.until(lambda: jumping.health().get("is_current"), "central was never there")
    jumping.until(lambda: jumping.health()["snapshot_age_minutes"] == 0, "no snapshot came")
    jumping.borrow(online)
    jumping.table.ask("network", how="cut")
    jumping.until(lambda: not jumping.health()["is_current"], "the cut was not noticed")
    jumping.borrow(offline)
    jumping.table.ask("network", how="whole")
    jumping.until(lambda: jumping.health()["is_current"], "nothing was caught up")
    told = jumping.health()
    lent = jumping.lent()
    written_at = jumping.written_at()

    for book, offset in (online | offline).items():
        jumped = written_at[book] - lent[book].after - offset
        assert -SLACK < jumped < SLACK + (lent[book].before - lent[book].after), "the clock was not set"
        assert lent[book].is_true, f"{book} at {offset}: {lent[book]}"
    assert (told["backlog"], told["open_entries"], told["open_cases"]) == (0, 0, 0)
    assert len({loan.due for loan in lent.values()}) == 1
