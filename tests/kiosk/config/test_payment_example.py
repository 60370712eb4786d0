"""The shipped configuration of a terminal that takes money is whole, and what is wrong with one is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.link.memory import VirtualClock
from drivers.payment.zvt_terminal import ZvtTerminalSettings
from kiosk.config.complaints import ConfigurationWrong
from kiosk.config.loading import Configuration, load
from kiosk.config.summary import summary
from kiosk.runtime.session_settings import session_settings
from kiosk.runtime.tills import FIND_IN_ORDER_SECONDS, till_parts
from sync.entries import Means

EXAMPLE = Path(__file__).parents[3] / "systemd" / "examples" / "payments.toml"


def loaded(folder: Path, text: str) -> Configuration:
    for name, content in (
        ("kiosk-01.secret", "s3cret"),
        ("till.secret", "123456"),
        ("payment.secret", "0123456789abcdef"),
    ):
        secret = folder / name
        secret.write_text(f"{content}\n", encoding="utf-8")
        secret.chmod(0o600)
    file = folder / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    return load(file)


def test_the_example_is_whole(tmp_path: Path) -> None:
    """It loads, its tills can be made of it, and the session offers both ways to pay."""
    configuration = loaded(tmp_path, EXAMPLE.read_text(encoding="utf-8"))

    parts = till_parts(configuration, VirtualClock())
    assert parts.terminal is not None
    assert parts.backend is not None
    settings = session_settings(configuration)
    assert (settings.means, settings.currency) == ((Means.CARD, Means.QR), "EUR")
    assert settings.pays_at_counter
    told = list(summary(configuration))
    assert "card payment zvt-terminal at tcp://192.0.2.30:20007" in told
    assert "QR payment   https://pay.example.org/kiosk" in told


def test_without_its_sections_nobody_pays_at_the_terminal(tmp_path: Path) -> None:
    """No till is made, and the session offers none."""
    text = EXAMPLE.read_text(encoding="utf-8")
    start, end = text.index("[payment_terminal]"), text.index("\n[server]")
    configuration = loaded(tmp_path, text[:start] + text[end:])

    parts = till_parts(configuration, VirtualClock())
    assert (parts.terminal, parts.backend) == (None, None)
    assert session_settings(configuration).means == ()


def test_central_is_not_kept_waiting_long_for_a_payment_of_before_a_restart(tmp_path: Path) -> None:
    """It takes entries in their order, so every loan behind such a payment waits; with SIP2 none does."""
    text = EXAMPLE.read_text(encoding="utf-8")
    start, end = text.index("\n[server]") + 1, text.index("\n[journal]")
    central = (
        '[server]\nurl = "https://central.example.org"\ntoken_file = "payment.secret"\ncurrency = "EUR"\n'
    )
    clock = VirtualClock()

    assert till_parts(loaded(tmp_path, text), clock).times.find_seconds == 1500.0
    of_central = loaded(tmp_path, text[:start] + central + text[end:])
    assert till_parts(of_central, clock).times.find_seconds == FIND_IN_ORDER_SECONDS


def test_every_default_in_the_example_is_the_real_one(tmp_path: Path) -> None:
    """A setting shown as a comment is what holds without it."""
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = [
        line.removeprefix("# ") if " = " in line and "_file = " not in line else line
        for line in text.splitlines()
    ]

    opened, plain = loaded(tmp_path, "\n".join(lines)), loaded(tmp_path, text)

    assert "\n".join(lines) != text
    assert opened == plain
    assert plain.payment_terminal is not None
    assert plain.payment_terminal.settings == ZvtTerminalSettings(str(tmp_path / "till.secret"))


@pytest.mark.parametrize(
    ("found", "put", "sentence"),
    [
        (
            'currency = "EUR"\n\n[journal]',
            "\n[journal]",
            "[payment_terminal.settings] currency: 'EUR' is not that",
        ),
        ('"till.secret"', '"missing.secret"', "[payment_terminal.settings] "),
        (
            "https://pay",
            "http://pay",
            "[payment] qr_url: 'http://pay.example.org/kiosk' would pay over an open",
        ),
        ("https://pay", "ftp://pay", "[payment] qr_url: 'ftp://pay.example.org/kiosk' has to read https://"),
        ('/kiosk"', '/kiosk?a=b"', "[payment] qr_url:"),
        ("https://pay", "https://me:word@pay", "[payment] qr_url:"),
        ('token_file = "payment.secret"', "", "[payment] token_file: is missing"),
        ('"payment.secret"', '"kiosk-01.secret"', "[payment] token_file: the token has to be 16 to 128"),
        ('"payment.secret"', '"journal.db"', "[payment] token_file"),
        ('# ca_file = ""', 'ca_file = "nowhere.pem"', "[payment] ca_file: there is no file"),
        ('qr_url = "https://pay.example.org/kiosk"', "", "[payment] token_file: is for the payment back end"),
        ("# pay_seconds = 180", "pay_seconds = 1", "[payment] pay_seconds"),
        ("# settle_seconds = 240", "settle_seconds = -1", "[payment] settle_seconds"),
        ("# poll_seconds = 2.0", "poll_second = 2.0", "[payment] poll_second"),
        (
            '"zvt-terminal"',
            '"escpos-printer"',
            "[payment_terminal] driver: driver 'escpos-printer' is no payment",
        ),
    ],
)
def test_what_is_wrong_with_paying_is_said(tmp_path: Path, found: str, put: str, sentence: str) -> None:
    """Before anything is connected, with section and key; a secret is in no sentence."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert found in text

    with pytest.raises(ConfigurationWrong) as wrong:
        loaded(tmp_path, text.replace(found, put))

    assert any(sentence in complaint for complaint in wrong.value.complaints), wrong.value.complaints
    assert "0123456789abcdef" not in str(wrong.value.complaints)
