"""What happens at the demo's book drop when nobody is there to do it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.demo.visit import Hand, Steps, Visit
from kiosk.workflow.view import BackLine, BackStatus, BookDropping, DropStep
from sync.central import demo

OVERDUE = demo.ITEM_OVERDUE
WAITED_FOR = demo.ITEM_OUT_AND_WAITED_FOR
WITHOUT_NETWORK = demo.ITEM_OF_OTHER_BRANCH
ONE, OTHER = demo.ITEM_ON_LOAN, demo.ITEM_RENEWED_OUT
"""Two books of one reader, pushed in together at first."""
FOREIGN = "foreign"


@dataclass(slots=True)
class DropStory(Visit):
    """A night at the book drop: what is told apart there, and what is taken without the server."""

    items = (OVERDUE, WAITED_FOR, WITHOUT_NETWORK, ONE, OTHER)
    cards = (demo.READER_OVERDUE, demo.READER_WITH_OTHERS_BOOKS, demo.READER_WITH_LOAN)

    def tell(self, hand: Hand) -> Steps:
        """The script; one step a frame."""
        yield from _shown(hand, DropStep.READY, 20)
        yield from self.shot(hand, "insert-one-item")
        yield from self._dropped(hand, OVERDUE, BackStatus.BACK)
        yield from self.shot(hand, "overdue")
        yield from _shown(hand, DropStep.READY)
        yield from self._dropped(hand, WAITED_FOR, BackStatus.BACK)
        yield from _shown(hand, DropStep.READY)
        yield from self._taken_out(hand, "another-librarys", FOREIGN)
        yield from self._taken_out(hand, "two-at-once", ONE, OTHER)
        yield from self._dropped(hand, ONE, BackStatus.BACK)
        yield from _shown(hand, DropStep.READY)
        yield from self._without_network(hand)
        self.table.ask("bin", how="full")
        yield from _shown(hand, DropStep.FULL)
        yield from self.shot(hand, "full")
        self.table.ask("bin", how="emptied")
        yield from _shown(hand, DropStep.READY)
        yield from self._dropped(hand, OTHER, BackStatus.BACK)
        yield from self.shot(hand, "dropped")
        yield from _shown(hand, DropStep.READY)

    def _dropped(self, hand: Hand, item: str, status: BackStatus) -> Steps:
        self.table.ask("insert", thing=item)
        yield from hand.until(
            lambda: _step(hand) is DropStep.DONE and _is(_line(hand), item, status),
            30,
            "what was inserted did not end in its bin",
        )

    def _taken_out(self, hand: Hand, name: str, item: str, *also: str) -> Steps:
        self.table.ask("insert", thing=item, **({"also": also[0]} if also else {}))
        yield from _shown(hand, DropStep.TAKE_OUT, 20)
        yield from self.shot(hand, name)
        self.table.ask("pull-out")
        yield from _shown(hand, DropStep.READY)

    def _without_network(self, hand: Hand) -> Steps:
        self.table.ask("network", how="cut")
        yield from hand.until(lambda: _is_recorded_only(hand), 20, "the cut was not noticed")
        yield from self._dropped(hand, WITHOUT_NETWORK, BackStatus.BACK_RECORDED)
        yield from self.shot(hand, "without-network")
        self.table.ask("network", how="whole")
        yield from hand.until(lambda: not _is_recorded_only(hand), 30, "the server was never told")
        yield from _shown(hand, DropStep.READY)


def _shown(hand: Hand, step: DropStep, seconds: float = 15) -> Steps:
    yield from hand.until(lambda: _step(hand) is step, seconds, f"the book drop never showed {step.value}")


def _step(hand: Hand) -> DropStep | None:
    return hand.view.step if isinstance(hand.view, BookDropping) else None


def _line(hand: Hand) -> BackLine | None:
    return hand.view.line if isinstance(hand.view, BookDropping) else None


def _is(line: BackLine | None, item: str, status: BackStatus) -> bool:
    return line is not None and line.id == item and line.status is status


def _is_recorded_only(hand: Hand) -> bool:
    return isinstance(hand.view, BookDropping) and hand.view.is_recorded_only
