"""The shipped configuration of a book drop is whole, and works with the far end it is written for."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.gpio import BinLevel, DropEvent, ItemCame, ItemPassed, book_drop
from drivers.gpio.book_drop import BookDropSettings
from drivers.link.memory import VirtualClock
from drivers.link.memory_lines import MemoryLineLink
from drivers.sim.book_drop import BookDropFarEnd
from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load
from kiosk.runtime.session_settings import session_settings
from kiosk.workflow.settings import DropSettings

EXAMPLE = Path(__file__).parents[3] / "systemd" / "examples" / "book-drop.toml"


def loaded(folder: Path, text: str) -> Configuration:
    secret = folder / "kiosk-01.secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    secret.chmod(0o600)
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_the_example_is_whole_and_its_drop_takes_an_item(tmp_path: Path) -> None:
    """The file loads, and its drop, opened with its settings, lets an item into the bin that is named."""
    configuration = loaded(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    assert configuration.book_drop is not None
    settings = configuration.book_drop.settings
    assert isinstance(settings, BookDropSettings)
    clock = VirtualClock()
    chute = BookDropFarEnd(clock)
    drop = book_drop.open(settings, MemoryLineLink(chute, clock), clock)

    def watched(seconds: float) -> list[DropEvent]:
        until = clock.monotonic() + seconds
        told = (drop.poll(0.05) for _ in iter(lambda: clock.monotonic() < until, False))
        return [event for event in told if event is not None]

    chute.insert("10000001")
    assert watched(0.5) == [BinLevel(is_full=False), ItemCame()]
    drop.open("2")
    assert watched(3.0) == [ItemPassed()]
    assert chute.bins == {"2": ["10000001"]}


def test_every_default_in_the_example_is_the_real_one(tmp_path: Path) -> None:
    """A setting shown as a comment is what holds without it, and the session knows that it is a drop."""
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]

    opened, plain = loaded(tmp_path, "\n".join(lines)), loaded(tmp_path, text)

    assert opened == plain
    assert "\n".join(lines) != text
    assert session_settings(plain).drop == DropSettings()


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        ("flap = 5 ", "# ", "[book_drop.settings] entry, passed and flap"),
        ("passed = 23", "passed = 22", "each has to be used for one thing only"),
        (
            'driver = "line-book-drop"',
            'driver = "obid-pad"',
            "[book_drop] driver: driver 'obid-pad' is no book drop",
        ),
        ("gpio:/dev/gpiochip0", "serial:/dev/drop", "[book_drop] link 'serial:/dev/drop': unknown kind"),
        ('{ "2" = 6 }', '{ "2" = 6, "9" = 7 }', "nothing in [sorting] leads to 9"),
        ('diverters = { "2" = 6 }', "diverters = {}", "no line leads to bins 1, 2 of [sorting]"),
        ("drop_read_seconds = 8", "drop_read_seconds = 0", "[session] drop_read_seconds"),
    ],
)
def test_what_is_wrong_with_a_drop_is_said(tmp_path: Path, found: str, put: str, sentence: str) -> None:
    """Before a line of the chip is touched, with section and key."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("# drop_read", "drop_read")
    assert found in text

    with pytest.raises(ConfigurationWrong) as wrong:
        loaded(tmp_path, text.replace(found, put))

    assert any(sentence in complaint for complaint in wrong.value.complaints)
