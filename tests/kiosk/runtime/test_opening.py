"""Devices on their lines: what is opened, and what never lands in a log."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from drivers.catalog import Kind, find
from drivers.link.clock import RealClock
from drivers.rfid.obid import FrameType
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.sim.obid_reader import ObidReader
from drivers.sim.serve import serve_tcp
from drivers.sim.shelf import item_tag
from kiosk.config.loading import DeviceSettings
from kiosk.runtime.opening import opener

PASSWORD = "3C5A7E91"


@pytest.mark.parametrize("frame_type", list(FrameType))
def test_a_tags_password_is_in_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, frame_type: FrameType
) -> None:
    """With every byte of the pad's line logged, a protected tag is released and the log does not give its password."""
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "tags.secret"
    file.touch(0o600)
    file.write_text(PASSWORD)
    clock = RealClock()
    reader = ObidReader(clock)
    tag = item_tag("1001")
    tag.password, tag.guards_afi = int(PASSWORD, 16), True
    reader.lay(tag)
    serving = serve_tcp(reader)
    settings = ObidPadSettings(frame=frame_type, password_file=str(file), answer_seconds_max=5)
    device = DeviceSettings(find("obid-pad", Kind.PAD), f"trace+{serving.url}?bytes=yes", settings)
    open_pad = opener(device, clock)
    assert open_pad is not None

    pad = open_pad()
    pad.release(tag.uid)
    pad.close()
    serving.close()

    (sent,) = (heard for heard in reader.commands_heard if heard[:3] == b"\xb1\x04\xb3")
    covered = sent[-4:]
    log = caplog.text.replace(" ", "").upper()
    assert tag.afi == 0xC2
    assert "B104B2" in log
    assert "B104B3" in log
    assert covered.hex().upper() not in log
    assert PASSWORD not in log
