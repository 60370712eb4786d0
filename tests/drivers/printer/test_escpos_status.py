"""The bytes in which a printer speaks about itself."""

from __future__ import annotations

import pytest

from drivers.printer import Obstacle, Paper, PrinterStatus, escpos_status

GOOD = 0x12


def test_the_questions_are_those_of_the_reference() -> None:
    """DLE EOT n, GS r 1 and DLE DC4 8 as the command reference writes them."""
    assert escpos_status.question(escpos_status.PAPER_SENSOR) == bytes.fromhex("10 04 04")
    assert bytes.fromhex("1D 72 01") == escpos_status.PAPER_IN_TURN
    assert bytes.fromhex("10 14 08 01 03 14 01 06 02 08") == escpos_status.CLEAR_BUFFER


@pytest.mark.parametrize(
    ("answers", "status", "obstacle"),
    [
        ((GOOD, GOOD, GOOD), PrinterStatus(True, Paper.ENOUGH, False, False), None),
        ((GOOD, GOOD, 0x1E), PrinterStatus(True, Paper.LOW, False, False), None),
        ((0x1A, 0x32, 0x7E), PrinterStatus(False, Paper.OUT, False, False), Obstacle.PAPER_OUT),
        ((0x1A, 0x32, None), PrinterStatus(False, Paper.OUT, False, False), Obstacle.PAPER_OUT),
        ((0x1A, 0x16, GOOD), PrinterStatus(False, Paper.ENOUGH, True, False), Obstacle.COVER_OPEN),
        ((0x1A, 0x52, GOOD), PrinterStatus(False, Paper.ENOUGH, False, True), Obstacle.ERROR),
        ((0x1A, GOOD, GOOD), PrinterStatus(False, Paper.ENOUGH, False, False), Obstacle.OFFLINE),
        ((GOOD, None, None), PrinterStatus(True, Paper.NOT_KNOWN, None, None), None),
    ],
)
def test_a_state_is_what_its_bits_say(
    answers: tuple[int | None, int | None, int | None], status: PrinterStatus, obstacle: Obstacle | None
) -> None:
    """Offline, cover, paper and error are told apart, and an answer that is missing stays missing."""
    assert escpos_status.status_of(*answers) == status
    assert status.obstacle is obstacle


def test_only_a_good_state_is_fine() -> None:
    """Of all bytes that can be answers, three without any complaint are fine, and no others."""
    allowed = [byte for byte in range(256) if escpos_status.is_answer(byte)]
    fine = [
        (printer, cause, sensor)
        for printer in (*allowed, None)
        for cause in (*allowed, None)
        for sensor in (*allowed, None)
        if escpos_status.status_of(printer, cause, sensor).is_fine
    ]

    assert len(allowed) == 16
    assert (GOOD, GOOD, GOOD) in fine
    for printer, cause, sensor in fine:
        assert printer is not None
        assert not printer & 0x08
        assert cause is not None
        assert not cause & 0x64
        assert sensor is not None
        assert not sensor & 0x6C


@pytest.mark.parametrize(
    ("byte", "paper"), [(0x00, Paper.ENOUGH), (0x03, Paper.LOW), (0x0C, Paper.OUT), (0x0F, Paper.OUT)]
)
def test_the_answer_in_turn_tells_the_paper(byte: int, paper: Paper) -> None:
    """GS r 1: near end and end."""
    assert escpos_status.is_answer_in_turn(byte)
    assert escpos_status.paper_in_turn(byte) is paper


def test_the_two_kinds_of_answers_are_told_apart() -> None:
    """No byte can be both an answer at once and one in turn."""
    assert not [
        byte for byte in range(256) if escpos_status.is_answer(byte) and escpos_status.is_answer_in_turn(byte)
    ]
