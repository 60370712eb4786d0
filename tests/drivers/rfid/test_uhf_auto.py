"""Which protocol a UHF reader speaks is found out by asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.link import DeviceLost, SettingsError
from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.trace import TraceLink
from drivers.link.urls import open_link
from drivers.rfid import LibraryItem, uhf_auto
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf_settings import UhfPadSettings
from drivers.sim.a0_reader import A0Reader
from drivers.sim.serve import serve_tcp
from drivers.sim.uhf18_reader import Uhf18Reader
from drivers.sim.uhf_reader import UhfReader
from tests.kit.uhf_wirings import item

SETTINGS = UhfPadSettings(security=Security.UHF_BIT, retries=1)


class Line(MemoryLink):
    """A memory link with a speed, which the reader at its end hears; *speeds* keeps the ones it was set to."""

    def __init__(self, reader: UhfReader, clock: VirtualClock) -> None:
        super().__init__(reader, clock)
        self.speeds: list[int] = []
        self._reader = reader

    def retune(self, baud: int) -> bool:
        """As promised by `TunableLink`."""
        self.speeds.append(baud)
        self._reader.line_is_at(baud)
        self.discard_input()
        return True


@pytest.mark.parametrize("is_silent", [True, False], ids=["silence", "nonsense"])
@pytest.mark.parametrize(
    ("kind", "baud", "speeds"),
    [
        (Uhf18Reader, 57600, [57600]),
        (Uhf18Reader, 115200, [57600, 115200]),
        (A0Reader, 115200, [57600, 115200, 115200]),
    ],
)
def test_a_reader_is_found_whatever_it_speaks_at_the_speed_it_was_sold_with(
    kind: Callable[..., UhfReader], baud: int, speeds: list[int], is_silent: bool
) -> None:
    """Protocols and speeds are tried in the order of the table, and the line stays at what was answered."""
    clock = VirtualClock()
    reader = kind(clock, baud=baud)
    reader.is_silent_at_wrong_speed = is_silent
    reader.lay(item(Security.UHF_BIT, "B0000001"))
    line = Line(reader, clock)

    pad = uhf_auto.open(SETTINGS, line, clock)

    assert line.speeds == speeds
    assert [pad.read(uid).content for uid in pad.inventory()] == [
        LibraryItem("B0000001", 1, 1, "10248", 0x60)
    ]


def test_a_trace_around_the_line_does_not_hide_its_speed() -> None:
    """With a hex log around it a line is retuned all the same, and the log says to which speed."""
    clock = VirtualClock()
    told: list[str] = []

    uhf_auto.open(SETTINGS, TraceLink(Line(Uhf18Reader(clock, baud=115200), clock), told.append), clock)

    assert [line for line in told if "baud" in line] == ["57600 baud", "115200 baud"]


@pytest.mark.parametrize(("kind", "question"), [(Uhf18Reader, 0x21), (A0Reader, 0x72)])
def test_over_tcp_every_protocol_is_asked_for_on_the_one_line(
    kind: Callable[..., UhfReader], question: int
) -> None:
    """A line without a speed is asked once for each protocol, and the reader that answered once more to open it."""
    clock = RealClock()
    reader = kind(clock)
    serving = serve_tcp(reader)

    pad = uhf_auto.open(SETTINGS, open_link(serving.url, clock), clock)

    assert pad.inventory() == ()
    assert [command[0] for command in reader.commands_heard].count(question) == 2
    pad.close()
    serving.close()


def test_where_nobody_answers_the_reader_is_lost() -> None:
    """Silence at every speed is a lost device, in bounded time, and the message says what was tried."""
    clock = VirtualClock()
    line = Line(Uhf18Reader(clock, baud=9600), clock)

    with pytest.raises(DeviceLost, match="57600, 115200"):
        uhf_auto.open(SETTINGS, line, clock)
    assert clock.monotonic() < 10


def test_a_wrong_password_file_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """The installer's mistake is found without touching the line."""
    clock = VirtualClock()
    reader = Uhf18Reader(clock)

    with pytest.raises(SettingsError):
        uhf_auto.open(UhfPadSettings(password_file=str(tmp_path / "none")), Line(reader, clock), clock)
    assert reader.commands_heard == []
