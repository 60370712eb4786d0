"""The far end of a card terminal that speaks ZVT, with somebody in front of it who has a card in the hand.

It takes its time by the clock, asks for the card, asks its host, tells the till, prints through the till or on its own
paper, and is busy until the end: meanwhile every command but the abort is answered 84 9C.  A till that goes away does
not stop it.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.link import Clock
from drivers.sim import zvt_words as words
from drivers.sim.zvt_ledger import Authorisation, CardChoice, Receipt
from drivers.sim.zvt_script import ACKNOWLEDGED, ScriptedTerminal, Word

__all__ = ["CardChoice", "ZvtTerminalFarEnd"]

_HOST_SECONDS = 1.0
_MINOR_MAX = 999_999_000_000
_CARD_SECONDS = 30.0


class ZvtTerminalFarEnd(ScriptedTerminal):
    """A terminal, not registered, with an empty memory.

    *card* is what somebody does next with a card, None when nobody comes; it stays for the payments after.  Habits:
    *password*; *masks_card* false sends card numbers in clear; *waits* is how often "please wait" is said before the
    result; *forgets_unacknowledged* gives money back when its result was never acknowledged; *remembers_declined*;
    *ignores_abort*; *cuts_off*: it becomes unreachable by itself "before" or "after" the money was taken.
    `ScriptedTerminal` has more.

    *authorised* is what was taken, *last* what it tells when it is asked for its last receipt.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.card: CardChoice | None = None
        self.password = "123456"
        self.card_number = "6725904711081512340"
        self.masks_card = True
        self.waits = 0
        self.forgets_unacknowledged = False
        self.remembers_declined = False
        self.ignores_abort = False
        self.cuts_off = ""
        self.authorised: list[Authorisation] = []
        self.days_closed = 0
        self.is_registered = False
        self._is_decided = True
        self._currency = "0978"
        self.last: Receipt | None = None
        self._numbers = 0

    def show(self, choice: str) -> str:
        """Somebody comes with a card; see `CardChoice`, or "none".  Raises `ValueError`."""
        with self._lock:
            self.card = None if choice == "none" else CardChoice(choice)
        return f"the next cards: {choice}"

    @property
    def taken_minor(self) -> int:
        """How much was taken and not given back."""
        return sum(one.minor for one in self.authorised if not one.is_reversed)

    def _obey(self, control: bytes, data: bytes) -> None:
        has_password = data[:3] == bytes.fromhex(self.password)
        orders: dict[bytes, Callable[[], None]] = {
            b"\x06\x00": lambda: self._registered(data),
            b"\x06\x01": lambda: self._asked_to_pay(data),
            b"\x06\x20": lambda: self._asked_again(),
            b"\x06\x30": lambda: self._asked_back(data[3:]),
            b"\x06\x50": lambda: self._asked_to_close(),
            b"\x06\x70": lambda: self._asked_for_diagnosis(),
            b"\x06\x02": lambda: self._logged_off(),
            b"\x05\x01": lambda: self._begin(
                Word(lambda: words.message(b"\x06\x0f", b"\xf0\xf0\xf71.23.45\x00"))
            ),
        }
        if control not in orders or (control in (b"\x06\x20", b"\x06\x30", b"\x06\x50") and not has_password):
            self._say(b"\x84\x83\x00")
        elif not self.is_registered and control not in (b"\x06\x00", b"\x05\x01"):
            self._say(b"\x84\x6b\x00")
        else:
            orders[control]()

    def _registered(self, data: bytes) -> None:
        if data[:3] != bytes.fromhex(self.password) or len(data) < 4:
            self._say(b"\x84\x83\x00")
            return
        self.is_registered, self._config = True, data[3]
        self._currency = data[4:6].hex() if len(data) >= 6 else "0978"
        ending = (
            b"\x19\x00\x29\x52\x00\x12\x33\x49"
            + bytes.fromhex(self._currency)
            + b"\x06\x05\x27\x03\x14\x01\xff"
        )
        self._begin(Word(lambda: words.message(b"\x06\x0f", ending)))

    def _asked_to_pay(self, data: bytes) -> None:
        if data[:1] != b"\x04" or data[7:8] not in (b"", b"\x49") or not data[1:7].hex().isdigit():
            self._say(b"\x84\x9a\x00")
            return
        minor, currency = int(data[1:7].hex()), data[8:10].hex() or self._currency
        self._is_decided = False
        self._begin(Word(lambda: words.step(0x0A)), Word(lambda: self._card_shown(minor, currency)))

    def _card_shown(self, minor: int, currency: str) -> bytes | None:
        """Waits for a card, then goes on with what its owner does."""
        if self.card is None:
            if self._clock.monotonic() - self._worked_at < _CARD_SECONDS:
                self._script.appendleft(Word(lambda: self._card_shown(minor, currency), 0.0))
                return b""
            return self._given_up(0x6C)
        if self.card is CardChoice.ABORT:
            return self._given_up(0x6C)
        if self.card is CardChoice.UNREADABLE:
            return self._given_up(0x64)
        self._script.extend(Word(lambda: words.step(0x0E), 0.5) for _ in range(self.waits))
        self._script.append(Word(lambda: words.step(0x04)))
        choice = self.card
        self._script.append(Word(lambda: self._decided(choice, minor, currency), _HOST_SECONDS))
        return None

    def _decided(self, choice: CardChoice, minor: int, currency: str) -> bytes | None:
        """The host has answered, or not."""
        if self.cuts_off == "before":
            self.is_unreachable = True
        self._is_decided = True
        self._numbers += 1
        if choice in (CardChoice.DECLINE, CardChoice.NO_HOST):
            code = 0x05 if choice is CardChoice.DECLINE else 0xA3
            status = b"\x27" + bytes((code,)) + self._fields(minor, currency)
            if self.remembers_declined:
                self.last = Receipt(status, ("Zahlung abgelehnt",))
            self._script.append(Word(lambda: words.message(b"\x04\x0f", status)))
            self._script.append(Word(lambda: words.message(b"\x06\x1e", bytes((code,)))))
            return None
        shown = minor + 1000 if choice is CardChoice.WRONG_AMOUNT and minor < _MINOR_MAX else minor
        told = "0756" if choice is CardChoice.WRONG_CURRENCY else currency
        self.authorised.append(Authorisation(shown, told, self._numbers, 470_000 + self._numbers))
        status = b"\x27\x00" + self._fields(shown, told)
        self._store(
            status, ("** Kartenzahlung **", f"Betrag {shown / 100:.2f}", f"Karte {self._card_shown_as()}")
        )
        if self.cuts_off == "after":
            self.is_unreachable = True
        return None

    def _store(self, status: bytes, lines: tuple[str, ...]) -> None:
        """Remembers a result, and tells it."""
        before, self.last = self.last, Receipt(status, lines)
        self._script.append(Word(lambda: words.message(b"\x04\x0f", status)))
        self._script.append(Word(lambda: self._looked_for_answer(before)))
        self._script.extend(self._printing(lines))
        self._script.append(Word(lambda: words.step(0x0B)))
        self._script.append(Word(lambda: words.message(b"\x06\x0f", b"")))

    def _looked_for_answer(self, before: Receipt | None) -> bytes | None:
        """Gives back what the till has not heard of, where that is its habit."""
        if self._unacknowledged and self.forgets_unacknowledged:
            self.authorised[-1].is_reversed = True
            self.last = before
            self._script.clear()
            return words.message(b"\x06\x1e", b"\x6c")
        self._unacknowledged = b""
        return None

    def _asked_again(self) -> None:
        last = self.last
        if last is None:
            self._begin(Word(lambda: words.message(b"\x06\x1e", b"\x83")))
            return
        self._begin(
            Word(lambda: words.message(b"\x04\x0f", last.status)),
            *self._printing(("* Wiederholung *", *last.lines)),
            Word(lambda: words.message(b"\x06\x0f", b"")),
        )

    def _asked_back(self, data: bytes) -> None:
        number = int(data[1:3].hex() or "0") if data[:1] == b"\x87" and data[1:3].hex().isdigit() else 0
        found = next((one for one in self.authorised if one.receipt == number), None)
        if found is None or found.is_reversed:
            self._begin(Word(lambda: words.message(b"\x06\x1e", b"\xb4" if found else b"\xb5")))
            return
        found.is_reversed = True
        self._numbers += 1
        self._begin()
        self._store(
            b"\x27\x00" + self._fields(found.minor, found.currency), ("** STORNO **", f"Beleg {number:04}")
        )

    def _asked_to_close(self) -> None:
        self.days_closed += 1
        self.last = None
        lines = ("Kassenschnitt", f"Summe {self.taken_minor / 100:.2f}")
        self._begin(
            Word(lambda: words.step(0x0E)),
            *self._printing(lines, is_block=True),
            Word(lambda: words.message(b"\x06\x0f", b"")),
        )

    def _asked_for_diagnosis(self) -> None:
        if self.card is CardChoice.NO_HOST:
            self._begin(Word(lambda: words.message(b"\x06\x1e", b"\xa3"), _HOST_SECONDS))
            return
        self._begin(
            Word(lambda: words.step(0x04)),
            *self._printing(("Diagnose erfolgreich",)),
            Word(lambda: words.message(b"\x06\x0f", b""), _HOST_SECONDS),
        )

    def _logged_off(self) -> None:
        self.is_registered = False
        self._say(ACKNOWLEDGED)

    def _stopped(self) -> None:
        """06 B0: what is not decided ends; what is, goes on."""
        self._say(ACKNOWLEDGED)
        if self._script and not self._is_decided and not self.ignores_abort:
            self._script.clear()
            self._script.append(Word(lambda: self._given_up(0x6C)))

    def _given_up(self, code: int) -> bytes:
        self._is_decided = True
        self._script.clear()
        return words.message(b"\x06\x1e", bytes((code,)))

    def _fields(self, minor: int, currency: str) -> bytes:
        number = self.card_number
        if self.masks_card:
            number = number[:6] + "E" * (len(number) - 10) + number[-4:]
        return words.result_fields(
            minor, currency, 470_000 + self._numbers, self._numbers, self._clock.now(), number
        )

    def _card_shown_as(self) -> str:
        return "####" + self.card_number[-4:] if self.masks_card else self.card_number
