"""`Sip2Server`: a circulation server that speaks SIP2, as `ils.Server`.

Connects and logs in when it is needed, and anew after anything unclear: whatever comes late then finds
nobody.  What was perhaps done is never asked for a second time here.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Callable, Sequence
from typing import assert_never

from drivers.link import Clock, Link, SettingsError
from drivers.link.urls import open_link
from sync.entries import (
    Answer,
    BadIdentifier,
    Entry,
    GiveBack,
    Granted,
    Lend,
    Pay,
    Reason,
    Refused,
    Renew,
    ReportCare,
    Silence,
    UndoLoan,
)
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AboutServer,
    EndOfSession,
    Facts,
    PatronFacts,
    Question,
    SessionEnded,
)
from sync.servers.ils import Capabilities, LoginRefused, ServerSilent
from sync.servers.sip2 import meaning
from sync.servers.sip2.account import ITEM_STATUS_UPDATE, Accounts
from sync.servers.sip2.asking import Asking
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.fields import NO_FLAGS
from sync.servers.sip2.line import Line
from sync.servers.sip2.messages import (
    BadValue,
    CheckoutResponse,
    ItemStatusUpdateResponse,
    LoanResponse,
    PatronFlag,
    RenewResponse,
)
from sync.servers.sip2.payments import Payments
from sync.servers.sip2.phrasing import Phrasing
from sync.servers.sip2.returns import Returns
from sync.servers.sip2.settings import Sip2Settings

_log = logging.getLogger(__name__)


def open_sip2(
    url: str, settings: Sip2Settings, clock: Clock, *, clear_text_allowed: bool = False
) -> Sip2Server:
    """The server at *url* (tls:// or tcp://); nothing is connected yet.

    Clear text goes to this machine itself, elsewhere only where *clear_text_allowed* says that the library
    has decided so.  Raises `SettingsError`.
    """
    if not clear_text_allowed and not is_protected(url):
        raise SettingsError(
            f"{url}: patrons' data would cross the network in clear text; use tls://, or a tunnel that ends at a "
            "loopback address, or set clear_text_allowed = true"
        )

    # Also the installer's trace of the bytes shows no more than which message went over the line.
    return Sip2Server(lambda: open_link(url, clock, redact=lambda data: data[:2]), settings, clock)


def is_protected(url: str) -> bool:
    """Whether what goes to *url* is encrypted, or stays on this machine."""
    scheme, _, rest = url.removeprefix("trace+").partition("://")
    if scheme == "tls":
        return True
    match = re.match(r"\[([^\]]+)\]|([^:/?#]+)", rest)
    host = (match[1] or match[2]) if match is not None else ""
    if scheme != "tcp":
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Sip2Server:
    """A circulation server over SIP2; *connect* opens a link to it and may raise `DeviceLost`."""

    def __init__(self, connect: Callable[[], Link], settings: Sip2Settings, clock: Clock) -> None:
        self._settings = settings
        self._profile = settings.profile
        self._clock = clock
        self._phrasing = Phrasing(settings)
        self._line = Line(connect, settings, self._phrasing, clock)
        self._asking = Asking(self._line, self._phrasing, settings, clock)
        self._accounts = Accounts(self._line, self._asking, settings)
        self._returns = Returns(self._line, self._asking, self._phrasing, settings, clock)
        self._payments = Payments(self._line, self._asking, self._accounts, self._phrasing, settings)

    @property
    def leftover_count(self) -> int:
        """How many replies nobody had asked for have been dropped on connections that are closed by now."""
        return self._line.leftover_count

    def capabilities(self) -> Capabilities:
        """What the profile knows; the server's own list (BX) is wrong too often to count.

        Only payments and reports about items need both: they are there once the server's list is known to have them.
        """
        supports = self._profile.supports
        return Capabilities(
            may_ask_items="17" in supports,
            tells_loans="63" in supports,
            ends_sessions="35" in supports,
            renews="29" in supports,
            takes_payments=self._accounts.takes_payments,
            pays_several=self._profile.pays_several,
            takes_care="19" in supports and self._line.offers(ITEM_STATUS_UPDATE) is True,
            entries_per_exchange=1,
            repeats_payments=self._profile.repeats_payments,
        )

    def close(self) -> None:
        """As promised by `Server`."""
        self._line.close()

    def ask(self, question: Question) -> Facts:
        """As promised by `Server`.  Raises `BadIdentifier` for a number that is none: nothing is sent then."""
        match question:
            case AboutPatron(patron, pin):
                return self._asking.patron(patron, pin)
            case AboutAccount(patron):
                return self._accounts.account(patron)
            case AboutItem(item):
                return self._asking.item(item)
            case AboutServer():
                return self._asking.server()
            case EndOfSession(patron):
                self._asking.end(patron)
                return SessionEnded()
            case _:
                assert_never(question)

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        """As promised by `Server`."""
        answers: list[Answer] = []
        for entry in entries:
            try:
                answers.append(self._carry(entry))
            except ServerSilent as silent:
                answers.append(Silence(str(silent)))
            except LoginRefused:
                if not answers:
                    raise
                answers.append(Silence("login"))
            except (BadIdentifier, BadValue, UnicodeEncodeError):
                # Nothing was sent, and nothing can be: no server has such a number.
                _log.error("an entry holds what SIP2 cannot carry")
                answers.append(Refused(Reason.NOT_DONE))
        return tuple(answers)

    def _carry(self, entry: Entry) -> Answer:
        promise = entry.promise
        match promise:
            case Lend():
                return self._lend(entry, promise)
            case Renew():
                return self._renew(entry, promise)
            case UndoLoan():
                return self._returns.undo(entry, promise)
            case GiveBack():
                return self._returns.give_back(entry, promise)
            case Pay():
                return self._payments.pay(entry, promise)
            case ReportCare():
                return self._report_care(entry, promise)
            case _:
                assert_never(promise)

    def _lend(self, entry: Entry, promise: Lend) -> Answer:
        reply = self._line.request(
            self._phrasing.lend(entry, promise),
            CheckoutResponse,
            lambda reply: self._is_about(reply, promise),
        )
        renewed = reply.renewal_ok and self._profile.success == "flag"
        return self._loan_answer(reply, promise, renewed=renewed)

    def _renew(self, entry: Entry, promise: Renew) -> Answer:
        if "29" not in self._profile.supports:
            return Refused(Reason.NOT_PERMITTED_HERE)
        reply = self._line.request(
            self._phrasing.renew(entry, promise), RenewResponse, lambda reply: self._is_about(reply, promise)
        )
        return self._loan_answer(reply, promise, renewed=True)

    def _report_care(self, entry: Entry, promise: ReportCare) -> Answer:
        """Where the server has no place for it, the journal has: then it is done without a word over the line."""
        if "19" not in self._profile.supports:
            return Granted(NOT_DUE, release=False)
        self._line.make_ready()
        if not self._line.offers(ITEM_STATUS_UPDATE):
            return Granted(NOT_DUE, release=False)
        reply = self._line.request(
            self._phrasing.care(entry, promise),
            ItemStatusUpdateResponse,
            lambda reply: self._asking.is_answer_for(reply.item, promise.item, is_done=reply.ok),
        )
        title, said = meaning.shown(reply.title), meaning.messages_of(reply)
        match meaning.is_success(reply, self._profile):
            case True:
                return Granted(NOT_DUE, title, release=False, messages=said)
            case None:
                return self._unclear()
        told = meaning.told_reasons(reply, self._profile)
        facts = None if told else self._asking.item_if_told(promise.item, self._line.deadline())
        is_unknown = facts is not None and not facts.is_known
        reason = told[0] if told else Reason.ITEM_UNKNOWN if is_unknown else Reason.OTHER
        return Refused(reason, title, messages=said)

    def _loan_answer(self, reply: LoanResponse, promise: Lend | Renew, *, renewed: bool) -> Answer:
        currency = self._settings.currency
        match meaning.is_success(reply, self._profile):
            case True:
                return meaning.granted(reply, self._profile, currency, renewed=renewed)
            case None:
                return self._unclear()
        refused = meaning.refused_at_once(reply, self._profile, currency, consented=promise.fee_consented)
        if refused is not None:
            return refused
        deadline = self._line.deadline()
        patron_facts, flags = self._patron_afterwards(promise, deadline)
        item_facts = self._asking.item_if_told(promise.item, deadline) if patron_facts is not None else None
        reason = meaning.reason_for(
            reply,
            self._profile,
            promise.item,
            item_facts,
            patron_facts,
            flags,
            is_renewal=isinstance(promise, Renew),
        )
        fee = patron_facts.fees_owed if patron_facts is not None and reason is Reason.FEES_OWED else None
        return Refused(reason, meaning.shown(reply.title), fee, meaning.messages_of(reply))

    def _unclear(self) -> Silence:
        self._line.close()
        return Silence("garbled")

    # --- After a refusal: why?  What fails here leaves the refusal as it is. -----------------------

    def _patron_afterwards(
        self, promise: Lend | Renew, deadline: float
    ) -> tuple[PatronFacts | None, PatronFlag]:
        try:
            return self._asking.patron_and_flags(promise.patron, deadline=deadline)
        except (ServerSilent, LoginRefused):
            return None, NO_FLAGS

    # --- Whose reply is it? ------------------------------------------------------------------------

    def _is_about(self, reply: LoanResponse, promise: Lend | Renew) -> bool:
        names_patron = self._asking.names_patron(reply.patron, promise.patron)
        return names_patron and self._asking.is_answer_for(reply.item, promise.item, is_done=reply.ok)
