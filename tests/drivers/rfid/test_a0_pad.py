"""What is particular to Impinj "A0" modules: selections, restarts, antennas, unanswered writes, banks that end."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.memory import Late, Lost, MemoryLink, VirtualClock
from drivers.link.trace import TraceLink
from drivers.probing import Identity
from drivers.rfid import LibraryItem, PadSignal, TagGone, WriteRefused, a0_pad
from drivers.rfid.a0 import Frame, encode
from drivers.rfid.a0_commands import Writing, redact
from drivers.rfid.a0_exchange import A0Exchange
from drivers.rfid.a0_pad import A0PadSettings
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf_module import Bank
from drivers.sim import uhf_content
from drivers.sim.a0_reader import A0Reader, WriteAnswer
from drivers.sim.uhf18_reader import Uhf18Reader
from drivers.sim.uhf_faults import ReaderFault
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.bench.uhf_identified import A0, WAYS, driver_seconds, least_seconds
from tests.kit.uhf_bench import ReaderBench
from tests.kit.uhf_wirings import is_released, item

BIT = Security.UHF_BIT


class Bench(ReaderBench[A0Reader]):
    """A pad opened over a memory link: *settings* are the pad's, *reader_is* the far end's."""

    driver: ClassVar[Any] = a0_pad
    settings_class = A0PadSettings
    reader_class = A0Reader

    def asked(self) -> list[str]:
        """The commands the module was given since the last time."""
        commands = [command[:2] for command in self.heard()]
        self.reader.commands_heard.clear()
        return commands


def test_opening_finds_the_module_and_chooses_its_antenna() -> None:
    """A module is asked for its version and given its antenna; nothing that it keeps is written."""
    bench = Bench()
    bench.opened()

    assert bench.heard() == ["72", "7400"]


@pytest.mark.parametrize(("antenna", "sent"), [(0, []), (1, ["7400"]), (3, ["7402"])])
def test_the_antenna_is_the_one_that_is_set(antenna: int, sent: list[str]) -> None:
    """An antenna is chosen by its number on the housing, or left as it is."""
    bench = Bench(antenna=antenna)

    assert bench.opened().inventory() == ()
    assert [command for command in bench.heard() if command.startswith("74")] == sent


def test_an_antenna_that_is_not_there_is_a_fault() -> None:
    """A module that does not confirm its antenna is not used at another one."""
    with pytest.raises(DeviceFault, match=r"74.*does not take these parameters"):
        Bench(antenna=8).opened()


def test_a_module_that_lost_its_antenna_is_opened_again() -> None:
    """After a power cut a module works with its first antenna: that is found out, and opening it again helps."""
    bench = Bench(antenna=2)
    pad = bench.opened()
    bench.reader.restart()
    bench.clock.wait(1)

    with pytest.raises(DeviceLost, match="antenna"):
        pad.inventory()
    assert bench.opened().inventory() == ()


@pytest.mark.parametrize(("wanted", "sent"), [(0, []), (26, ["77"]), (20, ["77", "7614"])])
def test_the_power_is_set_once_and_only_where_it_is_another(wanted: int, sent: list[str]) -> None:
    """The transmitter is left alone, or set when the module says that it is at another power."""
    bench = Bench(power_dbm=wanted)
    bench.opened()

    assert bench.heard()[2:] == sent


def test_settings_that_a_module_does_not_take_are_a_fault() -> None:
    """A module that does not confirm its power is reported, not used at another one."""
    bench = Bench(power_dbm=20)
    bench.reader.faults.inject(None, None, None, ReaderFault.DISTURBED_AIR)

    with pytest.raises(DeviceFault, match="76"):
        bench.opened()


@pytest.mark.parametrize(
    ("settings", "sent"), [({}, "8901"), ({"in_session_0": True, "rounds": 3}, "8b000003")], ids=str
)
def test_an_inventory_asks_as_it_is_set(settings: dict[str, Any], sent: str) -> None:
    """Plain, or in session 0, and for as many rounds as the installer wants."""
    bench = Bench(**settings)
    bench.lay()

    assert len(bench.opened().inventory()) == 1
    assert bench.heard()[-1] == sent


def test_a_tag_is_selected_once_for_all_that_is_read_of_it() -> None:
    """Reading a stack selects each tag once, and reads what its data model needs."""
    bench = Bench()
    for number in range(3):
        bench.lay(f"B{number:07}")
    pad = bench.opened()
    uids = pad.inventory()
    bench.asked()
    for uid in uids:
        pad.read(uid)

    assert bench.asked() == ["85", "81", "81"] * 3


def test_a_release_selects_anew_hears_the_tag_alone_and_then_writes() -> None:
    """Before the write the tag is selected and answers; behind it the new EPC is, and nobody may have the old one."""
    bench = Bench(retries=1)
    tag = bench.lay()
    bench.lay("B0000002")
    pad = bench.opened()
    uid = next(uid for uid in pad.inventory() if uid == tag.epc.hex().upper())
    pad.read(uid)
    bench.asked()

    pad.release(uid)

    assert bench.asked() == ["85", "81", "94", "85", "81", "85", "81", "81"]
    assert [is_released(one, BIT) for one in bench.reader.tags()] == [
        one is tag for one in bench.reader.tags()
    ]


@pytest.mark.parametrize("writing", list(Writing), ids=lambda writing: writing.value)
@pytest.mark.parametrize("answer", list(WriteAnswer), ids=lambda answer: answer.value)
def test_whatever_is_answered_to_a_write_the_tag_tells(writing: Writing, answer: WriteAnswer) -> None:
    """A write that was done counts, and one that was not does not, whether it is confirmed, or nothing is said."""
    ends = []
    for writes_nothing in (False, True):
        bench = Bench({"write_answer": answer}, writing=writing)
        tag = bench.lay(writes_nothing=writes_nothing)
        pad = bench.opened()
        (uid,) = pad.inventory()
        try:
            ends.append(pad.is_released(pad.release(uid)[1]))
        except WriteRefused as refused:
            ends.append("not as written" in str(refused))
        assert is_released(tag, BIT) is not writes_nothing
        assert {command for command in bench.asked() if command in ("82", "94")} == {
            "94" if writing is Writing.BLOCK else "82"
        }

    assert ends == [True, True]


def test_a_byte_that_nobody_knows_is_an_answer_to_a_write_as_good_as_any() -> None:
    """No code is documented for writes: whatever single byte comes, the tag is asked and believed."""
    bench = Bench()
    tag = bench.lay()
    pad = bench.opened()
    (uid,) = pad.inventory()
    pad.read(uid)
    bench.reader.faults.inject(None, None, ReaderFault.STRANGE_STATUS)

    assert pad.is_released(pad.release(uid)[1])
    assert is_released(tag, BIT)


@pytest.mark.parametrize("delay", [0.0, 0.4])
@pytest.mark.parametrize("after", range(12))
def test_a_module_that_restarts_at_any_moment_writes_to_nobody_else(after: int, delay: float) -> None:
    """With no tag selected a write goes to all: however the module restarts and answers late, none is sent then."""
    bench = Bench()
    tag = bench.lay()
    others = [bench.lay(f"B000000{number}", read_failures=9) for number in (2, 3)]
    pad = bench.opened()
    uid = next(uid for uid in pad.inventory() if uid == tag.epc.hex().upper())
    pad.read(uid)
    bench.reader.restarts_after = after
    bench.link.inject(*[Late(delay)] * 12)

    try:
        _, state = pad.release(uid)
        assert pad.is_released(state)
        assert is_released(tag, BIT)
    except (TagGone, WriteRefused, DeviceFault):
        pass
    assert not any(is_released(other, BIT) for other in others)


def test_a_module_without_a_selection_is_noticed_when_it_reads() -> None:
    """What another tag answers is never taken for this one's: the tag is selected again and read."""
    bench = Bench()
    tags = [bench.lay(f"B000000{number}", part=number, parts=3) for number in (1, 2, 3)]
    pad = bench.opened()
    contents = []
    for uid in pad.inventory():
        bench.reader.restarts_after = 2
        bench.clock.wait(1)
        contents.append(pad.read(uid).content)

    numbers = [(one.identifier, one.part) for one in contents if isinstance(one, LibraryItem)]
    assert sorted(numbers) == [(f"B000000{number}", number) for number in (1, 2, 3)]
    assert len(tags) == 3


