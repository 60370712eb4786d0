"""A reader borrows books, the whole way: drivers, journal, SIP2, central and tags, on real bytes."""

from __future__ import annotations

from kiosk.workflow.view import EnterPin, Status, Welcome
from sync.central import demo
from tests.kit.rig import Rig


def test_a_stack_is_borrowed_and_released(rig: Rig) -> None:
    """Books laid down before the card are counted, lent after the PIN, released at the tags and at the server."""
    rig.lay(*demo.ITEMS_FREE[:4])
    assert rig.seen(Welcome).books == 4

    rig.show_card()
    assert rig.seen(EnterPin).books == 4
    rig.pin()

    assert set(rig.statuses().values()) == {Status.LENT}
    assert rig.server.loans_of(demo.READER) == set(demo.ITEMS_FREE[:4])
    assert rig.released == set(demo.ITEMS_FREE[:4])
