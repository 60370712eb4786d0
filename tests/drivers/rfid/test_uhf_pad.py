"""What a UHF pad reads, writes and believes, whatever module is under it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivers.link import DeviceFault, SettingsError
from drivers.masked import Secret
from drivers.rfid import LibraryItem, PadSignal, SecurityState, TagGone, TagUid, UnknownTag, WriteRefused
from drivers.rfid.tag_settings import Security
from drivers.rfid.tagdata.rules import Model
from drivers.rfid.uhf_bits import Shown, stored_crc
from drivers.rfid.uhf_module import Bank
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_settings import UhfPadSettings
from drivers.sim import uhf_content
from drivers.sim.uhf_tag import SimulatedUhfTag
from tests.kit.uhf_bench import DirectModule, UhfBench

AFI: dict[str, Any] = {"security": Security.UHF_AFI}
BIT: dict[str, Any] = {"security": Security.UHF_BIT}
WAYS = [AFI, BIT]
NAMES = ["afi", "bit"]
EPC = bytes.fromhex("1703000398130803F4040000")
"""A Chinese university library's tag in the library: bit 7 of the first byte is off."""

LENT_EPC = bytes.fromhex("9703000398130803F4040000")
USER = bytes.fromhex("0C022808100400010001 000000000000")
URN_EPC = bytes.fromhex("141CC04FC70BADB5C6E2DA1DED4DD319")
"""CH-000134-1.12345678.31, by ISO 28560-4."""


def a_tag(way: dict[str, Any], epc: bytes = b"", **more: Any) -> SimulatedUhfTag:
    """A secured tag of an item, either way."""
    epc = epc or (URN_EPC if way is AFI else EPC)
    pc = len(epc) // 2 << 11 | (0x0107 if way is AFI else 0)
    return SimulatedUhfTag(epc, pc, bytearray(b"" if way is AFI else USER), **more)


def states(way: dict[str, Any]) -> tuple[SecurityState, SecurityState]:
    """Secured and released."""
    if way is AFI:
        return SecurityState(0x07), SecurityState(0xC2)
    return SecurityState(None, bit=True), SecurityState(None, bit=False)


def released(tag: SimulatedUhfTag) -> bool:
    """Whether the far end's tag is released, either way."""
    return tag.pc & 0xFF == 0xC2 or tag.epc == LENT_EPC


