"""What the printer's pump does: puts slips on paper one after the other, and says how each went.

A printer without paper, or with its cover open, is as good as away until somebody has been there; it is asked now and
then whether it is fine again.  A slip that was ordered meanwhile is answered at once: nobody waits for paper.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from drivers.link import Clock
from drivers.printer import Document, NotPrinted, Obstacle, Printed, Printer, PrinterStatus
from kiosk.config.loading import Configuration
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.wording.paper.printing import Paper
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.events import Device, DeviceDown, DeviceUp, SlipNotPrinted, SlipPrinted
from kiosk.workflow.slips import Printable
from kiosk.workflow.view import Language

ASK_SECONDS = 10.0
"""How often a printer that has nothing to print is asked how it is."""

PrinterEvent = SlipPrinted | SlipNotPrinted | DeviceDown | DeviceUp


def paper(configuration: Configuration, log: Log) -> Callable[[Printable], Document]:
    """What makes documents by the templates of *configuration*; *log* is told of one that cannot be used."""
    made = Paper(
        configuration.receipts.templates,
        staff=Language(configuration.terminal.language),
        failed=lambda why: log.warning("a template of the library's own is not used", why=why),
    )
    return made.document


class PrinterWork:
    """`Work` for a printer; *render* makes the document of a slip or receipt, *post* gets what became of it."""

    def __init__(
        self,
        orders: Inbox[PrintSlip],
        render: Callable[[Printable], Document],
        post: Callable[[PrinterEvent], None],
        *,
        clock: Clock,
        log: Log,
    ) -> None:
        self._orders = orders
        self._render = render
        self._post = post
        self._clock = clock
        self._log = log
        self._waiting: deque[PrintSlip] = deque()
        self._printing: PrintSlip | None = None
        self._obstacle: Obstacle | None = None
        self._ask_at = 0.0

    def begin(self, device: Printer) -> None:
        """Asks at the next turn how it is."""
        self._obstacle = None
        self._ask_at = self._clock.monotonic()

    def turn(self, device: Printer) -> None:
        """One slip, or one question how the printer is, or a slice of waiting for either."""
        self._waiting.extend(self._orders.take(0.0))
        if self._waiting:
            self._print(device, self._waiting.popleft())
        elif self._clock.monotonic() >= self._ask_at:
            self._ask_at = self._clock.monotonic() + ASK_SECONDS
            self._said(device.status())
        else:
            self._waiting.extend(self._orders.take(SLICE_SECONDS))

    def lost(self) -> None:
        """Answers every order, the one under way included: nobody can tell whether it is on paper."""
        self._waiting.extend(self._orders.take(0.0))
        printing, self._printing = self._printing, None
        orders = [*([printing] if printing is not None else []), *self._waiting]
        self._waiting.clear()
        for order in orders:
            self._post(SlipNotPrinted(order.token, "away"))

    def _print(self, printer: Printer, order: PrintSlip) -> None:
        document = self._render(order.slip)
        self._printing = order
        try:
            printed = printer.print(document)
        except NotPrinted as refusal:
            self._printing = None
            self._post(SlipNotPrinted(order.token, refusal.obstacle.value))
            self._stands(refusal.obstacle)
            return
        self._printing = None
        if printed is Printed.NOT_CONFIRMED:
            # It may be on paper; nobody is sent to the gate with a slip that nobody saw come out.
            self._post(SlipNotPrinted(order.token, printed.value))
            return
        self._post(SlipPrinted(order.token))
        self._stands(None)

    def _said(self, status: PrinterStatus) -> None:
        """A printer that does not say everything is not fine again by that."""
        if status.obstacle is not None or status.is_known:
            self._stands(status.obstacle)

    def _stands(self, obstacle: Obstacle | None) -> None:
        if obstacle is self._obstacle:
            return
        was, self._obstacle = self._obstacle, obstacle
        if obstacle is None:
            self._log.info("the printer is fine again")
            self._post(DeviceUp(Device.PRINTER))
            return
        self._log.warning("the printer does not print", why=obstacle.value)
        if was is None:
            self._post(DeviceDown(Device.PRINTER))
