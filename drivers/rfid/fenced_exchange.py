"""One question, one answer: how a reader is talked to over a link that may lose, delay or damage what it carries.

A late answer must never meet the next question (a read-back that is older than the write would be believed).  So
whenever an answer did not come or was damaged, the reader is asked who it is, the *fence*, until that answer comes;
everything before it is old (docs/decisions/0102).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from drivers.link import Clock, DeviceFault, DeviceLost, Link

__all__ = ["AnswerLost", "FencedExchange", "FrameCutter"]

_READ_BYTES = 4096
_FENCES_MAX = 3

RequestT = TypeVar("RequestT")
FrameT = TypeVar("FrameT")
AnswerT = TypeVar("AnswerT")
_FrameT_co = TypeVar("_FrameT_co", covariant=True)


class AnswerLost(Exception):
    """The reader is there, but its answer did not come or was damaged; what was asked may have been done."""


class FrameCutter(Protocol[_FrameT_co]):
    """Cuts a stream into frames; what is no frame raises the codec's own error."""

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""

    def next_frame(self) -> _FrameT_co | None:
        """The next whole frame, None when it has not arrived completely."""

    def drop(self) -> int:
        """Forgets an unfinished frame and says how many bytes that were."""


class FencedExchange(ABC, Generic[RequestT, FrameT]):
    """Questions and answers over *link*; every call is bounded by the time limits given here.

    *pause_seconds* is what the reader wants between its answer and the next command, *frame_error* what *cutter*
    raises, *fence* the question that is harmless and whose answer no other question has.  *retries* is how often a
    question that may be repeated is sent again.
    """

    def __init__(
        self,
        link: Link,
        clock: Clock,
        cutter: FrameCutter[FrameT],
        *,
        frame_error: type[Exception],
        fence: RequestT,
        answer_seconds_max: float,
        pause_seconds: float,
        retries: int,
    ) -> None:
        self._link = link
        self._clock = clock
        self._cutter = cutter
        self._frame_error = frame_error
        self._fence = fence
        self._answer_seconds_max = answer_seconds_max
        self._pause_seconds = pause_seconds
        self._retries = retries
        self._free_at = clock.monotonic()

    @abstractmethod
    def _framed(self, request: RequestT) -> bytes:
        """The bytes of *request*."""

    @abstractmethod
    def _answers(self, frame: FrameT, request: RequestT) -> bool:
        """Whether *frame* can be the answer to *request*."""

    @abstractmethod
    def _is_fence(self, frame: FrameT) -> bool:
        """Whether *frame* is the answer to the fence."""

    @abstractmethod
    def _stranger(self, frame: FrameT, request: RequestT) -> str:
        """What is wrong when *frame* came where *request* was asked."""

    def find_reader(self) -> None:
        """Returns when the reader answers and nothing older can arrive any more.  Raises `DeviceLost`."""
        self.fenced()

    def fenced(self) -> FrameT:
        """As `find_reader`, with the answer."""
        for _ in range(_FENCES_MAX):
            frame, has_heard = self._fenced_once()
            if frame is not None:
                return frame
            if not has_heard:
                raise DeviceLost(f"the reader has been silent for {self._answer_seconds_max} seconds")
        raise DeviceLost("only damaged frames arrive")

    def tell(self, request: RequestT) -> None:
        """Sends *request* without waiting for an answer.  Raises `DeviceLost`."""
        self._send(request)

    def answer_once(self, request: RequestT) -> FrameT:
        """The answer to *request*, which is sent once.

        Raises `AnswerLost` when it is missing and the reader is there, `DeviceLost` when it is silent,
        `DeviceFault` when something else was answered.
        """
        deadline = self._send(request)
        stranger: FrameT | None = None
        while True:
            try:
                frame = self._next_frame(deadline)
            except self._frame_error:
                stranger = None
                break
            if frame is None:
                break
            if self._answers(frame, request):
                return frame
            stranger = frame
        if stranger is not None:
            raise DeviceFault(self._stranger(stranger, request))
        self.find_reader()
        raise AnswerLost

    def _repeated(self, ask_once: Callable[[], AnswerT], is_unheard: Callable[[AnswerT], bool]) -> AnswerT:
        """What *ask_once* gives, done again while its answer is lost or *is_unheard*; the last one where all are.

        Raises `DeviceLost` when no answer came at all, and what *ask_once* raises.
        """
        answer: AnswerT | None = None
        for _ in range(self._retries + 1):
            try:
                answer = ask_once()
            except AnswerLost:
                continue
            if not is_unheard(answer):
                break
        if answer is None:
            raise DeviceLost("no answer arrived undamaged")
        return answer

    def _fenced_once(self) -> tuple[FrameT | None, bool]:
        """The fence's answer, and whether anything at all came."""
        deadline = self._send(self._fence)
        has_heard = False
        while True:
            try:
                frame = self._next_frame(deadline)
            except self._frame_error:
                has_heard = True
                continue
            if frame is None or self._is_fence(frame):
                return frame, has_heard
            has_heard = True

    def _send(self, request: RequestT) -> float:
        """Sends *request* and gives the moment by which its answer has to be there."""
        self._clock.wait(self._free_at - self._clock.monotonic())
        self._cutter.drop()
        self._link.discard_input()
        self._link.write(self._framed(request), self._answer_seconds_max)
        return self._clock.monotonic() + self._answer_seconds_max

    def _next_frame(self, deadline: float) -> FrameT | None:
        while True:
            frame = self._cutter.next_frame()
            if frame is None:
                remaining = deadline - self._clock.monotonic()
                data = self._link.read(_READ_BYTES, remaining) if remaining > 0 else b""
                if data:
                    self._cutter.feed(data)
                    continue
            self._free_at = self._clock.monotonic() + self._pause_seconds
            return frame
