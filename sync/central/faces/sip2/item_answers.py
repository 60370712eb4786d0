"""Answers 11, 29, 09 and 17: lending, renewing, checking in, and what an item is."""

from __future__ import annotations

from typing import TypeVar

from sync.central.circulation import facts, lending, returning
from sync.central.circulation.facts import ItemReport
from sync.central.circulation.lending import Lent, NotLent, Wish
from sync.central.faces.sip2 import offline
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.in_time import in_time
from sync.central.faces.sip2.texts import (
    alert_text,
    not_cancelled_text,
    reason_text,
)
from sync.central.store.records import ItemRecord
from sync.entries import Alert, BadIdentifier, Reason, item_id, patron_id
from sync.rules.terms import Condition
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.fields import NO_PATRON
from sync.servers.sip2.messages import (
    LEND_INCOMPLETE_FIELD,
    PARTS_FIELD,
    REASON_FIELD,
    Checkin,
    CheckinResponse,
    Checkout,
    CheckoutResponse,
    ItemInformation,
    ItemInformationResponse,
    LoanResponse,
    RenewRequest,
    RenewResponse,
)
from sync.servers.sip2.money import write_money

_RENTAL = "06"
_OTHER_FEE = "01"
_SPECIAL_HANDLING = "99"
_ALERT_TYPES = {
    Alert.HOLD_HERE: "01",
    Alert.HOLD_AT_BRANCH: "02",
    Alert.HOLD_FOR_ILL: "03",
    Alert.OTHER_BRANCH: "04",
    Alert.OTHER: _SPECIAL_HANDLING,
}
_STATUS = {
    Condition.IN_PROCESS: "06",
    Condition.IN_TRANSIT: "10",
    Condition.LOST: "12",
    Condition.MISSING: "13",
    Condition.DAMAGED: "01",
    Condition.WITHDRAWN: "01",
}


Response = TypeVar("Response", bound=LoanResponse)


def check_out(counter: Counter, request: Checkout, terminal: str, language: str) -> CheckoutResponse:
    """12: lent, renewed (SC renewal policy Y and the reader has it already), or exactly why not.

    A PIN that is given must be right.  BI, which asks to cancel, is refused and never lends.  With no block Y and
    a nb due date the loan was made off-line: it is recorded as that (`offline.py`).
    """
    if request.cancel:
        outcome: Lent | NotLent = NotLent(Reason.NOT_DONE)
        texts: tuple[str, ...] = (not_cancelled_text(language),)
    elif request.no_block and request.no_block_due is not None:
        outcome = offline.record(counter, request, terminal)
        texts = _texts(outcome, language)
    else:
        outcome = _ask(counter, request, terminal, renew_own=request.may_renew)
        texts = _texts(outcome, language)
    return _loan_answer(counter, CheckoutResponse, request, outcome, texts)


def renew(counter: Counter, request: RenewRequest, terminal: str, language: str) -> RenewResponse:
    """30: lengthened, or exactly why not.  An item that is named by its title only (AJ) is unknown here."""
    outcome = _ask(counter, request, terminal)
    return _loan_answer(counter, RenewResponse, request, outcome, _texts(outcome, language))


def _ask(
    counter: Counter, request: Checkout | RenewRequest, terminal: str, *, renew_own: bool = False
) -> Lent | NotLent:
    if counter.is_pin_wrong(request.patron, request.patron_password):
        return NotLent(Reason.WRONG_PIN)
    try:
        patron = patron_id(request.patron.reveal())
    except BadIdentifier:
        return NotLent(Reason.PATRON_UNKNOWN)
    try:
        item = item_id(request.item)
    except BadIdentifier:
        return NotLent(Reason.ITEM_UNKNOWN)
    wish = Wish(item, patron, terminal, request.fee_acknowledged is True, renew_own)
    act = lending.renew if isinstance(request, RenewRequest) else lending.lend
    return in_time(counter, lambda connection: act(connection, counter.library, wish))


def _texts(outcome: Lent | NotLent, language: str) -> tuple[str, ...]:
    if isinstance(outcome, Lent):
        return ()
    return (reason_text(outcome.reason, language),)


def _loan_answer(
    counter: Counter,
    form: type[Response],
    request: Checkout | RenewRequest,
    outcome: Lent | NotLent,
    texts: tuple[str, ...],
) -> Response:
    item, fee = outcome.item, outcome.fee
    is_lent = isinstance(outcome, Lent)
    return form(
        ok=is_lent,
        renewal_ok=isinstance(outcome, Lent) and outcome.is_renewed,
        is_magnetic=item.is_magnetic if is_lent and item is not None else None,
        desensitize=_is_released(request, outcome),
        at=counter.clock_time(),
        institution=counter.library.institution,
        patron=request.patron,
        item=request.item,
        title="" if item is None else item.title,
        due=counter.due(outcome.loan.due_on) if isinstance(outcome, Lent) else NOT_DUE,
        fee_type="" if fee is None else _RENTAL,
        security_inhibit=True if is_lent and item is not None and item.stays_secured else None,
        currency="" if fee is None else fee.currency,
        fee_amount="" if fee is None else write_money(fee),
        media_type="" if item is None else item.media_code,
        transaction=str(outcome.loan.id) if isinstance(outcome, Lent) else "",
        screen_messages=texts,
        extra=((REASON_FIELD, outcome.reason.value),) if isinstance(outcome, NotLent) else (),
    )


