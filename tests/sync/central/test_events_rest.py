"""The event call over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from drivers.link.clock import RealClock
from sync.central import demo
from sync.events import Receipt, from_json
from tests.kit.running_central import TOKENS, RunningCentral

ITEM = demo.ITEMS_FREE[0]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCentral]:
    with RunningCentral(tmp_path, RealClock()) as central:
        yield central


def loan(number: int, **changes: Any) -> dict[str, Any]:
    """A loan as it travels."""
    return {
        "kind": "loan",
        "number": number,
        "key": f"key-{number}",
        "at": "2026-03-01T10:00:00Z",
        "offset_seconds": 0,
        "item": ITEM,
        "patron": demo.READER,
        "fee_consented": False,
        "promised_due": "2026-04-01",
    } | changes


def post(running: RunningCentral, body: object, token: str = "") -> requests.Response:
    """What is answered to *body*."""
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            f"{running.url}/v1/events",
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token or TOKENS['kiosk-1'].reveal()}"},
            timeout=20,
        )


def test_a_batch_is_answered_with_a_receipt(running: RunningCentral) -> None:
    """200, JSON, an outcome for each event; the same bytes when it is told again."""
    batch = {"epoch": "a", "events": [loan(1), {"kind": "never-sent", "number": 2, "through": 3}]}
    answer, again = post(running, batch), post(running, batch)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    receipt = from_json(Receipt, answer.content)
    assert receipt.acknowledged == 3
    assert [outcome.number for outcome in receipt.outcomes] == [1]
    assert again.content == answer.content


def test_a_gap_says_what_is_expected(running: RunningCentral) -> None:
    """409 with the number to begin with."""
    answer = post(running, {"epoch": "a", "events": [loan(4)]})

    assert (answer.status_code, answer.json()["expected"]) == (409, 1)
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 422, "malformed-batch"),
        (b"\xff", 422, "malformed-batch"),
        (b"[" * 60_000, 422, "malformed-batch"),
        ({"epoch": "a", "events": []}, 422, "malformed-batch"),
        ({"epoch": "a", "events": [loan(1, item="a|b")]}, 422, "malformed-batch"),
        ({"epoch": "a", "events": [loan(number + 1) for number in range(101)]}, 422, "malformed-batch"),
        ({"epoch": "a", "events": [loan(1, promised_due="2026-05-01")]}, 422, "told-differently"),
        (b" " * 70_000, 413, ""),
    ],
)
def test_what_is_not_taken_says_why_and_repeats_nothing(
    running: RunningCentral, body: object, status: int, kind: str
) -> None:
    """Malformed, too much, or told differently: nothing is stored, and no reader is named."""
    post(running, {"epoch": "a", "events": [loan(1)]})
    answer = post(running, body)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith(kind)
    assert demo.READER not in answer.text
    assert ITEM not in answer.text
    assert running.event_count() == 1


def test_without_a_good_token_nothing_is_taken(running: RunningCentral) -> None:
    """401, and the token says which terminal it is: two may use the same epoch and key."""
    batch = {"epoch": "a", "events": [loan(1)]}
    refused = post(running, batch, "not-a-token-of-ours")
    one, two = post(running, batch), post(running, batch, TOKENS["kiosk-2"].reveal())

    assert refused.status_code == 401
    assert (one.status_code, two.status_code) == (200, 200)
    assert running.event_count() == 2


def test_a_terminal_learns_who_it_is_and_what_time_it_is(running: RunningCentral) -> None:
    """By its token."""
    headers = {"Authorization": f"Bearer {TOKENS['kiosk-2'].reveal()}"}
    told = requests.get(f"{running.url}/v1/terminal", headers=headers, timeout=20).json()

    assert (told["name"], told["library"]) == ("kiosk-2", demo.NAME)
    assert told["now"].endswith("Z")
