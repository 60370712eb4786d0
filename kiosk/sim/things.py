"""What stands on the demo's shelf: books, cards and troublesome things, all from the demo library."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from drivers.sim import shelf
from drivers.sim.strip import StripItem, plain_item, tape
from drivers.sim.tag import SimulatedTag
from sync.central import demo

RELEASED_AFI = 0xC2
BOOK, CARD, TAG = "book", "card", "tag"

_BOOKS = (
    *((item, "") for item in demo.ITEMS_FREE),
    (demo.ITEM_REFERENCE, "reference work"),
    (demo.ITEM_SPECIAL, "special collection"),
    (demo.ITEM_TWO_PARTS, "two parts"),
    (demo.ITEM_MAY_BE_INCOMPLETE, "two parts, may be lent with one"),
    (demo.ITEM_ON_HOLD_FOR_OTHER, "on hold for somebody else"),
    (demo.ITEM_ON_HOLD_FOR_DEMO_READER, "on hold for the first card"),
    (demo.ITEM_WITH_FEE, "costs a fee"),
    (demo.ITEM_OVERDUE, "on loan, overdue"),
    (demo.ITEM_OUT_AND_WAITED_FOR, "on loan, and somebody waits for it"),
    (demo.ITEM_OF_OTHER_BRANCH, "on loan, from another branch"),
    (demo.ITEM_ON_LOAN, "on loan, can be renewed"),
    (demo.ITEM_RENEWED_OUT, "on loan, not to be renewed"),
    (demo.ITEM_STAYS_SECURED, "is never released"),
)
_STRIPPED = (
    *((item, "barcode and strip, no tag") for item in demo.ITEMS_BY_STRIP),
    (demo.ITEM_MAGNETIC, "tape with a strip on its case"),
)
_CARDS = (
    (demo.READER, ""),
    (demo.READER_ENGLISH, ""),
    (demo.READER_CHILD, "a child"),
    (demo.READER_RARE_NAME, "a rare name"),
    (demo.READER_WITH_LOAN, "has two books"),
    (demo.READER_OVERDUE, "has an overdue book"),
    (demo.READER_AT_LIMIT, "at the limit"),
    (demo.READER_BLOCKED, "blocked"),
    (demo.READER_EXPIRED, "expired"),
    (demo.READER_CARD_LOST, "reported lost"),
    (demo.READER_OWES, "owes too much, may look and pay"),
    (demo.READER_OWES_LITTLE, "owes a little"),
)


@dataclass(slots=True)
class Thing:
    """One thing of the shelf: a *book* with its tags, a bare *tag*, or a *card* with its number.

    *number* is what its barcode says, empty where it has none; *note* says what is special about it.  *item* is what a
    strip unit knows of it, None where it has no strip.
    """

    id: str
    kind: str
    title: str
    number: str
    note: str = ""
    tags: tuple[SimulatedTag, ...] = field(default=())
    item: StripItem | None = None


def demo_things() -> tuple[Thing, ...]:
    """Everything on the shelf, new: tags secured and strips active, but those of what is on loan."""
    lists = demo.library()
    on_loan = {row["item"] for row in _rows(lists["loans"])}
    titles = {row["number"]: row for row in _rows(lists["items"])}
    names = {row["number"]: row["name"] for row in _rows(lists["patrons"])}
    books = [_book(number, note, titles[number], number in on_loan) for number, note in _BOOKS]
    stripped = [_stripped(number, note, titles[number]) for number, note in _STRIPPED]
    cards = [Thing(number, CARD, names[number], number, note) for number, note in _CARDS]
    return (
        *books,
        *stripped,
        *_troublesome(),
        *cards,
        Thing("strange-card", CARD, "Card of another system", "", "no number"),
    )


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _book(number: str, note: str, row: dict[str, str], is_on_loan: bool) -> Thing:
    tags = shelf.item_tags(number, int(row["parts"] or 1))
    for tag in tags:
        tag.afi = RELEASED_AFI if is_on_loan else tag.afi
    return Thing(number, BOOK, row["title"], number, note, tags)


def _stripped(number: str, note: str, row: dict[str, str]) -> Thing:
    item = tape(number) if number == demo.ITEM_MAGNETIC else plain_item(number)
    return Thing(number, BOOK, row["title"], number, note, item=item)


def _troublesome() -> list[Thing]:
    spare, other = demo.ITEM_PICTURE_BOOK, demo.ITEM_CD
    return [
        Thing("foreign", TAG, "Book of another library", "", "foreign", (shelf.foreign_item_tag("0815"),)),
        Thing("empty", TAG, "New label, never written", "", "empty", (shelf.empty_tag(),)),
        Thing(
            "damaged", TAG, "Label with a wrong check sum", "", "damaged", (shelf.wrong_crc_item_tag(other),)
        ),
        Thing("locked", TAG, "Label that cannot be released", "", "locked", (shelf.locked_item_tag(spare),)),
        Thing(
            "card-tag",
            TAG,
            "Library card among the books",
            "",
            "card",
            (shelf.patron_card_tag(demo.READER_STUDENT),),
        ),
    ]
