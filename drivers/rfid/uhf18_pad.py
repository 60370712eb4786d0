"""UHF readers of the UHFReader18 family: desktop and kiosk modules on a serial line or TCP.

    models     Chafon CF-RU5xxx; RRU98xx; UHFReader06, 09, 18, 86; U9809; SID UR-008; IQRFID-5102; HYB506; FRD950
    line       serial:/dev/...?baud=57600 (8N1; 9600 to 115200 can be set in the reader)
               tcp://HOST:6000 or tcp://HOST:27011
    supported  reader information, work mode, inventory with "more", reading any bank but the passwords, writing the
               one word of the EPC bank that holds the security state, access password, transmitter power, buzzer
    wrong      Inventories tell no PC word: it is read with the EPC bank.  An answer to "read" names no tag.  A reader
               in scan mode pushes EE frames and executes nothing about tags: it is switched to answer mode when opened.
               Older firmware has commands 35 and 36 and a plain command 01; newer has 76 and wants Q and session with
               01, and answers with antenna and signal strength (unverified): found out by asking.
    not        EPCs longer than 15 words; antenna multiplexers; two readers on one bus with address FF
    unverified statuses F9 and FA; command 76 and the newer inventory answer; no frame here was seen on a device of ours
    source     device reference 3.2.1 and 15

A book costs: its share of the inventory, one read of the EPC bank, one of the user bank where its data model needs
that, one read with the password where there is one; a release is one write, one read under the new EPC and, where the
EPC has changed, one under the old one that nobody may answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.masked import Secret
from drivers.probing import Identity
from drivers.rfid import PadSignal, TagGone, WriteRefused, uhf18_commands
from drivers.rfid.fenced_exchange import AnswerLost
from drivers.rfid.uhf18 import (
    FrameError,
    ReaderInfo,
    Status,
    TagError,
    parse_inventory,
    parse_words,
    parse_work_mode,
)
from drivers.rfid.uhf18_commands import SELECT_WORDS_MAX, redact
from drivers.rfid.uhf18_exchange import Answer, CommandUnknown, Uhf18Exchange
from drivers.rfid.uhf_exchange import ANY_READER
from drivers.rfid.uhf_frames import Request
from drivers.rfid.uhf_module import NO_PASSWORD, PC_WORD, Bank, Heard
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_rounds import Round, gathered
from drivers.rfid.uhf_settings import UhfPadSettings, check_range

__all__ = ["Uhf18Module", "Uhf18PadSettings", "open", "probe", "redact"]

_PROBE_ADDRESS = 0
_PROBE_SECONDS = 0.4

_BEEPS = {PadSignal.DONE: (1, 1, 1), PadSignal.ATTENTION: (4, 2, 3)}
_REFUSALS: dict[int | None, str] = {TagError.LOCKED: "locked", TagError.OVERRUN: "unsupported"}


@dataclass(frozen=True, slots=True)
class Uhf18PadSettings(UhfPadSettings):
    """A pad of the UHFReader18 family; raises `SettingsError` for values out of range.

    *bus_address* 0 to 254, or 255 for any reader.  *power_dbm* 0 leaves the transmitter as it is.  *selects_by_mask* is
    for firmware that wants a mask instead of the EPC.  *q* and *session* are for newer readers, which ask for them.
    """

    bus_address: int = ANY_READER
    answer_seconds_max: float = 1.0
    power_dbm: int = 0
    selects_by_mask: bool = False
    q: int = 4
    session: int = 0
    beeps: bool = False

    def __post_init__(self) -> None:
        for name, least, most in (
            ("bus_address", 0, 255),
            ("answer_seconds_max", 0.1, 10),
            ("power_dbm", 0, 33),
            ("q", 0, 15),
            ("session", 0, 3),
        ):
            check_range(self, name, least, most)
        self.check_uhf()


def open(settings: Uhf18PadSettings, link: Link, clock: Clock) -> UhfPad:
    """Finds the reader behind *link* and lets it speak only when it is asked.

    Raises `SettingsError` for a wrong password file, `DeviceLost` and `DeviceFault`.
    """
    exchange = Uhf18Exchange(
        link,
        clock,
        address=settings.bus_address,
        answer_seconds_max=settings.answer_seconds_max,
        retries=settings.retries,
    )
    module = Uhf18Module(settings, link, exchange)
    pad = UhfPad(settings, module)
    settings.keep_secret(link)
    module.begin()
    return pad


def probe(link: Link, clock: Clock) -> Identity | None:
    """As promised by `drivers.probing`: asks for the reader information, once."""
    exchange = Uhf18Exchange(
        link, clock, address=_PROBE_ADDRESS, answer_seconds_max=_PROBE_SECONDS, retries=0
    )
    try:
        info = exchange.info()
    except DeviceLost:
        return None
    return Identity(f"UHFReader18 family, type {info.model:02X}", info.firmware)


class Uhf18Module:
    """`UhfModule` on a reader of the family."""

    def __init__(self, settings: Uhf18PadSettings, link: Link, exchange: Uhf18Exchange) -> None:
        self._settings = settings
        self._link = link
        self._exchange = exchange
        self._inventory = uhf18_commands.inventory()

    def begin(self) -> None:
        """Asks the reader what it is and switches it to answer mode.  Raises `DeviceLost` and `DeviceFault`."""
        info = self._exchange.info()
        self._exchange.scan_seconds = info.scan_tenths / 10
        self._to_answer_mode()
        self._set_power(info)

    def inventory(self) -> tuple[Heard, ...]:
        """As promised by `UhfModule`; repeated while it was disturbed or broke off with tags not heard before."""
        return gathered(self._round, self._settings.retries + 1)

    def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
        """As promised by `UhfModule`."""
        answer = self._exchange.ask(self._read(epc, bank, first, count, NO_PASSWORD))
        if answer.is_overrun:
            return b""
        return self._words(answer, count)

    def accepts_password(self, epc: bytes, password: Secret) -> bool | None:
        """As promised by `UhfModule`: reads the PC word with the password."""
        answer = self._exchange.ask(self._read(epc, Bank.EPC, PC_WORD, 1, password))
        if answer.status == Status.WRONG_PASSWORD:
            return False
        self._words(answer, 1)
        return True

    def write_epc_word(self, epc: bytes, word: int, value: int, password: Secret) -> None:
        """As promised by `UhfModule`."""
        by_mask = self._settings.selects_by_mask
        request = uhf18_commands.write_word(
            self._selectable(epc), word, value, bytes.fromhex(password.reveal()), by_mask=by_mask
        )
        try:
            answer = self._exchange.ask_once(request)
        except AnswerLost as lost:
            raise TagGone("the answer to a write was lost") from lost
        match answer.status:
            case Status.OK:
                return
            case Status.WRONG_PASSWORD:
                raise WriteRefused("password")
            case Status.TAG_ERROR:
                raise WriteRefused(_REFUSALS.get(answer.tag_error, "weak"))
            case Status.WRITE_FAILED | Status.POOR_LINK:
                raise WriteRefused("weak")
            case _:
                raise TagGone(f"status {answer.status:02X}")

    def signal(self, signal: PadSignal) -> None:
        """As promised by `UhfModule`: there is one lamp and one buzzer, for what is done and what wants attention."""
        if self._settings.beeps and signal in _BEEPS:
            self._exchange.ask(uhf18_commands.beep(*_BEEPS[signal]))

    def close(self) -> None:
        """As promised by `UhfModule`; in answer mode the field is off between two questions."""
        self._link.close()

    def _round(self) -> Round:
        """One inventory.  Raises `AnswerLost`."""
        answers, is_whole = self._inventoried()
        heard = [Heard(None, epc) for answer in answers for epc in self._epcs(answer)]
        end = answers[-1].status
        return Round(heard, is_whole and end in (*_ENDS, Status.TIME_OUT), end == Status.TIME_OUT)

    def _inventoried(self) -> tuple[list[Answer], bool]:
        try:
            return self._exchange.ask_for_parts(self._inventory)
        except CommandUnknown:
            newer = uhf18_commands.inventory(self._settings.q, self._settings.session)
            if self._inventory == newer:
                raise
            self._inventory = newer
            return self._exchange.ask_for_parts(self._inventory)

    def _epcs(self, answer: Answer) -> tuple[bytes, ...]:
        if answer.status not in (
            Status.OK,
            Status.FINISHED,
            Status.TIME_OUT,
            Status.MORE,
            Status.MEMORY_FULL,
        ):
            return ()
        try:
            return parse_inventory(answer.data)
        except FrameError as error:
            raise DeviceFault(f"inventory: {error}") from error

    def _read(self, epc: bytes, bank: Bank, first: int, count: int, password: Secret) -> Request:
        by_mask = self._settings.selects_by_mask
        who, key = self._selectable(epc), bytes.fromhex(password.reveal())
        return uhf18_commands.read_words(who, bank, first, count, key, by_mask=by_mask)

    def _selectable(self, epc: bytes) -> bytes:
        if len(epc) > SELECT_WORDS_MAX * 2:
            raise TagGone(f"an EPC of {len(epc)} bytes cannot be selected")
        return epc

    def _words(self, answer: Answer, count: int) -> bytes:
        if answer.status != Status.OK:
            raise TagGone(f"status {answer.status:02X}")
        try:
            return parse_words(answer.data, count)
        except FrameError as error:
            raise DeviceFault(f"read: {error}") from error

    def _to_answer_mode(self) -> None:
        try:
            answer = self._exchange.ask(uhf18_commands.work_mode())
        except CommandUnknown:
            self._done(uhf18_commands.answer_mode_of_newer_readers())
            return
        try:
            mode = parse_work_mode(answer.data)
        except FrameError as error:
            raise DeviceFault(str(error)) from error
        if mode.pushes:
            self._done(uhf18_commands.answer_mode(mode))

    def _set_power(self, info: ReaderInfo) -> None:
        # The reader keeps its settings in a memory that wears: nothing is written that stands there already.
        if self._settings.power_dbm not in (0, info.power_dbm):
            self._done(uhf18_commands.set_power(self._settings.power_dbm))

    def _done(self, request: Request) -> None:
        answer = self._exchange.ask(request)
        if answer.status != Status.OK:
            raise DeviceFault(f"command {request.command:02X}: status {answer.status:02X}")


_ENDS = (Status.OK, Status.FINISHED, Status.MEMORY_FULL, Status.NO_TAG)
