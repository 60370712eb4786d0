"""A patron's account over SIP2: the lists of 63, each asked for by itself, with what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from sync.entries import BadIdentifier, Money, PatronId, item_id
from sync.questions import AccountFacts, FeeFact, HoldFact, LoanFact
from sync.servers.ils import ServerSilent
from sync.servers.sip2 import facts as facts_of
from sync.servers.sip2.asking import PAGES_MAX, Asking
from sync.servers.sip2.fees import fees_in_detail, fees_in_texts, owed_in_all
from sync.servers.sip2.fields import Summary
from sync.servers.sip2.line import Line
from sync.servers.sip2.meaning import shown
from sync.servers.sip2.messages import PatronInformationResponse
from sync.servers.sip2.settings import Sip2Settings

FEE_PAID: Final = 9
ITEM_STATUS_UPDATE: Final = 11
"""Where BX tells of 37 and 19."""

Texts = tuple[str, ...]

_COUNTS: Final[dict[Summary, Callable[[PatronInformationResponse], int | None]]] = {
    Summary.OVERDUE: lambda reply: reply.overdue_count,
    Summary.HOLDS: lambda reply: reply.hold_count,
    Summary.UNAVAILABLE_HOLDS: lambda reply: reply.unavailable_count,
    Summary.FINES: lambda reply: reply.fine_count,
}
_TEXTS: Final[dict[Summary, Callable[[PatronInformationResponse], Texts]]] = {
    Summary.HOLDS: lambda reply: reply.hold_items,
    Summary.UNAVAILABLE_HOLDS: lambda reply: reply.unavailable_items,
    Summary.FINES: lambda reply: reply.fine_items,
}
_NAMES: Final = {
    Summary.OVERDUE: "overdue",
    Summary.HOLDS: "holds",
    Summary.UNAVAILABLE_HOLDS: "unavailable",
    Summary.FINES: "fines",
}


class Accounts:
    """Asks for accounts over one line.  Raises `ServerSilent` and `LoginRefused` as `Line.request` does.

    A list that is not answered is not told, and neither are those after it: the first answer is enough for an account.
    """

    def __init__(self, line: Line, asking: Asking, settings: Sip2Settings) -> None:
        self._line = line
        self._asking = asking
        self._settings = settings
        self._profile = settings.profile

    @property
    def takes_payments(self) -> bool:
        """Whether 37 can be sent: the profile has it, and so has the server's own list, once that is known."""
        return "37" in self._profile.supports and self._line.offers(FEE_PAID) is True

    def account(self, patron: PatronId) -> AccountFacts:
        """By 63, once for each list that is not empty, or by 23."""
        self._line.make_ready()
        deadline = self._line.deadline()
        if "63" not in self._profile.supports:
            reply = self._asking.status_of(patron, None, deadline)
            facts = self._asking.facts_of_patron(reply, patron, None)
            owed = owed_in_all(reply, self._profile, self._settings.currency) if facts.is_known else None
            return self._told(
                AccountFacts(patron, facts.is_known, owed=owed, blocks=facts.blocks, messages=facts.messages),
                fees_in_texts((), owed),
            )
        first = self._asking.page(patron, None, Summary.CHARGED, None, deadline)
        facts = self._asking.facts_of_patron(first, patron, None)
        if not facts.is_known:
            return AccountFacts(patron, is_known=False, messages=facts.messages, takes_payments=False)
        lists = _Lists(self._asking, self._settings, patron, first, deadline)
        loans, count = lists.loans()
        owed = owed_in_all(first, self._profile, self._settings.currency)
        account = AccountFacts(
            patron,
            is_known=True,
            loans=loans,
            holds=lists.holds(),
            owed=owed,
            loan_count=count,
            loan_limit=facts_of.loan_limit(first, self._profile),
            blocks=facts.blocks,
            messages=facts.messages,
        )
        return self._told(account, lists.fees(owed))

    def owed(self, patron: PatronId, deadline: float) -> Money | None:
        """What *patron* owes in all, in one message; None where that cannot be told."""
        if "63" in self._profile.supports:
            reply = self._asking.page(patron, None, Summary.CHARGED, None, deadline)
            is_known = self._asking.facts_of_patron(reply, patron, None).is_known
            return owed_in_all(reply, self._profile, self._settings.currency) if is_known else None
        status = self._asking.status_of(patron, None, deadline)
        return owed_in_all(status, self._profile, self._settings.currency)

    def _told(self, account: AccountFacts, fees: tuple[FeeFact, ...] | None) -> AccountFacts:
        """*account* with its fees; money of another currency than the terminal's is shown, and never taken."""
        is_ours = account.owed is None or account.owed.currency == self._settings.currency
        return replace(
            account,
            fees=fees,
            takes_payments=self.takes_payments and is_ours and account.is_known,
            pays_several=self._profile.pays_several,
        )


