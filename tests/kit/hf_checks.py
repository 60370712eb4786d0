"""What every HF pad has to hold about releases, asked of a bench: the pads' own tests and broken pads share it."""

from __future__ import annotations

import pytest

from drivers.rfid import SecurityState, WriteRefused
from drivers.rfid.tag_settings import Security
from drivers.sim import shelf
from drivers.sim.tag_field import ReaderFault
from tests.kit.hf_bench import HfBench


def check_reading_switches_nothing_off(make: type[HfBench], security: Security, silences: int) -> None:
    """A book whose EAS seems off is not switched off by the check that it can be released."""
    bench = make(settings={"security": security})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    tag.eas_silences = silences

    bench.pad.read(tag.uid)

    assert tag.eas is True


def check_silence_is_no_release(make: type[HfBench], silences: int) -> None:
    """A tag whose alarm is not heard is written, and is off when the pad says so."""
    bench = make(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    tag.eas_silences = silences

    assert bench.pad.release(tag.uid)[1] == SecurityState(None, False)
    assert tag.eas is False


def check_an_unconfirmed_write_is_refused(make: type[HfBench]) -> None:
    """Where no write of EAS is ever confirmed, a tag that then falls silent is refused, not released."""
    bench = make(settings={"security": Security.EAS})
    tag = bench.lay(shelf.item_tag("1001", eas=True))
    bench.pad.read(tag.uid)
    tag.write_failures = tag.eas_silences = 1000

    with pytest.raises(WriteRefused, match="weak"):
        bench.pad.release(tag.uid)
    assert tag.eas is True


def check_written_is_not_believed(make: type[HfBench]) -> None:
    """A reader that says "written" and has not is found out by reading back."""
    bench = make()
    tag = bench.lay(shelf.item_tag("1001"))
    bench.reader.inject(*[ReaderFault.UNWRITTEN] * 100)

    with pytest.raises(WriteRefused):
        bench.pad.release(tag.uid)
    assert tag.afi == 0x07
