"""One question, one answer: how a reader of the UHFReader18 family is talked to over a link (device reference 3.2.1).

The fence is the question for the reader information.  A reader in scan mode pushes tags unasked: what it pushes is
thrown away, and where it drowned an answer the question is put again.  An inventory has several answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.rfid import uhf18_commands
from drivers.rfid.fenced_exchange import AnswerLost, FencedExchange
from drivers.rfid.uhf18 import (
    ANY_READER,
    INVENTORY,
    NOT_KNOWN,
    PUSHED,
    Frame,
    FrameError,
    FrameReader,
    ReaderInfo,
    Status,
    TagError,
    encode,
    parse_info,
)
from drivers.rfid.uhf18_commands import Request

__all__ = ["Answer", "CommandUnknown", "Uhf18Exchange"]

_PARTS_MAX = 64
_INFO_BYTES_MIN = 9

_FAULTS = {
    Status.ANTENNA: "the antenna is missing or broken",
    Status.WRONG_LENGTH: "the reader expects another length of this command",
    Status.NOT_KNOWN: "the reader does not know this command",
    Status.PARAMETER: "the reader does not take these parameters",
}
_OTHER_GENERATION = (Status.WRONG_LENGTH, Status.NOT_KNOWN, Status.PARAMETER)


class CommandUnknown(DeviceFault):
    """The reader does not know the command, or not with these parameters: it is of another generation."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status byte and data."""

    status: int
    data: bytes

    @property
    def tag_error(self) -> int | None:
        """What the tag itself complained of, None when it did not."""
        return self.data[0] if self.status == Status.TAG_ERROR and self.data else None

    @property
    def is_overrun(self) -> bool:
        """Whether the tag says that its bank ends before what was asked for."""
        return self.tag_error == TagError.OVERRUN


class Uhf18Exchange(FencedExchange[Request, Frame]):
    """Questions and answers over *link*; every call is bounded by the time limits given here.

    *scan_seconds* is how much longer an inventory may take than any other answer.
    """

    def __init__(
        self, link: Link, clock: Clock, *, address: int, answer_seconds_max: float, retries: int
    ) -> None:
        super().__init__(
            link,
            clock,
            FrameReader(),
            frame_error=FrameError,
            fence=uhf18_commands.reader_info(),
            answer_seconds_max=answer_seconds_max,
            pause_seconds=0.0,
        )
        self.scan_seconds = 0.0
        self._address = address
        self._retries = retries
        self._has_pushed = False

    def info(self) -> ReaderInfo:
        """What the reader says of itself; nothing older can arrive any more.  Raises `DeviceLost`."""
        return parse_info(self.fenced().payload[1:])

    def ask(self, request: Request) -> Answer:
        """The answer to *request*, which may be sent several times.

        Raises `DeviceLost` when no answer arrives undamaged, `CommandUnknown` and `DeviceFault` when the reader says
        that it cannot do this, or answers another question.
        """
        for _ in range(self._retries + 1):
            try:
                return self.ask_once(request)
            except AnswerLost:
                continue
        raise DeviceLost("no answer arrived undamaged")

    def ask_once(self, request: Request) -> Answer:
        """As `ask`, but *request* is sent once and `AnswerLost` is raised when its answer is missing."""
        return self._understood(self.answer_once(request), request)

    def ask_for_parts(self, request: Request) -> tuple[list[Answer], bool]:
        """All parts of an answer that comes in several, the last one without status 03; otherwise as `ask_once`.

        And whether they came without anything damaged among them: a part may be missing where they did not.
        """
        parts = [self.ask_once(request)]
        while parts[-1].status == Status.MORE and len(parts) < _PARTS_MAX:
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

    def _framed(self, request: Request) -> bytes:
        return encode(Frame(self._address, request.command, request.data))

    def _answers(self, frame: Frame, request: Request) -> bool:
        is_refusal = frame.command == NOT_KNOWN and frame.payload == bytes((Status.NOT_KNOWN,))
        is_ours = self._address in (ANY_READER, frame.address) and bool(frame.payload)
        return is_ours and (frame.command == request.command or is_refusal)

    def _is_fence(self, frame: Frame) -> bool:
        is_ours = self._address in (ANY_READER, frame.address)
        is_whole = len(frame.payload) >= _INFO_BYTES_MIN and frame.payload[0] == Status.OK
        return is_ours and is_whole and frame.command == self._fence.command

    def _stranger(self, frame: Frame, request: Request) -> str:
        return (
            f"command {request.command:02X} was answered by {frame.command:02X} of reader {frame.address:02X}"
        )

    def _understood(self, frame: Frame, request: Request) -> Answer:
        status = frame.payload[0]
        why = _FAULTS.get(Status(status)) if status in _KNOWN else "its status is not known"
        if why is None:
            return Answer(status, frame.payload[1:])
        text = f"command {request.command:02X}: status {status:02X}: {why}"
        raise CommandUnknown(text) if status in _OTHER_GENERATION else DeviceFault(text)

    def _send(self, request: Request) -> float:
        self._has_pushed = False
        deadline = super()._send(request)
        return deadline + (self.scan_seconds if request.command == INVENTORY else 0.0)

    def _next_frame(self, deadline: float) -> Frame | None:
        """The next frame that was not pushed; `FrameError` once when there was only noise or what was pushed."""
        while True:
            frame = super()._next_frame(deadline)
            if frame is None:
                if self._cutter.drop() or self._has_pushed:
                    self._has_pushed = False
                    raise FrameError("bytes arrived, and no answer among them")
                return None
            if frame.command != PUSHED:
                return frame
            self._has_pushed = True


_KNOWN = frozenset(status.value for status in Status)
