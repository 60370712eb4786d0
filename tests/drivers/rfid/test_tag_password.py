"""Tags protected by a password: when it is presented, what a wrong one does, and that nobody else ever sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivers.link import SettingsError
from drivers.link.memory import Lost, MemoryLink, Sound
from drivers.link.trace import TraceLink
from drivers.rfid import LibraryItem, SecurityState, TagGone, WriteRefused, obid_pad
from drivers.rfid.obid import Frame, FrameType, encode
from drivers.rfid.obid_commands import redact, set_password, software_version
from drivers.rfid.obid_settings import ObidPadSettings, ReleaseCheck
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_field import ReaderFault
from tests.kit.hf_bench import ObidBench

PASSWORD = "3C5A7E91"
SECURED, RELEASED = SecurityState(0x07), SecurityState(0xC2)
ITEM = LibraryItem("1001", 1, 1, "CN-110108", 0x11)


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    """A private file with the library's password."""
    file = tmp_path / "tags.secret"
    file.touch(0o600)
    file.write_text(PASSWORD + "\n")
    return str(file)


def protected(number: str = "1001", password: str = PASSWORD, **more: Any) -> SimulatedTag:
    tag = shelf.item_tag(number, **more)
    tag.password, tag.guards_afi, tag.guards_eas = int(password, 16), True, True
    return tag


def on_a_pad(password_file: str, **settings: Any) -> ObidBench:
    return ObidBench(settings={"password_file": password_file, **settings})


@pytest.mark.parametrize("security", [Security.AFI, Security.EAS, Security.AFI_AND_EAS])
def test_a_protected_tag_is_released_and_secured(password_file: str, security: Security) -> None:
    """With the right password a protected tag is releasable, released and secured; it was tried once per field."""
    bench = on_a_pad(password_file, security=security)
    tag = bench.lay(protected(eas=True))
    bench.pad.inventory()

    assert bench.pad.read(tag.uid).releasable
    assert bench.pad.is_released(bench.pad.release(tag.uid)[1])
    assert tag.password_tries == 1
    bench.pad.inventory()
    assert not bench.pad.is_released(bench.pad.secure(tag.uid)[1])
    assert tag.password_tries == 2


def test_a_tag_without_protection_never_sees_the_password(password_file: str) -> None:
    """Sound, weak and locked tags that are not protected are treated without it, neighbours of protected ones too."""
    bench = on_a_pad(password_file)
    plain, weak = shelf.item_tag("1"), shelf.weak_item_tag("2", 1)
    plain.password = weak.password = 0
    bench.lay(plain, weak, protected("3"))
    for tag in bench.reader.tags():
        bench.pad.read(tag.uid)
        bench.pad.release(tag.uid)

    assert [tag.password_tries for tag in bench.reader.tags()] == [0, 0, 1]


def test_a_locked_tag_is_still_found_locked(password_file: str) -> None:
    """A tag whose AFI is locked says so with the password presented, too."""
    bench = on_a_pad(password_file)
    tag = shelf.locked_item_tag("1001")
    tag.password = int(PASSWORD, 16)
    bench.lay(tag)

    assert bench.pad.read(tag.uid).why_not == "locked"


def test_without_a_password_file_a_protected_tag_is_refused() -> None:
    """A pad that was given none presents none: the tag is not releasable and stays as it was."""
    bench = ObidBench()
    tag = bench.lay(protected())

    assert (bench.pad.read(tag.uid).releasable, tag.password_tries) == (False, 0)
    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)
    assert tag.afi == 0x07


def test_a_wrong_password_is_tried_once_and_mutes_nobody_for_long(password_file: str) -> None:
    """A tag of another password is not releasable, is tried once while it lies there, and all tags answer on."""
    bench = on_a_pad(password_file)
    foreign, ours = protected("1001", "00000001"), protected("1002")
    bench.lay(foreign, ours)
    bench.pad.inventory()

    reads = [bench.pad.read(tag.uid) for tag in (foreign, ours, foreign)]

    assert [(tag.releasable, tag.why_not) for tag in reads] == [
        (False, "password"),
        (True, ""),
        (False, "password"),
    ]
    assert reads[0].content == ITEM
    with pytest.raises(WriteRefused, match="password"):
        bench.pad.release(foreign.uid)
    assert bench.pad.secure(foreign.uid) == (SECURED, SECURED)
    assert bench.pad.release(ours.uid) == (SECURED, RELEASED)
    assert bench.pad.inventory() == tuple(sorted((foreign.uid, ours.uid)))
    assert (foreign.password_tries, foreign.afi, foreign.is_mute) == (1, 0x07, False)


def test_a_tag_that_comes_back_is_tried_again(password_file: str) -> None:
    """What was refused is remembered only while the tag lies there: its password may have been changed."""
    bench = on_a_pad(password_file)
    tag = bench.lay(protected("1001", "00000001"))
    bench.pad.inventory()
    bench.pad.read(tag.uid)
    bench.reader.take(tag.uid)
    bench.pad.inventory()
    tag.password = int(PASSWORD, 16)
    bench.reader.lay(tag)
    bench.pad.inventory()

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)


