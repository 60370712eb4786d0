"""Receipts in words, shared by paper and screen, and as texts that fit into QR codes.

A receipt names what, until when and how much, and never who.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from unicodedata import east_asian_width

from kiosk.wording.catalogue import Words, mark, words_in
from kiosk.wording.page import Page
from kiosk.wording.paying import MEANS
from kiosk.wording.values import due_in, moment_in, money_in
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.view import Language, ReceiptCode

CODE_BYTES_MAX = 660
"""Of one code's text in UTF-8: version 20 of a QR code holds 666 bytes at error correction level M (ISO/IEC 18004,
table 7); a larger one has modules that phones do not tell apart on a screen at arm's length."""

TITLE_COLUMNS_MAX = 36
"""Of a title in a code; a Chinese character takes two."""

KINDS: Mapping[ReceiptKind, str] = {
    ReceiptKind.LOANS: mark("Receipt for what you borrowed"),
    ReceiptKind.RETURNS: mark("Receipt for what was given back"),
    ReceiptKind.PAYMENT: mark("Receipt for your payment"),
}

WORDS: Mapping[ReceiptWord, str] = {
    ReceiptWord.LENT: mark("Borrowed"),
    ReceiptWord.LENT_PROVISIONALLY: mark("Borrowed provisionally"),
    ReceiptWord.RENEWED: mark("Renewed"),
    ReceiptWord.BACK: mark("Given back"),
    ReceiptWord.BACK_NO_LOAN: mark("Given back, it was not on loan"),
    ReceiptWord.BACK_RECORDED: mark("Given back, recorded here"),
    ReceiptWord.BACK_TO_STAFF: mark("Given back, the staff will look at it"),
    ReceiptWord.PAID: mark("Paid"),
    ReceiptWord.PAID_BACK: mark("Money given back"),
    ReceiptWord.PAYMENT_UNKNOWN: mark("Not clear whether paid, the staff find out"),
}

LENT = (ReceiptWord.LENT, ReceiptWord.LENT_PROVISIONALLY, ReceiptWord.RENEWED)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """One line of a receipt: *title*, *status*, *due* (to be set large), and short *facts*, each empty for none."""

    title: str
    status: str
    due: str = ""
    facts: tuple[str, ...] = ()


def receipt_row_of(words: Words, line: ReceiptLine) -> ReceiptRow:
    """*line* in words; only what is lent has a due day, what came back late says by how much."""
    due = due_in(words.language, line.due) if line.due else ""
    facts = []
    if line.days_overdue > 0:
        facts.append(words.say_many("{n} day overdue", "{n} days overdue", line.days_overdue))
        if due and line.word not in LENT:
            facts.append(words.say("It was due on {day}", day=due))
    if line.amount:
        facts.append(money_in(words.language, line.amount))
    if line.reference:
        facts.append(words.say("Reference: {reference}", reference=line.reference))
    return ReceiptRow(
        line.title.strip() or (words.say("Item {number}", number=line.item) if line.item else ""),
        words.say(WORDS[line.word]),
        words.say("Due back {day}", day=due) if due and line.word in LENT else "",
        tuple(facts),
    )


def receipt_code_page(words: Words, view: ReceiptCode) -> Page:
    """What the codes are for."""
    is_one = len(view.receipts) == 1
    title = words.say("Take your receipt along") if is_one else words.say("Take your receipts along")
    return Page(title, words.say("Scan it with your phone. It holds no name and no card number."))


def receipt_codes(
    words: Words, receipts: Sequence[Receipt], zone: tzinfo | None = None
) -> tuple[tuple[str, str], ...]:
    """The texts of the codes for *receipts*, each with its caption in *words*: one receipt may need several.

    Times in *zone*, None: the terminal's own.
    """
    found = []
    for number, receipt in enumerate(receipts, 1):
        texts = receipt_texts(receipt, zone)
        for part, text in enumerate(texts, 1):
            said = []
            if len(receipts) > 1:
                said.append(words.say("Receipt {n}", n=number))
            if len(texts) > 1:
                said.append(words.say("code {part} of {parts}", part=part, parts=len(texts)))
            found.append((" · ".join(said), text))
    return tuple(found)


def receipt_texts(receipt: Receipt, zone: tzinfo | None = None) -> tuple[str, ...]:
    """*receipt* as plain texts in its own language, each at most `CODE_BYTES_MAX` bytes of UTF-8.

    No line is left out: what does not fit goes into a further text, and each says which of how many it is.  Long titles
    end with an ellipsis.  Times in *zone*, None: the terminal's own.
    """
    words = words_in(Language(receipt.language))
    head, foot = _head(words, receipt, zone), _foot(words, receipt)
    blocks = [_line(words, number, line) for number, line in enumerate(receipt.lines, 1)]
    # The number of texts stands in each of them, and has at most four digits and a stroke.
    room = CODE_BYTES_MAX - _size("\n".join([*head, *foot])) - _size("\n\n(99/99)\n")
    pages = list(_pages(blocks, max(room, _size(max(blocks, key=_size, default="")))))
    if len(pages) == 1:
        return ("\n".join([*head, "", *pages[0], *foot]),)
    return tuple(
        "\n".join([*head, f"({at}/{len(pages)})", "", *page, *(foot if at == len(pages) else ())])
        for at, page in enumerate(pages, 1)
    )


def _head(words: Words, receipt: Receipt, zone: tzinfo | None) -> list[str]:
    place = " · ".join(filter(None, (_short(receipt.library), _short(receipt.terminal))))
    return [
        place,
        words.say(KINDS[receipt.kind]),
        moment_in(words.language, receipt.at.astimezone(zone)),
        words.say("Reference: {reference}", reference=receipt.reference),
    ]


def _foot(words: Words, receipt: Receipt) -> list[str]:
    said = []
    if receipt.total:
        total = money_in(words.language, receipt.total)
        is_paid = receipt.is_paid
        said.append(
            words.say("Paid in all: {amount}", amount=total) if is_paid else f"{words.say('Total')} {total}"
        )
    if receipt.means:
        said.append(words.say("Paid by: {means}", means=words.say(MEANS[receipt.means])))
    if receipt.voucher:
        said.append(words.say("Payment number: {number}", number=_short(receipt.voucher)))
    if receipt.awaits_books:
        said.append(words.say("It is not in the library's books yet."))
    if receipt.is_provisional:
        said.append(words.say("Loans are provisional until the library confirms them."))
    return ["", *said] if said else []


def _line(words: Words, number: int, line: ReceiptLine) -> str:
    row = receipt_row_of(words, line)
    title = f"{number}. {_short(row.title)}".rstrip()
    return "\n".join((title, " · ".join(filter(None, (row.status, row.due, *row.facts)))))


def _pages(blocks: Sequence[str], room: int) -> Iterator[list[str]]:
    page: list[str] = []
    for block in blocks:
        if page and _size("\n".join([*page, block])) > room:
            yield page
            page = []
        page.append(block)
    yield page


def _short(text: str) -> str:
    room, kept = TITLE_COLUMNS_MAX, ""
    for character in " ".join(text.split()):
        room -= 2 if east_asian_width(character) in "WF" else 1
        if room < 0:
            return kept.rstrip() + "…"
        kept += character
    return kept


def _size(text: str) -> int:
    return len(text.encode())
