"""What a person does with a card at a terminal that is served alone."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from drivers.sim.zvt_ledger import Authorisation
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from kiosk.sim.control import CannotBeDone
from kiosk.sim.hands import Hands


def test_a_card_is_shown_and_taken_away() -> None:
    """The word decides what becomes of the next payments; `look` tells what was really taken."""
    far_end = ZvtTerminalFarEnd(VirtualClock())
    hands = Hands(far_end)

    assert hands.do("card decline") == "the next cards: decline"
    assert far_end.card is CardChoice.DECLINE
    hands.do("card none")
    assert far_end.card is None
    assert hands.do("look") == "no money was taken"

    far_end.authorised.append(Authorisation(1002, "0978", 1, 470001, is_reversed=True))
    assert hands.do("look") == "10.02 (receipt 1, given back)"


def test_a_card_nobody_has_is_refused() -> None:
    """A word that is no choice is refused, and changes nothing."""
    far_end = ZvtTerminalFarEnd(VirtualClock())

    with pytest.raises(CannotBeDone):
        Hands(far_end).do("card steal")
    assert far_end.card is None
