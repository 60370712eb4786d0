"""One connection to a SIP2 server: a request, then its reply and no other, within a total deadline.

What replies are dropped, and when the line is given up, follows what servers were seen to do: a reply may
come twice, late, in pieces, for somebody else, with a wrong checksum, as plain text, or not at all.  Nothing
is sent twice unless the server says that it could not read it (96).
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from drivers.link import Clock, DeviceLost, Link
from sync.servers.ils import ServerSilent
from sync.servers.sip2.framing import Checksum, Frame, Framer, FrameTooLong, deframe, enframe
from sync.servers.sip2.messages import (
    BadMessage,
    Message,
    ResendRequest,
    ServerResendRequest,
    decode,
    encode,
)
from sync.servers.sip2.profile import Profile

RESENDS_MAX = 2
"""How often a request is sent again because the server says it could not read it."""
DROPPED_MAX = 64
"""How many replies to something else one exchange sits through."""
_READ_BYTES = 8192

_log = logging.getLogger(__name__)
Reply = TypeVar("Reply", bound=Message)


class Conversation:
    """Speaks SIP2 over *link*.  After `ServerSilent` it is of no more use: close it."""

    def __init__(self, link: Link, profile: Profile, clock: Clock) -> None:
        self._link = link
        self._profile = profile
        self._clock = clock
        self._framer = Framer()
        self._frames: deque[bytes] = deque()
        self._sequence = 9
        self._has_replied = False
        self.leftover_count = 0
        """Replies and bytes nobody asked for, since the conversation began."""

    def exchange(
        self, request: Message, reply_class: type[Reply], is_ours: Callable[[Reply], bool], deadline: float
    ) -> Reply:
        """The reply of *reply_class* to *request* for which *is_ours* holds, by *deadline* (monotonic
        seconds).

        Raises `ServerSilent` with deadline, closed, garbled or write.  Raises `BadValue` or
        `UnicodeEncodeError` before anything is sent when *request* holds what the line cannot carry.
        """
        text = encode(request)
        if not self.is_alive():
            raise ServerSilent("closed")
        self._sequence = (self._sequence + 1) % 10
        sequence = str(self._sequence) if self._profile.error_detection else ""
        data = self._enframed(text, sequence)
        self._send(request.id, data, deadline)
        resends = dropped = 0
        is_repeat = False
        while True:
            frame = deframe(self._next_frame(deadline), self._profile.charset)
            if self._is_damaged(frame):
                # Before the first reply a server may answer 97 with what it last told somebody else.
                if is_repeat or not self._has_replied:
                    raise self._garbled("checksum")
                is_repeat = True
                repeat = ResendRequest()
                self._send(repeat.id, self._enframed(encode(repeat), ""), deadline)
                continue
            reply = self._decoded(frame)
            self._has_replied = True
            if isinstance(reply, ServerResendRequest):
                resends += 1
                if resends > RESENDS_MAX:
                    raise self._garbled(f"{request.id} refused as unreadable: its charset, or not supported")
                self._send(request.id, data, deadline)
                continue
            if isinstance(reply, reply_class) and self._fits(frame, sequence, is_repeat) and is_ours(reply):
                _log.debug("received %s, %d bytes", reply.id, len(frame.raw))
                return reply
            dropped += 1
            self.leftover_count += 1
            _log.warning("dropped %s, %d bytes: no reply to %s", reply.id, len(frame.raw), request.id)
            if dropped > DROPPED_MAX:
                raise self._garbled("too many replies to something else")

    def close(self) -> None:
        """Ends the connection.  Never raises."""
        self._link.close()

    # --- Sending ----------------------------------------------------------------------------------

    def _enframed(self, text: str, sequence: str) -> bytes:
        return enframe(
            text,
            self._profile.charset,
            sequence,
            error_detection=self._profile.error_detection,
            terminator=self._profile.terminator_bytes,
        )

    def _send(self, message_id: str, data: bytes, deadline: float) -> None:
        """Sends a whole frame in one go; after a failure nobody knows how much of it was read."""
        try:
            self._link.write(data, max(0.0, deadline - self._clock.monotonic()))
        except DeviceLost:
            _log.warning("could not send %s, %d bytes", message_id, len(data))
            raise ServerSilent("write") from None
        _log.debug("sent %s, %d bytes", message_id, len(data))

    def is_alive(self) -> bool:
        """Whether the other end is still there as far as can be told; drops what came since the last reply."""
        count = len(self._frames) + self._framer.pending
        self._frames.clear()
        self._framer = Framer()
        try:
            count += self._link.discard_input()
        except DeviceLost:
            return False
        if count:
            self.leftover_count += 1
            _log.warning("dropped what nobody asked for")
        return True

    # --- Receiving --------------------------------------------------------------------------------

    def _next_frame(self, deadline: float) -> bytes:
        while not self._frames:
            remaining = deadline - self._clock.monotonic()
            if remaining <= 0:
                _log.warning("no reply in time")
                raise ServerSilent("deadline")
            settle = self._profile.unterminated_after_seconds if self._framer.pending else 0.0
            try:
                data = self._link.read(_READ_BYTES, min(remaining, settle) if settle else remaining)
            except DeviceLost:
                if settle:
                    return self._framer.take_unfinished()
                _log.warning("the server closed the connection instead of replying")
                raise ServerSilent("closed") from None
            if settle and not data:
                return self._framer.take_unfinished()
            try:
                self._frames.extend(self._framer.feed(data))
            except FrameTooLong:
                raise self._garbled("a reply without end") from None
        return self._frames.popleft()

    def _is_damaged(self, frame: Frame) -> bool:
        return frame.checksum is Checksum.BAD and self._profile.verify_checksum

    def _decoded(self, frame: Frame) -> Message:
        try:
            reply = decode(frame.text)
        except BadMessage:
            raise self._garbled(f"{len(frame.raw)} bytes that are no SIP2 message") from None
        is_checked = frame.checksum is not Checksum.ABSENT or not self._profile.error_detection
        if not is_checked and not self._profile.accept_unchecked:
            raise self._garbled("a reply without checksum")
        return reply

    def _fits(self, frame: Frame, sequence: str, is_repeat: bool) -> bool:
        """Whether the digit of *frame* allows it to answer; a repetition asked for by 97 may bear any."""
        if self._profile.sequence == "ignored" or is_repeat or not sequence or not frame.sequence:
            return True
        return frame.sequence == sequence

    def _garbled(self, what: str) -> ServerSilent:
        _log.warning("unreadable: %s", what)
        return ServerSilent("garbled")