@pytest.mark.parametrize(
    "bank",
    [
        "DAD5 3000 170328087903000084560000",
        "1835 3000 111122223333444455556666",
        "C157 3400 1703000398130803F4040000",
        "E2F0 0000",
        "B16E 3400 1703000378130803F4040000",
        "FE2A 3400 010453001853 04406C0E0000",
    ],
)
def test_stored_crc_is_that_of_real_tags(bank: str) -> None:
    """The StoredCRC over PC and EPC is the one captured tags hold."""
    data = bytes.fromhex(bank)

    assert stored_crc(Shown(int.from_bytes(data[2:4], "big"), data[4:])) == int.from_bytes(data[:2], "big")


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_keeps_its_name_while_its_security_changes(way: dict[str, Any]) -> None:
    """The uid of a tag is the same before and after a release, in inventories too, although its EPC may not be."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()

    assert bench.pad.release(uid) == states(way)
    assert released(tag)
    assert bench.pad.inventory() == (uid,)
    assert bench.pad.read(uid).uid == uid
    assert bench.pad.secure(uid) == states(way)[::-1]
    assert not released(tag)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_release_writes_one_word_and_asks_no_more_than_it_must(way: dict[str, Any]) -> None:
    """One word is written, then the new EPC has to answer, and nobody may answer to the old one."""
    bench = UhfBench(way)
    bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()
    bench.pad.read(uid)
    bench.module.asked.clear()

    bench.pad.release(uid)

    expected = {
        "afi": [("write 1 41C2", URN_EPC.hex()), ("read EPC 0 10", URN_EPC.hex())],
        "bit": [
            ("write 2 9703", EPC.hex()),
            ("read EPC 0 8", LENT_EPC.hex()),
            ("read EPC 0 8", EPC.hex()),
        ],
    }
    assert bench.module.asked == expected["afi" if way is AFI else "bit"]


def test_a_pc_word_keeps_all_that_is_not_the_afi() -> None:
    """Length, user memory and numbering system of the PC word survive the change of the AFI."""
    bench = UhfBench(AFI)
    tag = bench.lay(SimulatedUhfTag(EPC, 0x3507))
    (uid,) = bench.pad.inventory()

    bench.pad.release(uid)

    assert tag.pc == 0x35C2


def test_a_word_keeps_all_that_is_not_the_security_bit() -> None:
    """Sorting bin and version, which stand in the same word, survive the change of the bit."""
    bench = UhfBench(BIT)
    tag = bench.lay(SimulatedUhfTag(bytes.fromhex("1F43 0003 98130803F4040000")))
    (uid,) = bench.pad.inventory()

    bench.pad.release(uid)

    assert tag.epc.hex().upper() == "9F43000398130803F4040000"


@pytest.mark.parametrize("word", [1, 2, 3, 7])
@pytest.mark.parametrize("mask", [0x0001, 0x0080])
@pytest.mark.parametrize("is_set_when_released", [True, False])
def test_the_bit_may_stand_anywhere_and_mean_either(word: int, mask: int, is_set_when_released: bool) -> None:
    """Libraries put the bit into any word from the PC word on, with either value for "lent"."""
    settings = {
        **BIT,
        "bit_word": word,
        "bit_mask": mask,
        "bit_released": mask if is_set_when_released else 0,
    }
    bench = UhfBench(settings)
    epc = bytes(12) if is_set_when_released else b"\xff" * 12
    pc = 0x3000 if is_set_when_released else 0x30FF
    tag = bench.lay(SimulatedUhfTag(epc, pc))
    (uid,) = bench.pad.inventory()

    before, after = bench.pad.release(uid)

    assert (before, after) == states(BIT)
    held = int.from_bytes(tag.bank(1)[word * 2 : word * 2 + 2], "big")
    assert bool(held & mask) is is_set_when_released
    assert bench.pad.inventory() == (uid,)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_releasing_what_is_released_writes_nothing(way: dict[str, Any]) -> None:
    """A tag that is where it should be is read again and left alone."""
    bench = UhfBench(way)
    bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()
    bench.pad.release(uid)
    bench.module.asked.clear()

    assert bench.pad.release(uid) == (states(way)[1], states(way)[1])
    assert bench.module.writes() == []


def test_a_library_that_looks_up_writes_nothing() -> None:
    """Where the gate asks the server, releasing and securing only see that the tag is there."""
    bench = UhfBench({"security": Security.LOOKUP})
    tag = bench.lay(a_tag(AFI))
    (uid,) = bench.pad.inventory()

    assert bench.pad.release(uid) == (SecurityState(None), SecurityState(None))
    assert bench.pad.secure(uid) == (SecurityState(None), SecurityState(None))
    bench.field.take(tag)
    with pytest.raises(TagGone):
        bench.pad.release(uid)
    assert bench.module.writes() == []


@pytest.mark.parametrize(
    ("way", "tag"),
    [(AFI, SimulatedUhfTag(EPC, 0x30C2)), (BIT | {"bit_word": 9}, SimulatedUhfTag(EPC, 0x3000))],
    ids=["no toggle bit", "EPC too short"],
)
def test_a_tag_without_a_place_for_its_security_stays_as_it_is(
    way: dict[str, Any], tag: SimulatedUhfTag
) -> None:
    """A tag whose PC word holds no AFI, or whose EPC ends before the bit, counts as secured and is never written."""
    bench = UhfBench(way)
    bench.lay(tag)
    (uid,) = bench.pad.inventory()

    read = bench.pad.read(uid)

    assert not bench.pad.is_released(read.security)
    for change in (bench.pad.release, bench.pad.secure):
        with pytest.raises(WriteRefused, match="unsupported"):
            change(uid)
    assert bench.module.writes() == []


def test_two_tags_that_differ_only_in_the_bit_are_neither_released_nor_secured() -> None:
    """A lent copy and one from the shelf with the same number are one name: nobody knows which would be written."""
    bench = UhfBench(BIT)
    bench.lay(a_tag(BIT), a_tag(BIT, LENT_EPC))
    (uid,) = bench.pad.inventory()

    read = bench.pad.read(uid)

    assert (read.releasable, read.why_not) == (False, "ambiguous")
    assert not bench.pad.is_released(read.security)
    for change in (bench.pad.release, bench.pad.secure):
        with pytest.raises(WriteRefused, match="ambiguous"):
            change(uid)
    assert bench.module.writes() == []


@pytest.mark.parametrize("is_set_when_released", [True, False])
def test_of_two_such_tags_the_one_that_alarms_is_told_of(is_set_when_released: bool) -> None:
    """Whichever of the two has the lower EPC, what is told counts as secured."""
    bench = UhfBench({**BIT, "bit_released": 0x8000 if is_set_when_released else 0})
    bench.lay(a_tag(BIT), a_tag(BIT, LENT_EPC))
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).security == states(BIT)[0]


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_that_was_away_is_not_taken_for_what_it_was(way: dict[str, Any]) -> None:
    """What another station did to a tag in the meantime is found: the state before is read, not remembered."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()
    bench.pad.read(uid)
    bench.field.take(tag)
    bench.pad.inventory()
    tag.store(1 if way is AFI else 2, bytes.fromhex("41C2" if way is AFI else "9703"))
    bench.field.lay(tag)
    bench.pad.inventory()

    assert bench.pad.release(uid) == (states(way)[1], states(way)[1])
    assert bench.module.writes() == []


