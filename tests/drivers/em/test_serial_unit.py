"""A unit behind a table of commands: what its replies may say, and what none may make the kiosk believe."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from typing import cast

import pytest

from drivers.em import Deed, NotTreated, Spoilt, StripState, Treated, serial_unit
from drivers.em.serial_table import Exchange, SerialUnitSettings
from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import Corrupted, Cut, Late, Lost, MemoryLink, Noise, Repeated, Sound, VirtualClock
from drivers.sim.serial_strip_unit import SerialStripUnitFarEnd
from drivers.sim.strip import plain_item
from tests.kit.effort import effort
from tests.kit.strip_bench import BLIND_TABLE, ENDS, TABLE, StripBench, serial

OFF, ON = Deed.DESENSITISE, Deed.SENSITISE


@pytest.fixture
def bench() -> StripBench:
    made = serial(TABLE, 1)
    made.rest()
    return made


@pytest.fixture
def unit(bench: StripBench) -> SerialStripUnitFarEnd:
    return cast(SerialStripUnitFarEnd, bench.far_end)


@pytest.fixture
def line(bench: StripBench) -> MemoryLink:
    return cast(MemoryLink, bench.cable)


def deeds_heard(unit: SerialStripUnitFarEnd) -> list[bytes]:
    return [command for command in unit.heard if command in (b"D", b"C")]


@pytest.mark.parametrize(
    ("reply", "end"),
    [
        (b"", Spoilt(OFF, "silent")),
        (b"D0", Spoilt(OFF, "silent")),
        (b"C0\r", Spoilt(OFF, "answer")),
        (b"S1A00\r", Spoilt(OFF, "answer")),
        (b"E\r", Spoilt(OFF, "answer")),
        (b"D00\r", Spoilt(OFF, "answer")),
        (b"\xff\x00\r", Spoilt(OFF, "answer")),
        (b"x" * 5000, Spoilt(OFF, "silent")),
        (b"D1\r", NotTreated(OFF, "refused")),
    ],
)
def test_a_deed_is_sent_once_and_only_its_own_reply_is_believed(
    bench: StripBench, unit: SerialStripUnitFarEnd, reply: bytes, end: object
) -> None:
    """Silence, half a reply, another command's and nonsense leave it open what was done; a refusal does not."""
    unit.deed_replies.append(reply)
    unit.lay(plain_item("10000001"))
    bench.unit.arm(OFF)

    assert bench.ended() == end
    assert deeds_heard(unit) == [b"D"]


def test_a_unit_that_says_done_and_did_nothing_is_found_out(
    bench: StripBench, unit: SerialStripUnitFarEnd
) -> None:
    """The strip is read after the deed, whatever the reply was."""
    unit.lies_done = True
    unit.lay(plain_item("10000001"))
    bench.unit.arm(OFF)

    assert bench.ended() == Treated(OFF, StripState.ACTIVE, stays=True)


@pytest.mark.parametrize("shown", [True, False])
def test_a_verifier_that_never_changes_is_not_believed(
    bench: StripBench, unit: SerialStripUnitFarEnd, shown: bool
) -> None:
    """One that shows what is wanted before and after is not taken for a verified strip."""
    deed = ON if shown else OFF
    unit.bed.shows = shown
    unit.lay(plain_item("10000001"))
    bench.unit.arm(deed)

    assert bench.ended() == Treated(deed, StripState.UNVERIFIED, stays=True)


@pytest.mark.parametrize(
    "faults",
    [
        (Lost(),),
        (Cut(2),),
        (Corrupted(0, 0x80),),
        (Noise(b"\x00\xff"),),
        (Repeated(),),
        (Late(0.5),),
        (Late(1.5),),
        (Sound(), Lost(), Sound(), Cut(1)),
    ],
)
def test_a_status_that_is_disturbed_is_asked_for_again(
    bench: StripBench, unit: SerialStripUnitFarEnd, line: MemoryLink, faults: tuple[Lost, ...]
) -> None:
    """One broken status at any moment changes nothing: the item is treated once and read rightly."""
    item = plain_item("10000001")
    unit.lay(item)
    line.inject(*faults)
    bench.unit.arm(OFF)

    assert bench.ended() == Treated(OFF, StripState.INACTIVE, stays=True)
    assert (deeds_heard(unit), item.treatments) == ([b"D"], [OFF])


def test_a_status_that_came_too_late_is_nobodys_answer(
    bench: StripBench, unit: SerialStripUnitFarEnd, line: MemoryLink
) -> None:
    """A status from before the pulse that arrives after it is not taken for the one asked for then."""
    permanent = plain_item("10000001")
    permanent.strips[0].is_permanent = True
    unit.bed.shows = False
    unit.lay(permanent)
    bench.watch(1.0)
    line.inject(Late(1.2))
    bench.watch(1.0)
    unit.bed.shows = None
    bench.unit.arm(OFF)

    assert bench.ended() == Treated(OFF, StripState.ACTIVE, stays=True)


def test_a_silent_unit_is_lost(bench: StripBench, line: MemoryLink) -> None:
    """A unit that answers nothing is away; it is asked twice."""
    line.silent = True

    with pytest.raises(DeviceLost, match="has not answered"):
        bench.watch(5.0)


def test_a_unit_that_answers_from_another_table_is_a_fault(
    bench: StripBench, unit: SerialStripUnitFarEnd
) -> None:
    """What is no status, twice, is told with its first bytes."""
    unit.replies = deque([b"\x02HELLO\x03\r"] * 2)

    with pytest.raises(DeviceFault, match="02 48 45 4c 4c 4f 03, which is not in the table"):
        bench.watch(1.0)


