"""NDEF messages in the memories of Type 2 and Type 4 tags."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from drivers.card.tag_memory import TagMemoryError, read_ndef
from drivers.link.memory import VirtualClock
from drivers.sim.card import CardContent, Type2Tag, Type4Tag, VirtualCard
from tests.kit.effort import effort

MESSAGE = bytes.fromhex("D1010D5402656E32313233343030303132")
LONG = bytes(range(256)) * 3
LOCK_CONTROL = bytes.fromhex("0103A00C34")


def exchange_with(content: CardContent) -> Callable[[bytes], bytes]:
    card = VirtualCard(VirtualClock(), content=content)

    def exchange(command: bytes) -> bytes:
        answer = card.answer(command)
        assert answer is not None
        return answer

    return exchange


TAGS = {
    "type 2": Type2Tag(MESSAGE),
    "type 2 behind a reader of single pages": Type2Tag(MESSAGE, read_size=4),
    "type 2 with lock control first": Type2Tag(MESSAGE, control=LOCK_CONTROL),
    "type 2 with padding first": Type2Tag(MESSAGE, control=bytes(5)),
    "type 4": Type4Tag(MESSAGE),
    "type 4 of small steps": Type4Tag(MESSAGE, read_size=15),
}


@pytest.mark.parametrize("content", TAGS.values(), ids=TAGS.keys())
def test_the_message_is_read_from_every_tag(content: CardContent) -> None:
    """The message comes out byte for byte, whatever the reader gives at a time."""
    assert read_ndef(exchange_with(content), 1024) == MESSAGE


@pytest.mark.parametrize("content", [Type2Tag(LONG, size=872), Type4Tag(LONG)], ids=["type 2", "type 4"])
def test_a_long_message_is_read_to_its_end(content: CardContent) -> None:
    """A message of 768 bytes is read whole; one byte above what is allowed is refused unread."""
    assert read_ndef(exchange_with(content), 768) == LONG
    with pytest.raises(TagMemoryError, match="768"):
        read_ndef(exchange_with(content), 767)


def broken_type_2(change: Callable[[bytearray], object]) -> Type2Tag:
    tag = Type2Tag(MESSAGE)
    change(tag.memory)
    return tag


def broken_type_4(container: dict[int, int] | None = None, file: dict[int, int] | None = None) -> Type4Tag:
    tag = Type4Tag(MESSAGE)
    for place, value in (container or {}).items():
        tag.container[place] = value
    for place, value in (file or {}).items():
        tag.file[place] = value
    return tag


def set_bytes(start: int, data: bytes) -> Callable[[bytearray], object]:
    def change(memory: bytearray) -> None:
        memory[start : start + len(data)] = data

    return change


BROKEN = {
    "blank": CardContent(),
    "no capability container": broken_type_2(set_bytes(12, b"\x00")),
    "size nought": broken_type_2(set_bytes(14, b"\x00")),
    "all padding": broken_type_2(set_bytes(16, bytes(504))),
    "end at once": broken_type_2(set_bytes(16, b"\xfe")),
    "empty message": broken_type_2(set_bytes(16, b"\x03\x00")),
    "length beyond memory": broken_type_2(set_bytes(16, b"\x03\xff\xff\xff")),
    "block beyond memory": broken_type_2(set_bytes(16, b"\xfd\xff\xff\xff")),
    "memory shorter than it says": broken_type_2(lambda memory: memory.__delitem__(slice(20, None))),
    "no file control": broken_type_4({7: 0x05}),
    "file locked": broken_type_4({13: 0x80}),
    "reads of one byte": broken_type_4({3: 0, 4: 1}),
    "no such file": broken_type_4({9: 0x00}),
    "longer than its file": broken_type_4(file={0: 0x02}),
    "empty file": broken_type_4(file={1: 0x00}),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_memory_that_contradicts_itself_is_refused(content: CardContent) -> None:
    """A blank, foreign, locked or lying memory is the room's own error, after a bounded number of commands."""
    card = VirtualCard(VirtualClock(), content=content)
    with pytest.raises(TagMemoryError):
        read_ndef(lambda command: card.answer(command) or b"\x6f\x00", 1024)
    assert len(card.heard) < 300


def test_what_a_card_only_announces_is_fetched() -> None:
    """After 61 xx the response is fetched, after 6C xx the command is sent again with that length."""
    inner = exchange_with(Type4Tag(MESSAGE))
    waiting: list[bytes] = []

    def exchange(command: bytes) -> bytes:
        if command[:4] == b"\x00\xc0\x00\x00":
            return waiting.pop()
        if command[:2] == b"\x00\xb0" and command[2:4] == b"\x00\x00" and command[4] == 2:
            waiting.append(inner(command))
            return b"\x61\x04"
        return inner(command)

    assert read_ndef(exchange, 1024) == MESSAGE


def test_no_answers_raise_anything_else() -> None:
    """20 000 seeded cards that answer anything give bytes within the limit or the room's own error."""
    chance = random.Random(19)
    message = Type2Tag(MESSAGE), Type4Tag(MESSAGE)
    given = 0
    for _ in range(effort(20_000)):
        inner = exchange_with(chance.choice(message))
        lies = chance.choice((0.02, 0.1, 0.9))
        heard: list[bytes] = []

        def exchange(
            command: bytes,
            inner: Callable[[bytes], bytes] = inner,
            lies: float = lies,
            heard: list[bytes] = heard,
        ) -> bytes:
            heard.append(command)
            if chance.random() > lies:
                return inner(command)
            status = chance.choice((b"\x90\x00", b"\x61\x10", b"\x6c\x04", b"\x6a\x82"))
            return chance.randbytes(chance.choice((0, 2, 4, 15, 16, chance.randrange(300)))) + status

        try:
            assert 1 <= len(read_ndef(exchange, 1024)) <= 1024
            given += 1
        except TagMemoryError:
            pass
        assert len(heard) < 1200
    assert given > 1_000
