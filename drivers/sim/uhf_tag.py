"""UHF tags (ISO 18000-63, EPC Gen2) in memory and the field they lie in, for the far ends of every UHF module.

A tag is selected by its EPC from the front, as readers do: one whose EPC merely begins with what is asked for answers
too, and two that answer at once are not understood.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from drivers.rfid.uhf_bits import Shown, stored_crc
from drivers.rfid.uhf_module import EPC_WORD, PC_WORD

__all__ = ["Outcome", "SimulatedUhfTag", "UhfField", "UhfReply"]

RESERVED, EPC, TID, USER = range(4)
_ACCESS_PASSWORD_AT = 4


class Outcome(Enum):
    """How a question to one tag ended."""

    OK = "ok"
    NO_TAG = "no tag"
    UNHEARD = "unheard"
    LOCKED = "locked"
    OVERRUN = "overrun"
    WRONG_PASSWORD = "wrong password"
    NO_POWER = "no power"


@dataclass(frozen=True, slots=True)
class UhfReply:
    """An outcome, and the words that were read."""

    outcome: Outcome
    data: bytes = b""


@dataclass(slots=True)
class SimulatedUhfTag:
    """A tag: *epc* (whole words) and *pc* as they stand in its EPC bank; *kill_and_access* are its two passwords.

    *locked* forbids writes to the EPC bank for ever, *needs_password* allows them only with the access password.
    *write_failures* and *read_failures* are how often a write, or anything else, fails before it succeeds, as at the
    edge of the field.  *leaves_after* is how many further questions it hears before it is taken away: the last one is
    still carried out, but its answer is not heard; *is_torn* lets the tag go in the midst of that last write, which
    then leaves only the upper byte of the word written.  *writes_nothing* confirms writes and does not do them.
    *is_hidden* keeps it out of inventories.  *keeps_crc* leaves the StoredCRC as it was when PC or EPC are written.
    """

    epc: bytes
    pc: int = 0
    user: bytearray = field(default_factory=bytearray)
    tid: bytes = bytes.fromhex("E2003412012345678900ABCD")
    kill_and_access: bytes = bytes(8)
    locked: bool = False
    needs_password: bool = False
    write_failures: int = 0
    read_failures: int = 0
    leaves_after: int | None = None
    is_torn: bool = False
    writes_nothing: bool = False
    is_hidden: bool = False
    keeps_crc: bool = False
    crc: int = 0

    def __post_init__(self) -> None:
        if not self.pc:
            self.pc = len(self.epc) // 2 << 11
        self.crc = stored_crc(Shown(self.pc, self.epc))

    def bank(self, number: int) -> bytes:
        """All of bank *number* as it is read."""
        head = self.crc.to_bytes(2, "big") + self.pc.to_bytes(2, "big")
        return (self.kill_and_access, head + self.epc, self.tid, bytes(self.user))[number]

    def store(self, word: int, value: bytes) -> None:
        """Puts *value*, two bytes, to *word* of the EPC bank."""
        if word == PC_WORD:
            self.pc = int.from_bytes(value, "big")
        else:
            at = (word - EPC_WORD) * 2
            self.epc = self.epc[:at] + value + self.epc[at + 2 :]
        if not self.keeps_crc:
            self.crc = stored_crc(Shown(self.pc, self.epc))

    def accepts(self, password: bytes) -> bool:
        """Whether *password* opens this tag: none opens every tag for reading, another one has to be the tag's."""
        return password == bytes(4) or password == self.kill_and_access[_ACCESS_PASSWORD_AT:]


class UhfField:
    """What lies within reach of an antenna; `lay` and `take` may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tags: list[SimulatedUhfTag] = []

    def lay(self, *tags: SimulatedUhfTag) -> None:
        """Puts *tags* into the field."""
        with self._lock:
            self._tags.extend(tags)

    def take(self, *tags: SimulatedUhfTag) -> None:
        """Takes *tags* out of the field; those that are not there are ignored."""
        with self._lock:
            self._tags = [one for one in self._tags if all(one is not tag for tag in tags)]

    def tags(self) -> tuple[SimulatedUhfTag, ...]:
        """The tags in the field, in the order they were laid down."""
        with self._lock:
            return tuple(self._tags)

    def inventory(self) -> tuple[SimulatedUhfTag, ...]:
        """The tags that answer an inventory, those with the same EPC each."""
        with self._lock:
            return tuple(tag for tag in self._tags if not tag.is_hidden)

    def read(self, epc: bytes, bank: int, first: int, count: int, password: bytes = bytes(4)) -> UhfReply:
        """Reads *count* words of the tag whose EPC begins with *epc*."""
        with self._asked(epc) as (outcome, tag):
            if tag is None:
                return UhfReply(outcome)
            if tag.read_failures > 0:
                tag.read_failures -= 1
                return UhfReply(Outcome.UNHEARD)
            if not tag.accepts(password):
                return UhfReply(Outcome.WRONG_PASSWORD)
            words = tag.bank(bank)[first * 2 : (first + count) * 2]
            if tag.leaves_after == 0:
                return UhfReply(Outcome.NO_TAG)
            return UhfReply(Outcome.OK, words) if len(words) == count * 2 else UhfReply(Outcome.OVERRUN)

    def write(self, epc: bytes, word: int, value: bytes, password: bytes = bytes(4)) -> UhfReply:
        """Writes *value*, two bytes, to *word* of the EPC bank of the tag whose EPC begins with *epc*."""
        with self._asked(epc) as (outcome, tag):
            if tag is None:
                return UhfReply(outcome)
            if tag.write_failures > 0:
                tag.write_failures -= 1
                return UhfReply(Outcome.NO_POWER)
            if not tag.accepts(password):
                return UhfReply(Outcome.WRONG_PASSWORD)
            if tag.locked or (tag.needs_password and password == bytes(4)):
                return UhfReply(Outcome.LOCKED)
            if not PC_WORD <= word < EPC_WORD + len(tag.epc) // 2:
                return UhfReply(Outcome.OVERRUN)
            if tag.leaves_after == 0 and tag.is_torn:
                now = tag.bank(EPC)[word * 2 : word * 2 + 2]
                tag.store(word, value[:1] + now[1:])
            elif not tag.writes_nothing:
                tag.store(word, value)
            return UhfReply(Outcome.NO_TAG if tag.leaves_after == 0 else Outcome.OK)

    @contextmanager
    def _asked(self, epc: bytes) -> Iterator[tuple[Outcome, SimulatedUhfTag | None]]:
        """One question to the tags whose EPC begins with *epc*: the only one of them, or how it ends without one."""
        with self._lock:
            self._tags = [tag for tag in self._tags if tag.leaves_after != 0]
            called = [tag for tag in self._tags if tag.epc.startswith(epc)]
            for tag in called:
                if tag.leaves_after is not None:
                    tag.leaves_after -= 1
            if len(called) == 1:
                yield Outcome.OK, called[0]
            else:
                yield (Outcome.UNHEARD if called else Outcome.NO_TAG), None
            self._tags = [tag for tag in self._tags if tag.leaves_after != 0]
