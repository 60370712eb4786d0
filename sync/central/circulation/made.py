"""Records what terminals made without central: loans that are facts, and loans that never came about.

`timeline.py` has the table of where a loan belongs; here stands what the library's terms say against it, and what
is done about that (`policy.py`).  Nothing is written; that is the sheet's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sync.central.circulation.conflicts import Conflict, Finding
from sync.central.circulation.lending import charge_fee
from sync.central.circulation.library import Library
from sync.central.circulation.policy import DueRule, EventPolicy, Treatment
from sync.central.circulation.states import Case, case_on
from sync.central.circulation.timeline import Already, Ending, Place, not_before, place
from sync.central.store.records import CloseHow, ItemRecord, LoanRecord, MarkKind, MarkRecord
from sync.central.store.sheet import Sheet
from sync.entries import Answer, Due, Granted, Held, ItemId, Money, PatronId, Reason, Refused
from sync.rules.due import NeverOpen, due_day
from sync.rules.lending import item_refusal, patron_refusals, refusal_between
from sync.rules.limits import limit_refusal


@dataclass(frozen=True, slots=True)
class LoanFact:
    """*terminal* lent *item* to *patron* at *at* (in central's time) and promised *promised_due*."""

    item: ItemId
    patron: PatronId
    at: datetime
    promised_due: date
    terminal: str
    fee_consented: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it: the *answer*, what staff have to look at, and the *loan* that was made (its id), if any.

    *taken_back* is a loan that never came about: its fee and its hold have to be put right once it is written.
    *reckoned* is a loan that ended earlier than was known: its fee has to be.  *ended* is the loan that a return ended,
    *hold* the one that the item waits for now.
    """

    answer: Answer
    findings: tuple[Finding, ...] = ()
    loan: int | None = None
    taken_back: LoanRecord | None = None
    reckoned: LoanRecord | None = None
    ended: int | None = None
    hold: int | None = None


def corrected(
    policy: EventPolicy, now: datetime, at: datetime, offset_seconds: float | None
) -> tuple[datetime, bool]:
    """*at* by central's clock, and whether it lay too far ahead and counts as *now*.

    A terminal that does not know its offset is taken at its word.
    """
    moment = at + timedelta(seconds=offset_seconds or 0.0)
    if moment > now + timedelta(seconds=policy.ahead_seconds_max):
        return now, True
    return moment, False


def record_loan(sheet: Sheet, library: Library, policy: EventPolicy, fact: LoanFact) -> Verdict:
    """Records *fact* on *sheet*, which has to know its item and patron and the item's history since then."""
    item, patron = sheet.items.get(fact.item), sheet.patrons.get(fact.patron)
    if item is None or patron is None:
        return _unknown(policy, fact, is_item_known=item is not None, is_patron_known=patron is not None)
    history = sheet.history(fact.item)
    marks = sheet.marks(fact.item)
    at = not_before(history, fact.at, fact.terminal, marks)
    found = place(history, marks, at, fact.patron, fact.terminal)
    if isinstance(found, Already):
        sheet.mark(
            MarkRecord(fact.item, at, MarkKind.LENT_AGAIN, fact.terminal, fact.patron, fact.promised_due)
        )
        return Verdict(_granted(item, found.loan.due_on))
    day = library.local(at).date()
    case = case_on(sheet, library, item, patron, day, None)
    objections = _objections(policy, fact, case, found, day)
    findings = tuple(finding for finding, _ in objections)
    treatments = {treatment for _, treatment in objections}
    if Treatment.HOLD in treatments:
        return Verdict(Held(), findings)
    if Treatment.REFUSE in treatments:
        reasons = [finding.reason for finding, treatment in objections if treatment is Treatment.REFUSE]
        return Verdict(Refused(reasons[0] or Reason.OTHER, item.title), findings)
    loan = _put(sheet, item, fact, found, at, _due(policy, fact, case, day))
    sheet.serve_hold(loan)
    fee = charge_fee(sheet, library, item, loan, fact.terminal) if fact.fee_consented else None
    return Verdict(_granted(item, loan.due_on, fee), findings, loan.id)


def _unknown(policy: EventPolicy, fact: LoanFact, *, is_item_known: bool, is_patron_known: bool) -> Verdict:
    findings = []
    if not is_item_known:
        findings.append(_finding(Conflict.ITEM_UNKNOWN, fact, Reason.ITEM_UNKNOWN))
    if not is_patron_known:
        findings.append(_finding(Conflict.PATRON_UNKNOWN, fact, Reason.PATRON_UNKNOWN))
    answer: Answer = Held()
    if policy.unknown is Treatment.REFUSE:
        answer = Refused(Reason.PATRON_UNKNOWN if is_item_known else Reason.ITEM_UNKNOWN)
    return Verdict(answer, tuple(findings))


def _granted(item: ItemRecord, due_on: date, fee: Money | None = None) -> Granted:
    return Granted(
        Due(due_on, due_on.isoformat()),
        item.title,
        release=not item.stays_secured,
        magnetic=item.is_magnetic,
        fee=fee,
    )


def _finding(
    kind: Conflict, fact: LoanFact, reason: Reason | None = None, other: LoanRecord | None = None
) -> Finding:
    return Finding(kind, fact.item, fact.patron, fact.at, fact.promised_due, reason, other)


def _objections(
    policy: EventPolicy, fact: LoanFact, case: Case, found: Place, day: date
) -> list[tuple[Finding, Treatment]]:
    """What speaks against the loan, the gravest first, and how the library treats each."""
    objections: list[tuple[Finding, Treatment]] = []

    def object_to(
        kind: Conflict, reason: Reason | None, treatment: Treatment, other: LoanRecord | None = None
    ) -> None:
        objections.append((_finding(kind, fact, reason, other), treatment))

    if found.cut is not None:
        reason = Reason.ITEM_ON_LOAN_TO_OTHER
        object_to(Conflict.IMPLIED_RETURN, reason, policy.on_loan_to_other, found.cut)
    if found.newer is not None and found.newer.patron != fact.patron:
        object_to(Conflict.LENT_ON, None, Treatment.APPLY, found.newer)
    stopped = patron_refusals(case.patron_state, case.terms.category, day)
    if stopped:
        object_to(Conflict.CARD_STOPPED, stopped[0], policy.card_stopped)
    not_lent = item_refusal(case.item_state) or refusal_between(
        case.item_state, case.patron_state, case.terms, day
    )
    if not_lent is not None:
        object_to(Conflict.ITEM_NOT_LENT, not_lent, policy.item_not_lent)
    if found.ending is None and limit_refusal(case.patron_state, case.terms.category, case.terms.loan):
        object_to(Conflict.LIMIT_REACHED, Reason.LIMIT_REACHED, policy.limit)
    if case.item_state.checkout_fee_minor > 0 and not fact.fee_consented:
        object_to(Conflict.FEE_NOT_AGREED, Reason.FEE_NEEDS_CONSENT, Treatment.APPLY)
    return objections


def _due(policy: EventPolicy, fact: LoanFact, case: Case, day: date) -> date:
    if policy.due is DueRule.PROMISED or case.terms.loan.loan_days <= 0:
        return fact.promised_due
    try:
        by_terms = due_day(day, case.terms.loan.loan_days, case.terms.calendar)
    except NeverOpen:
        return fact.promised_due
    return by_terms if policy.due is DueRule.POLICY else max(fact.promised_due, by_terms)


def _put(
    sheet: Sheet, item: ItemRecord, fact: LoanFact, found: Place, at: datetime, due_on: date
) -> LoanRecord:
    cut, resumed = found.cut, found.resumed
    if cut is not None:
        how = CloseHow.UNDONE if cut.closed_how is CloseHow.UNDONE else CloseHow.IMPLIED
        sheet.close(cut, at, how, fact.terminal)
    loan = sheet.lend(item, fact.patron, at, due_on, fact.terminal)
    if cut is not None and resumed is not None:
        again = sheet.lend(item, cut.patron, resumed.at, resumed.due_on or cut.due_on, resumed.terminal)
        if cut.closed_at is not None and cut.closed_how is not None:
            sheet.close(again, cut.closed_at, cut.closed_how, cut.closed_terminal)
    return _end(sheet, loan, found.ending)


def _end(sheet: Sheet, loan: LoanRecord, ending: Ending | None) -> LoanRecord:
    return loan if ending is None else sheet.close(loan, ending.at, ending.how, ending.terminal)


def undo_loan(
    sheet: Sheet, item: ItemId, patron: PatronId, at: datetime, terminal: str, loan_id: int | None
) -> Verdict:
    """Ends the loan *loan_id* (None: the event that is undone made none) as one that never came about.

    Only that loan, whatever else became of the item: one that began later is never closed.
    """
    found = sheet.items.get(item)
    done = Granted(Due(None), "" if found is None else found.title, release=False)
    loan = None if loan_id is None else sheet.loan(loan_id)
    if loan is None or loan.item != item or loan.patron != patron:
        current = sheet.open_loan(item)
        if current is None or current.patron != patron or current.terminal != terminal:
            return Verdict(done)
        return Verdict(done, (Finding(Conflict.UNDO_UNKNOWN, item, patron, at, other=current),))
    if loan.closed_how is CloseHow.UNDONE:
        return Verdict(done)
    findings: tuple[Finding, ...] = ()
    if loan.closed_how is CloseHow.IMPLIED:
        newer = next(
            (other for other in sheet.history(item) if other.lent_at >= loan.lent_at and other != loan), None
        )
        findings = (Finding(Conflict.NEWER_LOAN, item, patron, at, other=newer),)
    ended_at = at if loan.closed_at is None else min(at, loan.closed_at)
    return Verdict(done, findings, taken_back=sheet.close(loan, ended_at, CloseHow.UNDONE, terminal))