def test_a_tag_changed_by_somebody_else_under_our_eyes_is_put_right() -> None:
    """A tag that does not show what this pad read of it last is written all the same, and told as it was."""
    bench = UhfBench(AFI)
    tag = bench.lay(a_tag(AFI))
    (uid,) = bench.pad.inventory()
    bench.pad.read(uid)
    tag.store(1, bytes.fromhex("41C2"))

    assert bench.pad.secure(uid) == states(AFI)[::-1]


@pytest.mark.parametrize("spare_words", [0, 1, 3, 8, 40])
def test_a_user_bank_of_any_size_is_read_as_far_as_it_says_something(spare_words: int) -> None:
    """Objects that go on behind the first words are read, whether the bank ends with them or long after."""
    content = uhf_content.iso28560_4(
        "B0000001", owner="CN-110108", part=2, parts=3, usage=0x11, owner_in_user=True, set_in_user=True
    )
    user = bytearray(content.user + bytes(spare_words * 2))
    bench = UhfBench(AFI)
    bench.lay(SimulatedUhfTag(content.epc, content.pc, user))
    (uid,) = bench.pad.inventory()

    assert len(content.user) > 16
    assert bench.pad.read(uid).content == LibraryItem("B0000001", 2, 3, "CN-110108", 0x11)


def test_a_user_bank_that_ends_within_an_element_is_no_library_item() -> None:
    """A tag whose user bank ends before it has said what it announces is unknown, after a few questions."""
    bench = UhfBench(BIT)
    bench.lay(a_tag(BIT)).user = bytearray(b"\x0c\x02")
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).content == UnknownTag("layout")
    assert len(bench.module.asked) < 10


