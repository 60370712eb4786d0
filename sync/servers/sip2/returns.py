"""Check-ins over SIP2 (09): items that come back, and loans that are undone."""

from __future__ import annotations

from typing import Final

from drivers.link import Clock
from sync.entries import Answer, Entry, GiveBack, Granted, Reason, Refused, Silence, UndoLoan
from sync.questions import Standing
from sync.servers.sip2 import meaning, taken_back
from sync.servers.sip2.asking import Asking
from sync.servers.sip2.dates import NOT_DUE
from sync.servers.sip2.line import Line
from sync.servers.sip2.messages import Checkin, CheckinResponse
from sync.servers.sip2.phrasing import Phrasing
from sync.servers.sip2.settings import Sip2Settings

LATE_SECONDS: Final = 60.0
"""A return that is told later than this after it happened is told as one that has happened (no block)."""


class Returns:
    """Takes items back over one line.  Raises `ServerSilent` and `LoginRefused` as `Line.request` does."""

    def __init__(
        self, line: Line, asking: Asking, phrasing: Phrasing, settings: Sip2Settings, clock: Clock
    ) -> None:
        self._line = line
        self._asking = asking
        self._phrasing = phrasing
        self._settings = settings
        self._profile = settings.profile
        self._clock = clock

    def give_back(self, entry: Entry, promise: GiveBack) -> Answer:
        """What became of an item that lies at the terminal.

        An item without a loan was returned before: that is a grant, whatever flag the server sends with it.
        """
        age_seconds = (self._clock.now() - promise.at).total_seconds()
        request = self._phrasing.give_back(entry, promise, is_late=age_seconds > LATE_SECONDS)
        reply = self._request(request, promise)
        success = meaning.is_success(reply, self._profile)
        if success is None:
            return self._unclear()
        on_loan: bool | None = False
        if success:
            on_loan = taken_back.was_on_loan(reply, self._profile, promise.was_on_loan)
        else:
            reason = taken_back.refusal_of(
                reply,
                self._profile,
                lambda: self._asking.item_if_told(promise.item, self._line.deadline()),
            )
            if reason is not None:
                return Refused(reason, meaning.shown(reply.title), messages=taken_back.messages_shown(reply))
        settings = self._settings
        return taken_back.granted(
            reply, self._profile, promise, settings.currency, settings.location, was_on_loan=on_loan
        )

    def undo(self, entry: Entry, promise: UndoLoan) -> Answer:
        """What became of the undoing of a loan."""
        reply = self._request(self._phrasing.take_back(entry, promise), promise)
        title, said = meaning.shown(reply.title), meaning.messages_of(reply)
        match meaning.is_success(reply, self._profile):
            case True:
                magnetic = meaning.holds_magnetic_media(reply.media_type, reply.is_magnetic)
                return Granted(NOT_DUE, title, release=False, magnetic=magnetic, messages=said)
            case None:
                return self._unclear()
        facts = self._asking.item_if_told(promise.item, self._line.deadline())
        is_in = facts is not None and facts.standing is Standing.AVAILABLE
        return Refused(Reason.NOT_ON_LOAN if is_in else Reason.OTHER, title, messages=said)

    def _request(self, request: Checkin, promise: GiveBack | UndoLoan) -> CheckinResponse:
        return self._line.request(
            request,
            CheckinResponse,
            lambda reply: self._asking.is_answer_for(reply.item, promise.item, is_done=reply.ok),
        )

    def _unclear(self) -> Silence:
        self._line.close()
        return Silence("garbled")
