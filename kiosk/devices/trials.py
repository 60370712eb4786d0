"""A configured device, opened and tried as the terminal would, without doing anything that lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from drivers.barcode import Scanner
from drivers.card import CardReader, CardShown, CardTaken, CardUnreadable
from drivers.catalog import Kind
from drivers.em import Deed, NotTreated, Spoilt, StripState, StripUnit, Treated
from drivers.gpio import BinLevel, BookDrop, ItemCame, ItemTaken
from drivers.link import Clock, DeviceFault, DeviceLost, SettingsError
from drivers.payment import Declined, Diagnosed, PaymentTerminal, Unknown
from drivers.printer import Printer
from drivers.rfid import EmptyTag, LibraryItem, Pad, PatronCard, TagGone, UnknownTag

READINGS = 2
LOOK_SECONDS = 1.0
PULSE_SECONDS = 20.0
DIAGNOSIS_SECONDS = 90.0
LEVEL_SECONDS = 2.0
NAMES = {LibraryItem: "library item", PatronCard: "library card", EmptyTag: "empty", UnknownTag: "unknown"}


@dataclass(frozen=True, slots=True)
class Trial:
    """How a device did: *said* in one line for the installer, nothing in it points to a person."""

    role: str
    is_good: bool
    said: str


def tried(role: str, kind: Kind, open_device: Callable[[], Any], clock: Clock) -> Trial:
    """*role*, a device of *kind*, opened, asked what it sees, and closed again.

    Takes a few seconds at most, a card terminal's talk with its host up to `DIAGNOSIS_SECONDS`.
    """
    return _trial(role, open_device, lambda device: (True, _seen(kind, device, clock)))


def pulsed(role: str, open_device: Callable[[], StripUnit], clock: Clock) -> Trial:
    """*role*, a strip unit, after it has desensitised the one item that comes within `PULSE_SECONDS`."""
    return _trial(role, open_device, lambda unit: _pulse(unit, clock))


def _trial(role: str, open_device: Callable[[], Any], see: Callable[[Any], tuple[bool, str]]) -> Trial:
    try:
        device = open_device()
    except (DeviceLost, DeviceFault, SettingsError) as error:
        return Trial(role, False, f"cannot be opened: {error}")
    try:
        return Trial(role, *see(device))
    except (DeviceLost, DeviceFault) as error:
        return Trial(role, False, f"failed: {error}")
    finally:
        device.close()


def _seen(kind: Kind, device: Any, clock: Clock) -> str:
    match kind:
        case Kind.PAD:
            return _on_pad(device)
        case Kind.SCANNER:
            return _scanned(device, clock)
        case Kind.CARD_READER:
            return _on_reader(device)
        case Kind.PRINTER:
            return _of_printer(device)
        case Kind.STRIP_UNIT:
            return _of_strip_unit(device)
        case Kind.PAYMENT_TERMINAL:
            return _of_payment_terminal(device, clock)
        case Kind.BOOK_DROP:
            return _of_book_drop(device, clock)
        case _:
            assert_never(kind)


def _on_pad(pad: Pad) -> str:
    for _ in range(READINGS):
        uids = pad.inventory()
    kinds: dict[str, int] = {}
    for uid in uids:
        try:
            name = NAMES[type(pad.read(uid).content)]
        except TagGone:
            name = "not readable"
        kinds[name] = kinds.get(name, 0) + 1
    told = ", ".join(f"{name} {count}" for name, count in sorted(kinds.items()))
    return "works; " + (f"tags on it: {told}" if told else "no tag lies on it")


def _scanned(scanner: Scanner, clock: Clock) -> str:
    until = clock.monotonic() + LOOK_SECONDS
    while (left := until - clock.monotonic()) > 0:
        scan = scanner.read(left)
        if scan is not None:
            flaw = f", not usable: {scan.flaw}" if scan.flaw else ""
            return f"works; read a code ({scan.symbology.value}{flaw})"
    return f"opened; no code came within {LOOK_SECONDS:g} s"


def _on_reader(reader: CardReader) -> str:
    match reader.poll(LOOK_SECONDS):
        case CardShown():
            return "works; a card lies on it and gives a number"
        case CardUnreadable(why):
            return f"works; what lies on it gives no number ({why})"
        case CardTaken() | None:
            return "works; no card lies on it"


def _of_printer(printer: Printer) -> str:
    status = printer.status()
    if not status.is_known:
        return "opened; it does not answer, so nobody can tell how it is"
    obstacle = status.obstacle
    return "works" if obstacle is None else f"answers, and cannot print: {obstacle.value}"


def _of_strip_unit(unit: StripUnit) -> str:
    unit.poll(LOOK_SECONDS)
    abilities = unit.abilities
    senses = "senses items" if abilities.senses_items else "senses nothing"
    reads = "reads strips" if abilities.reads_strips else "cannot read strips"
    return f"works, and is safe; it {senses} and {reads}"


def _of_book_drop(drop: BookDrop, clock: Clock) -> str:
    """What its barriers see, for long enough to tell a full bin; the flap stays shut."""
    until = clock.monotonic() + LEVEL_SECONDS
    is_full = lies_there = False
    while (left := until - clock.monotonic()) > 0:
        match drop.poll(min(LOOK_SECONDS, left)):
            case BinLevel(is_full):
                pass
            case ItemCame():
                lies_there = True
            case ItemTaken():
                lies_there = False
            case _:
                pass
    before = "something lies before it" if lies_there else "nothing lies before it"
    return f"works, and is shut; {before}, {'the bin is full' if is_full else 'the bin is not full'}"


def _of_payment_terminal(terminal: PaymentTerminal, clock: Clock) -> str:
    """Whether it is ready, and whether its host answers; no money moves."""
    status = terminal.status()
    version = f"; its software is {status.version}" if status.version else ""
    if not status.is_ready:
        return f"answers, and is not ready (code {status.code:02X}){version}"
    terminal.diagnose()
    until = clock.monotonic() + DIAGNOSIS_SECONDS
    event = None
    while not isinstance(event, Diagnosed | Declined | Unknown) and clock.monotonic() < until:
        event = terminal.poll(LOOK_SECONDS)
    match event:
        case Diagnosed():
            return f"works, and its host answers{version}"
        case Declined(why, code):
            number = "" if code is None else f", code {code:02X}"
            return f"is ready, and its host does not answer ({why}{number}){version}"
        case _:
            terminal.abort()
            return f"is ready, and does not tell whether its host answers{version}"


def _pulse(unit: StripUnit, clock: Clock) -> tuple[bool, str]:
    """Whether the deed was done, as far as the unit can tell, and what came of it."""
    unit.arm(Deed.DESENSITISE)
    until = clock.monotonic() + PULSE_SECONDS
    event = None
    while event is None and (left := until - clock.monotonic()) > 0:
        event = unit.poll(min(left, LOOK_SECONDS))
        if not isinstance(event, Treated | NotTreated | Spoilt):
            event = None
    event = event or unit.disarm()
    match event:
        case Treated(strip=strip):
            return strip is not StripState.ACTIVE, f"desensitised one item; its strip is {strip.value}"
        case NotTreated(why=why):
            return False, f"did nothing: {why}"
        case Spoilt(why=why):
            return False, f"nobody can tell what it did: {why}"
        case _:
            return False, "no item came; it is safe again"
