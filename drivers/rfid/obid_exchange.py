"""How a FEIG reader is asked over a link (device reference 1.2), and what its status bytes mean to a driver.

The reader works on one command at a time, wants 5 ms between its answer and the next command, says nothing to
a frame that arrived damaged, and takes up to a second before it gives up on a tag.  A reply to "read blocks"
does not say of which tag, so an answer that comes after its time must never meet the next question: the fence
is the software version.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, Link
from drivers.rfid import obid_commands
from drivers.rfid.fenced_exchange import AnswerLost, FencedExchange
from drivers.rfid.obid import Frame, FrameError, FrameReader, FrameType, IsoError, Status, encode
from drivers.rfid.obid_commands import Request

__all__ = ["Answer", "AnswerLost", "ObidExchange"]

ANY_READER = 0xFF

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


class ObidExchange(FencedExchange[Request, Frame]):
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
        super().__init__(
            link,
            clock,
            FrameReader(),
            frame_error=FrameError,
            fence=obid_commands.software_version(),
            answer_seconds_max=answer_seconds_max,
            pause_seconds=pause_seconds,
            retries=retries,
        )
        self._frame_type = frame_type
        self._bus_address = bus_address

    def ask(self, request: Request) -> Answer:
        """The answer to *request*, which may be sent several times.

        Asks again when the answer was lost or the air disturbed.  Raises `DeviceLost` when the reader stays
        silent, `DeviceFault` when it says that it cannot do this at all or answers another question.
        """
        return self._repeated(lambda: self.ask_once(request), lambda answer: answer.is_unheard)

    def ask_once(self, request: Request) -> Answer:
        """As `ask`, but *request* is sent once and `AnswerLost` is raised when its answer is missing."""
        frame = self.answer_once(request)
        answer = Answer(frame.payload[0], frame.payload[1:])
        fault = _FAULTS.get(Status(answer.status)) if answer.status in _KNOWN else "its status is not known"
        if fault is not None:
            raise DeviceFault(f"command {request.command:02X}: status {answer.status:02X}: {fault}")
        return answer

    def _framed(self, request: Request) -> bytes:
        return encode(Frame(self._frame_type, self._bus_address, request.command, request.data))

    def _answers(self, frame: Frame, request: Request) -> bool:
        return (
            frame.command == request.command
            and frame.frame_type is self._frame_type
            and self._bus_address in (ANY_READER, frame.address)
            and bool(frame.payload)
        )

    def _is_fence(self, frame: Frame) -> bool:
        return frame.command == self._fence.command

    def _stranger(self, frame: Frame, request: Request) -> str:
        return (
            f"command {request.command:02X} was answered by {frame.command:02X} of reader {frame.address:02X}"
            f" in a {frame.frame_type.value} frame"
        )


_KNOWN = frozenset(status.value for status in Status)