def test_a_unit_that_never_stops_talking_takes_no_memory_and_no_time() -> None:
    """Endless bytes without an end of a reply are cut off, and told as a lost unit or a fault."""

    class Endless:
        def receive(self, data: bytes) -> bytes:
            return b"U" * 4096

    clock = VirtualClock()
    with pytest.raises((DeviceLost, DeviceFault)):
        serial_unit.open(TABLE, MemoryLink(Endless(), clock), clock)


def test_init_and_safe_are_the_first_and_last_words() -> None:
    """The unit is told to begin and to rest when it is opened, to rest when a deed is left and at the end."""
    table = replace(TABLE, init=Exchange(text="E\r", expect="E"))
    bench = serial(table)
    unit = cast(SerialStripUnitFarEnd, bench.far_end)
    assert unit.heard[:3] == [b"E", b"R", b"S"]

    bench.unit.arm(OFF)
    bench.unit.disarm()
    assert unit.heard[-1] == b"R"
    bench.watch(0.5)
    bench.unit.close()
    assert unit.heard[-1] == b"R"


def test_a_busy_unit_is_waited_for_and_a_faulty_one_is_not(
    bench: StripBench, unit: SerialStripUnitFarEnd
) -> None:
    """Busy ends after its time as not done; a fault ends the deed at once; no command to treat was sent."""
    unit.lay(plain_item("10000001"))
    unit.is_busy = True
    bench.unit.arm(OFF)
    assert bench.ended() == NotTreated(OFF, "busy")
    unit.is_busy, unit.has_fault = False, True
    bench.unit.arm(OFF)

    assert bench.ended() == NotTreated(OFF, "fault")
    assert deeds_heard(unit) == []


def test_hostile_replies_never_make_a_strip_verified() -> None:
    """Random and mutated replies to every question end as events or device errors, and no lie becomes inactive."""
    chance = random.Random(930)
    told = 0
    for _ in range(effort(250, 20_000)):
        bench = serial(TABLE, chance.choice((0, 1, 3)))
        unit = cast(SerialStripUnitFarEnd, bench.far_end)
        bench.rest()
        unit.lay(plain_item("10000001", is_active=False))
        unit.bed.shows = True
        true = (b"S1A00\r", b"D0\r", b"D1\r", b"R0\r")
        for _ in range(80):
            reply = bytearray(chance.choice(true))
            for _ in range(chance.choice((0, 0, 1, 2))):
                reply[chance.randrange(len(reply))] = 0x80 | chance.randrange(128)
            unit.replies.append(
                bytes(reply[: chance.choice((len(reply), 2))]) if chance.random() < 0.3 else bytes(reply)
            )
        bench.unit.arm(OFF)
        try:
            happened = [event for event in bench.watch(3.0) if isinstance(event, ENDS)]
        except (DeviceLost, DeviceFault):
            told += 1
            continue
        assert Treated(OFF, StripState.INACTIVE, stays=True) not in happened
    assert told


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (SerialUnitSettings(), "desensitise: text or hex"),
        (replace(BLIND_TABLE, sensitise=Exchange()), "sensitise: text or hex"),
        (replace(BLIND_TABLE, sensitise=BLIND_TABLE.desensitise), "send the same"),
        (replace(TABLE, desensitise=Exchange(text="D", hex="44")), "desensitise: text or hex, not both"),
        (replace(TABLE, desensitise=Exchange(hex="4")), "desensitise.hex"),
        (replace(TABLE, desensitise=Exchange(text="消")), "desensitise.text"),
        (replace(TABLE, desensitise=Exchange(text="D" * 200)), "128 bytes"),
        (replace(TABLE, desensitise=Exchange(text="D\r", expect="(")), "desensitise.expect"),
        (
            replace(TABLE, desensitise=Exchange(text="D\r", timeout_seconds=0.0)),
            "desensitise.timeout_seconds",
        ),
        (replace(TABLE, init=Exchange(expect="E")), "init.expect"),
        (replace(TABLE, status=Exchange(text="S\r", expect=".*")), "status.expect"),
        (replace(TABLE, desensitise=Exchange(text="D\r", expect=".+")), "desensitise.expect"),
        (replace(TABLE, strip_inactive="[^A]"), "strip_inactive"),
        (replace(TABLE, item_present="1?"), "item_present"),
        (replace(TABLE, refused="."), "refused"),
        (replace(TABLE, status=Exchange(text="S\r")), "status.expect"),
        (replace(TABLE, status=Exchange()), "needs the command status"),
        (replace(TABLE, strip_inactive=""), "need each other"),
        (replace(TABLE, fault="["), "fault = "),
        (replace(TABLE, refused="["), "refused = "),
        (replace(TABLE, reply_end="终"), "reply_end"),
        (replace(TABLE, act_seconds=60.0), "act_seconds = 60.0"),
        (replace(TABLE, pulses_per_minute_max=1000), "pulses_per_minute_max = 1000"),
    ],
)
def test_a_table_no_unit_can_have_is_refused(settings: SerialUnitSettings, named: str) -> None:
    """The refusal names the setting, before anything is sent."""
    clock = VirtualClock()
    unit = SerialStripUnitFarEnd(clock)

    with pytest.raises(SettingsError, match=named):
        serial_unit.open(settings, MemoryLink(unit, clock), clock)
    assert unit.heard == []
