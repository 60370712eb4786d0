"""What staff and their tools hear of the terminal: figures, and nobody's number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from kiosk.config.loading import load
from kiosk.engine.control_call import call
from kiosk.runtime.build import Kiosk, Surroundings, build
from kiosk.runtime.health import OpenCases, OpenPayments, StripCounts
from sync.central import demo
from sync.entries import (
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    EntryKey,
    Intended,
    Released,
    ReleaseFailed,
    Secured,
    Settled,
    Settlement,
    Strip,
)
from tests.kit.recording import KeptLog
from tests.kit.rig import OFFLINE, Rig, with_settings
from tests.sync.uplink.samples import NOON, entry, give_back, key, pay

CONFIGURATION = """
[terminal]
name = "kiosk-1"
library = "Example"
[pad]
driver = "obid-pad"
link = "serial:/dev/no-such-pad"
[server]
url = "tcp://127.0.0.1:9"
[journal]
path = "journal.db"
key_file = "journal.key"
"""


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A kiosk that may lend by itself."""
    rig = Rig(tmp_path, with_settings(offline=OFFLINE))
    rig.pass_time(10)
    yield rig
    rig.close()


def test_a_healthy_terminal_says_so(rig: Rig) -> None:
    """Everything there, nothing waiting, no case, and a snapshot a few minutes old."""
    rig.pass_time(125)

    assert rig.kiosk.health.told() == {
        "is_in_service": True,
        "link": "up",
        "is_current": True,
        "backlog": 0,
        "open_entries": 0,
        "oldest_unsynced_minutes": None,
        "open_cases": 0,
        "snapshot_age_minutes": 2,
        "is_room_low": False,
        "strips_treated": 0,
        "strips_unverified": 0,
        "returns_unverified": 0,
        "open_payments": 0,
        "devices_down": [],
    }


def test_a_terminal_that_is_cut_off_says_since_when(rig: Rig) -> None:
    """Link, backlog, the age of the oldest entry the server does not know, devices away: all of it, nobody named."""
    rig.cut_network()
    rig.pass_time(10)
    rig.begin()
    rig.lay(*demo.ITEMS_FREE[:2])
    rig.choose("finish")
    rig.take_card()
    rig.unplug_pad()
    rig.clock.wait(600)
    rig.pass_time(5)

    told = rig.kiosk.health.told()
    assert (told["link"], told["is_current"], told["backlog"]) == ("silent", False, 2)
    assert told["oldest_unsynced_minutes"] == 10
    assert told["devices_down"] == ["pad"]
    assert demo.READER not in json.dumps(told)


def test_cases_are_counted_until_they_are_closed() -> None:
    """Opened twice is one case; a closing ends it; those of before the start count."""
    keys = [EntryKey("e1", 1, event, 1) for event in (1, 2)]
    clock = VirtualClock()
    cases = OpenCases(keys[:1])
    cases.follow([CaseOpened(keys[1], clock.now(), reason) for reason in list(CaseReason)[:2]])
    assert len(cases) == 2

    cases.follow([CaseClosed(key, clock.now(), "Li", CaseEnd.AS_IT_STANDS) for key in keys])

    assert len(cases) == 0


def test_strips_are_counted_by_what_is_on_disk() -> None:
    """Read back as inactive is treated; what nobody can tell is unverified, lent or not; tags alone are neither."""
    key, at = EntryKey("e1", 1, 1, 1), VirtualClock().now()
    counts = StripCounts()
    counts.follow([Released(key, at, (), Strip.INACTIVE), Released(key, at, (), Strip.UNVERIFIED)])
    counts.follow(
        [
            ReleaseFailed(key, at, (), "second-item", Strip.UNVERIFIED),
            CaseOpened(key, at, CaseReason.RELEASE_UNKNOWN, ""),
            Released(key, at, ()),
        ]
    )
    counts.follow([ReleaseFailed(key, at, (), "refused", Strip.ACTIVE)])

    assert (counts.treated, counts.unverified) == (1, 2)


def test_a_strip_that_was_never_told_to_act_is_not_counted_as_unverified() -> None:
    """Its loan is taken back because of a tag, or a case is opened about the undoing: its alarm is surely on."""
    key, at = EntryKey("e1", 1, 1, 1), VirtualClock().now()
    counts = StripCounts()
    counts.follow([ReleaseFailed(key, at, (), "tag-is-of-another", Strip.UNVERIFIED)])
    counts.follow([CaseOpened(key, at, CaseReason.UNDO_REFUSED, "")])

    assert (counts.treated, counts.unverified) == (0, 0)


def test_a_strip_that_came_back_unread_is_told() -> None:
    """A unit that cannot read strips sensitised it: nobody can tell, and it is no case by itself."""
    key, at = EntryKey("e1", 1, 1, 1), VirtualClock().now()
    counts = StripCounts()
    counts.follow(
        [Secured(key, at, (), Strip.UNVERIFIED), Secured(key, at, (), Strip.ACTIVE), Secured(key, at, ())]
    )

    assert (counts.given_back_unverified, counts.unverified) == (1, 0)


def test_payments_are_open_until_they_are_settled() -> None:
    """Begun, found at start-up, ended: what is told is how many are on their way."""
    payments = OpenPayments([entry(1, pay()), entry(2, give_back())])
    payments.follow([Intended(key(3), NOON, pay()), Intended(key(4), NOON, give_back())])
    assert len(payments) == 2

    payments.follow([Settled(key(1), NOON, Settlement.CASE)])

    assert len(payments) == 1


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[Kiosk]:
    """A terminal of a configuration, with its control socket; nothing else of it is there."""
    file = tmp_path / "kiosk.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    clock = VirtualClock()
    around = Surroundings(clock, KeptLog(), lambda _: None, lambda: 0.5)
    kiosk = build(load(file), around)
    yield kiosk
    kiosk.stop()


def test_a_built_terminal_answers_on_its_control_socket(tmp_path: Path, kiosk: Kiosk) -> None:
    """Health can be asked from the first moment, before anything else of the terminal has begun."""
    control = next(pump for pump in kiosk.pumps if pump.name == "control")
    kiosk_threads = kiosk._threads
    kiosk_threads.start(control)
    try:
        told = call(tmp_path / "control", {"do": "health"}, 10.0)
    finally:
        kiosk_threads.stop(10.0)

    assert told["backlog"] == 0
    assert told["link"] == "unknown"


def test_two_terminals_do_not_share_a_control_socket(tmp_path: Path, kiosk: Kiosk) -> None:
    """The second one that is started on the same folder is told so instead of taking it away."""
    control = [pump for pump in kiosk.pumps if pump.name == "control"]
    assert control
    file = tmp_path / "other.toml"
    text = CONFIGURATION.replace("journal.", "other.")
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match="control"):
        build(load(file), Surroundings(VirtualClock(), KeptLog(), lambda _: None, lambda: 0.5))