def test_a_tag_with_an_extended_pc_word_is_no_fault_of_the_reader() -> None:
    """A tag whose bank has an XPC word where others begin their EPC is left alone, and the pad goes on."""

    class Extended(DirectModule):
        def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
            data = super().read_words(epc, bank, first, count)
            return data[:2] + b"\x43\x07" + b"\x80\x01" + data[4:-2]

    bench = UhfBench(AFI)
    bench.lay(a_tag(AFI))
    module = Extended(bench.field)
    pad = UhfPad(UhfPadSettings(**AFI), module)
    (uid,) = pad.inventory()

    assert pad.read(uid).content == UnknownTag("layout")
    with pytest.raises(WriteRefused, match="layout"):
        pad.release(uid)
    assert module.writes() == []


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_whose_epc_begins_another_is_left_alone_until_that_one_is_gone(way: dict[str, Any]) -> None:
    """While the longer EPC was in the last inventory the shorter one is ambiguous; after the next one it is not."""
    bench = UhfBench(way)
    long = bench.lay(a_tag(way))
    bench.lay(a_tag(way, long.epc[:8]))
    uid = min(bench.pad.inventory(), key=len)
    bench.field.take(long)

    assert bench.pad.read(uid).why_not == "ambiguous"
    with pytest.raises(WriteRefused, match="ambiguous"):
        bench.pad.release(uid)
    bench.pad.inventory()
    assert bench.pad.release(uid) == states(way)


def test_of_two_such_tags_the_one_that_stays_is_released() -> None:
    """Once one of them is taken away, the other is what it is."""
    bench = UhfBench(BIT)
    secured, lent = bench.lay(a_tag(BIT)), bench.lay(a_tag(BIT, LENT_EPC))
    (uid,) = bench.pad.inventory()
    bench.field.take(lent)

    assert bench.pad.release(uid) == states(BIT)
    assert released(secured)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_whose_epc_begins_another_is_not_released(way: dict[str, Any]) -> None:
    """Selecting the short EPC selects the long one too, so the short one is left alone; the long one is not."""
    bench = UhfBench(way)
    short = bench.lay(a_tag(way, (URN_EPC if way is AFI else EPC)[:8]))
    bench.lay(a_tag(way))
    uids = bench.pad.inventory()
    short_uid, long_uid = sorted(uids, key=len)

    with pytest.raises((WriteRefused, TagGone)):
        bench.pad.release(short_uid)
    bench.pad.release(long_uid)
    assert not released(short)


def test_an_inventory_that_still_tells_of_the_old_epc_is_asked_again() -> None:
    """A module that reports a tag by its old and its new EPC for a moment does not stop the next book."""
    bench = UhfBench(BIT)
    bench.lay(a_tag(BIT))
    (uid,) = bench.pad.inventory()
    bench.pad.release(uid)
    bench.module.ghosts = [EPC]
    bench.pad.inventory()
    bench.module.ghosts = []

    assert bench.pad.secure(uid) == states(BIT)[::-1]


def test_a_second_tag_that_comes_during_the_write_makes_the_end_unknown() -> None:
    """When the old and the new EPC both answer afterwards, nobody can say which book is released."""
    bench = UhfBench(BIT)
    tag = bench.lay(a_tag(BIT, writes_nothing=True))
    (uid,) = bench.pad.inventory()
    bench.module.before_write = lambda: bench.field.lay(a_tag(BIT, LENT_EPC))

    with pytest.raises(TagGone, match="old and with the new"):
        bench.pad.release(uid)
    assert not released(tag)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_write_that_was_only_claimed_is_not_believed(way: dict[str, Any]) -> None:
    """A module that says "written" when the tag shows otherwise leaves the book secured, and says so."""
    bench = UhfBench(way)
    bench.lay(a_tag(way, writes_nothing=True))
    (uid,) = bench.pad.inventory()

    with pytest.raises(WriteRefused, match="not as written"):
        bench.pad.release(uid)
    assert len(bench.module.writes()) == 4


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@pytest.mark.parametrize("heard", range(5))
def test_a_tag_taken_away_at_any_moment_of_a_release_is_gone(way: dict[str, Any], heard: int) -> None:
    """Whatever a tag still heard before it left, the end is "gone", never "released" and never "refused"."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()
    bench.pad.read(uid)
    tag.leaves_after = heard

    try:
        bench.pad.release(uid)
    except TagGone:
        assert bench.pad.inventory() == ()
        return
    assert heard > 1
    assert released(tag)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_write_torn_in_the_middle_is_gone_and_not_released(way: dict[str, Any]) -> None:
    """A tag that left with half a word written is told as gone."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way, is_torn=True))
    (uid,) = bench.pad.inventory()
    bench.pad.read(uid)
    tag.leaves_after = 1

    with pytest.raises(TagGone):
        bench.pad.release(uid)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@pytest.mark.parametrize("failures", [1, 3])