def test_a_module_that_ignores_selections_releases_nothing() -> None:
    """Where several answer although one was selected, nothing is read and nothing written."""
    bench = Bench()
    tags = [bench.lay(), bench.lay("B0000002")]
    bench.reader.ignores_selection = True
    pad = bench.opened()
    for uid in pad.inventory():
        for call in (pad.read, pad.release):
            with pytest.raises(TagGone):
                call(uid)

    assert not any(is_released(tag, BIT) for tag in tags)
    assert not {"82", "94"} & set(bench.asked())


def test_a_module_that_is_stuck_at_another_tag_is_a_fault() -> None:
    """A module that goes on reading the tag selected before is reported, and its answers are nobody's."""
    bench = Bench()
    bench.lay()
    bench.lay("B0000002")
    pad = bench.opened()
    first, second = pad.inventory()
    for uid in (second, first):
        pad.read(uid)
    bench.reader.ignores_selection = True

    for call in (pad.release, pad.secure, pad.read):
        with pytest.raises(DeviceFault, match="selected"):
            call(second)
    assert not {"82", "94"} & set(bench.asked())


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


@pytest.mark.parametrize("fault", [ReaderFault.STRANGE_STATUS, ReaderFault.OTHER_COMMAND])
def test_a_lying_inventory_is_a_fault(fault: ReaderFault) -> None:
    """A code nobody knows and another command's answer are reported, not passed over."""
    bench = Bench()
    bench.lay()
    pad = bench.opened()
    bench.reader.faults.inject(fault, fault)

    with pytest.raises(DeviceFault):
        pad.inventory()


