"""A `PaymentMark` as one text, to be written down before a payment and read after a restart.

Five fields with colons between them, each empty where the terminal did not say it:

    TRACE:RECEIPT:TERMINAL:DATE:TIME      as in "470001:1:29520012:1123:101500"

Trace and receipt are whole numbers without leading zeros, TERMINAL 1 to 32 visible ASCII characters without a colon,
DATE MMDD, TIME HHMMSS.  The empty text says that the terminal remembered no payment at all, which is not a mark whose
fields are all empty ("::::").
"""

from __future__ import annotations

import re

from drivers.payment import PaymentMark

__all__ = ["mark_of", "mark_text"]

_NUMBER = "(0|[1-9][0-9]{0,8})?"
_TEXT = re.compile(f"{_NUMBER}:{_NUMBER}:([!-9;-~]{{1,32}})?:([0-9]{{4}})?:([0-9]{{6}})?", re.ASCII)


def mark_text(mark: PaymentMark | None) -> str:
    """*mark* as a text, "" for None.  Raises `ValueError` for a mark that would not be read back as it is."""
    if mark is None:
        return ""
    fields = ("" if number is None else str(number) for number in (mark.trace, mark.receipt))
    text = ":".join((*fields, mark.terminal, mark.date, mark.time))
    if _TEXT.fullmatch(text) is None or mark_of(text) != mark:
        raise ValueError("this mark of a payment cannot be written down")
    return text


def mark_of(text: str) -> PaymentMark | None:
    """What `mark_text` has written; None for "".  Raises `ValueError` for everything else."""
    if not text:
        return None
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError("this is no mark of a payment")
    trace, receipt, terminal, date, time = match.groups(default="")
    return PaymentMark(int(trace) if trace else None, int(receipt) if receipt else None, terminal, date, time)