def test_a_tag_at_the_edge_is_written_after_some_tries(way: dict[str, Any], failures: int) -> None:
    """Writes for which the tag had too little power are tried again, and what counts is what was read back."""
    bench = UhfBench(way)
    bench.lay(a_tag(way, write_failures=failures))
    (uid,) = bench.pad.inventory()

    assert bench.pad.release(uid) == states(way)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_that_is_too_weak_to_be_written_is_refused(way: dict[str, Any]) -> None:
    """A tag that is read but never written is refused after some tries, and stays secured."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way, write_failures=1000))
    (uid,) = bench.pad.inventory()

    with pytest.raises(WriteRefused, match="weak"):
        bench.pad.release(uid)
    assert not released(tag)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@pytest.mark.parametrize("failures", [1, 3])
def test_a_tag_that_is_hard_to_hear_is_asked_again(way: dict[str, Any], failures: int) -> None:
    """A tag that misses a few questions is read and released all the same."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way, read_failures=failures))
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).releasable
    tag.read_failures = failures
    assert bench.pad.release(uid) == states(way)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_locked_tag_refuses_and_stays_secured(way: dict[str, Any]) -> None:
    """A tag whose EPC bank is locked for ever is refused in one try; no command could have told before."""
    bench = UhfBench(way)
    tag = bench.lay(a_tag(way, locked=True))
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).releasable
    with pytest.raises(WriteRefused, match="locked"):
        bench.pad.release(uid)
    assert len(bench.module.writes()) == 1
    assert not released(tag)


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    """The library's access password, in a file of its owner's."""
    path = tmp_path / "password"
    path.write_text("1A2B3C4D\n")
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_with_the_librarys_password_is_released_with_it(
    way: dict[str, Any], password_file: str
) -> None:
    """A tag that may be written only with the access password is found releasable, and released."""
    bench = UhfBench({**way, "password_file": password_file})
    bench.lay(a_tag(way, kill_and_access=bytes(4) + bytes.fromhex("1A2B3C4D"), needs_password=True))
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).releasable
    assert bench.pad.release(uid) == states(way)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_a_tag_with_another_password_is_found_before_anything_is_written(
    way: dict[str, Any], password_file: str
) -> None:
    """Whether a tag accepts the library's password is known before a loan is asked for, without a write."""
    bench = UhfBench({**way, "password_file": password_file})
    tag = bench.lay(a_tag(way, kill_and_access=bytes(7) + b"\x01", needs_password=True))
    (uid,) = bench.pad.inventory()

    read = bench.pad.read(uid)

    assert (read.releasable, read.why_not) == (False, "password")
    assert bench.module.writes() == []
    with pytest.raises(WriteRefused, match="password"):
        bench.pad.release(uid)
    assert not released(tag)


def test_a_tag_that_wants_a_password_where_none_is_set_refuses() -> None:
    """Without a password file a protected tag is refused when it is written, and stays secured."""
    bench = UhfBench(AFI)
    tag = bench.lay(a_tag(AFI, kill_and_access=bytes(7) + b"\x01", needs_password=True))
    (uid,) = bench.pad.inventory()

    with pytest.raises(WriteRefused, match="locked"):
        bench.pad.release(uid)
    assert not released(tag)


