"""One question, one answer: how an Impinj "A0" module is talked to over a link (device reference 3.2.2).

The fence is the question for the firmware's version, the only answer of two bytes to command 72.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, Link
from drivers.rfid import a0_commands
from drivers.rfid.a0 import (
    FIRMWARE,
    GET_POWER,
    INVENTORY,
    SESSION_INVENTORY,
    WRITE_BLOCK,
    WRITE_WORD,
    Code,
    FrameReader,
    encode,
    is_summary,
    parse_firmware,
)
from drivers.rfid.uhf_exchange import UhfExchange
from drivers.rfid.uhf_frames import Frame, Request

__all__ = ["A0Exchange", "Answer"]

_PARTS_MAX = 1024
_SCAN_SECONDS = 2.0
_FIRMWARE_BYTES = 2

_FAULTS = {
    Code.PARAMETER: "the module does not take these parameters",
    Code.WORD_COUNT: "the module does not take this number of words",
    Code.BANK: "the module does not know this bank",
    Code.LOCK_REGION: "the module answers as if it had been told to lock",
    Code.LOCK_FAILED: "the module answers as if it had been told to lock",
    Code.KILL_FAILED: "the module answers as if it had been told to kill",
}
_WITHOUT_CODES = (GET_POWER, WRITE_BLOCK, WRITE_WORD)
"""One byte may be data there, or something that nobody has written down."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its *code*, or None and its *data*."""

    code: Code | None
    data: bytes = b""


class A0Exchange(UhfExchange[Answer]):
    """`UhfExchange` in the frames of "A0" modules."""

    def __init__(
        self, link: Link, clock: Clock, *, address: int, answer_seconds_max: float, retries: int
    ) -> None:
        super().__init__(
            link,
            clock,
            FrameReader(),
            fence=a0_commands.firmware(),
            address=address,
            answer_seconds_max=answer_seconds_max,
            retries=retries,
            scans=(INVENTORY, SESSION_INVENTORY),
            parts_max=_PARTS_MAX,
        )
        self.scan_seconds = _SCAN_SECONDS

    def firmware(self) -> str:
        """The version of the module's firmware; nothing older can arrive any more.  Raises `DeviceLost`."""
        return parse_firmware(self.fenced().payload)

    def _framed(self, request: Request) -> bytes:
        return encode(Frame(self._address, request.command, request.data))

    def _answers(self, frame: Frame, request: Request) -> bool:
        return self._is_ours(frame) and frame.command == request.command and bool(frame.payload)

    def _is_fence(self, frame: Frame) -> bool:
        is_whole = len(frame.payload) == _FIRMWARE_BYTES
        return self._is_ours(frame) and frame.command == FIRMWARE and is_whole

    def _understood(self, frame: Frame, request: Request) -> Answer:
        if len(frame.payload) != 1 or request.command in _WITHOUT_CODES:
            return Answer(None, frame.payload)
        text = f"command {request.command:02X}: code {frame.payload[0]:02X}"
        try:
            code = Code(frame.payload[0])
        except ValueError as error:
            raise DeviceFault(f"{text} is not known") from error
        if code in _FAULTS:
            raise DeviceFault(f"{text}: {_FAULTS[code]}")
        return Answer(code)

    def _goes_on(self, answer: Answer) -> bool:
        return answer.code is None and not is_summary(answer.data)
