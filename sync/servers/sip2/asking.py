"""Questions over SIP2: one question may take several messages, and has no effect however often it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from drivers.link import Clock
from drivers.masked import Secret
from sync.entries import ItemId, PatronId
from sync.questions import ItemFacts, LoanFact, PatronFacts, ServerFacts
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.sip2 import facts as facts_of
from sync.servers.sip2 import meaning
from sync.servers.sip2.fields import Summary
from sync.servers.sip2.line import Line
from sync.servers.sip2.messages import (
    BadValue,
    EndSessionResponse,
    ItemInformationResponse,
    PatronFlag,
    PatronInformationResponse,
    PatronStatusResponse,
)
from sync.servers.sip2.phrasing import Phrasing
from sync.servers.sip2.settings import Sip2Settings

PAGES_MAX = 20
"""How many messages a list of loans may take."""


class Asking:
    """Asks over one line.  Every method raises `ServerSilent` and `LoginRefused` as `Line.request` does."""

    def __init__(self, line: Line, phrasing: Phrasing, settings: Sip2Settings, clock: Clock) -> None:
        self._line = line
        self._phrasing = phrasing
        self._settings = settings
        self._profile = settings.profile
        self._clock = clock

    def server(self) -> ServerFacts:
        """By 99.  A server that has no such message and took the login counts as in service."""
        status = self._line.status()
        if status is None:
            return ServerFacts(is_online=True)
        return ServerFacts(
            is_online=status.is_online,
            lends=status.may_check_out,
            clock=self._aware(status.at),
            library=meaning.shown(status.library),
        )

    def item(self, item: ItemId, deadline: float | None = None) -> ItemFacts:
        """By 17."""
        reply = self._line.request(
            self._phrasing.item(item, self._clock.now()),
            ItemInformationResponse,
            lambda reply: self.names_item(reply.item, item),
            deadline,
        )
        return facts_of.item_facts(reply, item, self._profile)

    def item_if_told(self, item: ItemId, deadline: float) -> ItemFacts | None:
        """As `item`; None where the system has no such question or does not answer."""
        if "17" not in self._profile.supports:
            return None
        try:
            return self.item(item, deadline)
        except (ServerSilent, LoginRefused):
            return None

    def end(self, patron: PatronId) -> None:
        """By 35, where the server has it."""
        if "35" in self._profile.supports:
            self._line.request(
                self._phrasing.end(patron, self._clock.now()),
                EndSessionResponse,
                lambda reply: self.names_patron(reply.patron, patron),
            )

    def patron(
        self, patron: PatronId, pin: Secret | None = None, deadline: float | None = None
    ) -> PatronFacts:
        """By 63 with the charged list, or by 23.  A PIN the line cannot carry is a wrong one."""
        return self.patron_and_flags(patron, pin, deadline)[0]

    def patron_and_flags(
        self, patron: PatronId, pin: Secret | None = None, deadline: float | None = None
    ) -> tuple[PatronFacts, PatronFlag]:
        """As `patron`, and the flags the server set."""
        if deadline is None:
            self._line.make_ready()
            deadline = self._line.deadline()
        try:
            return self._patron(patron, pin, deadline)
        except (BadValue, UnicodeEncodeError):
            facts, flags = self._patron(patron, None, deadline)
            return PatronFacts(
                patron, is_known=facts.is_known, is_pin_right=False if facts.is_known else None
            ), flags

    def _patron(
        self, patron: PatronId, pin: Secret | None, deadline: float
    ) -> tuple[PatronFacts, PatronFlag]:
        if "63" not in self._profile.supports:
            return self.by_status(patron, pin, deadline)
        first = self.page(patron, pin, Summary.CHARGED, None, deadline)
        facts = self.facts_of_patron(first, patron, pin)
        if not facts.is_known or facts.is_pin_right is False:
            return facts, first.status
        loans, count = self.loans(patron, first, Summary.CHARGED, deadline)
        if self._profile.overdue_list != "unasked" and first.overdue_count:
            overdue_first = self.page(patron, None, Summary.OVERDUE, None, deadline)
            overdue, overdue_count = self.loans(patron, overdue_first, Summary.OVERDUE, deadline)
            loans = self.with_overdue(loans, overdue)
            if self._profile.overdue_list == "apart":
                count = None if count is None or overdue_count is None else count + overdue_count
        limit = facts_of.loan_limit(first, self._profile)
        return replace(facts, loans=loans, loan_count=count, loan_limit=limit), first.status

    def by_status(
        self, patron: PatronId, pin: Secret | None, deadline: float
    ) -> tuple[PatronFacts, PatronFlag]:
        """By 23, which tells no list."""
        reply = self.status_of(patron, pin, deadline)
        return self.facts_of_patron(reply, patron, pin), reply.status

    def status_of(self, patron: PatronId, pin: Secret | None, deadline: float) -> PatronStatusResponse:
        """The 24 about *patron*."""
        return self._line.request(
            self._phrasing.patron_status(patron, pin, self._clock.now()),
            PatronStatusResponse,
            lambda reply: self.names_patron(reply.patron, patron),
            deadline,
        )

    def page(
        self, patron: PatronId, pin: Secret | None, summary: Summary, first: int | None, deadline: float
    ) -> PatronInformationResponse:
        """The 64 with the list *summary* from its entry *first* on."""
        return self._line.request(
            self._phrasing.patron(patron, pin, summary, first, self._clock.now()),
            PatronInformationResponse,
            lambda reply: self.names_patron(reply.patron, patron),
            deadline,
        )

    def loans(
        self, patron: PatronId, reply: PatronInformationResponse, summary: Summary, deadline: float
    ) -> tuple[tuple[LoanFact, ...] | None, int | None]:
        """The loans of a list that begins with *reply*, and how many there are; None for what was not told.

        Loans that are fewer than the server counts are not told: what is compared with them would be wrong.
        """
        is_overdue = summary is Summary.OVERDUE
        count = reply.overdue_count if is_overdue else reply.charged_count
        found: dict[ItemId, LoanFact] = {}
        for _ in range(PAGES_MAX):
            texts = reply.overdue_items if is_overdue else reply.charged_items
            known = len(found)
            for loan in facts_of.loans_in(texts, self._profile, is_overdue=is_overdue):
                found.setdefault(loan.item, loan)
            if not self._profile.pages_loans or count is None or len(found) >= count or len(found) == known:
                break
            reply = self.page(patron, None, summary, len(found) + 1, deadline)
        if count is None:
            return (tuple(found.values()), len(found)) if found else (None, None)
        return (tuple(found.values()) if len(found) >= count else None), count

    def with_overdue(
        self, charged: tuple[LoanFact, ...] | None, overdue: tuple[LoanFact, ...] | None
    ) -> tuple[LoanFact, ...] | None:
        """All loans, the overdue ones first; without the overdue ones only where they merely mark the others."""
        if overdue is None:
            return charged if self._profile.overdue_list == "marks" else None
        marked = {loan.item for loan in overdue}
        return None if charged is None else (*overdue, *(loan for loan in charged if loan.item not in marked))

    def facts_of_patron(
        self, reply: PatronInformationResponse | PatronStatusResponse, patron: PatronId, pin: Secret | None
    ) -> PatronFacts:
        """What *reply* tells of *patron*, without its lists."""
        is_known = reply.is_valid if reply.is_valid is not None else bool(reply.name.strip())
        if pin is not None and is_known and facts_of.is_pin_right(reply) is False:
            # Behind a wrong PIN there is nothing to read, whatever the server tells.
            return PatronFacts(patron, is_known=True, is_pin_right=False, messages=meaning.messages_of(reply))
        return PatronFacts(
            patron,
            is_known=is_known,
            name=meaning.shown(reply.name) if is_known else "",
            is_pin_right=facts_of.is_pin_right(reply) if pin is not None else None,
            blocks=facts_of.blocks_of(reply, self._profile, self._phrasing.local(self._clock.now()).date())
            if is_known
            else (),
            fees_owed=facts_of.owed(reply, self._profile, self._settings.currency) if is_known else None,
            messages=meaning.messages_of(reply),
        )

    # --- Whose reply is it? -----------------------------------------------------------------------

    def names_patron(self, told: PatronId, asked: PatronId) -> bool:
        """Whether a reply that names *told* can be about *asked*."""
        return self._names(told.reveal(), asked.reveal())

    def names_item(self, told: str, asked: ItemId) -> bool:
        """Whether a reply that names *told* can be about *asked*."""
        return self._names(told, asked)

    def is_answer_for(self, told: str, asked: ItemId, *, is_done: bool) -> bool:
        """As `names_item`; a reply that says it was done has to say for which item."""
        if is_done and self._profile.echoes_ids and not told.strip():
            return False
        return self.names_item(told, asked)

    def _names(self, told: str, asked: str) -> bool:
        told = told.strip()
        return not self._profile.echoes_ids or not told or told.casefold() == asked.strip().casefold()

    def _aware(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        if moment.tzinfo is None and self._settings.zone is not None:
            moment = moment.replace(tzinfo=self._settings.zone)
        try:
            return moment.astimezone(UTC)
        except (OverflowError, ValueError, OSError):
            # A clock at the edge of the calendar is a clock that is not set.
            return None
