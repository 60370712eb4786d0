"""One question, one answer: how a FEIG reader is talked to over a link (device reference 1.2).

The reader works on one command at a time, wants 5 ms between its answer and the next command, says nothing to
a frame that arrived damaged, and takes up to a second before it gives up on a tag.  A reply to "read blocks"
does not say of which tag, so an answer that comes after its time must never meet the next question: whenever
an answer did not come or was damaged, the software version is asked for until its reply comes; everything
before that reply is old.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.rfid import obid_commands
from drivers.rfid.obid import Frame, FrameError, FrameReader, FrameType, IsoError, Status, encode
from drivers.rfid.obid_commands import Request

__all__ = ["Answer", "AnswerLost", "ObidExchange"]

ANY_READER = 0xFF
_READ_BYTES = 4096
_FENCES_MAX = 3

_FAULTS = {
    Status.AUTHENTICATION_ERROR: "the reader wants to be authenticated",
    Status.GENERAL_ERROR: "the reader reports a general error",
    Status.EEPROM_FAILURE: "the reader's EEPROM has failed",
    Status.PARAMETER_RANGE: "the reader is configured out of range",
    Status.UNKNOWN_COMMAND: "the reader does not know this command",
    Status.WRONG_LENGTH: "the reader expects another length of this command",
    Status.COMMAND_NOT_AVAILABLE: "the reader is in scan or notification mode",
    Status.HARDWARE_WARNING: "the reader reports a hardware fault",
}


class AnswerLost(Exception):
    """The reader is there, but its answer did not come or was damaged; what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply's status byte and data."""

    status: int
    data: bytes

    @property
    def is_unheard(self) -> bool:
        """Whether the air between reader and tag was disturbed, so that asking again may help."""
        return self.status in (Status.DATA_ERROR, Status.RF_COMMUNICATION_ERROR)

    @property
    def iso_error(self) -> int | None:
        """What the tag itself complained of, None when it did not."""
        return self.data[0] if self.status == Status.ISO_15693_ERROR and self.data else None

    @property
    def is_locked(self) -> bool:
        """Whether the tag says that what should be written is locked."""
        return self.iso_error in (IsoError.ALREADY_LOCKED, IsoError.LOCKED)

    @property
    def is_unsupported(self) -> bool:
        """Whether the tag does not know the command or its option."""
        return self.iso_error in (
            IsoError.NOT_SUPPORTED,
            IsoError.NOT_RECOGNISED,
            IsoError.OPTION_NOT_SUPPORTED,
        )


class ObidExchange:
    """Questions and answers over *link*; every call is bounded by the time limits given here."""

    def __init__(
        self,
        link: Link,
        clock: Clock,
        *,
        frame_type: FrameType,
        bus_address: int = ANY_READER,
        answer_seconds_max: float = 1.5,
        retries: int = 3,
        pause_seconds: float = 0.005,
    ) -> None:
        self._link = link
        self._clock = clock
        self._frame_type = frame_type
        self._bus_address = bus_address
        self._answer_seconds_max = answer_seconds_max
        self._retries = retries
        self._pause_seconds = pause_seconds
        self._free_at = clock.monotonic()
        self._reader = FrameReader()

    def ask(self, request: Request) -> Answer:
        """The answer to *request*, which may be sent several times.

        Asks again when the answer was lost or the air disturbed.  Raises `DeviceLost` when the reader stays
        silent, `DeviceFault` when it says that it cannot do this at all or answers another question.
        """
        answer: Answer | None = None
        for _ in range(self._retries + 1):
            try:
                answer = self.ask_once(request)
            except AnswerLost:
                continue
            if not answer.is_unheard:
                break
        if answer is None:
            raise DeviceLost("no answer arrived undamaged")
        return answer

    def ask_once(self, request: Request) -> Answer:
        """As `ask`, but *request* is sent once and `AnswerLost` is raised when its answer is missing."""
        answer = self._sent(request)
        if answer is None:
            self.find_reader()
            raise AnswerLost(f"command {request.command:02X}")
        fault = _FAULTS.get(Status(answer.status)) if answer.status in _KNOWN else "its status is not known"
        if fault is not None:
            raise DeviceFault(f"command {request.command:02X}: status {answer.status:02X}: {fault}")
        return answer

    def find_reader(self) -> None:
        """Returns when the reader answers and nothing older can arrive any more.  Raises `DeviceLost`."""
        for _ in range(_FENCES_MAX):
            heard = self._fenced()
            if heard is True:
                return
            if heard is None:
                raise DeviceLost(f"the reader has been silent for {self._answer_seconds_max} seconds")
        raise DeviceLost("only damaged frames arrive")

    def tell(self, request: Request) -> None:
        """Sends *request* without waiting for an answer.  Raises `DeviceLost`."""
        self._send(request)

    def _fenced(self) -> bool | None:
        """Whether a version reply came; None when nothing at all did."""
        request = obid_commands.software_version()
        deadline = self._send(request)
        heard = None
        while True:
            try:
                frame = self._next_frame(deadline)
            except FrameError:
                heard = False
                continue
            if frame is None:
                return heard
            if frame.command == request.command:
                return True
            heard = False

    def _sent(self, request: Request) -> Answer | None:
        """The answer to *request*; None when it was lost or damaged."""
        deadline = self._send(request)
        stranger: Frame | None = None
        while True:
            try:
                frame = self._next_frame(deadline)
            except FrameError:
                return None
            if frame is None:
                break
            if self._answers(frame, request):
                return Answer(frame.payload[0], frame.payload[1:])
            stranger = frame
        if stranger is not None:
            raise DeviceFault(
                f"command {request.command:02X} was answered by {stranger.command:02X} of reader"
                f" {stranger.address:02X} in a {stranger.frame_type.value} frame"
            )
        return None

    def _answers(self, frame: Frame, request: Request) -> bool:
        return (
            frame.command == request.command
            and frame.frame_type is self._frame_type
            and self._bus_address in (ANY_READER, frame.address)
            and bool(frame.payload)
        )

    def _send(self, request: Request) -> float:
        """Sends *request* and gives the moment by which its answer has to be there."""
        self._clock.wait(self._free_at - self._clock.monotonic())
        self._reader.drop()
        self._link.discard_input()
        data = encode(Frame(self._frame_type, self._bus_address, request.command, request.data))
        self._link.write(data, self._answer_seconds_max)
        return self._clock.monotonic() + self._answer_seconds_max

    def _next_frame(self, deadline: float) -> Frame | None:
        while True:
            frame = self._reader.next_frame()
            if frame is None:
                remaining = deadline - self._clock.monotonic()
                data = self._link.read(_READ_BYTES, remaining) if remaining > 0 else b""
                if data:
                    self._reader.feed(data)
                    continue
            self._free_at = self._clock.monotonic() + self._pause_seconds
            return frame


_KNOWN = frozenset(status.value for status in Status)
