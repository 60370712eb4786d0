"""What a running terminal answers about its ledger: rows are read in slices between two commits.

A closing is worked out and written in the slice that read the last row, so that no payment can come between; what only
looks is worked out by the thread for long work.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.engine.errands import Answer, Command, Errand, NotDone, Request
from kiosk.journal_desk import ledger
from kiosk.journal_desk.ledger import ROWS_AT_ONCE, LedgerPlace
from kiosk.journal_desk.over_socket import Doer, Worker, tell
from kiosk.journal_desk.saying import not_done
from sync.journal.journal import Journal
from sync.journal.reading import MoneyTold, Reading

Rows = tuple[MoneyTold, ...]


def ledger_commands(
    journal: Journal,
    pump: Doer,
    worker: Worker,
    place: LedgerPlace,
    *,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> dict[str, Command]:
    """What can be asked, by name, of the terminal that has *journal* open.

    A closing that is asked for as *unattended* is refused where the server's clock does not bear ours out.
    """

    def looking(look: Callable[[Request, Rows], Answer]) -> Command:
        def begin(request: Request) -> Errand:
            errand = Errand()

            def read(rows: Rows) -> None:
                worker.do(lambda: tell(errand, lambda: look(request, rows)))

            pump.do(_Reading(journal, read, errand))
            return errand

        return begin

    def close(request: Request) -> Errand:
        errand = Errand()

        def close_them(rows: Rows) -> Answer:
            if request.get("unattended") is True:
                doubt = ledger.why_not_by_itself(journal.clocks(), journal.boot, now(), monotonic())
                if doubt:
                    raise NotDone(doubt)
            return ledger.closed(rows, request, now(), place, journal.append)

        def write(rows: Rows) -> None:
            tell(errand, lambda: close_them(rows))

        pump.do(_Reading(journal, write, errand))
        return errand

    def verify(_: Request) -> Errand:
        errand = Errand()

        def read(rows: Rows) -> None:
            purged = ledger.is_purged(journal.file)
            worker.do(lambda: tell(errand, lambda: ledger.verified(rows, place, purged=purged)))

        pump.do(_Reading(journal, read, errand))
        return errand

    return {
        "ledger.close": close,
        "ledger.list": looking(lambda request, rows: ledger.listed(rows, request, place)),
        "ledger.export": looking(lambda request, rows: ledger.exported(rows, request, place)),
        "ledger.verify": verify,
    }


class _Reading:
    """A task that reads all rows about money and hands them over in the slice that found no more."""

    def __init__(self, journal: Journal, use: Callable[[Rows], None], errand: Errand) -> None:
        self._reading = Reading(journal.file)
        self._use = use
        self._errand = errand
        self._rows: list[MoneyTold] = []

    def step(self) -> bool:
        try:
            behind = self._rows[-1].number if self._rows else 0
            page = self._reading.money_after(behind, ROWS_AT_ONCE)
            self._rows += page
            if len(page) == ROWS_AT_ONCE:
                return True
        except Exception as error:
            self._errand.fulfil(not_done(error))
            return False
        self._use(tuple(self._rows))
        return False

    def abandon(self) -> None:
        self._errand.fulfil(NotDone("the terminal is stopping"))
