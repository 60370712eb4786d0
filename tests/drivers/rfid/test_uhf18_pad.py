"""What is particular to readers of the UHFReader18 family: generations, scan mode, their own settings, secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import Late, Lost, MemoryLink, VirtualClock
from drivers.link.trace import TraceLink
from drivers.rfid import LibraryItem, PadSignal, TagGone, WriteRefused, uhf18_pad
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18 import Frame, encode
from drivers.rfid.uhf18_pad import Uhf18PadSettings
from drivers.sim import uhf_content
from drivers.sim.obid_reader import ObidReader
from drivers.sim.uhf18_reader import Generation, Uhf18Reader
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.bench.uhf_identified import WAYS, driver_seconds, least_seconds
from tests.kit.uhf_bench import ReaderBench
from tests.kit.uhf_wirings import is_released

BIT = Security.UHF_BIT


class Bench(ReaderBench[Uhf18Reader]):
    """A pad opened over a memory link: *settings* are the pad's, *reader_is* the far end's."""

    driver: ClassVar[Any] = uhf18_pad
    settings_class = Uhf18PadSettings
    reader_class = Uhf18Reader


def test_an_older_reader_in_scan_mode_is_switched_to_answer_mode() -> None:
    """What it pushes is thrown away, its other parameters stay, and then it is asked like any other."""
    bench = Bench({"pushes": True})
    bench.lay()
    bench.clock.wait(1)

    pad = bench.opened()

    assert not bench.reader.pushes
    assert bench.heard()[-1] == "35000204020600"
    assert len(pad.inventory()) == 1


def test_a_reader_in_answer_mode_is_not_written_to() -> None:
    """A reader that works as it should keeps its settings; opening asks and changes nothing."""
    bench = Bench()
    bench.opened()

    assert bench.heard() == ["21", "36"]


def test_a_newer_reader_is_known_by_what_it_does_not_know() -> None:
    """Commands 36 and a plain 01 are refused once; then 76 and 01 with Q and session are used, and no more asked."""
    bench = Bench({"generation": Generation.NEWER, "pushes": True}, q=5, session=1)
    bench.lay()
    bench.lay("B0000002")
    pad = bench.opened()

    assert [len(pad.inventory()) for _ in range(3)] == [2, 2, 2]
    assert bench.heard() == ["21", "36", "7600", "01", "010501", "010501", "010501"]


@pytest.mark.parametrize("cut", range(0, 18, 5))
def test_a_reader_whose_flood_drowns_the_answer_is_found(cut: int) -> None:
    """Opened in the midst of a flood, with half a frame in the line's buffer, the reader is found."""
    bench = Bench({"pushes": True})
    for number in range(9):
        bench.lay(f"B{number:07}")
    bench.clock.wait(1)
    bench.link.read(cut or 1, 0)

    assert len(bench.opened().inventory()) == 9


def test_a_reader_set_to_scan_mode_meanwhile_is_lost_and_found_again() -> None:
    """A reader that came back from a power cut in scan mode answers no inventory: opening it again helps."""
    bench = Bench(answer_seconds_max=0.2, retries=0)
    bench.lay()
    pad = bench.opened()
    bench.reader.start_pushing()

    with pytest.raises(DeviceLost):
        pad.inventory()
    assert len(bench.opened().inventory()) == 1


@pytest.mark.parametrize(("wanted", "sent"), [(0, []), (26, []), (20, ["2f14"])])
def test_the_power_is_set_once_and_only_where_it_is_another(wanted: int, sent: list[str]) -> None:
    """The transmitter is left alone, or set when the reader says that it is at another power."""
    bench = Bench(power_dbm=wanted)
    bench.opened()

    assert [command for command in bench.heard() if command.startswith("2f")] == sent


def test_done_and_attention_sound_different_where_the_reader_may_sound() -> None:
    """A reader beeps for what is done and for what wants attention, and only where that is set."""
    heard = []
    for beeps in (True, False):
        bench = Bench(beeps=beeps)
        pad = bench.opened()
        for signal in PadSignal:
            pad.signal(signal)
        heard.append(bench.reader.beeps)

    assert len(set(heard[0])) == 2
    assert heard[1] == []


def test_an_inventory_whose_part_is_lost_is_made_again() -> None:
    """When one of several parts arrives damaged, the tags of all parts are seen all the same."""
    bench = Bench({"tags_per_answer": 2})
    for number in range(30):
        bench.lay(f"B{number:07}")
    pad = bench.opened()
    bench.reader.faults.inject(None, ReaderFault.WRONG_CHECKSUM)

    assert len(pad.inventory()) == 30


