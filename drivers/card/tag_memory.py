"""Reads the NDEF message from a card: Type 2 tags by the reader's own commands, Type 4 tags by ISO 7816-4.

Type 2 (MIFARE Ultralight, NTAG): pages of 4 bytes by `FF B0 00 page 10` (PC/SC part 3), capability container
in page 3, then TLV blocks (NFC Forum Type 2 Tag).  Readers give 16 bytes, or only 4. Type 4 (cards with an
application, phones): select D2760000850101, capability container E103, the file it names (NFC Forum Type 4
Tag 2.0).

Pure of time and wires: `read_ndef` is handed the exchange.  Type 2 is tried first, for a reader refuses its
command on a Type 4 card without disturbing the card, while a Type 2 card is put to sleep by a command it does
not know.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["TagMemoryError", "read_ndef"]

Exchange = Callable[[bytes], bytes]

_OK = b"\x90\x00"
_NDEF_APPLICATION = bytes.fromhex("D2760000850101")
_CAPABILITY_FILE = bytes.fromhex("E103")
_PAGE_SIZE = 4
_CAPABILITY_PAGE = 3
_NDEF_MAGIC = 0xE1
_READ_SIZE_MAX = 0xF0
_TLV_NULL, _TLV_NDEF, _TLV_END = 0x00, 0x03, 0xFE


class TagMemoryError(Exception):
    """The card holds no NDEF message, or its memory contradicts itself."""


def read_ndef(exchange: Exchange, message_size_max: int) -> bytes:
    """The NDEF message of the card, 1 to *message_size_max* bytes.

    *exchange* gives a response with its two status bytes.  Raises `TagMemoryError`, and what *exchange*
    raises.
    """
    start = _read_pages(exchange, _CAPABILITY_PAGE)
    if start is not None:
        return _type_2_message(exchange, start, message_size_max)
    return _type_4_message(exchange, message_size_max)


def _read_pages(exchange: Exchange, page: int) -> bytes | None:
    """4 or 16 bytes from *page* on; None when the card refuses."""
    for size in (16, _PAGE_SIZE):
        response = exchange(bytes((0xFF, 0xB0, 0x00, page, size)))
        data = response[:-2]
        if response[-2:] == _OK and len(data) >= _PAGE_SIZE:
            return data[: len(data) - len(data) % _PAGE_SIZE][:16]
    return None


class _Type2Memory:
    """The pages after the capability container, read as far as they are asked for."""

    def __init__(self, exchange: Exchange, start: bytes) -> None:
        if start[0] != _NDEF_MAGIC:
            raise TagMemoryError("no NDEF capability container")
        self._exchange = exchange
        self._size = start[2] * 8
        self._data = bytearray(start[_PAGE_SIZE:])

    def byte(self, place: int) -> int:
        return self.part(place, 1)[0]

    def part(self, place: int, length: int) -> bytes:
        end = place + length
        if end > self._size:
            raise TagMemoryError("a block reaches beyond the memory")
        while len(self._data) < end:
            page = _CAPABILITY_PAGE + 1 + len(self._data) // _PAGE_SIZE
            more = _read_pages(self._exchange, page) if page <= 0xFF else None
            if more is None:
                raise TagMemoryError("a page cannot be read")
            self._data += more
        return bytes(self._data[place:end])


def _type_2_message(exchange: Exchange, start: bytes, message_size_max: int) -> bytes:
    """The value of the first NDEF block; others (lock and memory control, proprietary) are passed over."""
    memory = _Type2Memory(exchange, start)
    place = 0
    while True:
        tag = memory.byte(place)
        place += 1
        if tag == _TLV_NULL:
            continue
        if tag == _TLV_END:
            raise TagMemoryError("no NDEF block")
        length = memory.byte(place)
        place += 1
        if length == 0xFF:
            length = int.from_bytes(memory.part(place, 2), "big")
            place += 2
        if tag == _TLV_NDEF:
            return memory.part(place, _checked_size(length, message_size_max))
        place += length


def _type_4_message(exchange: Exchange, message_size_max: int) -> bytes:
    _select(exchange, bytes((0x04, 0x00)), _NDEF_APPLICATION, b"\x00")
    _select(exchange, bytes((0x00, 0x0C)), _CAPABILITY_FILE)
    container = _read_binary(exchange, 0, 15)
    control = container[7:15]
    if control[:2] != b"\x04\x06":
        raise TagMemoryError("the capability container names no NDEF file")
    if control[6] != 0x00:
        raise TagMemoryError("the NDEF file is not free to read")
    step = min(int.from_bytes(container[3:5], "big"), _READ_SIZE_MAX)
    if step < 2:
        raise TagMemoryError("the card reads fewer than two bytes at a time")
    _select(exchange, bytes((0x00, 0x0C)), control[2:4])
    size = _checked_size(int.from_bytes(_read_binary(exchange, 0, 2), "big"), message_size_max)
    if size + 2 > int.from_bytes(control[4:6], "big"):
        raise TagMemoryError("the message is longer than its file")
    message = b""
    while len(message) < size:
        message += _read_binary(exchange, 2 + len(message), min(step, size - len(message)))
    return message


def _checked_size(size: int, size_max: int) -> int:
    if not 1 <= size <= size_max:
        raise TagMemoryError(f"a message of {size} bytes, allowed are 1 to {size_max}")
    return size


def _select(exchange: Exchange, how: bytes, name: bytes, expected: bytes = b"") -> None:
    response = _answered(exchange, b"\x00\xa4" + how + bytes((len(name),)) + name + expected)
    if response[-2:] != _OK:
        raise TagMemoryError(f"select refused: {response[-2:].hex()}")


def _read_binary(exchange: Exchange, offset: int, length: int) -> bytes:
    """Exactly *length* bytes of the selected file."""
    response = _answered(exchange, b"\x00\xb0" + offset.to_bytes(2, "big") + bytes((length,)))
    if response[-2:] != _OK or len(response) - 2 != length:
        raise TagMemoryError(f"read refused: {response[-2:].hex()}")
    return response[:-2]


def _answered(exchange: Exchange, command: bytes) -> bytes:
    """The response, fetched where the card only announces it: 61 xx, or 6C xx for a wrong length."""
    response = exchange(command)
    if len(response) == 2 and response[0] == 0x61:
        return exchange(b"\x00\xc0\x00\x00" + response[1:2])
    if len(response) == 2 and response[0] == 0x6C:
        return exchange(command[:-1] + response[1:2])
    return response
