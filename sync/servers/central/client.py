"""`CentralServer`: our own central over REST, as `ils.Server`."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import assert_never
from urllib.parse import quote

from drivers.link import Clock
from drivers.masked import Secret
from sync.entries import Answer, Entry, ItemId, PatronId, Reason, Refused, Silence, item_id, patron_id
from sync.events import BATCH_MAX, BadEvent, Batch, GapFound, Receipt, from_json, to_json
from sync.questions import (
    AboutAccount,
    AboutItem,
    AboutPatron,
    AboutServer,
    AccountFacts,
    EndOfSession,
    Facts,
    ItemFacts,
    PatronFacts,
    Question,
    SessionEnded,
)
from sync.servers.central import facts
from sync.servers.central.exchange import Exchange, Reply
from sync.servers.central.facts import Told
from sync.servers.central.settings import CentralClientSettings, checked_base
from sync.servers.central.telling import Parcel, filling, parcels
from sync.servers.ils import Capabilities, LoginRefused, ServerSilent

PIN_LENGTH_MAX = 128
_TOLD_DIFFERENTLY = "urn:library-kiosk:problem:told-differently"
_MALFORMED = "urn:library-kiosk:problem:malformed-batch"
_GAP = "urn:library-kiosk:problem:gap"
_REASON = "urn:library-kiosk:reason:"

_log = logging.getLogger(__name__)


def open_central(
    url: str, settings: CentralClientSettings, clock: Clock, *, clear_text_allowed: bool = False
) -> CentralServer:
    """Central at *url* (https://, on this machine also http://); nothing is connected yet.

    Clear text goes to this machine itself, elsewhere only where *clear_text_allowed* says that the library has
    decided so.  Raises `SettingsError`.
    """
    return CentralServer(checked_base(url, clear_text_allowed=clear_text_allowed), settings, clock)


class CentralServer:
    """Central at *base*, for one terminal."""

    def __init__(self, base: str, settings: CentralClientSettings, clock: Clock) -> None:
        self._settings = settings
        self._exchange = Exchange(base, settings, clock)
        self._acknowledged: dict[str, int] = {}

    def capabilities(self) -> Capabilities:
        """Everything, in order, repeated at will."""
        return Capabilities(
            ends_sessions=False,
            takes_payments=True,
            takes_care=True,
            entries_per_exchange=BATCH_MAX,
            repeats_safely=True,
            keeps_order=True,
        )

    def close(self) -> None:
        """As promised by `Server`."""
        self._exchange.close()

    # --- Questions --------------------------------------------------------------------------------------------------

    def ask(self, question: Question) -> Facts:
        """As promised by `Server`.  Raises `BadIdentifier` for a number that is none: nothing is sent then."""
        self._exchange.begin(self._settings.request_seconds)
        match question:
            case AboutPatron(patron, pin):
                return self._patron(patron_id(patron.reveal()), pin)
            case AboutAccount(patron):
                return self._account(patron_id(patron.reveal()))
            case AboutItem(item):
                return self._item(item_id(item))
            case AboutServer():
                return facts.server_facts(_told(self._exchange.get("/v1/terminal")))
            case EndOfSession():
                # Central keeps nothing of a session.
                return SessionEnded()
            case _:
                assert_never(question)

    def _patron(self, patron: PatronId, pin: Secret | None) -> PatronFacts:
        path = f"/v1/patrons/{quote(patron.reveal(), safe='')}"
        is_pin_right = None
        if pin is not None:
            is_pin_right = False
            if 1 <= len(pin.reveal()) <= PIN_LENGTH_MAX and pin.reveal().isprintable():
                reply = self._exchange.post(f"{path}/pin-check", _pin_check(pin))
                if _is_unknown(reply, Reason.PATRON_UNKNOWN):
                    return PatronFacts(patron, is_known=False)
                is_pin_right = _told(reply).flag("is_right")
                if not is_pin_right:
                    return PatronFacts(patron, is_known=True, is_pin_right=False)
        reply = self._exchange.get(path)
        if _is_unknown(reply, Reason.PATRON_UNKNOWN):
            return PatronFacts(patron, is_known=False)
        if is_pin_right is False:
            # Behind a wrong PIN there is nothing to read.
            return PatronFacts(patron, is_known=True, is_pin_right=False)
        return facts.patron_facts(_told(reply), patron, is_pin_right)

    def _account(self, patron: PatronId) -> AccountFacts:
        reply = self._exchange.get(f"/v1/patrons/{quote(patron.reveal(), safe='')}")
        if _is_unknown(reply, Reason.PATRON_UNKNOWN):
            return AccountFacts(patron, is_known=False)
        return facts.account_facts(_told(reply), patron)

    def _item(self, item: ItemId) -> ItemFacts:
        reply = self._exchange.get(f"/v1/items/{quote(item, safe='')}")
        if _is_unknown(reply, Reason.ITEM_UNKNOWN):
            return ItemFacts(item, is_known=False, reason=Reason.ITEM_UNKNOWN)
        return facts.item_facts(_told(reply), item)

    # --- Entries ----------------------------------------------------------------------------------------------------

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        """As promised by `Server`; *entries* in the order of their positions."""
        one = len(entries) <= 1
        self._exchange.begin(self._settings.request_seconds if one else self._settings.batch_seconds)
        answers: list[Answer] = []
        for parcel in parcels(entries):
            try:
                answers += self._tell(parcel)
            except LoginRefused:
                if not answers:
                    raise
                return _with_silence(answers, len(entries), "login")
            except ServerSilent as silent:
                # What comes behind is not sent: central takes it in order.
                return _with_silence(answers, len(entries), str(silent))
        return tuple(answers)

    def _tell(self, parcel: Parcel) -> tuple[Answer, ...]:
        acknowledged = self._acknowledged.get(parcel.epoch, 0)
        reply = self._exchange.post("/v1/events", to_json(parcel.batch(acknowledged)))
        if reply.status == 409 and reply.problem == _GAP:
            expected = _gap(reply)
            if expected >= parcel.first:
                raise ServerSilent("garbled")
            if expected <= acknowledged:
                _log.error("central has lost what it acknowledged: it went back to number %d", expected)
            # Whatever had these numbers was settled without central, or central has lost it: it is told so, once.
            missing = Batch(parcel.epoch, filling(expected, parcel.first - 1, acknowledged))
            self._exchange.post("/v1/events", to_json(missing))
            reply = self._exchange.post("/v1/events", to_json(parcel.batch(acknowledged)))
        if reply.status in (413, 422) and reply.problem in (_TOLD_DIFFERENTLY, _MALFORMED, "about:blank"):
            return self._tell_apart(parcel)
        if reply.status != 200:
            raise ServerSilent("garbled")
        receipt = _receipt(reply)
        answers = parcel.answers(receipt)
        if answers is None:
            raise ServerSilent("garbled")
        self._acknowledged[parcel.epoch] = max(acknowledged, receipt.acknowledged)
        return answers

    def _tell_apart(self, parcel: Parcel) -> tuple[Answer, ...]:
        """Something in *parcel* is what central never takes: all but that goes on."""
        if len(parcel.entries) == 1:
            _log.error(
                "central does not take entry %s: it knows its number or key otherwise", parcel.entries[0].key
            )
            return (Refused(Reason.NOT_DONE),)
        middle = len(parcel.entries) // 2
        halves = (
            Parcel(parcel.epoch, parcel.entries[:middle]),
            Parcel(parcel.epoch, parcel.entries[middle:]),
        )
        answers: list[Answer] = []
        for half in halves:
            try:
                answers += self._tell(half)
            except (ServerSilent, LoginRefused) as silent:
                why = "login" if isinstance(silent, LoginRefused) else str(silent)
                return _with_silence(answers, len(parcel.entries), why)
        return tuple(answers)


def _with_silence(answers: Sequence[Answer], count: int, why: str) -> tuple[Answer, ...]:
    return (*answers, *(Silence(why) for _ in range(count - len(answers))))


def _receipt(reply: Reply) -> Receipt:
    try:
        return from_json(Receipt, reply.body)
    except BadEvent:
        raise ServerSilent("garbled") from None


def _gap(reply: Reply) -> int:
    try:
        return from_json(GapFound, reply.body).expected
    except BadEvent:
        raise ServerSilent("garbled") from None


def _told(reply: Reply) -> Told:
    if reply.status != 200:
        raise ServerSilent("garbled")
    return Told(reply.fields())


def _is_unknown(reply: Reply, reason: Reason) -> bool:
    return reply.status == 404 and reply.problem == _REASON + reason.value


def _pin_check(pin: Secret) -> str:
    return json.dumps({"pin": pin.reveal()})
