"""A contactless card reader behind PC/SC, or a virtual one.

Models      any CCID reader that knows the PC/SC part 3 commands: ACS ACR122U, ACR1252, ACR1281 (the
            contactless interface), HID Omnikey 5x2x, Identive/uTrust, SpringCard
Line        USB through pcscd (`pcsc:`), or a virtual card without it (`vpcd:`)
Supported   UID of 4, 7, 8 or 10 bytes in six spellings; NDEF text or URI of Type 2 and Type 4 tags, also of
            phones
Wrong       ACR122U needs the kernel modules pn533_usb, pn533 and nfc kept out; the ATR names the kind of card
            differently from maker to maker and is not asked; 4-byte UIDs are not unique in the world; a phone
            and some cards show a random UID, which begins with 08 (ISO 14443-3, 6.5.4) and is refused
Source      PC/SC part 3 rev. 2.02; ACS reader manuals; NFC Forum Type 2 and Type 4 Tag

A card is read when it comes, once more where it faltered (laid down askew, reset by another program).  One
that leaves while it is read is told as unreadable ("moved") and then as taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from drivers.card import CardShown, CardTaken, CardUnreadable
from drivers.card.ndef_text import MESSAGE_SIZE_MAX, NdefError, NdefRecord, ndef_value
from drivers.card.tag_memory import TagMemoryError, read_ndef
from drivers.link import ApduLink, CardPresence, Clock, DeviceFault, SettingsError
from drivers.masked import Masked

__all__ = ["NumberSource", "PcscCardReader", "PcscCardSettings", "UidFormat", "open"]

_GET_UID = bytes.fromhex("FFCA000000")
_UID_SIZES = (4, 7, 8, 10)
_RANDOM_UID_START = 0x08
_NUMBER_LENGTH_MAX = 64


class NumberSource(Enum):
    """What on the card identifies the patron."""

    UID = "uid"
    NDEF = "ndef"


class UidFormat(Enum):
    """How the library's system spells a UID: as sent by the reader ("be") or with its bytes reversed ("le").

    Ten digits is decimal with leading zeros, as printed on many cards; only a 4-byte UID fits.
    """

    HEX = "hex"
    HEX_REVERSED = "hex_reversed"
    DECIMAL_BE = "decimal_be"
    DECIMAL_LE = "decimal_le"
    TEN_DIGITS_BE = "ten_digits_be"
    TEN_DIGITS_LE = "ten_digits_le"


@dataclass(frozen=True, slots=True)
class PcscCardSettings:
    """Which number is taken from a card, and which numbers are taken at all.

    *ndef_prefix* must stand before an NDEF number and is removed (`https://library.example/card/`).
    *number_pattern* is a regular expression for the whole number, of at most 64 printable ASCII characters.
    *answer_seconds_max* is for one exchange, *read_seconds_max* for a whole card.
    """

    source: NumberSource = NumberSource.UID
    uid_format: UidFormat = UidFormat.HEX
    ndef_record: NdefRecord = NdefRecord.TEXT
    ndef_prefix: str = ""
    number_pattern: str = "[0-9A-Za-z-]{4,32}"
    answer_seconds_max: float = 1.0
    read_seconds_max: float = 3.0


class _Unusable(Exception):
    """The card was read and gives no number."""


def open(settings: PcscCardSettings, link: ApduLink, clock: Clock) -> PcscCardReader:
    """The reader on *link*.  A card that lies there already is shown by the first `poll`.

    Raises `SettingsError`.  The link is closed with the reader, and also when opening fails.
    """
    try:
        return PcscCardReader(settings, _checked_pattern(settings), link, clock)
    except BaseException:
        link.close()
        raise


class PcscCardReader:
    """A `CardReader`; see the front page of the room for what it promises."""

    def __init__(
        self, settings: PcscCardSettings, pattern: re.Pattern[str], link: ApduLink, clock: Clock
    ) -> None:
        self._settings = settings
        self._pattern = pattern
        self._link = link
        self._clock = clock
        self._has_card = False

    def poll(self, timeout_seconds: float) -> CardShown | CardUnreadable | CardTaken | None:
        """See `CardReader.poll`.  A card that comes is read to its end, which may take `read_seconds_max`
        more.
        """
        presence = self._link.wait_for_change(timeout_seconds)
        had_card, self._has_card = self._has_card, presence is CardPresence.PRESENT
        if self._has_card and not had_card:
            return self._read_card()
        return CardTaken() if had_card and not self._has_card else None

    def close(self) -> None:
        """See `CardReader.close`."""
        self._link.close()

    def _read_card(self) -> CardShown | CardUnreadable:
        deadline = self._clock.monotonic() + self._settings.read_seconds_max
        try:
            try:
                number = self._number(deadline)
            except DeviceFault:
                number = self._number(deadline)
        except DeviceFault:
            return CardUnreadable("moved")
        except (_Unusable, TagMemoryError, NdefError):
            return CardUnreadable(self._settings.source.value)
        is_clean = len(number) <= _NUMBER_LENGTH_MAX and number.isascii() and number.isprintable()
        if not is_clean or self._pattern.fullmatch(number) is None:
            return CardUnreadable(self._settings.source.value)
        return CardShown(Masked(number))

    def _number(self, deadline: float) -> str:
        def exchange(command: bytes) -> bytes:
            left_seconds = deadline - self._clock.monotonic()
            if left_seconds <= 0:
                raise DeviceFault("the card is too slow")
            response = self._link.transmit(command, min(left_seconds, self._settings.answer_seconds_max))
            if len(response) < 2:
                raise DeviceFault("a response without status")
            return response

        if self._settings.source is NumberSource.UID:
            response = exchange(_GET_UID)
            if response[-2:] != b"\x90\x00":
                raise _Unusable
            return _spelt_uid(response[:-2], self._settings.uid_format)
        message = read_ndef(exchange, MESSAGE_SIZE_MAX)
        value = ndef_value(message, self._settings.ndef_record)
        if not value.startswith(self._settings.ndef_prefix):
            raise _Unusable
        return value.removeprefix(self._settings.ndef_prefix)


def _spelt_uid(uid: bytes, uid_format: UidFormat) -> str:
    """*uid* as the library's system knows it.  Raises for a UID that is random or of no known size."""
    if len(uid) not in _UID_SIZES or (len(uid) == 4 and uid[0] == _RANDOM_UID_START):
        raise _Unusable
    match uid_format:
        case UidFormat.HEX:
            return uid.hex().upper()
        case UidFormat.HEX_REVERSED:
            return uid[::-1].hex().upper()
        case UidFormat.DECIMAL_BE:
            return str(int.from_bytes(uid, "big"))
        case UidFormat.DECIMAL_LE:
            return str(int.from_bytes(uid, "little"))
        case UidFormat.TEN_DIGITS_BE | UidFormat.TEN_DIGITS_LE:
            if len(uid) != 4:
                raise _Unusable
            ordered = uid if uid_format is UidFormat.TEN_DIGITS_BE else uid[::-1]
            return f"{int.from_bytes(ordered, 'big'):010d}"


def _checked_pattern(settings: PcscCardSettings) -> re.Pattern[str]:
    """Raises `SettingsError` naming the first setting that cannot be."""
    if not 0.05 <= settings.answer_seconds_max <= settings.read_seconds_max <= 30:
        raise SettingsError(
            f"answer_seconds_max is {settings.answer_seconds_max} and read_seconds_max "
            f"{settings.read_seconds_max}, allowed are 0.05 to 30, the first not the greater"
        )
    try:
        return re.compile(settings.number_pattern, re.ASCII)
    except re.error as error:
        raise SettingsError(f"number_pattern is not a regular expression: {error}") from error
