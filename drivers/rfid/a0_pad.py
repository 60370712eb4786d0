"""UHF reader modules with an Impinj R2000 or E710 that speak "A0": desktop and kiosk readers on a serial line or TCP.

    models     IND903; YR-90x; many Chinese desktop readers with such a chip, some sold as IQRFID-5102
    line       serial:/dev/...?baud=115200 (8N1) or tcp://HOST:PORT
    supported  firmware version, choice of one antenna, inventory (plain, or in session 0), reading any bank but the
               passwords, writing the one word of the EPC bank that holds the security state, access password,
               transmitter power
    wrong      A question about a tag goes to all tags that match the EPC selected last, and a module that lost its
               power has none selected: then it goes to every tag in the field.  So a read is believed only when it
               names the tag and was the only one, and before each write the tag is selected anew and has to answer
               alone, so lately that a module which restarts after it is still starting (decision 0117).
               No reply layout is known for writes: whatever comes is not looked at, the tag is read back.
               A wrong password, a lock and a tag that writes nothing are therefore all "not as written".
               One code stands for a bank that ends and for a tag hard to hear: the bank ends where the tag's PC word
               can be read and the words cannot, twice.
               The check sum has eight bits: an EPC bank proves itself by its StoredCRC and the name in front of it, a
               user bank by its layout alone.
    not        several antennas at once (one pad, one antenna); lamp and buzzer; asking whether a password fits without
               writing; tags that only answer in session 1 to 3
    unverified commands 76, 77 and 82 (their layout is common knowledge, no capture); that 32 is also what a bank's end
               is; that no module starts within a quarter of a second; tags without block writes need
               `writing = "word"`; no frame here was seen on a device of ours
    mounting   behind 8 mm of glass one desktop reader (UHF 5102) hears nothing: its antenna needs a window
    source     device reference 0.2, 3.2.2 and 15

A book costs: its share of the inventory, one selection, one read of the EPC bank, one of the user bank where its data
model needs that.  A release is a selection, one read of the PC word and the write; then a selection and a read under
the new EPC and, where the EPC has changed, under the old one, asked as often as *retries* says: nobody may answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.masked import Secret
from drivers.probing import Identity
from drivers.rfid import PadSignal, TagGone, WriteRefused, a0_commands
from drivers.rfid.a0 import Code, FrameError, is_summary, parse_heard, parse_read, parse_summary
from drivers.rfid.a0_commands import SELECT_BYTES_MAX, Writing, redact
from drivers.rfid.a0_exchange import A0Exchange, Answer
from drivers.rfid.fenced_exchange import AnswerLost
from drivers.rfid.uhf_exchange import ANY_READER
from drivers.rfid.uhf_frames import Request
from drivers.rfid.uhf_module import PC_WORD, Bank, Heard
from drivers.rfid.uhf_pad import UhfPad
from drivers.rfid.uhf_rounds import Round, gathered
from drivers.rfid.uhf_settings import UhfPadSettings, check_range

__all__ = ["A0Module", "A0PadSettings", "open", "probe", "redact"]

_PROBE_ADDRESS = 1
_PROBE_SECONDS = 0.4
_SESSION = 0
_PROVED_SECONDS = 0.25
"""No module starts faster (unverified)."""


@dataclass(frozen=True, slots=True)
class A0PadSettings(UhfPadSettings):
    """A pad on an "A0" module; raises `SettingsError` for values out of range.

    *bus_address* 0 to 254, or 255 for any module.  *antenna* 1 to 8; 0 leaves it as it is, and *power_dbm* 0 does so
    with the transmitter.  *rounds* is how often one inventory asks.  *in_session_0* is for modules whose own session
    lets tags fall silent for seconds; *writing* "word" for tags that know no block writes.
    """

    bus_address: int = ANY_READER
    answer_seconds_max: float = 1.0
    antenna: int = 1
    power_dbm: int = 0
    rounds: int = 1
    in_session_0: bool = False
    writing: Writing = Writing.BLOCK

    def __post_init__(self) -> None:
        for name, least, most in (
            ("bus_address", 0, 255),
            ("answer_seconds_max", 0.1, 10),
            ("antenna", 0, 8),
            ("power_dbm", 0, 33),
            ("rounds", 1, 10),
        ):
            check_range(self, name, least, most)
        self.check_uhf()


def open(settings: A0PadSettings, link: Link, clock: Clock) -> UhfPad:
    """Finds the module behind *link* and sets its antenna.

    Raises `SettingsError` for a wrong password file, `DeviceLost` and `DeviceFault`.
    """
    exchange = A0Exchange(
        link,
        clock,
        address=settings.bus_address,
        answer_seconds_max=settings.answer_seconds_max,
        retries=settings.retries,
    )
    module = A0Module(settings, link, clock, exchange)
    pad = UhfPad(settings, module)
    settings.keep_secret(link)
    module.begin()
    return pad


def probe(link: Link, clock: Clock) -> Identity | None:
    """As promised by `drivers.probing`: asks for the firmware's version, once."""
    exchange = A0Exchange(link, clock, address=_PROBE_ADDRESS, answer_seconds_max=_PROBE_SECONDS, retries=0)
    try:
        return Identity('Impinj "A0" UHF module', exchange.firmware())
    except DeviceLost:
        return None


