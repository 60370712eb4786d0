"""Turns what the services say into what goes out as JSON."""

from __future__ import annotations

from sync.central.circulation.facts import ItemReport, PatronReport
from sync.central.circulation.lending import Lent
from sync.central.circulation.library import Library
from sync.central.circulation.returning import CheckedIn
from sync.central.faces.rest import shapes
from sync.entries import ItemId


def item_shape(report: ItemReport, library: Library) -> shapes.Item:
    """How an item stands."""
    item = report.item
    return shapes.Item(
        number=item.number,
        title=item.title,
        author=item.author,
        item_type=item.item_type,
        collection=item.collection,
        call_number=item.call_number,
        location=item.location,
        price=None if item.price_minor is None else shapes.Amount.of(library.money(item.price_minor)),
        parts=item.parts,
        lend_incomplete=item.lend_incomplete,
        magnetic=item.is_magnetic,
        stays_secured=item.stays_secured,
        age_min_years=item.age_min_years,
        checkout_fee=shapes.Amount.of(library.money(item.checkout_fee_minor)),
        refusal=report.refusal,
        due_on=None if report.loan is None else report.loan.due_on,
        holds=len(report.holds),
        is_on_hold_shelf=any(hold.is_on_shelf for hold in report.holds),
    )


def patron_shape(report: PatronReport) -> shapes.Patron:
    """How a patron stands."""
    overdue = {loan.id for loan in report.overdue}
    return shapes.Patron(
        number=report.patron.number.reveal(),
        name=report.patron.name,
        category=report.patron.category,
        expires_on=report.patron.expires_on,
        refusals=report.refusals,
        loans_max=report.patron.terms.loans_max,
        loans=tuple(
            shapes.AccountLoan(
                id=loan.id,
                item=loan.item,
                title=loan.title,
                due_on=loan.due_on,
                renewals=loan.renewals,
                is_overdue=loan.id in overdue,
            )
            for loan in report.loans
        ),
        holds=tuple(
            shapes.AccountHold(
                item=hold.item,
                title=hold.title,
                is_on_shelf=hold.is_on_shelf,
                pickup_location=hold.pickup_location or hold.pickup_branch,
                queue=report.queue[hold.id],
            )
            for hold in report.holds
        ),
        fees=tuple(
            shapes.AccountFee(
                id=fee.reference,
                amount=shapes.Amount(minor_units=fee.amount_minor, currency=report.owed.currency),
                kind=fee.kind,
                item=fee.item,
                title=fee.title,
                since=fee.charged_on,
            )
            for fee in report.fees
        ),
        owed=shapes.Amount.of(report.owed),
    )


def loan_shape(outcome: Lent) -> shapes.Loan:
    """The loan that was made or lengthened."""
    loan = outcome.loan
    return shapes.Loan(
        id=loan.id,
        item=loan.item,
        title=loan.title,
        lent_at=loan.lent_at,
        due_on=loan.due_on,
        renewals=loan.renewals,
        is_renewed=outcome.is_renewed,
        release=not outcome.item.stays_secured,
        magnetic=outcome.item.is_magnetic,
        fee=None if outcome.fee is None else shapes.Amount.of(outcome.fee),
    )


def return_shape(number: ItemId, outcome: CheckedIn) -> shapes.Return:
    """What became of an item that came back."""
    item, closed, routed = outcome.item, outcome.closed, outcome.routed
    return shapes.Return(
        item=number,
        title="" if item is None else item.title,
        is_known=item is not None,
        closed_loan=None if closed is None else closed.id,
        is_undone=outcome.is_undone,
        is_waited_for=outcome.hold is not None,
        magnetic=None if item is None else item.is_magnetic,
        due_on=None if closed is None else closed.due_on,
        fee=None if outcome.fee is None else shapes.Amount.of(outcome.fee),
        alert=routed.alert,
        destination=routed.destination,
        location=routed.location,
        sort_bin=routed.sort_bin,
        condition=routed.condition,
    )
