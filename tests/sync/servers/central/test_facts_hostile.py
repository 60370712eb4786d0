"""Whatever central, or somebody in its place, says of an account: facts, or silence."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sync.entries import PatronId
from sync.questions import AccountFacts
from sync.servers.central.facts import Told, account_facts, patron_facts
from sync.servers.ils import ServerSilent
from tests.kit.mutation import mutations

CARD = PatronId("P0001")
MONEY = {"minor_units": 100, "currency": "CNY"}
ACCOUNT: dict[str, Any] = {
    "number": CARD.reveal(),
    "name": "Li",
    "loans": [{"item": "B1", "title": "Salt", "due_on": "2026-11-02", "is_overdue": False}],
    "holds": [{"item": "B2", "title": "", "is_on_shelf": False, "pickup_location": "Shelf", "queue": 2}],
    "fees": [
        {"id": "F1", "amount": MONEY, "kind": "damage", "item": "B1", "title": "Salt", "since": "2026-11-01"}
    ],
    "owed": MONEY,
    "loans_max": 5,
    "refusals": ["fees-owed"],
}


def test_no_answer_about_an_account_breaks_the_client() -> None:
    """A value of another type, a number beyond all bounds, a member that is missing: silence, or what can be shown."""
    taken = 0
    for told in mutations(ACCOUNT):
        with suppress(ServerSilent):
            patron_facts(Told(told), CARD, True)
        with suppress(ServerSilent):
            facts = account_facts(Told(told), CARD)
            taken += 1
            assert_sound(facts)
    assert taken > 20


def assert_sound(facts: AccountFacts) -> None:
    """What is believed can be shown and reckoned with."""
    amounts = [fee.amount for fee in facts.fees or ()] + ([facts.owed] if facts.owed else [])
    assert facts.patron == CARD
    assert all(0 <= amount.minor_units <= 2**53 and len(amount.currency) == 3 for amount in amounts)
    assert all(text.isprintable() for fee in facts.fees or () for text in (fee.id, fee.title))
    assert all(text.isprintable() for hold in facts.holds or () for text in (hold.title, hold.pickup))
