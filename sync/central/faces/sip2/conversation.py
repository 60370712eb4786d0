"""One SIP2 connection without its socket: bytes in, bytes out, and whether it is over.

A request is executed only when all of it has come, up to its CR, with a fixed part of full length and,
where it has a checksum, the right one; anything else is answered 96.  A request that is repeated byte for
byte with its sequence digit and checksum gets the answer it got, and is not executed again (SIP 2.00;
SIPServer and Koha do execute it).
"""

from __future__ import annotations

import re
from enum import Enum

from sync.central.faces.sip2 import item_answers, payment_answers
from sync.central.faces.sip2.answers import Counter
from sync.servers.sip2.framing import Checksum, Frame, Framer, FrameTooLong, deframe, enframe
from sync.servers.sip2.messages import (
    BadMessage,
    Checkin,
    Checkout,
    EndSession,
    FeePaid,
    ItemInformation,
    ItemStatusUpdate,
    Login,
    LoginResponse,
    Message,
    PatronInformation,
    PatronStatusRequest,
    RenewRequest,
    ServerResendRequest,
    TerminalStatus,
    decode,
    encode,
)

LOGINS_MAX = 3
GARBLED_MAX = 5
REQUEST_SIZE_MAX = 4096
"""No request this server knows is longer than a few hundred bytes."""

_FIXED_LENGTHS = {
    "93": 2,
    "99": 8,
    "97": 0,
    "23": 21,
    "63": 31,
    "11": 38,
    "29": 38,
    "09": 37,
    "17": 18,
    "35": 18,
    "37": 25,
    "19": 18,
}
_FIELD = re.compile(r"[A-Z][A-Z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CLEAR_TEXT = "0"


class Ending(Enum):
    """Why a conversation is over."""

    NOT_LOGGED_IN = "not-logged-in"
    LOGIN_REFUSED = "login-refused"
    GARBLED = "garbled"
    TOO_LONG = "too-long"


class Conversation:
    """What one terminal and central say to each other; used by one thread."""

    def __init__(self, counter: Counter, charset: str = "utf-8") -> None:
        self._counter = counter
        self._charset = charset
        self._framer = Framer(REQUEST_SIZE_MAX)
        self._terminal = ""
        self._logins_refused = 0
        self._garbled = 0
        self._language = "000"
        self._last_request = b""
        self._last_answer = b""
        self._ending: Ending | None = None
        self._answered = 0

    @property
    def terminal(self) -> str:
        """The name the terminal logged in with, "" before."""
        return self._terminal

    @property
    def ending(self) -> Ending | None:
        """Why the connection has to be closed, None while it goes on."""
        return self._ending

    @property
    def answered(self) -> int:
        """How many requests were answered, 96 not counted."""
        return self._answered

    def feed(self, data: bytes) -> list[bytes]:
        """The answers to the requests that *data* completes, in order.

        Whatever comes after the conversation is over is not looked at.  Lets the store's errors through: what
        was asked is then undone, and the connection has to be closed without an answer.
        """
        if self._ending is not None:
            return []
        try:
            frames = self._framer.feed(data)
        except FrameTooLong:
            self._ending = Ending.TOO_LONG
            return []
        answers = []
        for raw in frames:
            if raw and self._ending is None:
                answers += self._take(raw)
        return answers

    def _take(self, raw: bytes) -> list[bytes]:
        frame = deframe(raw, self._charset)
        if frame.text.startswith("97") and frame.checksum is not Checksum.BAD:
            return [self._last_answer or self._request_again(frame)]
        request = self._understood(frame)
        if request is None:
            self._garbled += 1
            if self._garbled >= GARBLED_MAX:
                self._ending = Ending.GARBLED
            return [self._request_again(frame)]
        self._garbled = 0
        if frame.sequence and frame.checksum is Checksum.GOOD and raw == self._last_request:
            return [self._last_answer]
        answer = self._answer(request)
        if answer is None:
            self._ending = Ending.NOT_LOGGED_IN
            return []
        self._last_request, self._last_answer = raw, self._framed(answer, frame)
        self._answered += 1
        return [self._last_answer]

    def _understood(self, frame: Frame) -> Message | None:
        length = _FIXED_LENGTHS.get(frame.text[:2])
        if length is None or frame.checksum is Checksum.BAD:
            return None
        fixed, rest = frame.text[2 : 2 + length], frame.text[2 + length :]
        if len(fixed) < length or "|" in fixed or (rest and not _FIELD.match(rest)):
            return None
        if _CONTROL.search(frame.text):
            return None
        try:
            return decode(frame.text)
        except BadMessage:
            return None

    def _answer(self, request: Message) -> Message | None:
        """The answer to *request*, None when it may not be asked before the login."""
        if isinstance(request, Login):
            return self._log_in(request)
        if not self._terminal:
            return None
        counter, terminal = self._counter, self._terminal
        match request:
            case TerminalStatus():
                return counter.status()
            case PatronInformation():
                self._language = request.language
                return counter.patron_information(request)
            case PatronStatusRequest():
                self._language = request.language
                return counter.patron_status(request)
            case Checkout():
                return item_answers.check_out(counter, request, terminal, self._language)
            case RenewRequest():
                return item_answers.renew(counter, request, terminal, self._language)
            case Checkin():
                return item_answers.check_in(counter, request, terminal, self._language)
            case ItemInformation():
                return item_answers.item_information(counter, request, self._language)
            case FeePaid():
                return payment_answers.fee_paid(counter, request, terminal, self._language)
            case ItemStatusUpdate():
                return payment_answers.item_status_update(counter, request, terminal, self._language)
            case EndSession():
                self._language = "000"
                return counter.end_session(request)
            case _:
                raise AssertionError(f"{request!r} has a length and no answer")

    def _log_in(self, request: Login) -> LoginResponse:
        is_clear = request.user_algorithm == request.password_algorithm == _CLEAR_TEXT
        is_right = is_clear and self._counter.is_login_right(request.user, request.password)
        self._terminal = request.user if is_right else ""
        if not is_right:
            self._logins_refused += 1
            if self._logins_refused >= LOGINS_MAX:
                self._ending = Ending.LOGIN_REFUSED
        return LoginResponse(ok=is_right)

    def _framed(self, answer: Message, frame: Frame) -> bytes:
        return enframe(
            encode(answer),
            self._charset,
            frame.sequence,
            error_detection=frame.checksum is not Checksum.ABSENT,
            errors="replace",
        )

    def _request_again(self, frame: Frame) -> bytes:
        has_checksum = frame.checksum is not Checksum.ABSENT
        return enframe(encode(ServerResendRequest()), self._charset, error_detection=has_checksum)
