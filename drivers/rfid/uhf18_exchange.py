"""One question, one answer: how a reader of the UHFReader18 family is talked to over a link (device reference 3.2.1).

The fence is the question for the reader information.  A reader in scan mode pushes tags unasked: what it pushes is
thrown away, and where it drowned an answer the question is put again.  An inventory has several answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, Link
from drivers.rfid import uhf18_commands
from drivers.rfid.uhf18 import (
    INVENTORY,
    NOT_KNOWN,
    PUSHED,
    Frame,
    FrameReader,
    ReaderInfo,
    Status,
    TagError,
    encode,
    parse_info,
)
from drivers.rfid.uhf_exchange import UhfExchange
from drivers.rfid.uhf_frames import Request

__all__ = ["Answer", "CommandUnknown", "Uhf18Exchange"]

_PARTS_MAX = 256
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


class Uhf18Exchange(UhfExchange[Answer]):
    """`UhfExchange` in the frames of the UHFReader18 family; `CommandUnknown` is one of the faults it raises."""

    def __init__(
        self, link: Link, clock: Clock, *, address: int, answer_seconds_max: float, retries: int
    ) -> None:
        super().__init__(
            link,
            clock,
            FrameReader(),
            fence=uhf18_commands.reader_info(),
            address=address,
            answer_seconds_max=answer_seconds_max,
            retries=retries,
            scans=(INVENTORY,),
            parts_max=_PARTS_MAX,
        )

    def info(self) -> ReaderInfo:
        """What the reader says of itself; nothing older can arrive any more.  Raises `DeviceLost`."""
        return parse_info(self.fenced().payload[1:])

    def _framed(self, request: Request) -> bytes:
        return encode(Frame(self._address, request.command, request.data))

    def _answers(self, frame: Frame, request: Request) -> bool:
        is_refusal = frame.command == NOT_KNOWN and frame.payload == bytes((Status.NOT_KNOWN,))
        is_answer = self._is_ours(frame) and bool(frame.payload)
        return is_answer and (frame.command == request.command or is_refusal)

    def _is_fence(self, frame: Frame) -> bool:
        is_whole = len(frame.payload) >= _INFO_BYTES_MIN and frame.payload[0] == Status.OK
        return self._is_ours(frame) and is_whole and frame.command == self._fence.command

    def _understood(self, frame: Frame, request: Request) -> Answer:
        status = frame.payload[0]
        why = _FAULTS.get(Status(status)) if status in _KNOWN else "its status is not known"
        if why is None:
            return Answer(status, frame.payload[1:])
        text = f"command {request.command:02X}: status {status:02X}: {why}"
        raise CommandUnknown(text) if status in _OTHER_GENERATION else DeviceFault(text)

    def _goes_on(self, answer: Answer) -> bool:
        return answer.status == Status.MORE

    def _is_unasked(self, frame: Frame) -> bool:
        return frame.command == PUSHED


_KNOWN = frozenset(status.value for status in Status)
