"""Card numbers and the till's password: where they must not appear."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from drivers.catalog import Kind, find
from drivers.link import SettingsError
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.link.trace import TraceLink
from drivers.payment import Approved, IntermediateStatus, LastPayment, zvt_terminal
from drivers.payment.card_numbers import masked_card, without_card_numbers
from drivers.payment.zvt_terminal import Framing, ZvtTerminalSettings, redact
from drivers.sim.zvt_terminal import CardChoice, ZvtTerminalFarEnd
from tests.kit.payment_bench import EURO, PaymentBench, password_in

CARD = "6725904711081512340"


@pytest.mark.parametrize("piece", [0, 1, 3, 64])
def test_no_card_number_and_no_password_leaves_the_driver(
    tmp_path: Path, framing: Framing, piece: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A terminal that masks nothing: result, receipt, trace and log hold no card number, whole or in half bytes."""
    caplog.set_level(logging.DEBUG)
    clock = VirtualClock()
    far_end = ZvtTerminalFarEnd(clock)
    far_end.card, far_end.masks_card, far_end.password = CardChoice.APPROVE, False, "714926"
    lines: list[str] = []
    inner = MemoryLink(far_end, clock, chunk_bytes=piece)
    link = TraceLink(inner, lines.append, show_bytes=True, redact=redact)
    terminal = zvt_terminal.open(ZvtTerminalSettings(password_in(tmp_path, "714926"), framing), link, clock)
    assert terminal.last_payment() is None
    terminal.authorise(EURO, None)
    while (event := terminal.poll(0.1)) is None or isinstance(event, IntermediateStatus):
        continue
    last = terminal.last_payment()
    assert isinstance(event, Approved)
    assert isinstance(last, LastPayment)

    assert len(far_end.heard) > 5
    assert bytes.fromhex(CARD + "F") in (far_end.last.status if far_end.last else b"")
    assert any(CARD in line for line in (far_end.last.lines if far_end.last else ()))
    seen = "\n".join([*lines, repr(event), repr(last), *event.receipt, *last.receipt, caplog.text])
    for secret in (CARD, CARD[:12], "714926", " ".join(CARD[at : at + 2] for at in range(0, 12, 2))):
        assert secret not in seen
        assert secret.encode().hex(" ") not in seen
    assert "71 49 26" not in seen
    assert event.card == last.card == "···40"
    assert len(lines) > 20


def test_a_trace_shows_which_messages_passed() -> None:
    """Commands and refusals are shown, results and registrations blanked, pieces of something not at all."""
    assert redact(bytes.fromhex("10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3")).hex() == "060006" + "00" * 6
    assert redact(bytes.fromhex("84 9C 00")).hex() == "849c00"
    assert (
        redact(bytes.fromhex("06 01 0A 04 00 00 00 00 10 02 49 09 78")).hex()
        == "06010a0400000000100249" + "0978"
    )
    assert redact(bytes.fromhex("67 25 90 47 11")).hex() == "00" * 5
    assert redact(b"\x06") == b"\x06"


def test_the_catalogue_gives_the_driver_its_redactor() -> None:
    """Whoever opens the terminal by its name gets what blanks its trace."""
    assert find("zvt-terminal", Kind.PAYMENT_TERMINAL).redactor() is redact


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"PAN {CARD} OK", "PAN " + "·" * 17 + "40 OK"),
        ("4111 1111 1111 1111", "···· ···· ···· ··11"),
        ("4111-1111-1111-1111 12/29", "····-····-····-··11 12/29"),
        ("5 4111 1111 1111 1111 8", "5 ···· ···· ···· ··11 8"),
        ("9" * 25, "·" * 23 + "99"),
        ("Terminal 52001233 Beleg 0042", "Terminal 52001233 Beleg 0042"),
        ("4111111111111112", "4111111111111112"),
        ("23.11.2026 12:34:56", "23.11.2026 12:34:56"),
        ("", ""),
    ],
)
def test_what_can_be_a_card_number_is_dotted_out(text: str, shown: str) -> None:
    """Digits with a card's check digit are hidden, in groups or in one; what a receipt needs beside them stays."""
    assert without_card_numbers(text) == shown


def test_a_card_shows_two_digits_at_most() -> None:
    """Whatever the terminal has masked already, and also nothing."""
    assert (masked_card(CARD), masked_card("672590·········2340"), masked_card("")) == ("···40", "···40", "")


@pytest.mark.parametrize("content", ["", "12345", "1234567", "12345a", "１２３４５６", "123456 654321"])
def test_a_password_that_is_none_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    """Six digits and nothing else; the complaint names the file and never its content."""
    file = password_in(tmp_path, content)

    with pytest.raises(SettingsError, match="six digits") as caught:
        ZvtTerminalSettings(file).check()
    assert not content or content not in str(caught.value)


def test_a_password_file_others_can_read_is_refused(tmp_path: Path) -> None:
    """The till's password gives money back: its file is its owner's alone."""
    file = password_in(tmp_path)
    Path(file).chmod(0o644)

    with pytest.raises(SettingsError, match="open to others"):
        ZvtTerminalSettings(file).check()


def test_a_password_never_shows_itself(tmp_path: Path) -> None:
    """Neither the settings nor the terminal print it."""
    bench = PaymentBench(tmp_path)

    assert "123456" not in repr(bench.settings) + repr(bench.settings.check()) + repr(vars(bench.terminal))
