"""What a serial line and the air cost: seconds computed from ISO 15693-3, for far ends and for the bench.

Carrier 13.56 MHz, reader to tag 1 out of 4, tag to reader one subcarrier at the high rate: 26.48 kbit/s both
ways, one byte 302.08 us.  A response begins 320.9 us after the request's end, and the next request 309.2 us
after the response's end (ISO 15693-3, 9).
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "inventory_seconds",
    "line_seconds",
    "no_answer_seconds",
    "random_number_seconds",
    "read_seconds",
    "set_password_seconds",
    "system_information_seconds",
    "write_seconds",
]

_BYTE_SECONDS = 302.08e-6
_REQUEST_EDGES_SECONDS = 75.52e-6 + 37.76e-6
_RESPONSE_EDGES_SECONDS = 2 * 151.04e-6
_EOF_SECONDS = 37.76e-6
_RESPONSE_DELAY_SECONDS = 320.9e-6
_REQUEST_DELAY_SECONDS = 309.2e-6
_EMPTY_SLOT_SECONDS = 323.3e-6 + 151.04e-6
_INVENTORY_REQUEST_BYTES = 5
_INVENTORY_RESPONSE_BYTES = 12
_ADDRESSED_BYTES = 12
"""Flags, command, UID and CRC."""

PROGRAMMING_SECONDS = 0.005
"""What an I-CODE tag takes to write one block or its AFI; the standard allows 20 ms."""


def line_seconds(byte_count: int, baud: int, bits_per_byte: int = 11) -> float:
    """*byte_count* bytes on a serial line; 11 bits are start, eight data, parity and stop."""
    return byte_count * bits_per_byte / baud


def _request(byte_count: int) -> float:
    return byte_count * _BYTE_SECONDS + _REQUEST_EDGES_SECONDS


def _response(byte_count: int) -> float:
    return byte_count * _BYTE_SECONDS + _RESPONSE_EDGES_SECONDS


def _exchange(request_bytes: int, response_bytes: int) -> float:
    return (
        _request(request_bytes) + _RESPONSE_DELAY_SECONDS + _response(response_bytes) + _REQUEST_DELAY_SECONDS
    )


def system_information_seconds() -> float:
    """One "get system information", addressed."""
    return _exchange(_ADDRESSED_BYTES, 17)


def read_seconds(block_count: int, block_size_bytes: int = 4, *, with_security: bool = True) -> float:
    """One "read multiple blocks", addressed; with the security byte of each block as the readers ask for it."""
    return _exchange(_ADDRESSED_BYTES + 2, 3 + block_count * (block_size_bytes + (1 if with_security else 0)))


def write_seconds(data_bytes: int = 1, programming_seconds: float = PROGRAMMING_SECONDS) -> float:
    """One write to a tag: AFI (one byte of data), an EAS bit (none with the maker's code instead) or a block."""
    return _exchange(_ADDRESSED_BYTES + data_bytes, 3) + programming_seconds


def random_number_seconds() -> float:
    """One "get random number", addressed, with the maker's code."""
    return _exchange(_ADDRESSED_BYTES + 1, 5)


def set_password_seconds() -> float:
    """One "set password", addressed, with the maker's code, the password's number and four bytes."""
    return _exchange(_ADDRESSED_BYTES + 6, 3)


def no_answer_seconds(request_bytes: int = _ADDRESSED_BYTES) -> float:
    """A question that no tag answers."""
    return _request(request_bytes) + _EMPTY_SLOT_SECONDS


def inventory_seconds(uids: Iterable[str]) -> float:
    """One 16-slot inventory of the tags *uids* (hex), with a further round for every slot where tags
    collided.

    A slot is chosen by four bits of the UID from the least significant end, further rounds take the next
    four.
    """
    return _round(sorted(int(uid, 16) for uid in uids), 0)


def _round(uids: list[int], depth: int) -> float:
    seconds = _request(_INVENTORY_REQUEST_BYTES + (depth + 1) // 2)
    slots: list[list[int]] = [[] for _ in range(16)]
    for uid in uids:
        slots[uid >> 4 * depth & 0xF].append(uid)
    for number, slot in enumerate(slots):
        if number:
            seconds += _EOF_SECONDS
        if slot:
            seconds += _RESPONSE_DELAY_SECONDS + _response(_INVENTORY_RESPONSE_BYTES) + _REQUEST_DELAY_SECONDS
        else:
            seconds += _EMPTY_SLOT_SECONDS
    for slot in slots:
        if len(slot) > 1 and depth < 15:
            seconds += _round(slot, depth + 1)
    return seconds
