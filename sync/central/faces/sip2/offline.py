"""11 with no block Y and a nb due date: a loan that the terminal has made without central, and now tells.

SIP 2.00 means it so, and no server that was tried obeys it.  There is no key: the same loan told again is found on the
patron's account, and answered with the day it is due, never renewed.
"""

from __future__ import annotations

from sync.central.circulation.conflicts import open_exceptions
from sync.central.circulation.lending import Lent, NotLent
from sync.central.circulation.made import LoanFact, corrected, record_loan
from sync.central.faces.sip2.answers import Counter
from sync.central.store.records import LoanRecord
from sync.central.store.sheet import Sheet
from sync.entries import BadIdentifier, Granted, Reason, Refused, item_id, patron_id
from sync.servers.sip2.messages import Checkout


def record(counter: Counter, request: Checkout, terminal: str) -> Lent | NotLent:
    """What became of the loan that *request* tells.

    SIP2 cannot say "held": what staff have to decide is answered as refused, and is on their list.
    """
    try:
        patron = patron_id(request.patron.reveal())
    except BadIdentifier:
        return NotLent(Reason.PATRON_UNKNOWN)
    try:
        item = item_id(request.item)
    except BadIdentifier:
        return NotLent(Reason.ITEM_UNKNOWN)
    told_due = counter.moment(request.no_block_due)
    if told_due is None:
        return NotLent(Reason.NOT_DONE)
    library = counter.library
    with counter.store.writing() as connection:
        now = library.now()
        at, _ = corrected(counter.events, now, counter.moment(request.at) or now, None)
        consented = request.fee_acknowledged is True
        fact = LoanFact(item, patron, at, library.local(told_due).date(), terminal, consented)
        sheet = Sheet(connection, now, (item,), (patron,), since=at)
        verdict = record_loan(sheet, library, counter.events, fact)
        sheet.write()
        open_exceptions(connection, now, terminal, [(finding, None) for finding in verdict.findings])
        found = sheet.items.get(item)
        if isinstance(verdict.answer, Refused):
            return NotLent(verdict.answer.reason, found)
        if not isinstance(verdict.answer, Granted) or verdict.answer.due.day is None or found is None:
            reasons = [finding.reason for finding in verdict.findings if finding.reason is not None]
            return NotLent(reasons[0] if reasons else Reason.OTHER, found)
        loan = _loan_of(sheet, fact, verdict.loan)
        return NotLent(Reason.OTHER, found) if loan is None else Lent(found, loan, False, verdict.answer.fee)


def _loan_of(sheet: Sheet, fact: LoanFact, made: int | None) -> LoanRecord | None:
    """The loan that was made, or the one that the patron has had already."""
    if made is not None:
        return sheet.loan(made)
    theirs = [loan for loan in sheet.history(fact.item) if loan.patron == fact.patron]
    return theirs[-1] if theirs else None
