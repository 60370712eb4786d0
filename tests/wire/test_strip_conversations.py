"""Strip units in hex: what is said on the wire, in order, and what is made of the answers.

The BookCheck's requests are bRequest, wValue and wIndex of vendor control transfers (device reference 8.1); its idle
replies are those of the reference, the others follow from its table and were not seen on a device.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from drivers.em import Deed, ItemSensed, StripEvent, StripUnit, bookcheck_unit, serial_unit
from drivers.em.bookcheck_settings import BookCheckSettings
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.memory_control import MemoryControlLink
from tests.kit.strip_bench import TABLE

SAFE_AND_READ_BACK = """
> BD 00FF FFFF < 01 00 00 00 00 00 00 00 00
> BD FFFF FFFF < 01 00 00 00 00 00 00 00 00
"""
IDLE = "> B7 0000 0000 < 00 00 00 01 01 00 01 EE 00\n"
LIVE_OUT = "> BD FFFF FFFF < 00 01 00 00 00 00 00 00 00\n"
LIVE_IN = "> BD FFFF FFFF < 01 01 00 00 00 00 00 00 00\n"
OPENED = SAFE_AND_READ_BACK + IDLE


def sensed(direction: int, lamp: int) -> str:
    return f"> B7 0000 0000 < 00 00 01 01 01 00 {direction:02X} {lamp:02X} 00\n"


BOOKCHECK = {
    "check-out, the strip is off": (
        Deed.DESENSITISE,
        OPENED + IDLE
        + "> BD 0100 00FF < 00 01 00 00 00 00 00 00 00\n" + LIVE_OUT + IDLE
        + IDLE + LIVE_OUT
        + sensed(2, 0xE6) + LIVE_OUT + sensed(2, 0xEE) + LIVE_OUT + sensed(2, 0xEE) + LIVE_OUT
        + IDLE + LIVE_OUT + SAFE_AND_READ_BACK + IDLE,
        "Treated desensitise inactive",
    ),
    "check-out, the strip stays on": (
        Deed.DESENSITISE,
        OPENED + IDLE
        + "> BD 0100 00FF < 00 01 00 00 00 00 00 00 00\n" + LIVE_OUT + IDLE
        + sensed(1, 0xE6) + LIVE_OUT + sensed(1, 0xE6) + LIVE_OUT
        + IDLE + LIVE_OUT + SAFE_AND_READ_BACK + IDLE,
        "Treated desensitise active",
    ),
    "check-in": (
        Deed.SENSITISE,
        OPENED + IDLE
        + "> BD 0101 00FF < 01 01 00 00 00 00 00 00 00\n" + LIVE_IN + IDLE
        + sensed(2, 0xEE) + LIVE_IN + sensed(2, 0xE6) + LIVE_IN
        + IDLE + LIVE_IN + SAFE_AND_READ_BACK + IDLE,
        "Treated sensitise active",
    ),
    "check-out that is answered with check-in": (
        Deed.DESENSITISE,
        OPENED + IDLE
        + "> BD 0100 00FF < 01 01 00 00 00 00 00 00 00\n" + LIVE_IN
        + SAFE_AND_READ_BACK + IDLE,
        "NotTreated desensitise mode",
    ),
    "check-out that waits for its button": (
        Deed.DESENSITISE,
        OPENED + IDLE
        + "> BD 0100 00FF < 00 01 00 01 00 00 00 00 00\n" + "> BD FFFF FFFF < 00 01 00 01 00 00 00 00 00\n"
        + SAFE_AND_READ_BACK + IDLE,
        "NotTreated desensitise mode",
    ),
    "the safe mode is set twice": (
        Deed.DESENSITISE,
        "> BD 00FF FFFF < 01 01 00 00 00 00 00 00 00\n" + "> BD 00FF FFFF < 01 00 00 00 00 00 00 00 00\n"
        + "> BD FFFF FFFF < 01 00 00 00 00 00 00 00 00\n" + IDLE + IDLE
        + "> BD 0100 00FF < 00 01 00 00 00 00 00 00 00\n" + LIVE_OUT + IDLE
        + sensed(1, 0xEE) + LIVE_OUT + sensed(1, 0xEE) + LIVE_OUT + sensed(2, 0xEE) + LIVE_OUT
        + SAFE_AND_READ_BACK + IDLE,
        "Spoilt desensitise moved-back",
    ),
}  # fmt: skip


@dataclass
class Script:
    """A device that says what is written, to what is written; idle looks may come more often than they are there."""

    turns: list[tuple[str, bytes]]

    def control(self, request: int, value: int, index: int, size: int) -> bytes | None:
        asked = f"{request:02X} {value:04X} {index:04X}"
        if self.turns and self.turns[0][0] == asked:
            return self.turns.pop(0)[1][:size]
        assert asked in ("B7 0000 0000", "BD FFFF FFFF"), f"{asked} instead of {self.turns[:1]}"
        return bytes.fromhex(
            "00 00 00 01 01 00 01 EE 00" if asked[1] == "7" else "01 00 00 00 00 00 00 00 00"
        )


def written(conversation: str) -> list[tuple[str, bytes]]:
    lines = [line.removeprefix("> ").partition(" < ") for line in conversation.strip().splitlines() if line]
    return [(asked, bytes.fromhex(answer)) for asked, _, answer in lines]


def first_event(unit: StripUnit, clock: VirtualClock) -> StripEvent:
    until = clock.monotonic() + 30
    while clock.monotonic() < until:
        event = unit.poll(0.1)
        if event is not None:
            return event
    raise AssertionError("nothing happened")


@pytest.mark.parametrize(("deed", "conversation", "said"), BOOKCHECK.values(), ids=BOOKCHECK.keys())
def test_a_bookcheck_is_spoken_to_as_written(deed: Deed, conversation: str, said: str) -> None:
    """From the first word to the safe mode after the deed: these transfers, in this order, mean this."""
    clock = VirtualClock()
    script = Script(written(conversation))
    settings = BookCheckSettings(min_interval_seconds=0.1, pulses_per_minute_max=120)
    unit = bookcheck_unit.open(settings, MemoryControlLink(script, clock), clock)
    clock.wait(0.6)
    unit.arm(deed)
    event = first_event(unit, clock)

    how = getattr(event, "strip", None)
    told = how.value if how is not None else getattr(event, "why", "")
    assert f"{type(event).__name__} {deed.value} {told}" == said
    assert script.turns == []


@pytest.mark.parametrize("size", [0, 1, 3], ids=["whole", "byte by byte", "in threes"])
@pytest.mark.parametrize("deed", list(Deed))
def test_the_table_of_the_example_is_spoken_as_written(deed: Deed, size: int) -> None:
    """The commands of the table and nothing else are sent; the replies in hex are understood however they come."""
    command, before, after = (b"D\r", "41", "49") if deed is Deed.DESENSITISE else (b"C\r", "49", "41")
    replies = {
        b"R\r": "52 30 0D",
        b"S\r": f"53 31 {before} 30 30 0D",
        command: f"{command.hex(' ')[:2]} 30 0D",
    }
    heard: list[bytes] = []

    class Written:
        """Answers in hex as written; the strip changes with the deed."""

        def receive(self, data: bytes) -> bytes:
            if not data:
                return b""
            heard.append(data)
            if data == command:
                replies[b"S\r"] = f"53 31 {after} 30 30 0D"
            return bytes.fromhex(replies[data])

    clock = VirtualClock()
    unit = serial_unit.open(TABLE, MemoryLink(Written(), clock, chunk_bytes=size), clock)
    clock.wait(4.0)
    unit.arm(deed)
    came, event = first_event(unit, clock), first_event(unit, clock)

    assert came == ItemSensed(stays=True)
    assert (type(event).__name__, getattr(event, "strip", None)) == ("Treated", deed.wanted)
    assert (heard[0], heard.count(command), set(heard)) == (b"R\r", 1, set(replies))
