"""The replies of a BookCheck: what they say, and what hostile ones can do."""

from __future__ import annotations

import random

import pytest

from drivers.em.bookcheck import Mode, ReplyError, Sensors, live, parse_mode, parse_sensors
from tests.kit.effort import effort

IDLE = bytes.fromhex("00 00 00 01 01 00 01 EE 00")
CHECK_IN = bytes.fromhex("01 01 00 00 00 00 00 00 00")


def test_the_documented_replies_say_what_the_reference_says() -> None:
    """The mode as the unit wakes up in it, and the sensors at rest with the verifier's lamp off."""
    assert parse_mode(CHECK_IN) == parse_mode(CHECK_IN[:4]) == Mode(True, True, False, False)
    assert parse_sensors(IDLE) == Sensors(False, 1, True)


def test_an_item_under_the_sensors_is_seen_with_its_direction_and_strip() -> None:
    """Byte 2 is the item, byte 6 its direction, a clear bit 3 of byte 7 the lamp."""
    assert parse_sensors(bytes.fromhex("00 00 01 01 01 00 02 E6 00")) == Sensors(True, 2, False)


@pytest.mark.parametrize("checks_in", [True, False])
def test_a_live_mode_is_asked_for_as_the_reference_has_it(checks_in: bool) -> None:
    """High byte normal processing, low byte in or out; automatic, the lamp left as it is."""
    assert live(checks_in=checks_in) == (0x0101 if checks_in else 0x0100, 0x00FF)


@pytest.mark.parametrize(
    "reply",
    ["", "01", "01 01 00", "02 01 00 00", "01 FF 00 00", "01 01 00 02", "01 01 00 00 00 00 00 00 00 00"],
)
def test_what_is_no_mode_is_not_taken_for_one(reply: str) -> None:
    """Too short, too long, or a byte that is neither yes nor no."""
    with pytest.raises(ReplyError):
        parse_mode(bytes.fromhex(reply))


@pytest.mark.parametrize(
    "reply", ["", "00 00 00 01 01 00 01 EE", IDLE.hex() + "00", "00 00 00 01 01 00 03 EE 00"]
)
def test_what_is_no_sensors_reply_is_not_taken_for_one(reply: str) -> None:
    """Not nine bytes, or a direction that there is not."""
    with pytest.raises(ReplyError):
        parse_sensors(bytes.fromhex(reply))


def test_hostile_replies_are_refused_with_the_parsers_own_error() -> None:
    """Random, mutated and truncated replies give a value or `ReplyError`, and nothing else."""
    chance = random.Random(940)
    refused = 0
    for _ in range(effort(20_000, 1_000_000)):
        reply = bytearray(chance.choice((IDLE, CHECK_IN)))
        for _ in range(chance.randrange(3)):
            reply[chance.randrange(len(reply))] = chance.randrange(256)
        cut = bytes(reply[: chance.randrange(10)]) if chance.random() < 0.3 else bytes(reply)
        data = chance.randbytes(chance.randrange(40)) if chance.random() < 0.2 else cut
        for parse in (parse_mode, parse_sensors):
            try:
                parse(data)
            except ReplyError:
                refused += 1
    assert refused > 1000