def test_a_reading_of_impossible_length_is_a_fault() -> None:
    """An EPC that is not as long as its PC word says is reported: which of the two is wrong cannot be told."""
    bench = Bench()
    bench.lay()
    pad = bench.opened()
    bench.reader.faults.inject(ReaderFault.IMPOSSIBLE_LENGTH)

    with pytest.raises(DeviceFault, match="inventory"):
        pad.inventory()


@pytest.mark.parametrize(
    "fault", [ReaderFault.DISTURBED_AIR, ReaderFault.WRONG_CHECKSUM, ReaderFault.SILENCE]
)
@pytest.mark.parametrize("at", range(4))
def test_a_disturbed_inventory_is_made_again(at: int, fault: ReaderFault) -> None:
    """Poor air and damaged or missing frames, readings or summary, do not hide tags."""
    bench = Bench()
    for number in range(3):
        bench.lay(f"B{number:07}")
    pad = bench.opened()
    bench.reader.faults.inject(*[None] * at, fault)

    assert len(pad.inventory()) == 3


@pytest.mark.parametrize("code", ["41", "42", "43", "10", "34"])
@pytest.mark.parametrize("command", ["81", "89"])
def test_a_code_that_is_no_answer_to_the_question_is_a_fault(command: str, code: str) -> None:
    """Refused parameters, and what only another question can be answered, are reported, and not asked again."""
    bench = Bench()
    bench.lay()
    uids = bench.opened().inventory()

    class Refusing:
        def receive(self, data: bytes) -> bytes:
            """Answers *command* by *code*."""
            answer = bench.reader.receive(data)
            is_asked = answer[3:4].hex() == command
            return encode(Frame(1, answer[3], bytes.fromhex(code))) if is_asked else answer

    bench.link = MemoryLink(Refusing(), bench.clock)
    pad = bench.opened()
    bench.asked()

    with pytest.raises(DeviceFault, match=code):
        [pad.read(uid) for uid in uids] if command == "81" else pad.inventory()
    assert bench.asked().count(command) == 1


def test_an_inventory_may_take_longer_than_other_answers() -> None:
    """A module that is slow to hear its tags is waited for, and asked once."""
    bench = Bench(answer_seconds_max=1.0)
    bench.lay()
    pad = bench.opened()
    bench.asked()
    bench.link.inject(Late(2.5))

    assert len(pad.inventory()) == 1
    assert bench.asked() == ["89"]


