"""Reports about items that need care: what is told, and that nothing is where no server listens."""

from __future__ import annotations

import pytest

from sync.entries import Flaw, Granted, Reason, Refused, ReportCare, Silence
from sync.servers.sip2.dates import NOT_DUE
from tests.kit.sip2_server import STATUS
from tests.sync.servers.sip2.conftest import AT, ITEM, Desk, reply_18

CARE = ReportCare(ITEM, (Flaw.BARCODE_MISSING, Flaw.DAMAGED), AT, by="Zyxel Quintana")
KEPT = f"20120261122    160453AB{ITEM}|AJEmma|"


def test_a_report_says_what_is_wrong_and_not_who_said_so() -> None:
    """19 bears the flaws in the profile's form, and nobody's name."""
    desk = Desk({"19": KEPT})
    assert desk.carry(CARE) == Granted(NOT_DUE, "Emma", release=False)
    assert desk.server.requests[-1] == (
        f"1920261122    080451AOBIB|AB{ITEM}|CHneeds care: barcode-missing, damaged|AC|"
    )
    assert not any("Quintana" in request for request in desk.server.requests)


@pytest.mark.parametrize(
    ("item", "reason"),
    [(reply_18("01", title=""), Reason.ITEM_UNKNOWN), (reply_18(), Reason.OTHER), (b"", Reason.OTHER)],
)
def test_a_refused_report_says_whether_the_item_is_known(item: str | bytes, reason: Reason) -> None:
    """What else is wrong with it makes no difference to staff."""
    desk = Desk({"19": KEPT.replace("201", "200", 1), "17": item})
    assert desk.carry(CARE) == Refused(reason, "Emma")


@pytest.mark.parametrize(("dialect", "supported"), [("koha", "Y" * 16), ("standard", "YYYYYYYYYYYNYYYY")])
def test_a_report_no_server_takes_is_done_at_once(dialect: str, supported: str) -> None:
    """It lies in the journal, and the lane is not held up."""
    desk = Desk({"99": STATUS.replace("Y" * 16, supported)}, dialect=dialect)
    assert desk.carry(CARE) == Granted(NOT_DUE, release=False)
    assert not desk.server.asked("19")


def test_a_report_is_not_done_while_the_server_is_away() -> None:
    """Without a connection there is silence, never a grant or a refusal."""
    desk = Desk()
    desk.refuses_connections = True
    assert desk.carry(CARE) == Silence("connect")
