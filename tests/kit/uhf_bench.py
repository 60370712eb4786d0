"""A UHF pad on a module of the tests' own that asks the field directly, without bytes, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drivers.masked import Secret
from drivers.rfid import PadSignal, TagGone, WriteRefused
from drivers.rfid.uhf_module import Bank, Heard
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_settings import UhfPadSettings
from drivers.sim.uhf_tag import Outcome, SimulatedUhfTag, UhfField, UhfReply

GONE = (Outcome.NO_TAG, Outcome.UNHEARD)


class DirectModule:
    """`UhfModule` on *field*; *asked* keeps the name of every call and the EPC or word it was about.

    *ghosts* are EPCs that its inventories still tell of although nobody has them any more.  *before_write* is called
    once, before the next write.
    """

    def __init__(self, field_: UhfField, *, knows_pc: bool = True, asks_password: bool = True) -> None:
        self.asked: list[tuple[str, str]] = []
        self.ghosts: list[bytes] = []
        self.is_closed = False
        self.before_write: Callable[[], None] | None = None
        self._field = field_
        self._knows_pc = knows_pc
        self._asks_password = asks_password

    def inventory(self) -> tuple[Heard, ...]:
        """As promised by `UhfModule`."""
        self.asked.append(("inventory", ""))
        seen = {
            tag.epc: Heard(tag.pc if self._knows_pc else None, tag.epc) for tag in self._field.inventory()
        }
        return (*seen.values(), *(Heard(None, epc) for epc in self.ghosts if epc not in seen))

    def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
        """As promised by `UhfModule`."""
        self.asked.append((f"read {bank.name} {first} {count}", epc.hex()))
        reply = self._field.read(epc, bank, first, count)
        if reply.outcome is Outcome.OVERRUN:
            return b""
        self._heard(reply)
        return reply.data

    def accepts_password(self, epc: bytes, password: Secret) -> bool | None:
        """As promised by `UhfModule`."""
        self.asked.append(("password", epc.hex()))
        if not self._asks_password:
            return None
        reply = self._field.read(epc, Bank.EPC, 1, 1, bytes.fromhex(password.reveal()))
        if reply.outcome is Outcome.WRONG_PASSWORD:
            return False
        self._heard(reply)
        return True

    def write_epc_word(self, epc: bytes, word: int, value: int, password: Secret) -> None:
        """As promised by `UhfModule`."""
        self.asked.append((f"write {word} {value:04X}", epc.hex()))
        if self.before_write is not None:
            self.before_write()
            self.before_write = None
        reply = self._field.write(epc, word, value.to_bytes(2, "big"), bytes.fromhex(password.reveal()))
        match reply.outcome:
            case Outcome.LOCKED:
                raise WriteRefused("locked")
            case Outcome.WRONG_PASSWORD:
                raise WriteRefused("password")
            case Outcome.NO_POWER:
                raise WriteRefused("weak")
            case _:
                self._heard(reply)

    def signal(self, signal: PadSignal) -> None:
        """As promised by `UhfModule`."""
        self.asked.append(("signal", signal.value))

    def close(self) -> None:
        """As promised by `UhfModule`."""
        self.is_closed = True

    def writes(self) -> list[str]:
        """What was written, in order."""
        return [name for name, _ in self.asked if name.startswith("write")]

    def _heard(self, reply: UhfReply) -> None:
        if reply.outcome is not Outcome.OK:
            raise TagGone(reply.outcome.value)


@dataclass
class UhfBench:
    """A pad with *settings* on a `DirectModule`."""

    settings: dict[str, Any] = field(default_factory=dict)
    module_is: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.field = UhfField()
        self.module = DirectModule(self.field, **self.module_is)
        self.pad = UhfPad(UhfPadSettings(**self.settings), self.module)

    def lay(self, *tags: SimulatedUhfTag) -> SimulatedUhfTag:
        self.field.lay(*tags)
        return tags[0]