def test_a_summary_that_counts_more_than_was_told_is_asked_about() -> None:
    """Rounds that hear some of the tags are repeated while they bring news; a count that never fits costs one round."""
    bench = Bench(retries=5)
    for number in range(6):
        bench.lay(f"B{number:07}")
    pad = bench.opened()
    bench.reader.tags_per_round = 2

    assert len(pad.inventory()) == 6
    bench.reader.tags_per_round, bench.reader.readings_more = 0, 3
    bench.asked()
    assert len(pad.inventory()) == 6
    assert bench.asked() == ["89", "89"]


@pytest.mark.parametrize("length", [2, 6, 10, 14, 22])
def test_a_user_bank_is_read_to_its_end_wherever_that_is(length: int) -> None:
    """The same code means "it ends before" and "not understood": a tag that answers otherwise has said the former."""
    content = uhf_content.iso28560_4(
        "B0000001", owner="CN-110108", part=2, parts=3, usage=0x11, set_in_user=True
    )
    whole = bytearray(content.user)
    bench = Bench(security=Security.UHF_AFI)
    bench.reader.lay(SimulatedUhfTag(content.epc, content.pc, whole[:length]))
    pad = bench.opened()

    (tag,) = [pad.read(uid) for uid in pad.inventory()]

    is_there = tag.content == LibraryItem("B0000001", 2, 3, "CN-110108", 0x11)
    assert is_there is (length >= len(whole))


@pytest.mark.parametrize("failures", range(1, 8))
def test_a_tag_hard_to_hear_is_never_taken_for_one_with_a_short_bank(failures: int) -> None:
    """However often a tag is not understood, what is read of a bank is all or nothing."""
    bench = Bench()
    tag = bench.lay(part=2, parts=3)
    module = a0_pad.A0Module(A0PadSettings(), bench.link, bench.clock, _exchange(bench))
    tag.read_failures = failures

    with suppress(TagGone):
        assert module.read_words(tag.epc, Bank.USER, 0, 8) == bytes(tag.user[:16])
    tag.read_failures = 0
    assert module.read_words(tag.epc, Bank.USER, 0, 33) == b""


def test_an_epc_too_long_to_be_selected_is_gone() -> None:
    """A tag with more words than there can be is gone for the pad, and its neighbours are not disturbed."""
    bench = Bench()
    bench.lay()
    module = a0_pad.A0Module(A0PadSettings(), bench.link, bench.clock, _exchange(bench))

    with pytest.raises(TagGone, match="64"):
        module.read_words(bytes(range(64)), Bank.EPC, 1, 1)
    assert len(bench.opened().inventory()) == 1


def _exchange(bench: Bench) -> A0Exchange:
    return A0Exchange(bench.link, bench.clock, address=1, answer_seconds_max=1.0, retries=0)


def test_a_lost_answer_to_a_write_is_settled_by_the_tag() -> None:
    """The write is not sent twice when the tag already shows what was written."""
    bench = Bench()
    tag = bench.lay()
    pad = bench.opened()
    (uid,) = pad.inventory()
    pad.read(uid)
    bench.asked()
    bench.link.inject(Late(0), Late(0), Lost())

    _, after = pad.release(uid)

    assert pad.is_released(after)
    assert is_released(tag, BIT)
    assert bench.asked().count("94") == 1


def test_a_silent_module_is_lost() -> None:
    """A module that says nothing at all is lost, in bounded time."""
    bench = Bench()
    bench.link.silent = True

    with pytest.raises(DeviceLost):
        bench.opened()
    assert bench.clock.monotonic() < 5


@pytest.mark.parametrize("is_silent", [True, False])
def test_a_module_at_another_speed_is_lost(is_silent: bool) -> None:
    """At the wrong speed there is silence or nonsense: both are a lost device and nothing is believed."""
    bench = Bench({"baud": 57600})
    bench.reader.is_silent_at_wrong_speed = is_silent
    bench.reader.line_is_at(115200)

    with pytest.raises(DeviceLost):
        bench.opened()
    assert bench.heard() == []