class _Lists:
    """The lists of one account, which begins with *first*, the 64 with the charged items."""

    def __init__(
        self,
        asking: Asking,
        settings: Sip2Settings,
        patron: PatronId,
        first: PatronInformationResponse,
        deadline: float,
    ) -> None:
        self._asking = asking
        self._profile = settings.profile
        self._currency = settings.currency
        self._patron = patron
        self._first = first
        self._deadline = deadline
        self._is_silent = False

    def loans(self) -> tuple[tuple[LoanFact, ...] | None, int | None]:
        """The loans, the overdue ones first, and how many there are."""
        try:
            loans, count = self._asking.loans(self._patron, self._first, Summary.CHARGED, self._deadline)
            begin = self._begin(Summary.OVERDUE)
            if begin is None:
                return loans, count
            overdue, overdue_count = self._asking.loans(self._patron, begin, Summary.OVERDUE, self._deadline)
        except ServerSilent:
            self._is_silent = True
            return None, self._first.charged_count
        if self._profile.overdue_list == "apart" and count is not None and overdue_count is not None:
            count += overdue_count
        return self._asking.with_overdue(loans, overdue) if overdue is not None else loans, count

    def holds(self) -> tuple[HoldFact, ...] | None:
        """The holds, those that are ready first; None where neither list was told."""
        ready, waiting = self._texts(Summary.HOLDS), self._texts(Summary.UNAVAILABLE_HOLDS)
        if ready is None and waiting is None:
            return None
        found = dict.fromkeys(self._parted(ready or ()), self._profile.holds_are_ready)
        for text in self._parted(waiting or ()):
            found.setdefault(text, False)
        return tuple(_hold(text, is_ready) for text, is_ready in found.items())

    def fees(self, owed: Money | None) -> tuple[FeeFact, ...] | None:
        """The fees one by one, or what is owed as one; None where that was not told."""
        if owed is not None and owed.minor_units == 0:
            return ()
        currency = owed.currency if owed is not None else self._first.currency.strip() or self._currency
        if self._profile.fee_details:
            detail = self._asked(Summary.FEE_DETAIL)
            pairs = detail.extra if detail is not None else ()
            fees = fees_in_detail(pairs, owed, currency, self._profile.due_order)
            return fees if fees is not None else fees_in_texts((), owed)
        return fees_in_texts(self._texts(Summary.FINES) or (), owed)

    def _begin(self, summary: Summary) -> PatronInformationResponse | None:
        """The 64 with the beginning of a list; None where there is no such list, or nothing in it."""
        if _NAMES[summary] not in self._profile.lists or _COUNTS[summary](self._first) == 0:
            return None
        return self._asked(summary)

    def _asked(self, summary: Summary, first: int | None = None) -> PatronInformationResponse | None:
        if self._is_silent:
            return None
        try:
            return self._asking.page(self._patron, None, summary, first, self._deadline)
        except ServerSilent:
            self._is_silent = True
            return None

    def _texts(self, summary: Summary) -> Texts | None:
        """What a list holds, page after page; None where it was not told."""
        count = _COUNTS[summary](self._first)
        reply = self._begin(summary)
        if reply is None:
            return () if count == 0 and _NAMES[summary] in self._profile.lists else None
        found: list[str] = []
        pages: set[Texts] = set()
        for _ in range(PAGES_MAX):
            page = _TEXTS[summary](reply)
            if not page or page in pages:
                # A server that does not page begins anew.
                break
            pages.add(page)
            found += page
            if not self._profile.pages_loans or count is None or len(found) >= count:
                break
            following = self._asked(summary, len(found) + 1)
            if following is None:
                break
            reply = following
        return tuple(found) if found else None

    def _parted(self, texts: Texts) -> Iterable[str]:
        if self._profile.loans_list == "commas":
            texts = tuple(part for text in texts for part in text.replace("，", ",").split(","))
        return (text for text in map(shown, texts) if text)


def _hold(text: str, is_ready: bool) -> HoldFact:
    """Servers name the item or its title; a number of an item has a digit and no blank."""
    if " " not in text and any(letter.isdigit() for letter in text):
        try:
            return HoldFact(item_id(text), is_ready=is_ready)
        except BadIdentifier:
            pass
    return HoldFact(title=text, is_ready=is_ready)
