"""What staff decide about an event that was held: record it after all, or refuse it for good.

The terminal gets the decision when it tells the event again.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from sync.central.circulation import event_log
from sync.central.circulation.conflicts import Finding, close_exception, open_exceptions
from sync.central.circulation.library import Library
from sync.central.circulation.made import LoanFact, record_loan
from sync.central.circulation.policy import EventPolicy, Treatment
from sync.central.store import event_tables as e
from sync.central.store.sheet import Sheet
from sync.entries import Held, PatronId, Reason, Refused
from sync.events import LoanMade, Outcome, from_json


def decide(
    connection: Connection,
    library: Library,
    policy: EventPolicy,
    event: int,
    by: str,
    *,
    is_recorded: bool,
    note: str = "",
) -> Outcome | None:
    """What the held event in row *event* is answered with from now on; None when it is not held any more.

    *is_recorded*: the loan stands, whatever speaks against it; where item or card are still unknown it stays held.
    Otherwise, and where the terminal itself took it back since, it is refused.  *by* is who decided; the event's cases
    are closed with that and with *note*.  What recording it finds that nobody was told of yet, as a loan that it ends,
    opens a case.  Needs a writing transaction.
    """
    row = connection.execute(select(e.events).where(e.events.c.id == event).with_for_update()).one_or_none()
    if row is None or row.patron is None:
        return None
    now = from_json(Outcome, row.decision or row.outcome)
    if not isinstance(now.answer, Held):
        return None
    is_taken_back = event_log.is_undone(connection, row)
    is_recorded = is_recorded and not is_taken_back
    loan: int | None = None
    findings: tuple[Finding, ...] = ()
    if is_recorded:
        made = event_log.told_event(row)
        if not isinstance(made, LoanMade) or made.promised_due is None:
            return None
        everything = replace(
            policy,
            unknown=Treatment.HOLD,
            card_stopped=Treatment.APPLY,
            item_not_lent=Treatment.APPLY,
            limit=Treatment.APPLY,
            on_loan_to_other=Treatment.APPLY,
        )
        fact = LoanFact(
            made.item, PatronId(row.patron), row.at, made.promised_due, row.terminal, made.fee_consented
        )
        sheet = Sheet(connection, library.now(), (made.item,), (made.patron,), since=row.at)
        verdict = record_loan(sheet, library, everything, fact)
        sheet.write()
        if isinstance(verdict.answer, Held):
            return now
        loan = None if verdict.loan is None else sheet.loan(verdict.loan).id
        outcome, findings = replace(now, answer=verdict.answer), verdict.findings
    else:
        outcome = replace(now, answer=Refused(Reason.OTHER))
    event_log.decide(connection, event, outcome, loan)
    cases = connection.execute(
        select(e.exceptions.c.id, e.exceptions.c.kind, e.exceptions.c.closed_at).where(
            e.exceptions.c.event == event
        )
    ).all()
    said = "taken back" if is_taken_back else "recorded" if is_recorded else "refused"
    for case in cases:
        if case.closed_at is None:
            close_exception(connection, case.id, library.now(), by, f"{said}: {note}" if note else said)
    known = {case.kind for case in cases}
    news = [(finding, event) for finding in findings if finding.kind.value not in known]
    open_exceptions(connection, library.now(), row.terminal, news)
    return outcome
