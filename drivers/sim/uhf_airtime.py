"""What the air costs between a UHF reader and tags: seconds computed from ISO 18000-63, for far ends and for the bench.

Reader to tag at Tari 12.5 us (data-0 12.5 us, data-1 22 us, so 17.25 us a bit on average), tag to reader Miller 4 at a
link frequency of 250 kHz (16 us a bit).  T1 and T2, the turnarounds, are 10 and 8 link periods; every frame has a
preamble.  An inventory of n tags needs at least n slots; a framed ALOHA with the best Q needs e times as many.
"""

from __future__ import annotations

from math import ceil

__all__ = ["inventory_seconds", "read_seconds", "write_seconds"]

_DOWN_BIT = 17.25e-6
_UP_BIT = 16e-6
_LINK_PERIOD = 4e-6
_T1, _T2, _T3 = 10 * _LINK_PERIOD, 8 * _LINK_PERIOD, 5 * _LINK_PERIOD
_FRAME_SYNC = 62.5e-6
_PREAMBLE = 150e-6
_TAG_PREAMBLE_BITS = 10
_QUERY_BITS, _QUERY_REP_BITS, _ACK_BITS, _RN16_BITS = 22, 4, 18, 16
_SELECT_BITS_BESIDES_MASK = 44
_REQUEST_RN_BITS, _HANDLE_BITS = 40, 32
_READ_BITS, _WRITE_BITS = 58, 58
_WRITE_SECONDS = 0.005
"""What a tag takes to programme one word; ISO 18000-63 allows 20 ms."""

_SLOTS_PER_TAG = 2.72


def _down(bits: int) -> float:
    return _FRAME_SYNC + bits * _DOWN_BIT


def _up(bits: int) -> float:
    return _T1 + (_TAG_PREAMBLE_BITS + bits) * _UP_BIT + _T2


def _singulated(epc_bytes: int) -> float:
    """A tag that answers alone in its slot: RN16, ACK, then PC, EPC and CRC."""
    return _up(_RN16_BITS) + _down(_ACK_BITS) + _up(32 + epc_bytes * 8)


def _accessed(epc_bytes: int) -> float:
    """A tag selected by its EPC and asked for its handle."""
    select = _PREAMBLE + _down(_SELECT_BITS_BESIDES_MASK + epc_bytes * 8)
    query = _PREAMBLE + _down(_QUERY_BITS)
    return select + query + _singulated(epc_bytes) + _down(_REQUEST_RN_BITS) + _up(_HANDLE_BITS)


def inventory_seconds(tag_count: int, epc_bytes: int) -> float:
    """One inventory of *tag_count* tags with *epc_bytes* of EPC in all."""
    slots = max(1, ceil(tag_count * _SLOTS_PER_TAG))
    empty = (slots - tag_count) * (_down(_QUERY_REP_BITS) + _T1 + _T3)
    taken = tag_count * _singulated(0) + epc_bytes * 8 * _UP_BIT + tag_count * _down(_QUERY_REP_BITS)
    return _PREAMBLE + _down(_QUERY_BITS) + empty + taken


def read_seconds(epc_bytes: int, word_count: int) -> float:
    """Reading *word_count* words of one tag."""
    return _accessed(epc_bytes) + _down(_READ_BITS) + _up(33 + word_count * 16)


def write_seconds(epc_bytes: int) -> float:
    """Writing one word of one tag: a handle, a random number to cover the word, the write and its programming."""
    cover = _down(_REQUEST_RN_BITS) + _up(_HANDLE_BITS)
    return _accessed(epc_bytes) + cover + _down(_WRITE_BITS) + _WRITE_SECONDS + _up(33)