def test_an_answer_of_another_module_is_not_ours() -> None:
    """On a line with several modules only the one that was asked is believed."""
    clock = VirtualClock()
    reader = A0Reader(clock, address=3)

    with pytest.raises(DeviceLost):
        a0_pad.open(A0PadSettings(bus_address=1), MemoryLink(reader, clock), clock)
    for address in (3, 255):
        a0_pad.open(A0PadSettings(bus_address=address), MemoryLink(reader, clock), clock)

    class Neighbour:
        def __init__(self, own: bytes) -> None:
            self._own = own

        def receive(self, data: bytes) -> bytes:
            """Answers in the name of module 9, but for the commands *own*."""
            answer = reader.receive(data)
            is_own = not answer or answer[3] in self._own
            return answer if is_own else encode(Frame(9, answer[3], answer[4:-1]))

    for own, error in ((b"", DeviceLost), (b"\x72", DeviceFault)):
        with pytest.raises(error):
            a0_pad.open(A0PadSettings(bus_address=3), MemoryLink(Neighbour(own), clock), clock)


def test_no_signal_is_sent_to_a_module_without_lamps() -> None:
    """Signals are taken and nothing is asked for them."""
    bench = Bench()
    pad = bench.opened()
    bench.asked()
    for signal in PadSignal:
        pad.signal(signal)

    assert bench.asked() == []


@pytest.mark.parametrize("redacts", [True, False])
@pytest.mark.parametrize("knows", [True, False])
def test_the_password_is_sent_with_writes_and_stands_in_no_trace(
    tmp_path: Path, knows: bool, redacts: bool
) -> None:
    """The access password opens the tag; a trace with all bytes shows zeros for it and for the sum over it."""
    file = tmp_path / "password"
    file.write_text("1A2B3C4D" if knows else "1A2B3C4E")
    file.chmod(0o600)
    bench = Bench(password_file=str(file))
    told: list[str] = []
    tag = bench.lay(kill_and_access=bytes.fromhex("000000001A2B3C4D"), needs_password=True)
    traced = TraceLink(bench.link, told.append, show_bytes=True, redact=redact if redacts else None)
    pad = a0_pad.open(A0PadSettings(**bench.settings), traced, bench.clock)
    (uid,) = pad.inventory()

    try:
        pad.release(uid)
    except WriteRefused as refused:
        told.append(str(refused))

    assert is_released(tag, BIT) is knows
    assert any(command.startswith("941a2b3c4") for command in bench.heard())
    shown = "".join(told).replace(" ", "").lower()
    assert "1a2b3c4" not in shown
    assert bool(re.search(r"a00cff94(00){4}010201[0-9a-f]{4}00", shown)) is redacts


@pytest.mark.parametrize(
    "wrong",
    [
        {"bus_address": 256},
        {"answer_seconds_max": 0.0},
        {"antenna": 9},
        {"power_dbm": 34},
        {"rounds": 0},
        {"retries": 11},
        {"security": Security.AFI},
        {"secured_afi": 0x07, "released_afi": 0x07},
    ],
    ids=str,
)
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    """A value that no module takes is told to the installer with what is allowed."""
    with pytest.raises(SettingsError):
        A0PadSettings(**wrong)


def test_a_probe_names_the_module_and_touches_no_tag() -> None:
    """Asked what it is, a module says its version; one question is sent, and nothing about tags."""
    bench = Bench()
    bench.lay()

    assert a0_pad.probe(bench.link, bench.clock) == Identity('Impinj "A0" UHF module', "1.9")
    assert bench.heard() == ["72"]


def test_a_probe_of_something_else_is_none() -> None:
    """Another maker's reader, or silence, is none of ours, and is told so within about a second."""
    clock = VirtualClock()
    silent = MemoryLink(Uhf18Reader(clock), clock)

    assert a0_pad.probe(silent, clock) is None
    silent.silent = True
    assert a0_pad.probe(silent, clock) is None
    assert clock.monotonic() < 2


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.value)
def test_a_stack_is_identified_in_the_time_that_line_and_air_take(way: Security) -> None:
    """Forty tags cost what the fewest commands cost, to a tenth."""
    assert driver_seconds(40, way, A0) <= least_seconds(40, way, A0) * 1.1


def test_tags_of_both_states_are_read_in_one_stack() -> None:
    """A stack with released and secured tags is told as it is."""
    bench = Bench()
    bench.lay()
    lent = item(BIT, "B0000002")
    lent.store(2, bytes((lent.epc[0] | 0x80, lent.epc[1])))
    bench.reader.lay(lent)
    pad = bench.opened()

    assert sorted(pad.is_released(pad.read(uid).security) for uid in pad.inventory()) == [False, True]
