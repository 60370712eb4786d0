"""What an ESC/POS printer says about itself: questions and the bytes of the answers.

Source: device reference 10.1; ESC/POS command reference, DLE EOT n (real time, answered at once also while the
printer is offline), GS r 1 (answered in its turn, so after everything sent before it), DLE DC4 8 (throws away what is
not printed yet).  An answer to DLE EOT has bits 1 and 4 set and bits 0 and 7 clear, one to GS r has bits 4 and 7
clear; whatever is not so is not an answer.
"""

from __future__ import annotations

from drivers.printer import Paper, PrinterStatus

__all__ = [
    "CLEAR_BUFFER",
    "FLOW",
    "PAPER_IN_TURN",
    "Question",
    "is_answer",
    "is_answer_in_turn",
    "is_online",
    "paper_in_turn",
    "question",
    "status_of",
]

PAPER_IN_TURN = b"\x1dr\x01"
CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
FLOW = frozenset((0x11, 0x13))
"""XON and XOFF, which a printer may send in between; they belong to no answer (0x11 and 0x13 have bit 0 set)."""

PRINTER, OFFLINE_CAUSE, PAPER_SENSOR = 1, 2, 4
Question = int

_REAL_TIME_MASK, _REAL_TIME_BITS = 0x93, 0x12
_IN_TURN_MASK = 0x90


def question(about: Question) -> bytes:
    """DLE EOT *about*: 1 the printer, 2 why it is offline, 4 the paper sensor."""
    return bytes((0x10, 0x04, about))


def is_answer(byte: int) -> bool:
    """Whether *byte* can be an answer to DLE EOT."""
    return byte & _REAL_TIME_MASK == _REAL_TIME_BITS


def is_answer_in_turn(byte: int) -> bool:
    """Whether *byte* can be an answer to GS r 1."""
    return byte & _IN_TURN_MASK == 0


def is_online(printer: int) -> bool:
    """Whether the answer to question 1 says so (bit 3 is "offline")."""
    return not printer & 0x08


def paper_in_turn(byte: int) -> Paper:
    """What the answer to GS r 1 says: bits 2 and 3 paper end, bits 0 and 1 near end."""
    if byte & 0x0C:
        return Paper.OUT
    return Paper.LOW if byte & 0x03 else Paper.ENOUGH


def status_of(printer: int | None, cause: int | None, sensor: int | None) -> PrinterStatus:
    """The answers to questions 1, 2 and 4 as one status; None for one that was not answered.

    Question 2: bit 2 cover open, bit 5 stopped for want of paper, bit 6 error.  Question 4: bits 2 and 3 near end,
    bits 5 and 6 end.
    """
    paper = Paper.NOT_KNOWN
    if sensor is not None:
        paper = Paper.OUT if sensor & 0x60 else Paper.LOW if sensor & 0x0C else Paper.ENOUGH
    if cause is not None and cause & 0x20:
        paper = Paper.OUT
    return PrinterStatus(
        is_online=None if printer is None else is_online(printer),
        paper=paper,
        is_cover_open=None if cause is None else bool(cause & 0x04),
        has_error=None if cause is None else bool(cause & 0x40),
    )
