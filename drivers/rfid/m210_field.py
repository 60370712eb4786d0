"""The tags in the field of a 3M 210/810 or M210: each question of `Iso15693Reader` as one of its commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from drivers.link import DeviceFault
from drivers.rfid import PadSignal, TagGone, TagUid, m210_commands
from drivers.rfid.fenced_exchange import AnswerLost
from drivers.rfid.iso15693 import TagBlocks, TagFacts, Written
from drivers.rfid.m210 import Blocks, Error, FrameError, parse_blocks, parse_byte, parse_inventory, parse_uid
from drivers.rfid.m210_exchange import AIR, UNHEARD, Answer, M210Exchange

__all__ = ["M210Field"]

_BEYOND_THE_END = (Error.MEMORY_NOT_AVAILABLE, Error.MEMORY_NOT_THERE)

_Parsed = TypeVar("_Parsed")


class M210Field:
    """`Iso15693Reader` on a 3M 210/810 or M210."""

    blocks_per_read = m210_commands.BLOCKS_PER_READ_MAX
    bytes_per_read = m210_commands.BYTES_PER_READ_MAX
    tries_both_orders = False

    def __init__(self, exchange: M210Exchange) -> None:
        self._exchange = exchange

    def collect(self, seen: set[TagUid]) -> bool:
        """As promised by `Iso15693Reader`: one question, all tags in one answer."""
        try:
            answer = self._exchange.ask_once(m210_commands.inventory())
        except AnswerLost:
            return False
        if answer.error in AIR:
            return False
        if answer.error == Error.NO_TRANSPONDER:
            return True
        if answer.error != Error.OK:
            raise DeviceFault(f"inventory ended with error {answer.error:02X}")
        seen.update(TagUid(uid) for uid in _parsed("inventory", parse_inventory, answer.data))
        return True

    def facts(self, uid: TagUid, *, with_afi: bool) -> TagFacts | None:
        """As promised by `Iso15693Reader`: the AFI alone; size and DSFID would be questions of their own."""
        if not with_afi:
            return TagFacts(None)
        answer = self._exchange.ask(m210_commands.get_afi(uid))
        if answer.is_unsupported:
            return None
        return TagFacts(self._byte(uid, answer))

    def dsfid(self, uid: TagUid) -> int | None:
        """As promised by `Iso15693Reader`."""
        answer = self._exchange.ask(m210_commands.get_dsfid(uid))
        return None if answer.is_unsupported else self._byte(uid, answer)

    def blocks(self, uid: TagUid, first: int, count: int, block_size_bytes: int | None) -> TagBlocks | None:
        """As promised by `Iso15693Reader`."""
        blocks = self._read(uid, first, count)
        return None if blocks is None else TagBlocks(blocks.block_size_bytes, blocks.data)

    def is_locked_as_a_whole(self, uid: TagUid, count: int) -> bool | None:
        """As promised by `Iso15693Reader`: a read tells the lock state beside each block, a small tag has fewer."""
        while count:
            blocks = self._read(uid, 0, count)
            if blocks is not None:
                return all(blocks.locks)
            count //= 2
        return None

    def eas(self, uid: TagUid) -> bool | None:
        """As promised by `Iso15693Reader`; "no transponder" is "off"."""
        answer = self._exchange.ask(m210_commands.check_eas(uid), UNHEARD - {Error.NO_TRANSPONDER})
        if answer.is_unsupported:
            return None
        if answer.error == Error.NO_TRANSPONDER:
            return False
        if answer.error != Error.OK:
            raise TagGone(f"{uid}: error {answer.error:02X}")
        if answer.data:
            self._same(uid, _parsed(uid, parse_uid, answer.data))
        return True

    def write_afi(self, uid: TagUid, afi: int) -> Written:
        """As promised by `Iso15693Reader`."""
        return self._written(uid, self._exchange.ask(m210_commands.write_afi(uid, afi)))

    def write_eas(self, uid: TagUid, is_on: bool) -> Written:
        """As promised by `Iso15693Reader`."""
        return self._written(uid, self._exchange.ask(m210_commands.control_eas(uid, is_on)))

    def signal(self, signal: PadSignal) -> None:
        """Nothing: these readers have no lamp or buzzer that could be asked."""

    def close(self) -> None:
        """Nothing: no command is known that switches the field off."""

    def _read(self, uid: TagUid, first: int, count: int) -> Blocks | None:
        answer = self._exchange.ask(m210_commands.read_blocks(uid, first, count))
        if answer.error in _BEYOND_THE_END:
            return None
        self._check(uid, answer)
        blocks = _parsed(uid, lambda data: parse_blocks(data, first, count), answer.data)
        self._same(uid, blocks.uid)
        return blocks

    def _byte(self, uid: TagUid, answer: Answer) -> int:
        self._check(uid, answer)
        told, value = _parsed(uid, parse_byte, answer.data)
        self._same(uid, told)
        return value

    def _written(self, uid: TagUid, answer: Answer) -> Written:
        if answer.error == Error.OK:
            self._same(uid, _parsed(uid, parse_uid, answer.data))
            return Written.DONE
        if answer.error == Error.LOCKED:
            return Written.LOCKED
        return Written.UNSUPPORTED if answer.is_unsupported else Written.UNCERTAIN

    def _check(self, uid: TagUid, answer: Answer) -> None:
        if answer.error == Error.NOT_IMPLEMENTED:
            raise DeviceFault("the reader does not know a command that every one of its kind has")
        if answer.error != Error.OK:
            raise TagGone(f"{uid}: error {answer.error:02X}")

    def _same(self, asked: TagUid, told: str) -> None:
        if told != asked:
            raise DeviceFault(f"{asked} was asked and {told} answered")


def _parsed(about: str, parse: Callable[[bytes], _Parsed], data: bytes) -> _Parsed:
    try:
        return parse(data)
    except FrameError as error:
        raise DeviceFault(f"{about}: {error}") from error