def _is_released(request: Checkout | RenewRequest, outcome: Lent | NotLent) -> bool:
    """Whether the security may be switched off: for what leaves with the reader now, unless it stays
    secured.
    """
    return isinstance(outcome, Lent) and isinstance(request, Checkout) and not outcome.item.stays_secured


def check_in(counter: Counter, request: Checkin, terminal: str, language: str) -> CheckinResponse:
    """10: taken back.  Ok for every item of the library, on loan or not; N only for one that is unknown here.

    BI marks a loan that is taken back because the item never left.  The return date counts; with no block Y, the
    item came back off-line, and a loan that began after that is never closed.  AA is there exactly when a loan ended,
    AH says when it had to be back, BV what being late costs.
    """
    try:
        number = item_id(request.item)
    except BadIdentifier:
        outcome = returning.CheckedIn(None)
    else:
        outcome = in_time(
            counter,
            lambda connection: returning.check_in(
                connection,
                counter.library,
                number,
                terminal,
                is_undo=request.cancel is True,
                at=counter.moment(request.returned_at),
                is_late=request.no_block,
            ),
        )
    item = outcome.item
    if item is None:
        return CheckinResponse(
            ok=False,
            resensitize=False,
            is_magnetic=None,
            alert=True,
            at=counter.clock_time(),
            institution=counter.library.institution,
            item=request.item,
            alert_type=_SPECIAL_HANDLING,
            screen_messages=(reason_text(Reason.ITEM_UNKNOWN, language),),
            extra=((REASON_FIELD, Reason.ITEM_UNKNOWN.value),),
        )
    return _taken_back(counter, request, outcome, item, language)


def _taken_back(
    counter: Counter, request: Checkin, outcome: returning.CheckedIn, item: ItemRecord, language: str
) -> CheckinResponse:
    closed, routed, fee = outcome.closed, outcome.routed, outcome.fee
    alert = routed.alert
    return CheckinResponse(
        ok=True,
        resensitize=True,
        is_magnetic=item.is_magnetic,
        alert=alert is not None,
        at=counter.clock_time(),
        institution=counter.library.institution,
        item=request.item,
        permanent_location=item.branch or item.location,
        title=item.title,
        sort_bin=routed.sort_bin,
        patron=NO_PATRON if closed is None else closed.patron,
        media_type=item.media_code,
        alert_type="" if alert is None else _ALERT_TYPES[alert],
        destination=routed.destination,
        location=routed.location,
        collection=item.collection,
        call_number=item.call_number,
        hold_patron=NO_PATRON if routed.hold is None else routed.hold.patron,
        due=NOT_DUE if closed is None else counter.due(closed.due_on),
        currency="" if fee is None else fee.currency,
        fee_amount="" if fee is None else write_money(fee),
        screen_messages=() if alert is None else (alert_text(alert, language),),
    )


def item_information(counter: Counter, request: ItemInformation, language: str) -> ItemInformationResponse:
    """18: how the item stands; for one that is unknown, status 01, no title and ZR."""
    try:
        number = item_id(request.item)
    except BadIdentifier:
        report = None
    else:
        with counter.store.reading() as connection:
            report = facts.report_item(connection, number)
    if report is None:
        return ItemInformationResponse(
            circulation_status="01",
            security_marker="00",
            fee_kind=_OTHER_FEE,
            at=counter.clock_time(),
            item=request.item,
            screen_messages=(reason_text(Reason.ITEM_UNKNOWN, language),),
            extra=((REASON_FIELD, Reason.ITEM_UNKNOWN.value),),
        )
    return _item_answer(counter, request, report, language)


def _item_answer(
    counter: Counter, request: ItemInformation, report: ItemReport, language: str
) -> ItemInformationResponse:
    item, refusal = report.item, report.refusal
    costs = item.checkout_fee_minor > 0
    extra = [
        ("CR", item.collection),
        (PARTS_FIELD, str(item.parts)),
        (LEND_INCOMPLETE_FIELD, "Y" if item.lend_incomplete else "N"),
    ]
    if item.call_number:
        extra.append(("CS", item.call_number))
    if refusal is not None:
        extra.append((REASON_FIELD, refusal.value))
    return ItemInformationResponse(
        circulation_status=_circulation_status(report),
        security_marker="00",
        fee_kind=_RENTAL if costs else _OTHER_FEE,
        at=counter.clock_time(),
        hold_queue_length=len(report.holds),
        due=NOT_DUE if report.loan is None else counter.due(report.loan.due_on),
        item=request.item,
        title=item.title,
        owner=counter.library.institution,
        currency=counter.library.currency if costs else "",
        fee_amount=write_money(counter.library.money(item.checkout_fee_minor)) if costs else "",
        media_type=item.media_code,
        permanent_location=item.location,
        screen_messages=() if refusal is None else (reason_text(refusal, language),),
        extra=tuple(extra),
    )


def _circulation_status(report: ItemReport) -> str:
    """The code of SIP 2.00: what staff recorded comes before the loan, the loan before the hold shelf."""
    if report.item.condition is not Condition.IN_PLACE:
        return _STATUS[report.item.condition]
    if report.loan is not None:
        return "04"
    return "08" if any(hold.is_on_shelf for hold in report.holds) else "03"
