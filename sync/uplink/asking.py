"""What a server is asked to find out what became of an entry, as far as it can tell; nothing of it has an effect.

Of loans, renewals and their undoing: the patron, then the item.  Of an item that was given back: that item alone,
nobody said whose it is.  Of a payment: the patron's account; nothing where the server knows the payment by its number:
told again, it answers as the first time, whoever settled the same fees meanwhile.
"""

from __future__ import annotations

from sync.entries import GiveBack, ItemId, PatronId, Pay
from sync.questions import AboutAccount, AboutItem, AboutPatron, AccountFacts, ItemFacts, PatronFacts
from sync.servers.ils import Server
from sync.uplink.doubt import NOT_DONE, judge
from sync.uplink.reports import Verdict
from sync.uplink.steps import AskAbout


def asked_about(server: Server, step: AskAbout) -> Verdict:
    """The verdict about the entry of *step*, after asking *server*.  Raises `ServerSilent` or `LoginRefused`."""
    entry, promise = step.entry, step.entry.promise
    match promise:
        case GiveBack():
            return judge(entry, _item(server, promise.item), None)
        case Pay() if server.capabilities().repeats_payments:
            return NOT_DONE
        case Pay():
            return judge(entry, None, None, account=_account(server, promise.patron))
        case _:
            # The patron goes first: what an item says of itself must not be older than the list.
            patron = None if promise.patron is None else _patron(server, promise.patron)
            item = _item(server, promise.item)
            return judge(entry, item, patron, was_sent=step.was_sent, is_given_up=step.is_given_up)


def _patron(server: Server, patron: PatronId) -> PatronFacts | None:
    if not server.capabilities().tells_loans:
        return None
    facts = server.ask(AboutPatron(patron))
    return facts if isinstance(facts, PatronFacts) else None


def _item(server: Server, item: ItemId) -> ItemFacts | None:
    if not server.capabilities().may_ask_items:
        return None
    facts = server.ask(AboutItem(item))
    return facts if isinstance(facts, ItemFacts) else None


def _account(server: Server, patron: PatronId) -> AccountFacts | None:
    facts = server.ask(AboutAccount(patron))
    return facts if isinstance(facts, AccountFacts) else None
