"""What every UHF module's exchange of frames does alike: answers in parts that never end, and secrets in frames."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from drivers.catalog import Kind, find
from drivers.link import DeviceFault
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.trace import TraceLink, conceal
from drivers.rfid import a0, a0_commands, a0_pad, uhf18, uhf18_commands, uhf18_pad
from drivers.rfid.a0_commands import Writing
from drivers.rfid.a0_pad import A0PadSettings
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.rfid.uhf_frames import Frame, Request
from drivers.rfid.uhf_pad import UhfPad
from drivers.sim.a0_reader import A0Reader
from drivers.sim.uhf18_reader import Uhf18Reader

EPC = bytes.fromhex("1703000398130803F4040000")
PASSWORD = bytes.fromhex("DEADBEEF")


class Endless:
    """`FarEnd` that is *reader*, but answers each inventory with *part*, again and again, *seconds* apart."""

    def __init__(
        self, clock: VirtualClock, reader: Uhf18Reader | A0Reader, part: bytes, seconds: float
    ) -> None:
        self._clock = clock
        self._reader = reader
        self._part = part
        self._seconds = seconds
        self._is_counting = False

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        if data:
            self._is_counting = data[2] == 0x01 or data[3] == 0x89
        if not self._is_counting:
            return self._reader.receive(data)
        self._clock.wait(self._seconds)
        return self._part


def endless_uhf18(clock: VirtualClock, seconds: float) -> UhfPad:
    part = uhf18.encode(Frame(0, uhf18.INVENTORY, bytes((uhf18.Status.MORE, 1, len(EPC))) + EPC))
    link = MemoryLink(Endless(clock, Uhf18Reader(clock), part, seconds), clock)
    return uhf18_pad.open(Uhf18PadSettings(), link, clock)


def endless_a0(clock: VirtualClock, seconds: float) -> UhfPad:
    part = a0.encode(Frame(1, a0.INVENTORY, b"\x04\x30\x00" + EPC + b"\x45"))
    link = MemoryLink(Endless(clock, A0Reader(clock), part, seconds), clock)
    return a0_pad.open(A0PadSettings(), link, clock)


@pytest.mark.parametrize("opened", [endless_uhf18, endless_a0])
@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.9, 2.5])
def test_an_inventory_without_an_end_is_a_fault_in_time(
    opened: Callable[[VirtualClock, float], UhfPad], seconds: float
) -> None:
    """A module that announces more tags for ever, fast or slowly, is reported and does not hold up the kiosk."""
    clock = VirtualClock()
    pad = opened(clock, seconds)
    begun = clock.monotonic()

    with pytest.raises(DeviceFault, match="no end"):
        pad.inventory()
    assert clock.monotonic() - begun < 20


@pytest.mark.parametrize(
    "request_",
    [
        uhf18_commands.write_word(EPC, 2, 0x9703, PASSWORD, by_mask=False),
        uhf18_commands.read_words(EPC, 1, 1, 1, PASSWORD, by_mask=True),
        a0_commands.write_word(2, 0x9703, PASSWORD, Writing.BLOCK),
    ],
)
def test_a_password_shows_in_no_question_and_no_frame(request_: Request) -> None:
    """What is shown of a question or its frame, in a traceback say, holds nothing of the tags' password."""
    frame = Frame(1, request_.command, request_.data)

    assert PASSWORD in request_.data
    for shown in (repr(request_), repr(frame), str(request_)):
        assert "deadbeef" not in shown.lower()
        assert repr(PASSWORD)[2:-1] not in shown


@pytest.mark.parametrize("driver", ["uhf18-pad", "a0-pad", "uhf-auto"])
@pytest.mark.parametrize("by_mask", [True, False])
def test_no_check_sum_in_a_trace_tells_of_a_password(driver: str, by_mask: bool) -> None:
    """Traces of the same question with two passwords look the same, whichever driver was configured."""
    redact = find(driver, Kind.PAD).redactor()
    assert redact is not None
    shown: set[tuple[str, ...]] = set()
    for password in (PASSWORD, bytes.fromhex("0BADCAFE")):
        lines: list[str] = []
        trace = TraceLink(MemoryLink(Silent(), VirtualClock()), lines.append, show_bytes=True, redact=redact)
        conceal(trace, password)
        for frame in (
            [a0.encode(framed(a0_commands.write_word(2, 0x9703, password, Writing.BLOCK)))]
            if driver == "a0-pad"
            else [
                uhf18.encode(framed(uhf18_commands.read_words(EPC, 1, 1, 1, password, by_mask=by_mask))),
                uhf18.encode(framed(uhf18_commands.write_word(EPC, 2, 7, password, by_mask=by_mask))),
            ]
        ):
            trace.write(frame, 1.0)
        shown.add(tuple(lines))

    assert len(shown) == 1


class Silent:
    """`FarEnd` that never answers."""

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        return b""


def framed(request: Request) -> Frame:
    return Frame(0xFF, request.command, request.data)
