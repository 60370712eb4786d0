"""What a SIP2 field may hold, read leniently and written exactly (SIP 2.00, with what real servers do
instead).

A *kind* reads a text into a value and writes it back.  Reading never raises: what cannot be understood
becomes the value that means "not given".  Writing raises `BadValue` for what the wire cannot carry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import Any

from drivers.masked import Secret
from sync.entries import PatronId
from sync.servers.sip2.dates import DATE_LENGTH, NOT_DUE, read_date, read_due, write_date, write_due


class BadValue(ValueError):
    """A value that SIP2 cannot carry; the message names the field and never contains the value."""


# --- Code lists -----------------------------------------------------------------------------------


class PatronFlag(Flag):
    """The 14 positions of the patron status, in the order of the wire."""

    CHARGE_DENIED = auto()
    RENEWAL_DENIED = auto()
    RECALL_DENIED = auto()
    HOLD_DENIED = auto()
    CARD_LOST = auto()
    TOO_MANY_CHARGED = auto()
    TOO_MANY_OVERDUE = auto()
    TOO_MANY_RENEWALS = auto()
    TOO_MANY_CLAIMS = auto()
    TOO_MANY_LOST = auto()
    EXCESSIVE_FINES = auto()
    EXCESSIVE_FEES = auto()
    RECALL_OVERDUE = auto()
    TOO_MANY_BILLED = auto()


NO_FLAGS = PatronFlag(0)
_FLAGS = tuple(PatronFlag)


class Summary(Enum):
    """Which list a patron information request asks for: the position of the one Y in its summary field."""

    HOLDS = 0
    OVERDUE = 1
    CHARGED = 2
    FINES = 3
    RECALLS = 4
    UNAVAILABLE_HOLDS = 5
    FEE_DETAIL = 6
    """Reserved in SIP 2.00; Gossip and FOLIO tell each fee with its number and amount there."""
    NONE = 9

    @property
    def wire(self) -> str:
        """The ten characters."""
        return " " * 10 if self is Summary.NONE else " " * self.value + "Y" + " " * (9 - self.value)


_SUMMARIES = {summary.value: summary for summary in Summary if summary is not Summary.NONE}


def _read_patron_flags(text: str) -> PatronFlag:
    flags = NO_FLAGS
    if "Y" in text:
        for position, flag in enumerate(_FLAGS):
            if text[position : position + 1] == "Y":
                flags |= flag
    return flags


def _write_patron_flags(flags: PatronFlag) -> str:
    return "".join("Y" if flag in flags else " " for flag in _FLAGS)


def _read_count(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


# --- Kinds ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value of one kind is read and written.

    *absent* is what an absent or empty field reads as; *width* is that of a fixed part, 0 for a variable
    field.  *is_shown* marks text for people, in which what SIP2 cannot carry may be replaced; other values
    are refused.
    """

    read: Callable[[str], Any]
    write: Callable[[Any], str]
    absent: Any
    width: int = 0
    repeats: bool = False
    is_shown: bool = False


def _fixed_text(width: int) -> Kind:
    return Kind(str, lambda value: str(value)[:width].ljust(width), "", width)


def _fixed_count(width: int) -> Kind:
    def write(value: int | None) -> str:
        return " " * width if value is None else f"{min(value, 10**width - 1):0{width}}"

    return Kind(_read_count, write, None, width)


_YES_NO = {"Y": True, "N": False}
_WRITE_YES_NO = {True: "Y", False: "N"}
_WRITE_OPTIONAL = {True: "Y", False: "N", None: ""}

OK = Kind(frozenset("1Y").__contains__, {True: "1", False: "0"}.__getitem__, False, 1)
YES = Kind("Y".__eq__, _WRITE_YES_NO.__getitem__, False, 1)
ALERT = Kind(frozenset("1Y").__contains__, _WRITE_YES_NO.__getitem__, False, 1)
"""As `YES`; a version of FOLIO's server writes 1 and 0."""
ACCEPTED = Kind(frozenset("1Y").__contains__, _WRITE_YES_NO.__getitem__, False, 1)
YES_NO_UNKNOWN = Kind(_YES_NO.get, {True: "Y", False: "N", None: "U"}.__getitem__, None, 1)
DATE = Kind(read_date, write_date, None, DATE_LENGTH)
PATRON_STATUS = Kind(_read_patron_flags, _write_patron_flags, NO_FLAGS, 14)
SUMMARY = Kind(
    lambda text: _SUMMARIES.get(text.find("Y"), Summary.NONE), lambda summary: summary.wire, Summary.NONE, 10
)
ONE, TWO, THREE, FOUR = (_fixed_text(width) for width in (1, 2, 3, 4))
COUNT_3, COUNT_4 = _fixed_count(3), _fixed_count(4)

NO_PATRON = PatronId("")
NO_SECRET = Secret("")

CODE = Kind(str, str, "")
TEXT = Kind(str, str, "", is_shown=True)
TEXTS = Kind(str, str, (), repeats=True, is_shown=True)
CODES = Kind(str, str, (), repeats=True)
FLAG = Kind(_YES_NO.get, _WRITE_OPTIONAL.__getitem__, None)
COUNT = Kind(_read_count, lambda value: "" if value is None else str(value), None)
LIMIT = Kind(_read_count, lambda value: "" if value is None else f"{value:04}", None)
DUE = Kind(read_due, write_due, NOT_DUE, is_shown=True)
PATRON = Kind(PatronId, PatronId.reveal, NO_PATRON)
SECRET = Kind(Secret, Secret.reveal, NO_SECRET)
