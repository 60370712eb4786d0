"""In what circulation systems that speak SIP2 differ, as the real ones were seen to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Takes(Enum):
    """What a system makes of a payment."""

    ANY = "accepts whatever the sum, and pays the oldest fee first"
    OWED = "refuses more than is owed"
    NOTHING = "does not answer"


@dataclass(frozen=True)
class Personality:
    """How one system differs: *dialect* is our profile for it, *due_form* writes AH, *lists_overdue_apart* keeps
    overdue loans out of the charged list, *says_ok_to_strangers* is said to a check-in of what is not on loan,
    *names_borrower* tells in 10 whose loan ended, *codes_alerts* tells why there is an alert.

    *success* and *failure* are the words that count instead of the flag; *details* tells each fee with its number.
    """

    dialect: str
    terminator: bytes = b"\r"
    due_form: str = "%Y%m%d    235900"
    lists_overdue_apart: bool = False
    says_ok_to_strangers: bool = False
    renews_with_words: bool = False
    charset: str = "utf-8"
    names_borrower: bool = True
    codes_alerts: bool = True
    yes: str = "Y"
    no: str = "N"
    success: str = ""
    failure: str = ""
    takes: Takes = Takes.NOTHING
    details: bool = False
    takes_care: bool = False
    tells_no_debt: bool = True
    owed_field: str = "BV"
    counts_code_units: bool = False
    resends_unknown: bool = False


KOHA = Personality(
    "koha",
    b"\r\n",
    says_ok_to_strangers=True,
    renews_with_words=True,
    takes=Takes.ANY,
    tells_no_debt=False,
    resends_unknown=True,
)
SIPSERVER = Personality("sipserver", codes_alerts=False, takes=Takes.ANY)
EVERGREEN = Personality(
    "evergreen",
    due_form="%Y-%m-%d 23:59:59",
    lists_overdue_apart=True,
    says_ok_to_strangers=True,
    takes=Takes.OWED,
)
EDGE = Personality(
    "edge-sip2", charset="cp850", names_borrower=False, yes="1", no="0", takes=Takes.OWED, details=True
)
DP2 = Personality(
    "dp2", due_form="%Y-%m-%d", names_borrower=False, codes_alerts=False, counts_code_units=True
)
INTERLIB = Personality(
    "interlib-gbk",
    due_form="%Y-%m-%d",
    charset="gb18030",
    names_borrower=False,
    codes_alerts=False,
    success="成功",
    failure="失败",
    owed_field="CF",
)
DEFINITION = Personality("standard", takes=Takes.OWED, takes_care=True)
PERSONALITIES = (KOHA, SIPSERVER, EVERGREEN)
EVERY_PERSONALITY = (*PERSONALITIES, EDGE, DP2, INTERLIB, DEFINITION)
