"""What a template is told: plain values and finished words in the receipt's language, and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from kiosk.wording.bins import route_text
from kiosk.wording.catalogue import Words, mark, words_in
from kiosk.wording.paying import MEANS
from kiosk.wording.receipts import KINDS, WORDS
from kiosk.wording.values import due_in, moment_in, money_in
from kiosk.workflow.receipts import Receipt, ReceiptLine
from kiosk.workflow.slips import RoutingSlip
from kiosk.workflow.view import Language
from sync.entries import Money
from sync.rules.sorting import Route

ROUTING_HEADINGS: Mapping[Route, str] = {
    Route.HOLD_HERE: mark("Hold shelf"),
    Route.HOLD_ELSEWHERE: mark("In transit for a hold"),
    Route.OTHER_BRANCH: mark("In transit"),
}


def receipt_facts(receipt: Receipt, zone: tzinfo | None = None) -> dict[str, object]:
    """What the templates of receipts are told; times in *zone*, None: the terminal's own."""
    language = Language(receipt.language)
    words = words_in(language)

    def money(amount: Money | None) -> str:
        return "" if amount is None else money_in(language, amount)

    return {
        "library": receipt.library,
        "terminal": receipt.terminal,
        "language": receipt.language,
        "when": moment_in(language, receipt.at.astimezone(zone)),
        "reference": receipt.reference,
        "lines": tuple(_line_facts(line, language) for line in receipt.lines),
        "count": len(receipt.lines),
        "is_provisional": receipt.is_provisional,
        "total": money(receipt.total),
        "means": words.say(MEANS[receipt.means]) if receipt.means else "",
        "voucher": receipt.voucher,
        "is_posted": not receipt.awaits_books,
        "terminal_lines": receipt.terminal_lines,
        "words": _words(words, words.say(KINDS[receipt.kind]), len(receipt.lines)),
    }


def _line_facts(line: ReceiptLine, language: Language) -> dict[str, object]:
    words = words_in(language)
    late = line.days_overdue
    return {
        "kind": line.word.value,
        "word": words.say(WORDS[line.word]),
        "title": line.title.strip(),
        "item": str(line.item or ""),
        "due": due_in(language, line.due) if line.due else "",
        "days_overdue": late,
        "overdue": words.say_many("{n} day overdue", "{n} days overdue", late) if late else "",
        "amount": money_in(language, line.amount) if line.amount else "",
        "reference": line.reference,
    }


def _words(words: Words, heading: str, count: int) -> dict[str, str]:
    return {
        "heading": heading,
        "count": words.say_many("{n} item", "{n} items", count),
        "item_number": words.say("Item number"),
        "reference": words.say("Reference"),
        "terminal": words.say("Terminal"),
        "printed": words.say("Printed"),
        "until": words.say("Lent until"),
        "was_due": words.say("Was due"),
        "fee": words.say("Fee"),
        "total": words.say("Total"),
        "means": words.say("Paid by"),
        "voucher": words.say("Payment number"),
        "provisional": words.say(
            "The library's system could not be reached. These loans are provisional until it confirms them."
        ),
        "not_posted": words.say(
            "Your payment was taken. The library's books will show it as soon as they can be reached."
        ),
        "keep": words.say("Please keep this receipt."),
        "thanks": words.say("Thank you"),
    }


def routing_facts(slip: RoutingSlip, zone: tzinfo | None = None) -> dict[str, object]:
    """What the template of routing slips is told; *hold* stands for a reader and is masked already."""
    words = words_in(slip.language)
    return {
        "library": slip.library,
        "language": slip.language.value,
        "when": moment_in(slip.language, slip.at.astimezone(zone)),
        "reference": slip.reference,
        "route": slip.route.value,
        "item": str(slip.item),
        "title": slip.title.strip(),
        "destination": slip.destination,
        "location": slip.location,
        "hold": slip.hold,
        "bin": slip.bin.number if slip.bin else "",
        "words": {
            "heading": words.say(ROUTING_HEADINGS.get(slip.route, ROUTING_HEADINGS[Route.OTHER_BRANCH])),
            "why": route_text(words, slip.route),
            "item_number": words.say("Item number"),
            "reference": words.say("Reference"),
            "printed": words.say("Printed"),
            "destination": words.say("To"),
            "location": words.say("Belongs to"),
            "hold": words.say("Held for card"),
            "bin": words.say("Bin"),
        },
    }