@pytest.mark.parametrize("fault", [ReaderFault.DISTURBED_AIR, ReaderFault.WRONG_CHECKSUM])
def test_a_disturbed_inventory_is_made_again(fault: ReaderFault) -> None:
    """Poor air and damaged frames do not hide tags."""
    bench = Bench()
    bench.lay()
    pad = bench.opened()
    bench.reader.faults.inject(fault)

    assert len(pad.inventory()) == 1


@pytest.mark.parametrize(
    "fault", [ReaderFault.STRANGE_STATUS, ReaderFault.IMPOSSIBLE_LENGTH, ReaderFault.OTHER_COMMAND]
)
def test_a_lying_inventory_is_a_fault(fault: ReaderFault) -> None:
    """A status nobody knows, a length that cannot be and another command's answer are reported, not passed over."""
    bench = Bench()
    bench.lay()
    pad = bench.opened()
    bench.reader.faults.inject(fault)

    with pytest.raises(DeviceFault):
        pad.inventory()


def test_a_reader_that_names_another_tag_is_not_believed() -> None:
    """A tag that inventories call by a wrong EPC cannot be read by it, so it is gone and not another book."""
    bench = Bench()
    tag = bench.lay()
    bench.reader.faults.lies_about = {tag.epc: tag.epc[:-1] + b"\x01"}
    pad = bench.opened()
    (uid,) = pad.inventory()

    for call in (pad.read, pad.release):
        with pytest.raises(TagGone):
            call(uid)


def test_a_lost_answer_to_a_write_is_settled_by_the_tag() -> None:
    """The write is not sent twice when the tag already shows what was written."""
    bench = Bench()
    tag = bench.lay()
    pad = bench.opened()
    (uid,) = pad.inventory()
    pad.read(uid)
    bench.link.inject(Lost())

    _, after = pad.release(uid)

    assert pad.is_released(after)
    assert is_released(tag, BIT)
    assert [command[:2] for command in bench.heard()].count("03") == 1


def test_a_silent_reader_is_lost() -> None:
    """A reader that says nothing at all is lost, in bounded time."""
    bench = Bench()
    bench.link.silent = True

    with pytest.raises(DeviceLost):
        bench.opened()
    assert bench.clock.monotonic() < 5


def test_a_reader_at_another_speed_is_lost() -> None:
    """At the wrong speed there is silence or nonsense: both are a lost device and nothing is believed."""
    for is_silent in (True, False):
        bench = Bench({"baud": 115200})
        bench.reader.is_silent_at_wrong_speed = is_silent
        bench.reader.line_is_at(57600)

        with pytest.raises(DeviceLost):
            bench.opened()
        assert bench.heard() == []


def test_an_epc_too_long_to_be_selected_is_left_alone() -> None:
    """A tag with more words than a reader can select is gone for the pad, and its neighbours are not disturbed."""
    bench = Bench()
    bench.reader.lay(SimulatedUhfTag(bytes(range(1, 33))))
    bench.lay()
    pad = bench.opened()
    uids = pad.inventory()
    (long_uid,) = [uid for uid in uids if len(uid) == 64]
    (uid,) = [uid for uid in uids if len(uid) < 64]

    with pytest.raises(TagGone):
        pad.read(long_uid)
    assert pad.read(uid).releasable


@pytest.mark.parametrize("how", [{"locked": True}, {"needs_password": True}], ids=str)
def test_what_a_tag_refuses_is_told_in_one_word(how: dict[str, Any]) -> None:
    """A tag's own refusal reaches the session as one word."""
    bench = Bench()
    bench.lay(**how)
    pad = bench.opened()
    (uid,) = pad.inventory()

    with pytest.raises(WriteRefused, match="locked"):
        pad.release(uid)


def test_the_password_is_sent_where_it_opens_and_stands_in_no_trace(tmp_path: Path) -> None:
    """The access password reaches the tag; a trace with all bytes shows zeros in its place, and no error names it."""
    file = tmp_path / "password"
    file.write_text("1A2B3C4D")
    file.chmod(0o600)
    bench = Bench(password_file=str(file))
    told: list[str] = []
    traced = TraceLink(bench.link, told.append, show_bytes=True)
    bench.lay(kill_and_access=bytes.fromhex("000000001A2B3C4D"), needs_password=True)
    other = bench.lay("B0000002", kill_and_access=bytes(7) + b"\x01", needs_password=True)
    pad = uhf18_pad.open(Uhf18PadSettings(**bench.settings), traced, bench.clock)

    ends = []
    for uid in pad.inventory():
        tag = pad.read(uid)
        try:
            pad.release(uid)
        except WriteRefused as refused:
            ends.append(str(refused))
            assert tag.why_not == "password"

    assert len(ends) == 1
    assert ends[0].endswith("password")
    assert not is_released(other, BIT)
    assert any("1a2b3c4d" in command for command in bench.heard())
    shown = "".join(told + ends).replace(" ", "").lower()
    assert "1a2b3c4d" not in shown
    assert "00000000" in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"bus_address": 256},
        {"answer_seconds_max": 0.0},
        {"power_dbm": 34},
        {"q": 16},
        {"session": 4},
        {"retries": 11},
        {"security": Security.AFI},
        {"secured_afi": 0x07, "released_afi": 0x07},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    """A value that no reader takes is told to the installer with what is allowed."""
    with pytest.raises(SettingsError):
        Uhf18PadSettings(**wrong)


