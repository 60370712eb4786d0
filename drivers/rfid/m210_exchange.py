"""How a 3M 210/810 or M210 is asked over a link (device reference 1.3), and what its error bytes mean to a driver.

The fence is the hardware version: its answer is the only one that begins with D5.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, Link
from drivers.rfid import m210_commands
from drivers.rfid.fenced_exchange import FencedExchange
from drivers.rfid.m210 import START_OF_PROBE, Error, Frame, FrameError, FrameReader, encode

__all__ = ["UNHEARD", "Answer", "M210Exchange"]

AIR = frozenset((Error.NOT_READ, Error.AIR_21, Error.AIR_22, Error.AIR_23))
"""The air was disturbed.  What 21 to 23 say is not known; between a good answer and a fault nothing else is left."""

UNHEARD = AIR | {Error.NO_TRANSPONDER}
"""Asking again may help: a tag at the edge of the pad is "no transponder" most of the time."""

_FAULTS = {
    Error.PARAMETER: "the reader does not take a parameter",
    Error.READER_FD: "the reader reports a fault of its own",
    Error.READER_FE: "the reader reports a fault of its own",
}
_KNOWN = frozenset(error.value for error in Error)
_UID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply's error byte and data."""

    error: int
    data: bytes

    @property
    def is_unsupported(self) -> bool:
        """Whether reader or tag do not know the command or its option."""
        return self.error in (Error.NOT_IMPLEMENTED, Error.UNSUPPORTED, Error.OPTION)


class M210Exchange(FencedExchange[Frame, Frame]):
    """Questions and answers over *link*; every call is bounded by the time limits given here."""

    def __init__(
        self,
        link: Link,
        clock: Clock,
        *,
        answer_seconds_max: float = 1.5,
        retries: int = 5,
        pause_seconds: float = 0.0,
    ) -> None:
        super().__init__(
            link,
            clock,
            FrameReader(),
            frame_error=FrameError,
            fence=m210_commands.hardware_version(),
            answer_seconds_max=answer_seconds_max,
            pause_seconds=pause_seconds,
            retries=retries,
        )

    def ask(self, request: Frame, unheard: frozenset[Error] = UNHEARD) -> Answer:
        """The answer to *request*, which is sent again while the answer is lost or its error one of *unheard*.

        Raises `DeviceLost` when the reader stays silent, `DeviceFault` when it says that it cannot do this at all,
        answers another question or about another tag.
        """
        return self._repeated(lambda: self.ask_once(request), lambda answer: answer.error in unheard)

    def ask_once(self, request: Frame) -> Answer:
        """As `ask`, but *request* is sent once and `AnswerLost` is raised when its answer is missing."""
        payload = self.answer_once(request).payload
        answer = Answer(payload[1], payload[2:])
        fault = _FAULTS.get(Error(answer.error)) if answer.error in _KNOWN else "its error is not known"
        if fault is not None:
            raise DeviceFault(f"command {request.command:02X}: error {answer.error:02X}: {fault}")
        if answer.error != Error.OK and request.command in m210_commands.ABOUT_A_TAG:
            asked, told = request.payload[1 : 1 + _UID_BYTES], answer.data[:_UID_BYTES]
            if len(told) == _UID_BYTES and asked != told:
                raise DeviceFault(f"{asked.hex().upper()} was asked and {told.hex().upper()} answered")
        return answer

    def _framed(self, request: Frame) -> bytes:
        return encode(request)

    def _answers(self, frame: Frame, request: Frame) -> bool:
        return (frame.start, frame.command) == (request.start, request.command) and len(frame.payload) >= 2

    def _is_fence(self, frame: Frame) -> bool:
        return frame.start == START_OF_PROBE and frame.payload.startswith(self._fence.payload)

    def _stranger(self, frame: Frame, request: Frame) -> str:
        return (
            f"command {request.command:02X} was answered by {frame.command:02X} of {len(frame.payload)} bytes"
            f" in a frame that begins with {frame.start:02X}"
        )
