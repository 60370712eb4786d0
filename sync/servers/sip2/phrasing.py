"""The requests a terminal makes, filled from its settings; pure.

No request leaves here without its identifiers: Koha answers a patron question without a card number with its
administrator, and lends to them.  What an entry happened at is told by the server's clock, as far as that is known.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, time, timedelta

from drivers.masked import Secret
from sync.entries import (
    Entry,
    EntryKey,
    FeeKind,
    GiveBack,
    ItemId,
    Lend,
    Means,
    PatronId,
    Pay,
    Renew,
    ReportCare,
    UndoLoan,
    item_id,
    patron_id,
)
from sync.servers.sip2.fields import NO_SECRET, Summary
from sync.servers.sip2.messages import (
    Checkin,
    Checkout,
    EndSession,
    FeePaid,
    ItemInformation,
    ItemStatusUpdate,
    Login,
    Pairs,
    PatronInformation,
    PatronStatusRequest,
    RenewRequest,
    TerminalStatus,
)
from sync.servers.sip2.money import write_money
from sync.servers.sip2.settings import Sip2Settings

_PRINT_WIDTH = 80
_LAST_MINUTE = time(23, 59)
"""A day a reader was told is meant to its end; Koha and Evergreen write it like that."""
_FEE_KINDS = {
    FeeKind.CHECKOUT: "06",
    FeeKind.OVERDUE: "04",
    FeeKind.DAMAGE: "03",
    FeeKind.LOSS: "07",
    FeeKind.CARD: "02",
    FeeKind.OTHER: "01",
}
_TRANSACTION_LENGTH = 18


def transaction_of(key: EntryKey) -> str:
    """The number (BK) under which the payment of entry *key* is told: 18 letters and digits, the same for ever.

    Servers keep 18 to 20 characters, a key can have more; these are the first of the base 32 text of its SHA-256.
    """
    digest = hashlib.sha256(str(key).encode("ascii")).digest()
    return base64.b32encode(digest)[:_TRANSACTION_LENGTH].decode("ascii")


class Phrasing:
    """Makes requests for one terminal.  Raises `BadIdentifier` for a number that is none."""

    def __init__(self, settings: Sip2Settings) -> None:
        self._settings = settings
        profile = settings.profile
        self._operator: Pairs = (("CN", settings.user),) if profile.operator_field and settings.user else ()

    def local(self, moment: datetime) -> datetime:
        """*moment* as the server's wall clock shows it, without a zone, as SIP2 wants it."""
        return moment.astimezone(self._settings.zone).replace(tzinfo=None)

    def login(self) -> Login:
        """93."""
        settings = self._settings
        algorithm = settings.profile.login_algorithm
        return Login(algorithm, algorithm, settings.user, settings.password, settings.location)

    def status(self) -> TerminalStatus:
        """99: ready."""
        return TerminalStatus("0", _PRINT_WIDTH, self._settings.profile.protocol_version)

    def patron(
        self, patron: PatronId, pin: Secret | None, summary: Summary, first: int | None, at: datetime
    ) -> PatronInformation:
        """63, for the list *summary* from its entry *first* on."""
        return PatronInformation(
            self._settings.language,
            self.local(at),
            summary,
            self._settings.institution,
            patron_id(patron.reveal()),
            pin if pin is not None else NO_SECRET,
            first,
            None,
            self._settings.terminal_password,
        )

    def patron_status(self, patron: PatronId, pin: Secret | None, at: datetime) -> PatronStatusRequest:
        """23, for systems without 63."""
        return PatronStatusRequest(
            self._settings.language,
            self.local(at),
            self._settings.institution,
            patron_id(patron.reveal()),
            pin if pin is not None else NO_SECRET,
            self._settings.terminal_password,
        )

    def item(self, item: ItemId, at: datetime) -> ItemInformation:
        """17."""
        return ItemInformation(
            self.local(at), self._settings.institution, item_id(item), self._settings.terminal_password
        )

    def end(self, patron: PatronId, at: datetime) -> EndSession:
        """35."""
        return EndSession(
            self.local(at),
            self._settings.institution,
            patron_id(patron.reveal()),
            terminal_password=self._settings.terminal_password,
        )

    def lend(self, entry: Entry, promise: Lend) -> Checkout:
        """11: never as a renewal, and never with BI, which servers ignore while they lend.

        A loan the terminal itself granted bears the due date the reader was told; where the profile says that it is
        honoured, it is told as something that has happened (no block Y).
        """
        at = self._happened(entry)
        promised = entry.promised
        due_day = None if promised is None else promised.due.day
        is_told = due_day is not None and self._settings.profile.offline_replay == "yes"
        return Checkout(
            may_renew=False,
            no_block=is_told,
            at=at,
            no_block_due=at if due_day is None else datetime.combine(due_day, _LAST_MINUTE),
            institution=self._settings.institution,
            patron=patron_id(promise.patron.reveal()),
            item=item_id(promise.item),
            fee_acknowledged=True if promise.fee_consented else None,
            terminal_password=self._settings.terminal_password,
            extra=self._operator,
        )

    def renew(self, entry: Entry, promise: Renew) -> RenewRequest:
        """29."""
        at = self._happened(entry)
        return RenewRequest(
            third_party_allowed=False,
            no_block=False,
            at=at,
            no_block_due=at,
            institution=self._settings.institution,
            patron=patron_id(promise.patron.reveal()),
            item=item_id(promise.item),
            fee_acknowledged=True if promise.fee_consented else None,
            terminal_password=self._settings.terminal_password,
            extra=self._operator,
        )

    def take_back(self, entry: Entry, promise: UndoLoan) -> Checkin:
        """09: a loan is undone by taking the item back; with BI where the profile says that it is understood."""
        at = self._happened(entry)
        return Checkin(
            no_block=False,
            at=at,
            returned_at=at,
            location=self._settings.location,
            institution=self._settings.institution,
            item=item_id(promise.item),
            cancel=True if self._settings.profile.honours_cancel else None,
            terminal_password=self._settings.terminal_password,
            extra=self._operator,
        )

    def give_back(self, entry: Entry, promise: GiveBack, *, is_late: bool) -> Checkin:
        """09: the item came in when the entry began, as no block Y says where that is honoured; never with BI.

        *is_late*: it is told so long after that somebody else may have the item by now.
        """
        at = self._happened(entry)
        return Checkin(
            no_block=is_late and self._settings.profile.offline_return == "yes",
            at=at,
            returned_at=at,
            location=self._settings.location,
            institution=self._settings.institution,
            item=item_id(promise.item),
            terminal_password=self._settings.terminal_password,
            extra=self._operator,
        )

    def pay(self, entry: Entry, promise: Pay, fee: str) -> FeePaid:
        """37, for the fee that the server calls *fee*, or for what is owed in all."""
        kinds = {part.kind for part in promise.parts}
        profile = self._settings.profile
        return FeePaid(
            at=self._happened(entry),
            fee_kind=_FEE_KINDS[kinds.pop() if len(kinds) == 1 else FeeKind.OTHER],
            payment_kind=profile.payment_card if promise.means is Means.CARD else profile.payment_qr,
            currency=promise.amount.currency,
            amount=write_money(promise.amount),
            institution=self._settings.institution,
            patron=patron_id(promise.patron.reveal()),
            fee=fee,
            transaction=transaction_of(entry.key),
            terminal_password=self._settings.terminal_password,
            extra=self._operator,
        )

    def care(self, entry: Entry, promise: ReportCare) -> ItemStatusUpdate:
        """19: what is wrong with the item, and never who said so."""
        flaws = ", ".join(flaw.value for flaw in promise.flaws)
        return ItemStatusUpdate(
            at=self._happened(entry),
            institution=self._settings.institution,
            item=item_id(promise.item),
            properties=self._settings.profile.care_form.replace("{flaws}", flaws),
            terminal_password=self._settings.terminal_password,
        )

    def _happened(self, entry: Entry) -> datetime:
        """When *entry* began, by the server's clock where the difference is known, by ours where it is not."""
        return self.local(entry.promise.at + timedelta(seconds=entry.offset_seconds or 0.0))