def test_a_probe_names_the_reader_and_touches_no_tag() -> None:
    """Asked what it is, a reader says type and firmware; one question is sent, and nothing about tags."""
    bench = Bench()
    bench.lay()

    identity = uhf18_pad.probe(bench.link, bench.clock)

    assert identity is not None
    assert (identity.model, identity.firmware) == ("UHFReader18 family, type 86", "5.2")
    assert bench.heard() == ["21"]
    assert bench.clock.monotonic() < 1


def test_a_probe_of_something_else_finds_nothing() -> None:
    """What is silent, or answers in another protocol, is no such reader; the question ends within a second or two."""

    class Echo:
        def receive(self, data: bytes) -> bytes:
            """Gives back what it gets, as a line without a device may."""
            return data

    for far_end in (Echo(), Uhf18Reader(VirtualClock(), address=7), ObidReader(VirtualClock())):
        clock = VirtualClock()
        link = MemoryLink(far_end, clock)

        assert uhf18_pad.probe(link, clock) is None
        assert clock.monotonic() < 2


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.value)
def test_a_stack_of_ten_takes_little_more_than_wire_and_air(way: Security) -> None:
    """Ten tags are identified in less than 1.1 times what the fewest commands take on line and air."""
    assert driver_seconds(10, way) < 1.1 * least_seconds(10, way)


def test_an_inventory_that_ran_out_of_time_is_made_again() -> None:
    """A reader that hears three tags in the time of one inventory is asked until it names no new one."""
    bench = Bench()
    for number in range(7):
        bench.lay(f"B{number:07}")
    bench.reader.tags_per_scan = 3

    assert len(bench.opened().inventory()) == 7


def test_an_inventory_may_take_as_long_as_the_reader_says() -> None:
    """A reader that scans for two seconds is waited for, longer than for any other answer, and asked once."""
    bench = Bench(answer_seconds_max=1.0)
    bench.lay()
    pad = bench.opened()
    bench.link.inject(Late(2.5))

    assert len(pad.inventory()) == 1
    assert bench.heard().count("01") == 1


def test_settings_that_a_reader_does_not_take_are_a_fault() -> None:
    """A reader that does not confirm its power is reported, not used at another one."""
    bench = Bench(power_dbm=20)
    bench.reader.faults.inject(None, None, ReaderFault.DISTURBED_AIR)

    with pytest.raises(DeviceFault, match="2F"):
        bench.opened()


def test_an_answer_of_another_reader_is_not_ours() -> None:
    """On a line with several readers only the one that was asked is believed."""

    class Neighbour:
        def __init__(self, reader: Uhf18Reader, own: bytes) -> None:
            self._reader = reader
            self._own = own

        def receive(self, data: bytes) -> bytes:
            """Answers questions in the name of reader 9, but for those of the commands *own*."""
            answer = self._reader.receive(data)
            if not answer or answer[2] in self._own:
                return answer
            return encode(Frame(9, answer[2], answer[3:-2]))

    clock = VirtualClock()
    for own, error in ((b"", DeviceLost), (b"\x21", DeviceFault)):
        link = MemoryLink(Neighbour(Uhf18Reader(clock), own), clock)

        with pytest.raises(error):
            uhf18_pad.open(Uhf18PadSettings(bus_address=0), link, clock)
        assert uhf18_pad.open(Uhf18PadSettings(), link, clock).inventory() == ()


def test_a_user_bank_shorter_than_a_question_is_read_to_its_end() -> None:
    """A tag that says "overrun" is asked for less, until its last word is read."""
    content = uhf_content.iso28560_4(
        "B0000001", owner="CN-110108", part=2, parts=3, usage=0x11, set_in_user=True
    )
    bench = Bench(security=Security.UHF_AFI)
    bench.reader.lay(SimulatedUhfTag(content.epc, content.pc, bytearray(content.user)))
    pad = bench.opened()

    (tag,) = [pad.read(uid) for uid in pad.inventory()]

    assert len(content.user) % 16
    assert tag.content == LibraryItem("B0000001", 2, 3, "CN-110108", 0x11)
