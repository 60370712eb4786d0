"""What a terminal is for, and where what came back goes, is configuration: whole, or refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load
from kiosk.config.summary import summary
from kiosk.runtime.session_settings import session_settings
from kiosk.workflow.settings import ForeignItems, Service
from sync.rules.sorting import Bin, Colour, Route, SortingRules

PLAIN = """\
[terminal]
name = "kiosk-01"
library = "Example Library"
{terminal}
[scanner]
driver = "serial-scanner"
link = "serial:/dev/kiosk/scanner?baud=9600"
[server]
url = "tcp://127.0.0.1:6001"
institution = "EXAMPLE"
[journal]
path = "journal.db"
key_file = "journal.key"
{rest}
"""
BINS = """\
[sorting]
branch = "main"
by_code = { AB = "1" }
by_route = { hold-here = "2", other-branch = "2" }
[sorting.bins.1]
place = "Shelves"
colour = "green"
[sorting.bins.2]
"""


def loaded(folder: Path, rest: str = "", terminal: str = "") -> Configuration:
    file = folder / "kiosk.toml"
    file.write_text(PLAIN.format(rest=rest, terminal=terminal), encoding="utf-8")
    return load(file)


def test_without_a_word_it_is_for_borrowing(tmp_path: Path) -> None:
    """A configuration of before there were services serves as it did, and sorts nothing."""
    settings = session_settings(loaded(tmp_path))

    assert settings.services == (Service.BORROW,)
    assert settings.sorting == SortingRules()
    assert settings.terminal == "kiosk-01"
    assert "services     borrow" in summary(loaded(tmp_path))


def test_services_and_bins_reach_the_session(tmp_path: Path) -> None:
    """What is written into the file is what sessions go by."""
    services = '[session]\nservices = ["return", "account", "pay", "care"]\nforeign_items = "own-pile"\n'
    settings = session_settings(loaded(tmp_path, services + BINS))

    assert settings.services == (Service.RETURN, Service.ACCOUNT, Service.PAY, Service.CARE)
    assert settings.foreign_items is ForeignItems.OWN_PILE
    assert settings.sorting == SortingRules(
        bins={"1": Bin("1", "Shelves", Colour.GREEN), "2": Bin("2")},
        by_code={"AB": "1"},
        by_route={Route.HOLD_HERE: "2", Route.OTHER_BRANCH: "2"},
        branch="main",
    )


def test_the_calendar_is_that_of_the_library(tmp_path: Path) -> None:
    """A day of the library begins when its own zone says so, wherever the machine thinks it is."""
    settings = session_settings(loaded(tmp_path, terminal='time_zone = "Asia/Shanghai"'))

    evening = datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert evening.astimezone(settings.zone).day == 2


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        ('[session]\nservices = ["lend"]', "[session] services.0"),
        ("[session]\nservices = []", "[session] services"),
        ('[session]\nservices = ["pay"]', "'pay' needs 'account'"),
        ('[payment]\nqr_url = "https://pay.example.org/kiosk"', 'readers cannot pay here without "pay"'),
        ('[session]\nforeign_items = "bin"', "'to-reader', 'own-pile'"),
        (
            '[sorting]\nby_code = { AB = "9" }\nby_route = { staff = "8" }',
            "by_code.AB = '9', by_route.staff = '8': there is no such bin in [sorting.bins]",
        ),
        ('[sorting]\nby_route = { attic = "1" }', "[sorting] by_route.attic"),
        ('[sorting.bins.1]\ncolour = "pink"', "[sorting] bins.1.colour"),
        ('[sorting.bins.1]\nshape = "round"', "[sorting] bins.1.shape: unknown key"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, rest: str, sentence: str) -> None:
    """Section, key and what is allowed are said; nothing is guessed."""
    with pytest.raises(ConfigurationWrong) as refused:
        loaded(tmp_path, rest)

    assert sentence in str(refused.value)
