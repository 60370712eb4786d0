"""Brings what the desk decided to whoever does it; called only for what is on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from kiosk.engine import uplink_pump
from kiosk.engine.inbox import Inbox
from kiosk.runtime import books_pump, pads, strips
from kiosk.runtime.health import OpenCases, StripCounts
from kiosk.runtime.traffic import CarryLate, Order
from kiosk.workflow.effects import (
    Ask,
    AskHere,
    Carry,
    GiveUp,
    Keep,
    LeaveStrip,
    Play,
    PrintSlip,
    Record,
    Release,
    Secure,
    ShowOnPad,
    TreatStrip,
)
from kiosk.workflow.events import (
    NotTold,
    ReleaseTrouble,
    SlipNotPrinted,
    StripNotTreated,
    StripTrouble,
    TagsNotReleased,
    TagsSecured,
)
from kiosk.workflow.view import Shown
from sync.entries import CaseClosed, Row

Undone = TagsNotReleased | TagsSecured | StripNotTreated | SlipNotPrinted | NotTold


class Dispatch:
    """`Outlets` of a terminal.

    *pad_orders*, *strip_orders*, *printer_orders* and *books* are None where the terminal has no such thing: what is
    asked of it is answered at once, as not done.  *cases* and *counts* follow what is written.
    """

    def __init__(
        self,
        uplink: Callable[[uplink_pump.Order], None],
        pad_orders: Inbox[pads.Order] | None,
        strip_orders: Inbox[strips.Order] | None,
        printer_orders: Inbox[PrintSlip] | None,
        books: Callable[[books_pump.Order], None] | None,
        cases: OpenCases,
        counts: StripCounts,
        post: Callable[[Undone], None],
        show: Callable[[Shown], None],
    ) -> None:
        self._uplink = uplink
        self._pad_orders = pad_orders
        self._strip_orders = strip_orders
        self._printer_orders = printer_orders
        self._books = books
        self._cases = cases
        self._counts = counts
        self._post = post
        self._show = show

    def wrote(self, rows: tuple[Row, ...]) -> None:
        """As promised by `Outlets`."""
        self._cases.follow(rows)
        self._counts.follow(rows)
        if self._books is not None:
            self._books(books_pump.Wrote(rows))

    def show(self, shown: Shown) -> None:
        """As promised by `Outlets`."""
        self._show(shown)

    def do(self, order: Order) -> None:
        """As promised by `Outlets`."""
        match order:
            case Carry(entry):
                # What the terminal itself has granted, no session waits for.
                self._uplink(uplink_pump.Enter((entry,), is_of_session=entry.promised is None))
            case CaseClosed():
                # Not before what opened the case was told.
                self.wrote((order,))
            case CarryLate(Carry(entry)):
                self._uplink(uplink_pump.Enter((entry,), is_of_session=False))
            case GiveUp(key):
                self._uplink(uplink_pump.GiveUp(key))
            case Keep(key, row):
                self._uplink(uplink_pump.Promise(key, row))
            case Ask(token, question):
                self._uplink(uplink_pump.Inquire(token, question))
            case Release() | Secure() | ShowOnPad():
                self._order_pad(order)
            case TreatStrip() | LeaveStrip():
                self._order_strip(order)
            case AskHere(token, question):
                if self._books is None:
                    self._post(NotTold(token))
                else:
                    self._books(books_pump.Inquire(token, question))
            case PrintSlip(token):
                if self._printer_orders is None:
                    self._post(SlipNotPrinted(token, "no-printer"))
                else:
                    self._printer_orders.post(order)
            case Play():
                # Terminals without a loudspeaker are served by the pad's own buzzer.
                pass
            case Record():
                raise ValueError("records go to the journal, not to an outlet")
            case _:
                assert_never(order)

    def _order_pad(self, order: pads.Order) -> None:
        if self._pad_orders is not None:
            self._pad_orders.post(order)
            return
        match order:
            case Release(key, uids):
                self._post(TagsNotReleased(key, (), ReleaseTrouble.PAD_LOST, uids))
            case Secure(key):
                self._post(TagsSecured(key, (), False))
            case ShowOnPad():
                pass

    def _order_strip(self, order: strips.Order) -> None:
        if self._strip_orders is not None:
            self._strip_orders.post(order)
        elif isinstance(order, TreatStrip):
            self._post(StripNotTreated(order.key, StripTrouble.UNIT_LOST))
