"""What the snapshot decides while the server is away: how a patron stands, and whether an item may be lent to them.

Pure: the day comes from the moment that is given, the decision from `sync.rules`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from drivers.masked import Secret
from sync.entries import Due, ItemId, PatronId, Reason
from sync.questions import AboutPatron, LendingFacts, MayLend, PatronFacts
from sync.rules.due import NeverOpen, due_day
from sync.rules.lending import patron_refusals
from sync.rules.offline import OfflineCase, OfflinePolicy, offline_refusal
from sync.rules.terms import CategoryTerms, ItemState, LentTo, LoanTerms, PatronState, Terms
from sync.snapshot.content import PatronOnRecord, Snapshot
from sync.snapshot.extract import ItemKind, ItemType


@dataclass(frozen=True, slots=True)
class OwnLoans:
    """What the terminal's own books know that the snapshot cannot, seen from one patron.

    *theirs* are the items it lent to this patron that the server has not settled yet, *others* those it lent to
    somebody else, *returned* those it took back since the snapshot was issued.  What came back is in neither of the
    first two.
    """

    theirs: Collection[ItemId] = ()
    others: Collection[ItemId] = ()
    returned: Collection[ItemId] = ()


NOTHING = OwnLoans()


def patron_facts(snapshot: Snapshot, question: AboutPatron, own: OwnLoans, now: datetime) -> PatronFacts:
    """How the patron stands by *snapshot* and the terminal's *own* loans.

    No name, no list of loans and no amount: the snapshot has none.  *is_pin_right* stays None here; judging a PIN is
    slow and is done by `pin_verdict`.  A patron whose number of loans is used up is not stopped by that alone: as with
    a server, the limit speaks at the next item.
    """
    found = snapshot.patron(question.patron)
    if found is None:
        return PatronFacts(question.patron, is_known=False)
    state = _patron_state(snapshot, found, own, (), "", snapshot.day_of(now))
    category = _category(snapshot, found)
    return PatronFacts(
        question.patron,
        is_known=True,
        blocks=patron_refusals(state, category, snapshot.day_of(now)),
        loan_count=state.loans,
        loan_limit=category.loans_max,
    )


def pin_verdict(snapshot: Snapshot, patron: PatronId, pin: Secret) -> bool | None:
    """Whether *pin* is the patron's; None when there is no such card, or no verifier for it in the snapshot.

    None counts as not verified.  Takes some tens of milliseconds, on purpose.
    """
    found = snapshot.patron(patron)
    if found is None or snapshot.pepper is None or not found.sealed_pin:
        return None
    return snapshot.pepper.is_pin_right(found.token, found.sealed_pin, pin)


def may_lend(
    snapshot: Snapshot, wish: MayLend, own: OwnLoans, now: datetime, policy: OfflinePolicy
) -> LendingFacts:
    """Whether the terminal may lend the item of *wish* by itself, and until when.

    An item or a card that the snapshot does not know waits for the server.  That the snapshot has an item on loan to
    somebody else does not stop it: it lies here, so it came back since (the library's own rule calls that an implied
    return); what this terminal itself lent and did not take back does.  `Due.text` is left empty.
    """
    kind, patron = snapshot.item(wish.item), snapshot.patron(wish.patron)
    if patron is None:
        return _refused(snapshot, wish, Reason.PATRON_UNKNOWN)
    item_type = None if kind is None else snapshot.terms.item_types.get(kind.type)
    if kind is None or item_type is None:
        return _refused(snapshot, wish, Reason.NOT_WITHOUT_SERVER)
    today = snapshot.day_of(now)
    already = tuple(item for item in wish.already if item != wish.item)
    terms = Terms(
        _category(snapshot, patron),
        snapshot.terms.loan_terms.get((patron.standing.category, kind.type), LoanTerms(0)),
        snapshot.terms.calendar,
    )
    refusal = offline_refusal(
        OfflineCase(
            item=_item_state(snapshot, wish.item, kind, item_type, patron, own),
            patron=_patron_state(snapshot, patron, own, already, kind.type, today),
            terms=terms,
            usage=wish.usage,
            provisional=len({*own.theirs, *already}),
        ),
        policy,
        today,
    )
    if refusal is not None:
        return _refused(snapshot, wish, refusal)
    try:
        due = due_day(today, terms.loan.loan_days, terms.calendar)
    except (NeverOpen, OverflowError):
        return _refused(snapshot, wish, Reason.NOT_WITHOUT_SERVER)
    return LendingFacts(
        wish.item,
        refusal=None,
        due=Due(due),
        release=not kind.stays_secured,
        magnetic=item_type.magnetic,
        snapshot_at=snapshot.issued_at,
    )


def _refused(snapshot: Snapshot, wish: MayLend, reason: Reason) -> LendingFacts:
    return LendingFacts(wish.item, refusal=reason, release=False, snapshot_at=snapshot.issued_at)


def _category(snapshot: Snapshot, patron: PatronOnRecord) -> CategoryTerms:
    # Debts and overdue items were judged at issue, by the real ceilings: here one unit or item too many stands for
    # "too much".
    return CategoryTerms(
        loans_max=snapshot.terms.loans_max.get(patron.standing.category, 0),
        fees_ceiling_minor=0,
        overdue_max=0,
        age_assumed_years=patron.standing.age_years,
    )


def _patron_state(
    snapshot: Snapshot,
    patron: PatronOnRecord,
    own: OwnLoans,
    already: tuple[ItemId, ...],
    item_type: str,
    today: date,
) -> PatronState:
    standing = patron.standing
    # What the server had at issue is counted there; an own loan that reached it before that is counted once.
    counted = {item for item in {*own.theirs, *already} if snapshot.on_loan.find(item) == patron.token}
    more = {*own.theirs, *already} - (counted - {*own.returned})
    kinds = [snapshot.item(item) for item in more]
    # What it counts and came back here since leaves room for another one.
    back = [item for item in own.returned if snapshot.on_loan.find(item) == patron.token]
    back_kinds = [snapshot.item(item) for item in back]
    overdue_from = standing.overdue_from
    return PatronState(
        card=standing.card,
        expires_on=standing.expires_on,
        blocks=int(standing.is_blocked),
        fees_owed_minor=int(standing.owes_too_much),
        loans=max(0, sum(patron.loans.values()) - len(back)) + len(more),
        loans_of_type=max(0, patron.loans.get(item_type, 0) - _of_type(back_kinds, item_type))
        + _of_type(kinds, item_type),
        overdue=int(overdue_from is not None and today >= overdue_from),
    )


def _of_type(kinds: Iterable[ItemKind | None], item_type: str) -> int:
    return sum(1 for kind in kinds if kind is not None and kind.type == item_type)


def _item_state(
    snapshot: Snapshot,
    item: ItemId,
    kind: ItemKind,
    item_type: ItemType,
    patron: PatronOnRecord,
    own: OwnLoans,
) -> ItemState:
    waiting = snapshot.on_hold.find(item)
    return ItemState(
        use=kind.use,
        condition=kind.condition,
        lent_to=_lent_to(snapshot, item, patron, own),
        is_held_for_other=waiting is not None and waiting != patron.token,
        age_min_years=kind.age_min_years,
        checkout_fee_minor=item_type.checkout_fee_minor,
    )


def _lent_to(snapshot: Snapshot, item: ItemId, patron: PatronOnRecord, own: OwnLoans) -> LentTo:
    if item in own.theirs:
        return LentTo.THIS_PATRON
    if item in own.others:
        return LentTo.SOMEBODY_ELSE
    if item not in own.returned and snapshot.on_loan.find(item) == patron.token:
        return LentTo.THIS_PATRON
    return LentTo.NOBODY
