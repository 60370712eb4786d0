"""The way to a SIP2 server: connects and logs in when it is needed, and hangs up after anything unclear."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from drivers.link import Clock, DeviceLost, Link, PeerUntrusted, SettingsError
from sync.servers.ils import LoginRefused, ServerSilent
from sync.servers.sip2.conversation import Conversation
from sync.servers.sip2.messages import LoginResponse, Message, ServerStatus
from sync.servers.sip2.phrasing import Phrasing
from sync.servers.sip2.settings import Sip2Settings

_log = logging.getLogger(__name__)
Reply = TypeVar("Reply", bound=Message)


class Line:
    """One connection at a time, opened by *connect*; a new one after silence, and after a long pause."""

    def __init__(
        self, connect: Callable[[], Link], settings: Sip2Settings, phrasing: Phrasing, clock: Clock
    ) -> None:
        self._connect = connect
        self._settings = settings
        self._phrasing = phrasing
        self._clock = clock
        self._conversation: Conversation | None = None
        self._status: ServerStatus | None = None
        self._used_at = 0.0
        self._refused_until: float | None = None
        self.leftover_count = 0
        """Replies and bytes nobody asked for, on all connections so far."""

    def deadline(self) -> float:
        """The moment (monotonic) by which a request that begins now has to be answered."""
        return self._clock.monotonic() + self._settings.request_seconds

    def request(
        self,
        request: Message,
        reply_class: type[Reply],
        is_ours: Callable[[Reply], bool],
        deadline: float | None = None,
    ) -> Reply:
        """The reply to *request*, by *deadline* where one is given; connecting counts by its own limit.

        Raises `ServerSilent`, with the connection closed, or `LoginRefused`, with nothing sent.
        """
        conversation = self._ready()
        if self._status is not None and not self._status.is_online:
            self._status = self._ask_status(conversation, self.deadline())
            if not self._status.is_online:
                raise ServerSilent("offline")
        return self._exchange(conversation, request, reply_class, is_ours, deadline or self.deadline())

    def make_ready(self) -> None:
        """Connects and logs in where that has to be done first.  Raises as `request` does."""
        self._ready()

    def status(self) -> ServerStatus | None:
        """What the server tells about itself now (98); None when it does not support the question."""
        conversation = self._ready()
        if "99" in self._settings.profile.supports:
            self._status = self._ask_status(conversation, self.deadline())
        return self._status

    def offers(self, position: int) -> bool | None:
        """Whether the server's own list (BX, counted from 0) has the message; None before it has told one."""
        if self._status is None or not self._status.supported.strip():
            return None
        return self._status.supported[position : position + 1] == "Y"

    def close(self) -> None:
        """Hangs up.  Never raises."""
        if self._conversation is not None:
            self.leftover_count += self._conversation.leftover_count
            self._conversation.close()
            self._conversation = None

    def _ready(self) -> Conversation:
        quiet_seconds = self._clock.monotonic() - self._used_at
        if self._conversation is not None and quiet_seconds > self._settings.quiet_seconds_max:
            _log.info("connecting anew: the server may have left after a pause")
            self.close()
        if self._conversation is not None:
            if self._conversation.is_alive():
                return self._conversation
            _log.info("connecting anew: the server has left")
            self.close()
        now = self._clock.monotonic()
        if self._refused_until is not None and now < self._refused_until:
            raise LoginRefused("the account was refused a moment ago")
        deadline = now + self._settings.login_seconds
        conversation = Conversation(self._opened(), self._settings.profile, self._clock)
        self._conversation = conversation
        self._status = None
        self._log_in(conversation, deadline)
        return conversation

    def _opened(self) -> Link:
        try:
            return self._connect()
        except PeerUntrusted as error:
            _log.error("the server cannot prove who it is: %s", error)
        except SettingsError as error:
            _log.error("the server's address or certificate is not usable: %s", error)
        except DeviceLost as error:
            _log.warning("no connection: %s", error)
        raise ServerSilent("connect")

    def _log_in(self, conversation: Conversation, deadline: float) -> None:
        try:
            if self._settings.user:
                request = self._phrasing.login()
                reply = self._exchange(conversation, request, LoginResponse, lambda reply: True, deadline)
                if not reply.ok:
                    self.close()
                    self._refused_until = self._clock.monotonic() + self._settings.login_pause_seconds
                    _log.error("the server refuses the terminal's account")
                    raise LoginRefused("the server refuses the terminal's account")
            if "99" in self._settings.profile.supports:
                self._status = self._ask_status(conversation, deadline)
        except ServerSilent as silent:
            _log.warning("logging in failed: %s", silent)
            raise ServerSilent("login") from None
        self._refused_until = None
        self._used_at = self._clock.monotonic()

    def _ask_status(self, conversation: Conversation, deadline: float) -> ServerStatus:
        return self._exchange(
            conversation, self._phrasing.status(), ServerStatus, lambda reply: True, deadline
        )

    def _exchange(
        self,
        conversation: Conversation,
        request: Message,
        reply_class: type[Reply],
        is_ours: Callable[[Reply], bool],
        deadline: float,
    ) -> Reply:
        try:
            reply = conversation.exchange(request, reply_class, is_ours, deadline)
        except ServerSilent:
            self.close()
            raise
        self._used_at = self._clock.monotonic()
        return reply
