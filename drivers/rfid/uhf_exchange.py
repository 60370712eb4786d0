"""Questions and answers with a UHF module, whoever makes it: tried again where that is harmless, taken part by part.

A maker's exchange says how its frames look and what its answers mean; what is unasked, lost, damaged or late is dealt
with here and in `fenced_exchange.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, TypeVar

from drivers.link import Clock, DeviceFault, Link
from drivers.rfid.fenced_exchange import AnswerLost, FencedExchange
from drivers.rfid.obid import FrameError
from drivers.rfid.uhf_frames import Frame, FrameFinder, Request

__all__ = ["ANY_READER", "UhfExchange"]

ANY_READER = 0xFF
"""The address to which every reader listens, in every protocol here."""

_PARTS_SECONDS_MAX = 10.0
"""How long all parts of one answer may take: many times what a pad full of books does."""

AnswerT = TypeVar("AnswerT")


class UhfExchange(FencedExchange[Request, Frame], Generic[AnswerT]):
    """Questions and answers over *link*; every call is bounded by the time limits given here.

    *scans* are the commands whose answers may take *scan_seconds* longer than any other; *parts_max* is how many frames
    one answer may have.
    """

    def __init__(
        self,
        link: Link,
        clock: Clock,
        finder: FrameFinder,
        *,
        fence: Request,
        address: int,
        answer_seconds_max: float,
        retries: int,
        scans: tuple[int, ...],
        parts_max: int,
    ) -> None:
        super().__init__(
            link,
            clock,
            finder,
            frame_error=FrameError,
            fence=fence,
            answer_seconds_max=answer_seconds_max,
            pause_seconds=0.0,
            retries=retries,
        )
        self.scan_seconds = 0.0
        self._address = address
        self._scans = scans
        self._parts_max = parts_max
        self._has_unasked = False

    @abstractmethod
    def _understood(self, frame: Frame, request: Request) -> AnswerT:
        """What *frame* says.  Raises `DeviceFault` when that is no answer to *request*, or that it cannot be done."""

    @abstractmethod
    def _goes_on(self, answer: AnswerT) -> bool:
        """Whether another part of the same answer follows."""

    def _is_unasked(self, frame: Frame) -> bool:
        """Whether a module says *frame* without being asked; most never do."""
        return False

    def ask(self, request: Request) -> AnswerT:
        """The answer to *request*, which may be sent several times.

        Raises `DeviceLost` when no answer arrives undamaged, `DeviceFault` when the module says that it cannot do this,
        or answers another question.
        """
        return self._repeated(lambda: self.ask_once(request), lambda _: False)

    def ask_once(self, request: Request) -> AnswerT:
        """As `ask`, but *request* is sent once and `AnswerLost` is raised when its answer is missing."""
        return self._understood(self.answer_once(request), request)

    def ask_for_parts(self, request: Request) -> tuple[list[AnswerT], bool]:
        """All parts of an answer that comes in several; otherwise as `ask_once`.

        And whether they came without anything damaged among them: a part may be missing where they did not.
        `DeviceFault` also when there is no end of them.
        """
        parts = [self.ask_once(request)]
        end = self._clock.monotonic() + _PARTS_SECONDS_MAX
        while self._goes_on(parts[-1]):
            if len(parts) == self._parts_max or self._clock.monotonic() > end:
                raise DeviceFault(f"command {request.command:02X}: no end after {len(parts)} answers")
            try:
                frame = self._next_frame(
                    self._clock.monotonic() + self._answer_seconds_max + self.scan_seconds
                )
            except FrameError:
                frame = None
            if frame is None or not self._answers(frame, request):
                self.find_reader()
                raise AnswerLost
            parts.append(self._understood(frame, request))
        return parts, not self._cutter.drop()

    def _is_ours(self, frame: Frame) -> bool:
        return self._address in (ANY_READER, frame.address)

    def _stranger(self, frame: Frame, request: Request) -> str:
        return (
            f"command {request.command:02X} was answered by {frame.command:02X} of reader {frame.address:02X}"
        )

    def _send(self, request: Request) -> float:
        self._has_unasked = False
        deadline = super()._send(request)
        return deadline + (self.scan_seconds if request.command in self._scans else 0.0)

    def _next_frame(self, deadline: float) -> Frame | None:
        """The next frame that was asked for; `FrameError` once when there was only noise or what was not."""
        while True:
            frame = super()._next_frame(deadline)
            if frame is None:
                if self._cutter.drop() or self._has_unasked:
                    self._has_unasked = False
                    raise FrameError("bytes arrived, and no answer among them")
                return None
            if not self._is_unasked(frame):
                return frame
            self._has_unasked = True
