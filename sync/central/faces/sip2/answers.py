"""Answers what a terminal that is logged in asks: patron, status, end of session; items are in
`item_answers.py`.

Extension fields, each ignored by terminals that do not know them: ZR the exact reason (a value of
`sync.entries.Reason`; repeated in 24 and 64, the gravest first), ZP how many parts an item has, ZI
whether it may be lent with parts missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum

from drivers.masked import Secret
from sync.central.circulation.facts import PatronReport, report_patron
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.secrets import SecretJudge
from sync.central.circulation.terminals import is_terminal
from sync.central.faces.sip2.texts import fee_text, reason_text
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import BadIdentifier, Due, PatronId, Reason, patron_id
from sync.servers.sip2.fields import NO_FLAGS, PatronFlag, Summary
from sync.servers.sip2.layout import Pairs
from sync.servers.sip2.messages import (
    REASON_FIELD,
    EndSession,
    EndSessionResponse,
    PatronInformation,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    ServerStatus,
)
from sync.servers.sip2.money import write_money

SUPPORTED = "YYYNYYYYYYYYNNYN"
"""BX: patron status, checkout, checkin, status, resend, login, patron information, end session, fee paid, item
information, item status update, renew.
"""

FEES_MAX = 200
"""So many fees are told one by one; whoever owes more of them has to see the staff."""

TIMEOUT_TENTHS = 100
RETRIES = 3

_DENIED = PatronFlag.CHARGE_DENIED | PatronFlag.RENEWAL_DENIED
_ALL_DENIED = _DENIED | PatronFlag.RECALL_DENIED | PatronFlag.HOLD_DENIED
_FLAGS: dict[Reason, PatronFlag] = {
    Reason.CARD_LOST: _ALL_DENIED | PatronFlag.CARD_LOST,
    Reason.PATRON_BLOCKED: _ALL_DENIED,
    Reason.PATRON_EXPIRED: _ALL_DENIED,
    Reason.PATRON_UNKNOWN: _ALL_DENIED,
    Reason.FEES_OWED: _DENIED | PatronFlag.EXCESSIVE_FEES,
    Reason.LOANS_OVERDUE: _DENIED | PatronFlag.TOO_MANY_OVERDUE,
    Reason.LIMIT_REACHED: PatronFlag.TOO_MANY_CHARGED,
}


class DueForm(Enum):
    """How a due date is written in AH: as a SIP2 date at the end of the day, or as YYYY-MM-DD."""

    SIP = "sip"
    ISO = "iso"


@dataclass(frozen=True, slots=True)
class Counter:
    """What every answer is made from: the store, the library, the judge of secrets, how due dates are written,
    and what becomes of loans that were made off-line.
    """

    store: Store
    library: Library
    judge: SecretJudge
    due_form: DueForm = DueForm.SIP
    events: EventPolicy = field(default_factory=EventPolicy)

    def moment(self, told: datetime | None) -> datetime | None:
        """What a terminal *told* as a moment: without a zone it is the library's own time."""
        if told is None:
            return None
        try:
            if told.tzinfo is not None:
                return told.astimezone(UTC)
            zone = self.library.zone
            return (told if zone is None else told.replace(tzinfo=zone)).astimezone(UTC)
        except (OverflowError, ValueError, OSError):
            # A clock at the edge of the calendar is a clock that is not set.
            return None

    def clock_time(self) -> datetime:
        """The library's local time without a zone, to the second: what SIP2 sends as transaction date."""
        return self.library.local(self.library.now()).replace(tzinfo=None, microsecond=0)

    def due(self, day: date) -> Due:
        """*day* as the text of AH."""
        text = f"{day:%Y%m%d}    235900" if self.due_form is DueForm.SIP else day.isoformat()
        return Due(day, text)

    def is_login_right(self, name: str, secret: Secret) -> bool:
        """Whether a terminal *name* with *secret* may work here.  Slow on purpose."""
        return is_terminal(self.store, self.judge, name, secret)

    def status(self) -> ServerStatus:
        """98: what this server does."""
        return ServerStatus(
            is_online=True,
            may_check_in=True,
            may_check_out=True,
            may_renew=True,
            may_update_status=False,
            may_work_offline=True,
            timeout_tenths=TIMEOUT_TENTHS,
            retries=RETRIES,
            at=self.clock_time(),
            version="2.00",
            institution=self.library.institution,
            library=self.library.name,
            supported=SUPPORTED,
        )

    def patron_status(self, request: PatronStatusRequest) -> PatronStatusResponse:
        """24: how the patron stands, without lists."""
        known = self._look_up(request.patron, request.patron_password)
        report = known.shown
        return PatronStatusResponse(
            status=known.flags,
            language=request.language,
            at=self.clock_time(),
            institution=self.library.institution,
            patron=request.patron,
            name="" if report is None else report.patron.name,
            is_valid=known.report is not None,
            is_password_valid=known.is_pin_right,
            currency=self.library.currency,
            fee_amount="" if report is None else write_money(report.owed),
            screen_messages=known.texts(request.language),
            extra=known.reasons,
        )

    def patron_information(self, request: PatronInformation) -> PatronInformationResponse:
        """64: the patron, counts, limits, and the list that was asked for.

        Behind a wrong PIN there is nothing to read: no name, no count, no list.
        """
        known = self._look_up(request.patron, request.patron_password)
        response = PatronInformationResponse(
            status=known.flags,
            language=request.language,
            at=self.clock_time(),
            hold_count=0,
            overdue_count=0,
            charged_count=0,
            fine_count=0,
            recall_count=0,
            unavailable_count=0,
            institution=self.library.institution,
            patron=request.patron,
            is_valid=known.report is not None,
            is_password_valid=known.is_pin_right,
            screen_messages=known.texts(request.language),
            extra=known.reasons,
        )
        return response if known.shown is None else self._filled(response, known.shown, request)

    def end_session(self, request: EndSession) -> EndSessionResponse:
        """36: nothing is kept of a session here, so it can always be ended."""
        return EndSessionResponse(
            is_ended=True,
            at=self.clock_time(),
            institution=self.library.institution,
            patron=request.patron,
        )

    def is_pin_wrong(self, patron: PatronId, pin: Secret) -> bool:
        """Whether *pin* was given and is not that of *patron*; an unknown patron is another matter."""
        if not pin:
            return False
        try:
            number = patron_id(patron.reveal())
        except BadIdentifier:
            return False
        with self.store.reading() as connection:
            found = queries.find_patron(connection, number)
        return found is not None and not self.judge.is_right(found.pin_hash, pin)

    def _look_up(self, number: PatronId, pin: Secret) -> _Known:
        try:
            parsed = patron_id(number.reveal())
        except BadIdentifier:
            return _Known(None)
        with self.store.reading() as connection:
            report = report_patron(connection, self.library, parsed)
        if report is None or not pin:
            return _Known(report)
        return _Known(report, self.judge.is_right(report.patron.pin_hash, pin))

    def _filled(
        self, response: PatronInformationResponse, report: PatronReport, request: PatronInformation
    ) -> PatronInformationResponse:
        waiting = [hold.item for hold in report.holds if hold.is_on_shelf]
        lists: dict[Summary, list[str]] = {
            Summary.HOLDS: list(waiting),
            Summary.OVERDUE: [loan.item for loan in report.overdue],
            Summary.CHARGED: [loan.item for loan in report.loans],
            Summary.FINES: [fee.item for fee in report.fees if fee.item is not None],
            Summary.UNAVAILABLE_HOLDS: [hold.item for hold in report.holds if not hold.is_on_shelf],
        }
        first = max(1, request.first or 1)
        last = (
            len(report.loans) + len(report.holds) + len(report.fees) if request.last is None else request.last
        )
        asked = {request.summary: tuple(lists.get(request.summary, ())[first - 1 : max(last, 0)])}
        fees = self._fees(report, request.language) if request.summary is Summary.FEE_DETAIL else ()
        ceiling = report.patron.terms.fees_ceiling_minor
        return replace(
            response,
            hold_count=len(waiting),
            overdue_count=len(report.overdue),
            charged_count=len(report.loans),
            fine_count=len(report.fees),
            unavailable_count=len(report.holds) - len(waiting),
            name=report.patron.name,
            hold_limit=report.patron.holds_max,
            overdue_limit=report.patron.terms.overdue_max,
            charged_limit=report.patron.terms.loans_max,
            currency=self.library.currency,
            fee_amount=write_money(report.owed),
            fee_limit="" if ceiling is None else write_money(self.library.money(ceiling)),
            hold_items=asked.get(Summary.HOLDS, ()),
            overdue_items=asked.get(Summary.OVERDUE, ()),
            charged_items=asked.get(Summary.CHARGED, ()),
            fine_items=asked.get(Summary.FINES, ()),
            unavailable_items=asked.get(Summary.UNAVAILABLE_HOLDS, ()),
            extra=response.extra + fees,
        )

    def _fees(self, report: PatronReport, language: str) -> Pairs:
        """Each open fee, oldest first: CG its number, FA the amount, FB the item, FC since when, FD the title, FF what
        it is for.
        """
        pairs: list[tuple[str, str]] = []
        for fee in report.fees[:FEES_MAX]:
            pairs += [
                ("CG", fee.reference),
                ("FA", write_money(self.library.money(fee.amount_minor))),
                ("FC", f"{fee.charged_on:%Y%m%d}    000000"),
                ("FF", fee_text(fee.kind, language)),
            ]
            if fee.item is not None:
                pairs += [("FB", fee.item), ("FD", fee.title)]
        return tuple(pairs)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found about a patron; *is_pin_right* None when no PIN was given."""

    report: PatronReport | None
    is_pin_right: bool | None = None

    @property
    def shown(self) -> PatronReport | None:
        """The report, unless a wrong PIN forbids showing it."""
        return None if self.is_pin_right is False else self.report

    @property
    def refusals(self) -> tuple[Reason, ...]:
        if self.report is None:
            return (Reason.PATRON_UNKNOWN,)
        return (Reason.WRONG_PIN,) if self.shown is None else self.report.refusals

    @property
    def flags(self) -> PatronFlag:
        flags = NO_FLAGS
        for reason in self.refusals:
            flags |= _FLAGS.get(reason, NO_FLAGS)
        return flags

    @property
    def reasons(self) -> Pairs:
        return tuple((REASON_FIELD, reason.value) for reason in self.refusals)

    def texts(self, language: str) -> tuple[str, ...]:
        return tuple(reason_text(reason, language) for reason in self.refusals)
