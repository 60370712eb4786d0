"""Slips say what is the matter with a book, and never whose it is."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from drivers.printer import Document, Pair, Text
from kiosk.wording.catalogue import words_in
from kiosk.wording.explanations import explain
from kiosk.wording.slips import slip_document
from kiosk.workflow.slips import Slip
from kiosk.workflow.view import Language, Trouble
from sync.entries import Due, ItemId
from tests.look.paper import ZONE, printed
from tests.look.slips import SLIPS_ON_PAPER, slip

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


def words_of(document: Document) -> list[str]:
    """Everything that stands in *document*."""
    said = []
    for block in document.blocks:
        if isinstance(block, Text):
            said.append(block.words)
        if isinstance(block, Pair):
            said += [block.label, block.value]
    return said


@pytest.mark.parametrize("columns", [32, 42, 48])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", SLIPS_ON_PAPER)
def test_a_slip_fits_the_paper_and_says_it_all(name: str, language: Language, columns: int) -> None:
    """On 58 and 80 mm, in both languages, number, reference and what happened stand on the paper, whole."""
    one = slip(name, language)

    paper = printed(slip_document(one, CHINESE, ZONE), columns)

    text = "".join(line.text for line in paper).replace(" ", "")
    assert one.library.replace(" ", "") in text
    assert str(one.item) in text
    assert one.reference in text
    assert explain(words_in(language), one.why).what.replace(" ", "") in text
    assert all(sum(1 if c.isascii() else 2 for c in line.text) * line.width <= columns for line in paper)
    assert len(paper) < 45


def test_a_slip_in_english_as_it_is_printed() -> None:
    """The whole slip: where to go, the book, its number and reference, until when, what happened, what the staff do."""
    one = replace(slip("unknown", ENGLISH), title="A Field Guide to Lighthouses")

    paper = printed(slip_document(one, ENGLISH, ZONE), 42)

    assert [line.text for line in paper if line.text] == [
        "Example City Library",
        "Please show this slip",
        "at the desk",
        "A Field Guide to Lighthouses",
        "------------------------------------------",
        "Item number                       10000013",
        "Reference                    k7f2-31-213-1",
        "Lent until                     12 May 2027",
        "Printed               14 April 2027, 09:05",
        "------------------------------------------",
        "The item is lent to you, but its alarm may",
        "still be on.",
        "For the staff",
        "The loan is recorded. Please switch the",
        "alarm of this item off, then close the",
        "case.",
    ]


def test_the_staff_read_their_own_language() -> None:
    """A reader's slip is in English while the part for the staff is in Chinese, and the other way round."""
    theirs = words_of(slip_document(slip("unknown", ENGLISH), CHINESE, ZONE))
    ours = words_of(slip_document(slip("unknown", CHINESE), ENGLISH, ZONE))

    assert "Please show this slip at the desk" in theirs
    assert "工作人员办理" in theirs
    assert "请向服务台出示" in ours
    assert "For the staff" in ours


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("language", Language)
def test_every_trouble_has_a_slip(trouble: Trouble, language: Language) -> None:
    """Whatever went wrong, a slip says what happened and gives the staff a sentence to act on."""
    one = replace(slip("ask-staff", language), why=trouble)

    words = words_of(slip_document(one, language, ZONE))

    assert words[-2:][0] == words_in(language).say("For the staff")
    assert words[-1].endswith("。" if language is CHINESE else ".")
    assert explain(words_in(language), trouble).what in words


@pytest.mark.parametrize("trouble", Trouble)
def test_a_slip_is_for_the_gate_where_the_item_may_pass_and_else_for_the_desk(trouble: Trouble) -> None:
    """Only whoever's strip could not be checked goes home with a slip; all others are asked to the desk."""
    words = words_of(slip_document(replace(slip("gate", ENGLISH), why=trouble), ENGLISH, ZONE))

    is_for_gate = "Please show this slip if the gate sounds" in words
    assert is_for_gate is (trouble is Trouble.STRIP_NOT_CHECKED)
    assert ("Please show this slip at the desk" in words) is not is_for_gate


def test_who_stands_at_the_gate_reads_that_the_item_may_pass() -> None:
    """The slip of a strip that could not be checked says in both languages that the item is lent and may pass."""
    one = slip("gate", ENGLISH)

    assert "The item is lent and may pass." in words_of(slip_document(one, ENGLISH, ZONE))[-1]
    assert "该书已借出，可以放行。" in words_of(slip_document(one, CHINESE, ZONE))[-1]


@pytest.mark.parametrize("why", [Trouble.STRIP_MAGNETIC_MEDIA, Trouble.STRIP_MEDIA_UNKNOWN])
def test_no_slip_asks_the_staff_to_switch_off_the_strip_of_a_tape_unseen(why: Trouble) -> None:
    """What may hold a tape is let pass by hand, or looked at first: a strip unit would erase it."""
    for_staff = words_of(slip_document(replace(slip("gate", ENGLISH), why=why), ENGLISH, ZONE))[-1]

    assert "tape" in for_staff
    assert "let the item pass by hand" in for_staff or "before you switch" in for_staff


def test_only_what_is_lent_has_a_due_day() -> None:
    """A slip for a loan that was taken back names no day, one for a loan does."""
    assert "Lent until" not in words_of(slip_document(slip("not-secured", ENGLISH), ENGLISH, ZONE))
    assert "Lent until" in words_of(slip_document(slip("unknown", ENGLISH), ENGLISH, ZONE))
    unknown = replace(slip("unknown", ENGLISH), due=Due(None))
    assert "Lent until" not in words_of(slip_document(unknown, ENGLISH, ZONE))


def test_a_slip_holds_nothing_personal() -> None:
    """A slip is made from the book, the case and the library alone: there is no field a reader could be in."""
    assert {field.name for field in fields(Slip)} == {
        "reference",
        "item",
        "why",
        "at",
        "language",
        "library",
        "title",
        "due",
        "is_provisional",
    }


def test_a_slip_without_a_title_names_the_item() -> None:
    """Where no title is known, the number is what the staff look for."""
    one = Slip(
        "K1", ItemId("1"), Trouble.TAKEN_AWAY, datetime(2027, 1, 1, tzinfo=UTC), ENGLISH, "Library", "  "
    )

    words = words_of(slip_document(one, ENGLISH, ZONE))

    assert "" not in [word.strip() for word in words]
    assert "1" in words


def test_the_staff_are_told_that_a_loan_is_not_in_the_librarys_system_yet() -> None:
    """Lent by the terminal's word: who looks it up would not find it, and reads why, in their own language."""
    one = slip("unknown", CHINESE)
    told = "1 loan is provisional: the library confirms it as soon as the network is back."

    assert told not in words_of(slip_document(one, ENGLISH, ZONE))
    assert told in words_of(slip_document(replace(one, is_provisional=True), ENGLISH, ZONE))
