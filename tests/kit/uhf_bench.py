"""UHF pads for tests: on a module that asks the field directly, without bytes, and on a reader at a memory link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from drivers.link.memory import MemoryLink, VirtualClock
from drivers.masked import Secret
from drivers.rfid import PadSignal, TagGone, WriteRefused
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf_module import Bank, Heard
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_settings import UhfPadSettings
from drivers.sim.uhf_reader import UhfReader
from drivers.sim.uhf_tag import Outcome, SimulatedUhfTag, UhfField, UhfReply
from tests.kit.uhf_wirings import item

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


ReaderT = TypeVar("ReaderT", bound=UhfReader)


class ReaderBench(Generic[ReaderT]):
    """A pad opened over a memory link: *settings* are the pad's, *reader_is* the far end's.

    A test's own class says which *driver* (its module) it opens, with which settings, on which reader.
    """

    driver: ClassVar[Any]
    settings_class: ClassVar[type[UhfPadSettings]]
    reader_class: Callable[..., ReaderT]

    def __init__(self, reader_is: dict[str, Any] | None = None, **settings: Any) -> None:
        self.clock = VirtualClock()
        self.reader = type(self).reader_class(self.clock, **(reader_is or {}))
        self.link = MemoryLink(self.reader, self.clock)
        self.settings = {"security": Security.UHF_BIT, **settings}

    def opened(self) -> UhfPad:
        """The pad."""
        pad = self.driver.open(self.settings_class(**self.settings), self.link, self.clock)
        assert isinstance(pad, UhfPad)
        return pad

    def lay(self, identifier: str = "B0000001", **more: Any) -> SimulatedUhfTag:
        """An item's tag in the field."""
        tag = item(Security.UHF_BIT, identifier, **more)
        self.reader.lay(tag)
        return tag

    def heard(self) -> list[str]:
        """What the reader was asked, in hex."""
        return [command.hex() for command in self.reader.commands_heard]
