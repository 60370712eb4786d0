"""What an entry asks for, as text and back: the row that begins it, body and personal part.

Written out by hand where a reader waits for it: with a dictionary and an encoder the first wait would be half as long
again.  Every beginning has a personal part, also one that is about nobody: an open entry is found by its box.
"""

from __future__ import annotations

from typing import Any, Final, assert_never

from sync.entries import (
    EntryKey,
    FeeKind,
    FeePart,
    Flaw,
    GiveBack,
    IfGrantedLate,
    Intended,
    ItemId,
    Lend,
    Means,
    Money,
    PatronId,
    Pay,
    Promise,
    Renew,
    ReportCare,
    UndoLoan,
)
from sync.journal.values import (
    Json,
    checked,
    each,
    encode,
    from_due,
    from_moment,
    from_money,
    from_seconds,
    money_of,
    optional,
    quote,
    to_due,
    to_moment,
    to_money,
    to_seconds,
)

WIPED: Final = PatronId("")
"""Stands for a patron whose number was wiped: false, prints as dots, and no `patron_id` equals it."""

_TRUTH: Final = {True: "true", False: "false", None: "null"}
_LATE: Final = {True: IfGrantedLate.KEEP.value, False: IfGrantedLate.UNDO.value}


def from_intended(row: Intended, at: str) -> tuple[str, bytes]:
    """Body and personal part of *row*, whose moment is *at*.  Raises `ValueError`."""
    promise = row.promise
    asked_at = at if promise.at == row.at and promise.at.tzinfo is row.at.tzinfo else from_moment(promise.at)
    late = _LATE[promise.if_granted_late is IfGrantedLate.KEEP]
    item = "" if promise.item is None else f',"item":{quote(promise.item)}'
    name, rest, personal = _from_promise(promise)
    start = f'{{"at":"{at}","promise":"{name}"{item},"asked_at":"{asked_at}","late":"{late}",{rest}'
    since = "" if row.seconds is None else f',"seconds":{from_seconds(row.seconds)!r}'
    return f"{start}{since}}}", personal.encode("ascii")


def to_intended(body: Json, about: Json, key: EntryKey) -> Intended:
    """Inverse of `from_intended`; *about* is empty once it was wiped.  Raises what reading JSON raises."""
    seconds = body.get("seconds")
    at = to_moment(checked(body["at"], str))
    return Intended(key, at, _to_promise(body, about), None if seconds is None else to_seconds(seconds))


def from_patron(patron: PatronId) -> str:
    """A personal part that is the number of *patron*."""
    return f'{{"patron":{quote(patron.reveal())}}}'


def to_patron(about: Json) -> PatronId:
    """Inverse of `from_patron`, `WIPED` where nothing is left."""
    return PatronId(checked(about["patron"], str)) if about else WIPED


def _from_promise(promise: Promise) -> tuple[str, str, str]:
    """The name of *promise*, the rest of its body, and its personal part."""
    match promise:
        case Lend():
            personal = from_patron(promise.patron)
            if promise.charged_before is not None:
                personal = f'{personal[:-1]},"charged":[{",".join(map(quote, promise.charged_before))}]}}'
            return "lend", f'"fee":{_TRUTH[promise.fee_consented]}', personal
        case Renew():
            rest = f'"fee":{_TRUTH[promise.fee_consented]},"due":{encode(from_due(promise.due_before))}'
            return "renew", rest, from_patron(promise.patron)
        case UndoLoan():
            return "undo-loan", f'"undoes":"{promise.undoes}"', from_patron(promise.patron)
        case GiveBack():
            rest = f'"on_loan":{_TRUTH[promise.was_on_loan]},"due":{encode(from_due(promise.due_before))}'
            return "give-back", rest, "{}"
        case Pay():
            told = {
                "means": promise.means.value,
                "amount": from_money(promise.amount),
                "parts": [_from_part(part) for part in promise.parts],
                "owed": from_money(promise.owed_before),
                "mark": promise.mark_before,
            }
            return "pay", encode(told)[1:-1], from_patron(promise.patron)
        case ReportCare():
            flaws = encode([flaw.value for flaw in promise.flaws])
            return "report-care", f'"flaws":{flaws}', f'{{"by":{quote(promise.by)}}}'
        case _:
            assert_never(promise)


def _to_promise(body: Json, about: Json) -> Promise:
    at, late = to_moment(checked(body["asked_at"], str)), IfGrantedLate(body["late"])
    match body["promise"]:
        case "lend":
            charged: Any = about.get("charged")
            before = None if charged is None else tuple(ItemId(item) for item in each(charged))
            return Lend(_item(body), to_patron(about), at, checked(body["fee"], bool), before, late)
        case "renew":
            due, fee = to_due(body["due"]), checked(body["fee"], bool)
            return Renew(_item(body), to_patron(about), at, due, fee, late)
        case "undo-loan":
            undoes = EntryKey.parse(checked(body["undoes"], str))
            return UndoLoan(_item(body), to_patron(about), at, undoes, late)
        case "give-back":
            return GiveBack(_item(body), at, optional(body["on_loan"], bool), to_due(body["due"]), late)
        case "pay":
            parts = tuple([_to_part(*part) for part in checked(body["parts"], list)])
            amount, owed = money_of(body["amount"]), to_money(body["owed"])
            mark, means = checked(body["mark"], str), Means(body["means"])
            return Pay(to_patron(about), amount, parts, means, at, owed, mark, late)
        case "report-care":
            flaws = tuple([Flaw(flaw) for flaw in each(body["flaws"])])
            return ReportCare(_item(body), flaws, at, checked(about.get("by", ""), str), late)
        case _:
            raise ValueError("a promise of unknown kind")


def _item(body: Json) -> ItemId:
    return ItemId(checked(body["item"], str))


def _from_part(part: FeePart) -> list[Any]:
    return [part.fee, from_money(part.amount), part.kind.value, part.item]


def _to_part(fee: Any, amount: Any, kind: Any, item: Any) -> FeePart:
    named = optional(item, str)
    money: Money = money_of(amount)
    return FeePart(checked(fee, str), money, FeeKind(kind), None if named is None else ItemId(named))