def test_a_module_that_cannot_try_a_password_leaves_it_to_the_release(password_file: str) -> None:
    """Where a module cannot ask without writing, a tag counts as releasable until it refuses."""
    bench = UhfBench({**AFI, "password_file": password_file}, {"asks_password": False})
    bench.lay(a_tag(AFI, kill_and_access=bytes(7) + b"\x01"))
    (uid,) = bench.pad.inventory()

    assert bench.pad.read(uid).releasable
    with pytest.raises(WriteRefused, match="password"):
        bench.pad.release(uid)


class SilentOnPassword(DirectModule):
    """A module that tells a wrong password by the tag's silence; *takes* is called when it is tried."""

    takes: SimulatedUhfTag | None = None

    def accepts_password(self, epc: bytes, password: Secret) -> bool | None:
        """As promised by `UhfModule`."""
        if self.takes is not None:
            self._field.take(self.takes)
        if not super().accepts_password(epc, password):
            raise TagGone("silence")
        return True


@pytest.mark.parametrize("leaves", [False, True])
def test_a_tag_silent_at_the_password_is_told_from_one_that_left(password_file: str, leaves: bool) -> None:
    """A tag that answers without the password has another one; a tag that does not answer at all is gone."""
    bench = UhfBench()
    tag = bench.lay(a_tag(AFI, kill_and_access=bytes(7) + b"\x01"))
    module = SilentOnPassword(bench.field)
    pad = UhfPad(UhfPadSettings(password_file=password_file), module)
    (uid,) = pad.inventory()
    module.takes = tag if leaves else None

    if leaves:
        with pytest.raises(TagGone):
            pad.read(uid)
    else:
        assert pad.read(uid).why_not == "password"


def test_a_password_file_that_others_may_read_is_refused(password_file: str) -> None:
    """A pad does not open with a password that is nobody's secret, and does not say what it is."""
    Path(password_file).chmod(0o644)

    with pytest.raises(SettingsError) as told:
        UhfBench({**AFI, "password_file": password_file})
    assert "1A2B3C4D" not in str(told.value)


def test_a_damaged_epc_bank_is_told() -> None:
    """A tag whose StoredCRC fits neither its PC word nor its EPC is unknown and not releasable."""
    bench = UhfBench(AFI)
    tag = bench.lay(a_tag(AFI))
    tag.crc ^= 1
    (uid,) = bench.pad.inventory()

    read = bench.pad.read(uid)

    assert (read.content, read.releasable, read.why_not) == (UnknownTag("crc"), False, "crc")


def test_a_tag_just_changed_may_have_its_old_crc() -> None:
    """A tag computes its StoredCRC when the field comes up, so the one just released is not called damaged."""
    bench = UhfBench(AFI)
    tag = bench.lay(a_tag(AFI, keeps_crc=True))
    (uid,) = bench.pad.inventory()
    bench.pad.release(uid)
    bench.pad.inventory()
    assert bench.pad.read(uid).why_not == ""
    bench.field.take(tag)
    bench.pad.inventory()
    bench.field.lay(tag)
    bench.pad.inventory()

    assert bench.pad.read(uid).why_not == "crc"


@pytest.mark.parametrize("pc", [0x3300, 0x2800, 0x4000], ids=["XPC", "shorter", "longer"])
def test_a_tag_with_another_layout_is_left_alone(pc: int) -> None:
    """A PC word with an extension, or another length than the EPC has, is no library's tag and is never written."""
    bench = UhfBench({**AFI})
    bench.lay(SimulatedUhfTag(EPC, pc | 0x0107))
    (uid,) = bench.pad.inventory()

    read = bench.pad.read(uid)

    assert (read.content, read.releasable) == (UnknownTag("layout"), False)
    with pytest.raises(WriteRefused, match="layout"):
        bench.pad.release(uid)
    assert bench.module.writes() == []


