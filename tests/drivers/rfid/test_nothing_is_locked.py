"""The watch that every test of an HF pad is under does see what no kiosk may send."""

from __future__ import annotations

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid import m210, obid
from drivers.sim import shelf
from drivers.sim.m210_reader import M210Reader
from drivers.sim.obid_reader import ObidReader
from tests.kit.hf_bench import M210Bench, ObidBench, more_than_the_security_state

UID = shelf.item_tag("1001").uid
ADDRESSED = "01" + UID


@pytest.mark.parametrize("sub", ["22", "24", "28", "29", "2A"])
def test_a_feig_reader_that_hears_a_lock_or_a_write_to_memory_is_told_of(sub: str) -> None:
    """Locking blocks, AFI or DSFID, and writing memory or DSFID, is noticed."""
    reader = ObidReader(VirtualClock())
    data = bytes.fromhex(sub + ADDRESSED + "00 01 04 00 00 00 00")
    reader.receive(obid.encode(obid.Frame(obid.FrameType.STANDARD, 0xFF, 0xB0, data)))

    assert len(more_than_the_security_state(reader)) == 1


@pytest.mark.parametrize("sub", ["A4", "A6", "B4", "B5"])
def test_a_feig_reader_that_hears_a_protection_is_told_of(sub: str) -> None:
    """Locking EAS, protecting by a password, changing or locking one, is noticed."""
    reader = ObidReader(VirtualClock())
    data = bytes.fromhex("04" + sub + ADDRESSED + "10")
    reader.receive(obid.encode(obid.Frame(obid.FrameType.STANDARD, 0xFF, 0xB1, data)))

    assert len(more_than_the_security_state(reader)) == 1


@pytest.mark.parametrize("command", ["81", "82", "83"])
def test_a_feig_reader_that_hears_a_change_of_its_configuration_is_told_of(command: str) -> None:
    """The library's own set-up of its readers stays what it is."""
    reader = ObidReader(VirtualClock())
    frame = obid.Frame(obid.FrameType.STANDARD, 0xFF, int(command, 16), bytes(15))
    reader.receive(obid.encode(frame))

    assert len(more_than_the_security_state(reader)) == 1


@pytest.mark.parametrize("command", ["04", "05", "06", "07", "08", "0E", "0F", "14"])
def test_a_3m_reader_that_hears_a_lock_or_a_write_to_memory_is_told_of(command: str) -> None:
    """Locking, writing memory or DSFID, and bare ISO commands are noticed."""
    reader = M210Reader(VirtualClock())
    reader.receive(m210.encode(m210.Frame(m210.START, bytes.fromhex(command + UID + "00"))))

    assert len(more_than_the_security_state(reader)) == 1


@pytest.mark.parametrize("bench", [ObidBench, M210Bench])
def test_a_book_is_lent_without_any_of_it(bench: type[ObidBench | M210Bench]) -> None:
    """Seeing, reading, releasing and securing a book is heard and is nothing of the kind."""
    one = bench()
    tag = one.lay(shelf.item_tag("1001"))
    one.pad.inventory()
    one.pad.read(tag.uid)
    one.pad.release(tag.uid)
    one.pad.secure(tag.uid)
    one.pad.close()

    assert len(one.reader.commands_heard) > 8
    assert more_than_the_security_state(one.reader) == []
