"""A terminal's way to a real-like system, for a return or a payment whose session has gone: lane, courier, client and
codec are the real ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from drivers.link.memory import VirtualClock
from sync.entries import (
    CaseOpened,
    Due,
    Entry,
    EntryKey,
    FeePart,
    GiveBack,
    Intended,
    Means,
    Money,
    Pay,
    PaymentApproved,
    Promise,
    Settled,
    Settlement,
    item_id,
    patron_id,
)
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from sync.uplink.aftermath import aftermath
from sync.uplink.courier import Courier
from sync.uplink.reports import Carried, Judged, LeaveAsked
from tests.kit.sip2_personalities import Personality
from tests.kit.sip2_systems import BreakingLine, Deed, Fault, Fee, Loan, System
from tests.sync.servers.in_doubt import AT, BOOK, READER, STRANGER

KEY = EntryKey("e", 1, 1, 1)
DUE = AT + timedelta(days=7)
OWED, PAID = 1000, 650


@dataclass(frozen=True)
class Ended:
    end: Settlement | None
    cases: tuple[str, ...]


class Terminal:
    """Carries one entry to *system* as the lane does after the session has gone."""

    def __init__(
        self,
        personality: Personality,
        promise: Promise,
        faults: list[Fault],
        courier: type[Courier] = Courier,
    ) -> None:
        self.clock = VirtualClock(AT)
        self.system = System(personality, self.clock, frozenset({BOOK}), frozenset({READER, STRANGER}))
        self.system.loans[BOOK] = Loan(READER, DUE)
        self.system.fees += [Fee("F1", READER, PAID, BOOK), Fee("F2", READER, OWED - PAID, BOOK)]
        settings = Sip2Settings(profile(personality.dialect), "LIB", user="kiosk", zone=UTC)
        server = Sip2Server(lambda: BreakingLine(self.system, self.clock, faults), settings, self.clock)
        self.courier = courier(server, self.clock, lambda: 0.5, epoch="e", boot=1)
        rows = (Intended(KEY, AT, promise),)
        self.entry = Entry(KEY, promise, rows)
        if isinstance(promise, Pay):
            self.entry = replace(self.entry, rows=(*rows, PaymentApproved(KEY, AT, "V1")))

    def play(self) -> Ended:
        self.courier.enter([self.entry], is_of_session=False)
        for _ in range(60):
            turned = self.courier.turn()
            for report in turned.reports:
                if isinstance(report, Carried | Judged):
                    outcome = report.answer if isinstance(report, Carried) else report.verdict
                    after = aftermath(self.entry, outcome, self.clock.now(), lambda: KEY)
                    self.entry = replace(self.entry, rows=(*self.entry.rows, *after.rows))
                elif isinstance(report, LeaveAsked):
                    self.courier.give_leave(report.notes)
            if turned.wait_seconds is None:
                break
            self.clock.wait(turned.wait_seconds)
        assert not self.courier.lane.waiting
        rows = self.entry.rows
        return Ended(
            next((row.how for row in rows if isinstance(row, Settled)), None),
            tuple(row.reason.value for row in rows if isinstance(row, CaseOpened)),
        )


def give_back() -> GiveBack:
    return GiveBack(item_id(BOOK), AT, was_on_loan=True, due_before=Due(DUE.date()))


def pay(personality: Personality) -> Pay:
    amount = Money(PAID, "CNY")
    part = FeePart("F1" if personality.details else "", amount)
    if not personality.details and not profile(personality.dialect).pays_several:
        amount = Money(OWED, "CNY")
        part = FeePart("", amount)
    return Pay(patron_id(READER), amount, (part,), Means.CARD, AT, owed_before=Money(OWED, "CNY"))


def broken_return(ended: Ended, system: System) -> bool:
    """Whether the entry ended as something that is not so."""
    is_back = system.done == [(Deed.RETURNED, BOOK, READER)]
    return ended.end not in (Settlement.DONE, Settlement.CASE) or (ended.end is Settlement.DONE) > is_back


def broken_payment(ended: Ended, system: System, promise: Pay) -> bool:
    """Whether money was posted twice, for somebody else, or not as the entry says."""
    units = promise.amount.minor_units
    posted = [(patron, paid) for patron, paid, _ in system.payments if paid]
    is_posted = posted == [(READER, units)] and system.owed(READER) == OWED - units
    is_case = (
        ended.end is Settlement.CASE and len(posted) <= 1 and {READER} >= {patron for patron, _ in posted}
    )
    return not (is_case or (ended.end is Settlement.DONE and is_posted))