class A0Module:
    """`UhfModule` on such a module."""

    def __init__(self, settings: A0PadSettings, link: Link, clock: Clock, exchange: A0Exchange) -> None:
        self._settings = settings
        self._link = link
        self._clock = clock
        self._exchange = exchange
        self._selected = b""
        self._inventory = (
            a0_commands.session_inventory(_SESSION, settings.rounds)
            if settings.in_session_0
            else a0_commands.inventory(settings.rounds)
        )

    def begin(self) -> None:
        """Finds the module and sets antenna and power where they are set.  Raises `DeviceLost` and `DeviceFault`."""
        self._exchange.find_reader()
        if self._settings.antenna:
            self._done(a0_commands.set_antenna(self._settings.antenna - 1))
        if self._settings.power_dbm:
            self._set_power(self._settings.power_dbm)

    def inventory(self) -> tuple[Heard, ...]:
        """As promised by `UhfModule`; repeated while it was disturbed, or fewer readings came than were counted."""
        return gathered(self._round, self._settings.retries + 1)

    def read_words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes:
        """As promised by `UhfModule`."""
        for _ in range(2):
            words = self._words(epc, bank, first, count)
            if words is not None:
                return words
            if self._words(epc, Bank.EPC, PC_WORD, 1) is None:
                raise TagGone("it was selected and could not be read")
        return b""

    def accepts_password(self, epc: bytes, password: Secret) -> bool | None:
        """None, as promised by `UhfModule`: no question of this protocol but a write takes a password."""
        return None

    def write_epc_word(self, epc: bytes, word: int, value: int, password: Secret) -> None:
        """As promised by `UhfModule`; each write that is sent ends in `TagGone`: nothing but the tag tells of it."""
        self._prove_selection(epc)
        key = bytes.fromhex(password.reveal())
        request = a0_commands.write_word(word, value, key, self._settings.writing)
        try:
            self._exchange.ask_once(request)
        except AnswerLost as lost:
            raise TagGone("the answer to a write was lost") from lost
        raise TagGone("no answer to a write tells whether it was done")

    def signal(self, signal: PadSignal) -> None:
        """As promised by `UhfModule`: there is no lamp."""

    def close(self) -> None:
        """As promised by `UhfModule`; the field is off between two questions."""
        self._link.close()

    def _round(self) -> Round:
        """One inventory.  Raises `AnswerLost`, and `DeviceLost` where the module works with another antenna."""
        answers, is_whole = self._exchange.ask_for_parts(self._inventory)
        last = answers[-1]
        try:
            heard = [
                parse_heard(one.data) for one in answers if one.code is None and not is_summary(one.data)
            ]
            if last.code is not None:
                _check_not_heard(last.code)
                return Round(heard, is_whole and last.code == Code.NO_TAG)
            summary = parse_summary(last.data)
        except FrameError as error:
            raise DeviceFault(f"inventory: {error}") from error
        if self._settings.antenna not in (0, summary.antenna + 1):
            raise DeviceLost(
                f"it works with antenna {summary.antenna + 1}: it has lost its power in the meantime"
            )
        return Round(heard, is_whole, may_lack=summary.readings > len(heard))

    def _prove_selection(self, epc: bytes) -> None:
        """Selects the one tag with *epc* anew and hears it alone, so lately that no module has restarted since.

        Raises `TagGone`, and `WriteRefused` where that does not succeed.
        """
        for _ in range(self._settings.retries + 1):
            begun = self._clock.monotonic()
            self._selected = b""
            is_heard = self._words(epc, Bank.EPC, PC_WORD, 1) is not None
            if is_heard and self._clock.monotonic() - begun <= _PROVED_SECONDS:
                return
        raise WriteRefused("weak")

    def _words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes | None:
        """*count* words of the one tag with *epc*; None when it was selected and the read failed.

        Raises `TagGone` when nobody answers, or more than one, and `DeviceFault` when another tag does for good.
        """
        for _ in range(2):
            self._select(epc)
            answer = self._exchange.ask(a0_commands.read_words(bank, first, count))
            if answer.code is not None:
                _check_not_read(answer.code)
                return None
            try:
                read = parse_read(answer.data, count)
            except FrameError as error:
                raise DeviceFault(f"read: {error}") from error
            if (read.tags, read.epc) == (1, epc):
                return read.words
            # What others say in frames of their own is no answer to the selection that follows.
            self._selected = b""
        if read.tags > 1:
            raise TagGone(f"{read.tags} tags answered")
        raise DeviceFault("a tag was selected and another one answered")

    def _select(self, epc: bytes) -> None:
        if epc == self._selected:
            return
        if len(epc) > SELECT_BYTES_MAX:
            raise TagGone(f"an EPC of {len(epc)} bytes cannot be selected")
        self._done(a0_commands.select(epc))
        self._selected = epc

    def _set_power(self, dbm: int) -> None:
        # The module keeps it in a memory that wears: nothing is written that stands there for each antenna already.
        answer = self._exchange.ask(a0_commands.power())
        if set(answer.data) != {dbm}:
            self._done(a0_commands.set_power(dbm))

    def _done(self, request: Request) -> None:
        answer: Answer = self._exchange.ask(request)
        if answer.code != Code.OK:
            raise DeviceFault(f"command {request.command:02X} was not confirmed")


def _check_not_heard(code: Code) -> None:
    """Returns where an inventory may succeed another time, or nobody is there.  Raises `DeviceFault`."""
    if code not in (Code.NO_TAG, Code.INVENTORY_FAILED, Code.FAILED):
        raise DeviceFault(f"inventory: code {code.value:02X}")


def _check_not_read(code: Code) -> None:
    """Returns where a read may succeed another time.  Raises `TagGone` and `DeviceFault`."""
    if code == Code.NO_TAG:
        raise TagGone("nobody answers to it")
    if code not in (Code.READ_FAILED, Code.FAILED):
        raise DeviceFault(f"read: code {code.value:02X}")