@pytest.mark.parametrize("is_read_before", [True, False])
@pytest.mark.parametrize(
    ("settings", "way"), [(BIT, AFI), (BIT | {"bit_word": 5}, BIT)], ids=["another layout", "wrong setting"]
)
def test_no_bit_of_an_items_number_is_ever_written(
    settings: dict[str, Any], way: dict[str, Any], is_read_before: bool
) -> None:
    """Where the bit is part of the number, by a tag of another layout or a wrong setting, nothing is written."""
    bench = UhfBench(settings)
    bench.lay(a_tag(way))
    (uid,) = bench.pad.inventory()

    if is_read_before:
        read = bench.pad.read(uid)
        assert isinstance(read.content, LibraryItem)
        assert (read.releasable, read.why_not) == (False, "layout")
    for change in (bench.pad.release, bench.pad.secure):
        with pytest.raises(WriteRefused, match="layout"):
            change(uid)
    assert bench.module.writes() == []


def test_an_epc_bank_of_another_tag_is_a_fault() -> None:
    """A module that answers with another tag's bank is reported, and nothing is released by it."""

    class Lying(DirectModule):
        def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
            data = super().read_words(epc, bank, first, count)
            return data[:-1] + bytes((data[-1] ^ 1,))

    bench = UhfBench(AFI)
    tag = bench.lay(a_tag(AFI))
    lying = Lying(bench.field)
    pad = UhfPad(UhfPadSettings(**AFI), lying)
    (uid,) = pad.inventory()

    for call in (pad.read, pad.release, pad.secure):
        with pytest.raises(DeviceFault):
            call(uid)
    assert lying.writes() == []
    assert not released(tag)


def test_a_module_that_hides_the_pc_word_gives_the_same_tags() -> None:
    """Whether inventories tell the PC word or not, tags are named and read the same."""
    read = []
    for knows_pc in (True, False):
        bench = UhfBench(AFI, {"knows_pc": knows_pc})
        bench.lay(a_tag(AFI))
        (uid,) = bench.pad.inventory()
        read.append(bench.pad.read(uid))

    assert read[0] == read[1]


def test_a_tag_that_was_never_heard_is_gone() -> None:
    """A name that no inventory heard is looked for once more, and then gone."""
    bench = UhfBench(AFI)

    for call in (bench.pad.read, bench.pad.release, bench.pad.secure):
        with pytest.raises(TagGone):
            call(TagUid(EPC.hex().upper()))


def test_signals_and_the_end_reach_the_module() -> None:
    """Lamp and buzzer are the module's, and closing the pad closes it."""
    bench = UhfBench(AFI)
    bench.pad.signal(PadSignal.DONE)
    bench.pad.close()

    assert bench.module.asked == [("signal", "done")]
    assert bench.module.is_closed


@pytest.mark.parametrize("security", [Security.AFI, Security.EAS, Security.AFI_AND_EAS])
def test_what_only_hf_tags_have_is_refused(security: Security) -> None:
    """A UHF pad has no EAS bit and no AFI of ISO 15693; the installer is told what there is."""
    with pytest.raises(SettingsError, match="uhf-afi, uhf-bit, lookup"):
        UhfPadSettings(security=security)


def test_a_bit_of_the_pc_word_that_says_what_the_tag_is_is_refused() -> None:
    """A security bit among length, user memory or numbering system would make the tag another one."""
    with pytest.raises(SettingsError, match="bit_mask"):
        UhfPadSettings(security=Security.UHF_BIT, bit_word=1, bit_mask=0x0100, bit_released=0)


def test_data_models_of_hf_tags_alone_are_refused() -> None:
    """A UHF pad that could understand none of its tags is told when the settings are read."""
    with pytest.raises(SettingsError, match="models"):
        UhfPadSettings(models=(Model.ISO_28560_3, Model.ISO_28560_2))