def test_the_far_end_mutes_a_tag_until_the_field_was_off() -> None:
    """A wrong password on its own really makes the far end's tag mute: the trap is there."""
    bench = ObidBench()
    tag = bench.lay(protected())
    wrong = set_password(tag.uid, bytes(4), tag.random_number())
    answer = bench.reader.receive(encode(Frame(FrameType.STANDARD, 0xFF, wrong.command, wrong.data)))

    assert (answer[3:5], tag.is_mute) == (b"\x95\x0f", True)
    with pytest.raises(TagGone):
        bench.pad.read(tag.uid)
    assert bench.pad.inventory() == (tag.uid,)
    assert bench.pad.read(tag.uid).content == ITEM


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("fault", [ReaderFault.SILENCE, ReaderFault.WRONG_CRC, ReaderFault.DISTURBED_AIR])
def test_a_lost_answer_is_not_a_wrong_password(password_file: str, fault: ReaderFault, at: int) -> None:
    """Whichever answer is lost or disturbed while a password is presented, the tag is released in the end."""
    bench = on_a_pad(password_file)
    tag = bench.lay(protected())
    bench.reader.inject(*[None] * at, fault)

    assert bench.pad.release(tag.uid) == (SECURED, RELEASED)
    assert tag.password_tries <= 2


@pytest.mark.parametrize("at", range(6))
def test_a_lost_answer_does_not_hide_a_wrong_password(password_file: str, at: int) -> None:
    """Where the refusal itself is lost, the silence behind it is told apart from a tag that left."""
    bench = on_a_pad(password_file)
    tag = bench.lay(protected("1001", "00000001"))
    bench.link.inject(*[Sound()] * at, Lost())

    with pytest.raises(WriteRefused, match="password"):
        bench.pad.release(tag.uid)
    assert tag.password_tries <= 2
    assert not tag.is_mute


@pytest.mark.parametrize("commands", range(1, 7))
def test_a_tag_that_leaves_while_its_password_is_presented_is_gone(password_file: str, commands: int) -> None:
    """Taken away at any moment of it, the tag is gone or was released and read back; nothing else is told."""
    bench = on_a_pad(password_file)
    tag = bench.lay(protected())
    tag.leaves_after = commands
    try:
        assert bench.pad.release(tag.uid) == (SECURED, RELEASED)
    except TagGone:
        return
    assert tag.afi == 0xC2


def test_a_chip_without_a_password_is_not_asked_twice(password_file: str) -> None:
    """A tag that refuses to be written and knows no password is refused as before."""
    bench = on_a_pad(password_file, release_check=ReleaseCheck.NONE)
    tag = protected()
    tag.password = None
    bench.lay(tag)

    with pytest.raises(WriteRefused, match="weak"):
        bench.pad.release(tag.uid)
    assert bench.commands().count(0xB2) == 1


def test_a_file_that_is_not_private_is_the_installers_to_mend(password_file: str) -> None:
    """The driver refuses a file others can read before it asks the reader anything."""
    Path(password_file).chmod(0o644)
    bench = ObidBench()
    heard = len(bench.reader.commands_heard)

    with pytest.raises(SettingsError, match="0644"):
        obid_pad.open(ObidPadSettings(password_file=password_file), bench.link, bench.clock)
    assert len(bench.reader.commands_heard) == heard


@pytest.mark.parametrize("frame_type", list(FrameType))
def test_a_trace_shows_everything_but_the_password(frame_type: FrameType) -> None:
    """A frame that presents a password ends behind its command, check sum included; every other frame is whole."""

    def framed(request: Any) -> bytes:
        return encode(Frame(frame_type, 0xFF, request.command, request.data))

    secret = framed(set_password("E004010012345678", bytes.fromhex(PASSWORD), b"\xd3\x39"))
    harmless = framed(software_version())

    assert redact(harmless) == harmless
    assert redact(secret) == secret[: 7 if frame_type is FrameType.ADVANCED else 5]
    assert redact(b"") == b""


def test_the_password_is_in_no_line_of_a_traced_conversation(password_file: str) -> None:
    """Of all that is logged with every byte shown, and of every error's text, nothing gives the password."""
    bench = ObidBench()
    tag = bench.lay(protected())
    lines: list[str] = []
    link = TraceLink(bench.link, lines.append, show_bytes=True, redact=obid_pad.redact)
    pad = obid_pad.open(ObidPadSettings(password_file=password_file), link, bench.clock)
    pad.release(tag.uid)
    (sent,) = (heard for heard in bench.reader.commands_heard if heard[:3] == b"\xb1\x04\xb3")
    log = " ".join(lines)

    assert "b1 04 b3" in log
    assert sent[-4:].hex(" ") not in log
    assert PASSWORD.lower() not in log.replace(" ", "")
    assert repr(set_password(tag.uid, bytes.fromhex(PASSWORD), b"\0\0")) == "Request(command=177)"


def test_without_the_redaction_the_log_would_hold_it(password_file: str) -> None:
    """The same conversation traced without it does show what covers the password."""
    bench = ObidBench()
    tag = bench.lay(protected())
    lines: list[str] = []
    link = TraceLink(MemoryLink(bench.reader, bench.clock), lines.append, show_bytes=True)
    pad = obid_pad.open(ObidPadSettings(password_file=password_file), link, bench.clock)
    pad.release(tag.uid)
    (sent,) = (heard for heard in bench.reader.commands_heard if heard[:3] == b"\xb1\x04\xb3")

    assert sent[-4:].hex(" ") in " ".join(lines)
