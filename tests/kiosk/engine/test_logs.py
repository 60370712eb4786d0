"""Log lines are JSON, one each, and nothing that points to a person gets into them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from drivers.link import DeviceLost
from drivers.masked import Masked, Secret
from kiosk.engine.logs import adopt_standard_logging, open_log
from sync.entries import EntryKey, Intended, ItemId, Lend, PatronId

CARD = "23000007654321"
PIN = "836251"


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def raised(error: BaseException) -> BaseException:
    """*error* as it comes out of a call with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def canary_facts() -> dict[str, object]:
    """A patron's number and PIN in every shape that the product holds them in."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    lend = Lend(ItemId("10000001"), PatronId(CARD), at)
    return {
        "patron": PatronId(CARD),
        "pin": Secret(PIN),
        "row": Intended(EntryKey("e", 1, 1, 1), at, lend),
        "several": [Masked(CARD), {"number": Masked(CARD)}, (Secret(PIN),)],
        "by_patron": {PatronId(CARD): 1},
        "frame": f"11YN|AA{CARD}|AD{PIN}|".encode(),
        "caught": raised(ValueError(f"no such patron: {CARD} {PIN}")),
    }


def test_a_patron_is_in_no_line_whatever_is_logged() -> None:
    """Masked values, rows, bytes of a wire and texts of strange exceptions leave no number and no PIN."""
    stream = io.StringIO()
    log = open_log("test", stream)
    for level in (log.info, log.warning, log.error):
        level("something happened", **canary_facts())
    log.failure("it failed", raised(KeyError(CARD)), **canary_facts())

    assert len(lines(stream)) == 4
    assert CARD not in stream.getvalue()
    assert PIN not in stream.getvalue()


def test_a_bare_number_would_be_seen_by_this_test() -> None:
    """The check above is able to fail: a number that nobody masked does come through."""
    stream = io.StringIO()
    open_log("test", stream).info("something happened", patron=CARD)

    assert CARD in stream.getvalue()


def test_a_failure_says_where_and_what_kind_but_not_what_text() -> None:
    """Type and places are enough to find a mistake; the text of a strange exception stays out."""
    stream = io.StringIO()
    open_log("desk", stream).failure("it failed", raised(KeyError(CARD)), pump="pad")

    [line] = lines(stream)

    assert line["room"] == "desk"
    assert line["pump"] == "pad"
    assert line["failure"]["type"] == "KeyError"
    assert "text" not in line["failure"]
    assert "test_logs.py" in line["failure"]["places"][0]


def test_a_device_that_is_lost_may_say_why() -> None:
    """The families whose texts are promised to be free of persons are written with their text."""
    stream = io.StringIO()
    open_log("pads", stream).failure("lost", raised(DeviceLost("no answer within 2 s")))

    assert lines(stream)[0]["failure"]["text"] == "no answer within 2 s"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    yield root
    root.handlers[:], level = kept
    root.setLevel(level)


def test_what_libraries_log_becomes_the_same_kind_of_line(root_logger: logging.Logger) -> None:
    """A library's warning is one JSON object with its logger's name; of its exception the text stays out."""
    stream = io.StringIO()
    adopt_standard_logging(stream)
    try:
        raise ValueError(CARD)
    except ValueError:
        logging.getLogger("some.library").exception("it went wrong")

    [line] = lines(stream)

    assert line["logger"] == "some.library"
    assert line["event"] == "it went wrong"
    assert line["failure"]["type"] == "ValueError"
    assert CARD not in stream.getvalue()
