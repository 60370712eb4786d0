"""What a terminal says in one conversation, gathered, and what all of it together means.

Believed is only what fits together: the amount and the currency that were asked, one result, one ending.  Everything
else is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drivers.payment import (
    Aborted,
    Amount,
    Approved,
    Declined,
    IntermediateStatus,
    LastPayment,
    PaymentMark,
    Reversed,
    Step,
    Unknown,
)
from drivers.payment.card_numbers import masked_card
from drivers.payment.zvt import Apdu, Control, ZvtError
from drivers.payment.zvt_commands import CURRENCIES
from drivers.payment.zvt_fields import Encoding, Field, fields_of, text_of, tlv_of, variable

__all__ = [
    "ABORTED",
    "Hearing",
    "StatusInformation",
    "completion_of",
    "intermediate_of",
    "lines_of",
    "status_of",
]

ABORTED = 0x6C
_LINES_MAX = 500
_TAG_TEXT, _TAG_TEXTS, _TAG_BLOCK = 0x07, 0x24, 0x25
_LINE_FEEDS = 0xFF
_LINE_FEEDS_MAX = 20

STEPS: Mapping[int, Step] = {
    0x01: Step.LOOK_AT_TERMINAL,
    0x02: Step.LOOK_AT_TERMINAL,
    0x04: Step.ASKING_HOST,
    0x05: Step.REVERSING,
    0x0A: Step.INSERT_CARD,
    0x0B: Step.REMOVE_CARD,
    0x0E: Step.WAIT,
    0x17: Step.WAIT,
    0x1D: Step.DECLINED,
}
_WHYS: Mapping[int, str] = {
    0x64: "card-unreadable",
    0x6B: "not-registered",
    0x6F: "currency",
    0x78: "card-expired",
    0x7D: "host",
    0x9B: "host",
    0x9C: "busy",
    0xA1: "host",
    0xA3: "host",
    0xC2: "diagnosis-needed",
    0xC3: "amount-too-high",
}
# A fault in the terminal itself, or in how it was spoken to: what it did before is not known.
_NOT_BELIEVED = frozenset((0x9A, 0xFF))


@dataclass(frozen=True, slots=True)
class StatusInformation:
    """The result of a payment (04 0F): *result* 0 is approved; *currency* as four digits; *card* is masked."""

    result: int | None
    amount_minor: int | None
    currency: str | None
    mark: PaymentMark
    card: str
    card_name: str
    text: str

    def amount(self, registered: str) -> Amount | None:
        """What was paid, in the currency *registered* where none is said; None where it is no amount."""
        code = registered if self.currency is None else _alphabetic(self.currency)
        if not self.amount_minor or code is None:
            return None
        return Amount(self.amount_minor, code)


def status_of(data: bytes, encoding: Encoding) -> StatusInformation:
    """The content of 04 0F; what stands behind an unknown field is missing.  Raises `ZvtError`."""
    fields = fields_of(data)
    result = fields.values.get(Field.RESULT)
    mark = PaymentMark(
        fields.number(Field.TRACE),
        fields.number(Field.RECEIPT),
        fields.digits(Field.TERMINAL) or "",
        fields.digits(Field.DATE) or "",
        fields.digits(Field.TIME) or "",
    )
    return StatusInformation(
        None if result is None else result[0],
        fields.number(Field.AMOUNT),
        fields.digits(Field.CURRENCY),
        mark,
        # An odd number of digits is filled up with F; E stands where the terminal has masked a digit.
        masked_card(fields.values.get(Field.CARD_NUMBER, b"").hex().rstrip("f").replace("e", "·")),
        text_of(fields.values.get(Field.CARD_NAME, b""), encoding),
        text_of(fields.values.get(Field.TEXT, b""), encoding),
    )


def intermediate_of(data: bytes, encoding: Encoding) -> IntermediateStatus:
    """The content of 04 FF; texts that cannot be read are left out.  Raises `ZvtError` when it is empty."""
    if not data:
        raise ZvtError("an intermediate status that says nothing")
    texts: list[str] = []
    try:
        container = fields_of(data[2:]).values.get(Field.TLV, b"")
        for tag, content in tlv_of(container):
            if tag == _TAG_TEXTS:
                texts += [text_of(text, encoding) for inner, text in tlv_of(content) if inner == _TAG_TEXT]
    except ZvtError:
        texts.clear()
    return IntermediateStatus(
        data[0], STEPS.get(data[0], Step.OTHER), " ".join(text for text in texts if text)
    )


def completion_of(data: bytes) -> tuple[int | None, str]:
    """The state of the terminal and its software's version in 06 0F; None and empty where they are not said.

    Raises `ZvtError`.
    """
    try:
        size = variable(data[:3], 3)
    except ZvtError:
        fields_of(data)
        return None, ""
    version = data[3 : 3 + size]
    if len(version) != size:
        raise ZvtError("a version that is cut off")
    code = data[3 + size] if len(data) > 3 + size else None
    return code, text_of(version, Encoding.CP437)


def lines_of(apdu: Apdu, encoding: Encoding) -> tuple[str, ...]:
    """The lines of 06 D1 (an attribute and a text) or 06 D3 (a block of texts).  Raises `ZvtError`."""
    if apdu.control == Control.PRINT_LINE:
        if not apdu.data:
            raise ZvtError("a line without its attribute")
        if apdu.data[0] == _LINE_FEEDS:
            return ("",) * (min(apdu.data[1], _LINE_FEEDS_MAX) if len(apdu.data) > 1 else 1)
        return (text_of(apdu.data[1:], encoding),)
    container = fields_of(apdu.data).values.get(Field.TLV, b"")
    return tuple(
        text_of(text, encoding)
        for tag, content in tlv_of(container)
        if tag == _TAG_BLOCK
        for inner, text in tlv_of(content)
        if inner == _TAG_TEXT
    )


class Hearing:
    """One conversation: fed with messages, asked for its meaning at the end.

    *currency* is the one the terminal was registered with.
    """

    def __init__(self, currency: str, encoding: Encoding) -> None:
        self._currency = currency
        self._encoding = encoding
        self._lines: list[str] = []
        self._statuses: list[StatusInformation] = []
        self._is_damaged = False

    @property
    def receipt(self) -> tuple[str, ...]:
        """The lines that were to be printed."""
        return tuple(self._lines)

    def hear(self, apdu: Apdu) -> IntermediateStatus | None:
        """Takes *apdu*, which is not the end; the step that it tells, if it tells one."""
        try:
            if apdu.control == Control.INTERMEDIATE_STATUS:
                return intermediate_of(apdu.data, self._encoding)
            if apdu.control == Control.STATUS_INFORMATION:
                status = status_of(apdu.data, self._encoding)
                if status not in self._statuses:
                    self._statuses.append(status)
            elif apdu.control in (Control.PRINT_LINE, Control.PRINT_TEXT_BLOCK):
                self._lines = (self._lines + list(lines_of(apdu, self._encoding)))[:_LINES_MAX]
        except ZvtError:
            # A receipt with a line less is a receipt; a result that cannot be read is none.
            self._is_damaged |= apdu.control == Control.STATUS_INFORMATION
        return None

    def paid(
        self, asked: Amount, before: PaymentMark | None, end: Apdu
    ) -> Approved | Declined | Aborted | Unknown:
        """What became of the payment of *asked* that *end* has ended."""
        told = self._taken(asked, end)
        if not isinstance(told, StatusInformation):
            return told
        if before is not None and told.mark.is_same(before) is True:
            return Unknown("stale")
        return Approved(asked, told.mark, told.card, told.card_name, self.receipt)

    def reversed(self, asked: Amount, end: Apdu) -> Reversed | Declined | Aborted | Unknown:
        """What became of the reversal of *asked* that *end* has ended."""
        told = self._taken(asked, end)
        return Reversed(asked, told.mark, self.receipt) if isinstance(told, StatusInformation) else told

    def last(self, reversal_words: Sequence[str]) -> LastPayment | Unknown | None:
        """Which payment was told; one whose receipt has one of *reversal_words* is a reversal."""
        if self._is_damaged or len(self._statuses) > 1:
            return Unknown("damaged" if self._is_damaged else "contradiction")
        if not self._statuses:
            return None
        (told,) = self._statuses
        if told.result is None:
            return Unknown("no-result")
        words = " ".join((*self._lines, told.text)).casefold()
        return LastPayment(
            told.amount(self._currency),
            told.mark,
            told.result == 0,
            any(word.casefold() in words for word in reversal_words),
            told.card,
            told.card_name,
            self.receipt,
        )

    def _taken(self, asked: Amount, end: Apdu) -> StatusInformation | Declined | Aborted | Unknown:
        """The one approval of *asked*, or what else it was."""
        if self._is_damaged:
            return Unknown("damaged")
        good = [one for one in self._statuses if one.result == 0]
        if end.control == Control.ABORTED:
            return Unknown("contradiction") if good else self._not_done(end.data[0] if end.data else None)
        if not self._statuses:
            return Unknown("no-result")
        told = self._statuses[-1]
        if not good and told.result is not None:
            return self._not_done(told.result, told.text)
        if len(self._statuses) > 1 or told.result is None:
            return Unknown("contradiction" if good else "no-result")
        return told if told.amount(self._currency) == asked else Unknown("amount")

    def refused(self, code: int | None) -> Declined | Aborted | Unknown:
        """What it means that the terminal has not done, by its *code*, what it was told."""
        return self._not_done(code)

    def _not_done(self, code: int | None, text: str = "") -> Declined | Aborted | Unknown:
        if code in _NOT_BELIEVED:
            return Unknown("terminal")
        if code == ABORTED:
            return Aborted()
        return Declined(why_of(code), code, text, self.receipt)


def why_of(code: int | None) -> str:
    """One word for a refusal *code* of the terminal."""
    return "declined" if code is None else _WHYS.get(code, "declined")


def _alphabetic(numeric: str) -> str | None:
    return next((code for code, number in CURRENCIES.items() if number == numeric), None)
