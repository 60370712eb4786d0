"""Brings what the desk decided to whoever does it; called only for what is on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from kiosk.engine import uplink_pump
from kiosk.engine.inbox import Inbox
from kiosk.runtime import books_pump, pads, strips
from kiosk.runtime.health import OpenCases, OpenPayments, StripCounts
from kiosk.runtime.traffic import CarryLate, GiveLeave, Order, PaymentOrder
from kiosk.workflow.effects import (
    Ask,
    AskHere,
    Carry,
    FindPayment,
    GiveUp,
    Keep,
    LeaveStrip,
    OpenDrop,
    Play,
    PrintSlip,
    Proceed,
    Record,
    Release,
    Restore,
    ReversePayment,
    Secure,
    ShowOnPad,
    StopPayment,
    TakePayment,
    TreatStrip,
)
from kiosk.workflow.events import (
    DropStuck,
    NotTold,
    PaymentFailure,
    PaymentNotGivenBack,
    PaymentNotTaken,
    PaymentUnclear,
    ReleaseTrouble,
    SlipNotPrinted,
    StripNotTreated,
    StripTrouble,
    TagsNotReleased,
    TagsRestored,
    TagsSecured,
)
from kiosk.workflow.view import Shown
from sync.entries import CaseClosed, Row

Undone = (
    TagsNotReleased
    | TagsSecured
    | TagsRestored
    | StripNotTreated
    | SlipNotPrinted
    | NotTold
    | DropStuck
    | PaymentNotTaken
    | PaymentUnclear
    | PaymentNotGivenBack
)
NOT_THERE = "not-there"
"""Why something was not done that this terminal has no device for."""


class Dispatch:
    """`Outlets` of a terminal.

    *pad_orders*, *strip_orders*, *printer_orders*, *books*, *drop_orders* and *payment_orders* are None where the
    terminal has no such thing: what is asked of it is answered at once, as not done; what became of a payment that was
    begun when it had one, nobody can tell.  *cases*, *counts* and *payments* follow what is written.
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
        payments: OpenPayments,
        post: Callable[[Undone], None],
        show: Callable[[Shown], None],
        *,
        drop_orders: Inbox[OpenDrop] | None = None,
        payment_orders: Callable[[PaymentOrder], None] | None = None,
    ) -> None:
        self._uplink = uplink
        self._pad_orders = pad_orders
        self._strip_orders = strip_orders
        self._printer_orders = printer_orders
        self._books = books
        self._cases = cases
        self._counts = counts
        self._payments = payments
        self._post = post
        self._show = show
        self._drop_orders = drop_orders
        self._payment_orders = payment_orders

    def wrote(self, rows: tuple[Row, ...]) -> None:
        """As promised by `Outlets`."""
        self._cases.follow(rows)
        self._counts.follow(rows)
        self._payments.follow(rows)
        if self._books is not None:
            self._books(books_pump.Wrote(rows))

    def show(self, shown: Shown) -> None:
        """As promised by `Outlets`."""
        self._show(shown)

    def do(self, order: Order) -> None:
        """As promised by `Outlets`."""
        match order:
            case Carry(entry, is_held):
                # What the terminal itself has granted, no session waits for.
                is_of_session = entry.promised is None
                self._uplink(uplink_pump.Enter((entry,), is_of_session=is_of_session, is_held=is_held))
            case Proceed(entry):
                self._uplink(uplink_pump.Proceed(entry))
            case CaseClosed():
                # Not before what opened the case was told.
                self.wrote((order,))
            case CarryLate(Carry(entry)):
                self._uplink(uplink_pump.Enter((entry,), is_of_session=False))
            case GiveUp(key):
                self._uplink(uplink_pump.GiveUp(key))
            case GiveLeave(notes):
                self._uplink(uplink_pump.GiveLeave(notes))
            case Keep(key, row):
                self._uplink(uplink_pump.Promise(key, row))
            case Ask(token, question):
                self._uplink(uplink_pump.Inquire(token, question))
            case Release() | Secure() | Restore() | ShowOnPad():
                self._order_pad(order)
            case TreatStrip() | LeaveStrip():
                self._order_strip(order)
            case OpenDrop():
                self._order_drop(order)
            case TakePayment() | StopPayment() | FindPayment() | ReversePayment():
                self._order_payment(order)
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
            case Restore(key):
                self._post(TagsRestored(key, (), False))
            case ShowOnPad():
                pass

    def _order_strip(self, order: strips.Order) -> None:
        if self._strip_orders is not None:
            self._strip_orders.post(order)
        elif isinstance(order, TreatStrip):
            self._post(StripNotTreated(order.key, StripTrouble.UNIT_LOST))

    def _order_drop(self, order: OpenDrop) -> None:
        if self._drop_orders is not None:
            self._drop_orders.post(order)
        else:
            self._post(DropStuck(order.key, NOT_THERE))

    def _order_payment(self, order: PaymentOrder) -> None:
        if self._payment_orders is not None:
            self._payment_orders(order)
            return
        match order:
            case TakePayment(key):
                self._post(PaymentNotTaken(key, PaymentFailure.NEVER_ASKED))
            case FindPayment(entry):
                self._post(PaymentUnclear(entry.key, NOT_THERE))
            case ReversePayment(key):
                self._post(PaymentNotGivenBack(key, NOT_THERE))
            case StopPayment():
                # Nothing was begun, and that was said.
                pass
