"""The session's stage with a strip unit, which does only what the test plays."""

from __future__ import annotations

from dataclasses import replace

from drivers.em import StripState
from kiosk.workflow import events
from kiosk.workflow.effects import LeaveStrip, TreatStrip
from kiosk.workflow.line import LineState
from kiosk.workflow.settings import SessionSettings, Strips
from kiosk.workflow.state import Serving, Summing
from kiosk.workflow.view import Status, StripStep, UseStripUnit
from sync.entries import EntryKey
from tests.kit.stage import LENDS_HERE, Stage, item

WITH_STRIPS = replace(LENDS_HERE, strips=Strips.UNTAGGED)
"""The settings of a library whose books have a tag or a strip, with a strip unit that senses items."""
HYBRID = replace(WITH_STRIPS, strips=Strips.ALL)
"""The settings of a library whose books have both."""


class StripStage(Stage):
    """A session played by hand, with a strip unit."""

    def __init__(self, settings: SessionSettings = WITH_STRIPS) -> None:
        super().__init__(settings)

    def sense(self, *, stays: bool = True) -> None:
        """An item comes to the strip unit while that is safe, and lies there or passes."""
        self.happen(events.StripSensed(stays))

    def lift(self) -> None:
        """What lay on the strip unit is taken away while that is safe."""
        self.happen(events.StripLifted())

    def unit_treats(self, strip: StripState = StripState.INACTIVE, *, stays: bool = False) -> None:
        """The strip unit does what it was told last, and finds the strip like that afterwards."""
        self.happen(events.StripTreated(self.last(TreatStrip).key, strip, stays))

    def unit_does_nothing(self, trouble: events.StripTrouble) -> None:
        """The strip unit surely did nothing about what it was told last."""
        self.happen(events.StripNotTreated(self.last(TreatStrip).key, trouble))

    def unit_spoils(self, why: str = "second-item") -> None:
        """Nobody can tell what the strip unit did about what it was told last."""
        self.happen(events.StripSpoilt(self.last(TreatStrip).key, why))

    @property
    def order(self) -> EntryKey | None:
        """The entry whose strip the unit was told to treat and has not answered about, by what it was told."""
        return self.state.strip_unit.order

    @property
    def treated(self) -> list[TreatStrip]:
        """Everything the unit was told to treat so far."""
        return self.all(TreatStrip)

    @property
    def left(self) -> list[LeaveStrip]:
        """Everything the unit was told to leave so far."""
        return self.all(LeaveStrip)

    def step(self) -> StripStep:
        """What the reader is asked to do at the unit."""
        return self.shows(UseStripUnit).step

    def kept(self, number: int) -> LineState:
        """The line of item *number* as the session remembers it, whatever the reader sees just now."""
        known = self.state.phase
        assert isinstance(known, Serving | Summing)
        lines = known.session.lines if isinstance(known, Serving) else known.lines
        return next(line for line in lines if line.id == item(number))

    def status(self, number: int) -> Status:
        """How the line of item *number* stands, whatever the reader sees just now."""
        return self.kept(number).status
