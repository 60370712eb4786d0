"""Payments over SIP2 (37): money that was taken is told once, and only where it is owed.

Servers were seen to accept any sum, and every repeat of it.  What is told is therefore checked here first, and against
the account where the server does not do that itself.
"""

from __future__ import annotations

from sync.entries import Answer, Entry, Granted, Money, Pay, Reason, Refused, Silence
from sync.questions import AccountFacts
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.sip2 import meaning
from sync.servers.sip2.account import Accounts
from sync.servers.sip2.asking import Asking
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.fees import sound
from sync.servers.sip2.line import Line
from sync.servers.sip2.messages import FeePaidResponse
from sync.servers.sip2.phrasing import Phrasing
from sync.servers.sip2.settings import Sip2Settings

WHOLE = ""
"""The number of no fee: what is owed in all."""


class Payments:
    """Posts payments over one line.  Raises `ServerSilent` and `LoginRefused` as `Line.request` does."""

    def __init__(
        self, line: Line, asking: Asking, accounts: Accounts, phrasing: Phrasing, settings: Sip2Settings
    ) -> None:
        self._line = line
        self._asking = asking
        self._accounts = accounts
        self._phrasing = phrasing
        self._settings = settings
        self._profile = settings.profile

    def pay(self, entry: Entry, promise: Pay) -> Answer:
        """What became of a payment.  Refused by the terminal itself: nothing was sent, the money goes back."""
        reason = unfit(promise, self._settings.currency)
        if reason is not None:
            return Refused(reason)
        fee = fee_of(promise, pays_several=self._profile.pays_several)
        if fee is None:
            return Refused(Reason.AMOUNT_DIFFERS)
        self._line.make_ready()
        if not self._accounts.takes_payments:
            return Refused(Reason.NOT_PERMITTED_HERE)
        reason = self._against_account(promise, fee)
        if reason is not None:
            return Refused(reason)
        reply = self._line.request(
            self._phrasing.pay(entry, promise, fee),
            FeePaidResponse,
            lambda reply: self._asking.names_patron(reply.patron, promise.patron),
        )
        said = meaning.messages_of(reply)
        match meaning.is_success(reply, self._profile):
            case True:
                return Granted(
                    NOT_DUE, release=False, messages=said, reference=meaning.shown(reply.transaction)
                )
            case None:
                self._line.close()
                return Silence("garbled")
        return Refused(self._reason(reply, promise, fee), messages=said)

    def _against_account(self, promise: Pay, fee: str) -> Reason | None:
        """What speaks against the payment by how the account stands, where the server does not look itself.

        A sum that settles the whole account has to be the whole where it would otherwise be spread over all fees.
        """
        if self._profile.repeats_payments:
            # It may have been booked already: only the server knows its number.
            return None
        is_spread = fee == WHOLE and not self._profile.pays_several
        if self._profile.checks_payments and not is_spread:
            return None
        if fee != WHOLE and self._profile.fee_details:
            return unlike(promise, fee, self._accounts.account(promise.patron))
        owed = self._accounts.owed(promise.patron, self._line.deadline())
        reason = too_much(promise.amount, owed)
        return reason or (Reason.AMOUNT_DIFFERS if is_spread and owed != promise.amount else None)

    def _reason(self, reply: FeePaidResponse, promise: Pay, fee: str) -> Reason:
        """Why it was refused, by what is owed now; what fails here leaves the refusal as it is."""
        told = meaning.told_reasons(reply, self._profile)
        if told:
            return told[0]
        try:
            return unlike(promise, fee, self._accounts.account(promise.patron)) or Reason.OTHER
        except (ServerSilent, LoginRefused):
            return Reason.OTHER


def unfit(promise: Pay, currency: str) -> Reason | None:
    """Why *promise* is told to no server that reckons in *currency*; None where it may be."""
    if promise.amount.currency != currency or any(part.amount.currency != currency for part in promise.parts):
        return Reason.CURRENCY_DIFFERS
    sums = [part.amount.minor_units for part in promise.parts]
    is_whole = bool(sums) and min(sums) > 0 and sum(sums) == promise.amount.minor_units
    if not is_whole or sound(promise.amount) is None:
        return Reason.AMOUNT_DIFFERS
    return None if promise.owed_before is None else too_much(promise.amount, promise.owed_before)


def fee_of(promise: Pay, *, pays_several: bool) -> str | None:
    """The number of the one fee that is paid, `WHOLE` for all that is owed; None for some of several.

    A server that spreads a sum over all fees would pay others than were chosen.
    """
    numbers = list(dict.fromkeys(part.fee for part in promise.parts))
    if len(numbers) == 1 and numbers[0] != WHOLE:
        return numbers[0]
    is_all = numbers == [WHOLE] if promise.owed_before is None else promise.owed_before == promise.amount
    return WHOLE if pays_several or is_all else None


def unlike(promise: Pay, fee: str, account: AccountFacts) -> Reason | None:
    """What of *account* speaks against *promise* for *fee*; None where nothing does."""
    if not account.is_known:
        return Reason.PATRON_UNKNOWN
    named = {one.id: one for one in account.fees or () if one.id}
    if fee == WHOLE or (not named and account.owed != Money(0, promise.amount.currency)):
        return too_much(promise.amount, account.owed)
    if fee not in named:
        return Reason.FEE_GONE
    return too_much(promise.amount, named[fee].amount) or (None if named[fee].is_payable else Reason.OTHER)


def too_much(amount: Money, owed: Money | None) -> Reason | None:
    """Why *amount* is not taken where *owed* is what is owed; None where it is."""
    if owed is None:
        return Reason.OTHER
    if owed.currency != amount.currency:
        return Reason.CURRENCY_DIFFERS
    if owed.minor_units == 0:
        return Reason.FEE_GONE
    return Reason.AMOUNT_DIFFERS if owed.minor_units < amount.minor_units else None
