"""Receipts and routing slips on paper: by our templates, by a library's own, and with mistakes in those."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.printer import Document, Gap, Pair, Rule, Size, Text
from drivers.printer.layout import LINES_MAX, lay_out
from kiosk.wording.paper.checking import check_templates, preview
from kiosk.wording.paper.printing import Paper
from kiosk.wording.paper.rendering import TEXT_CHARACTERS_MAX, TemplateMistake, Templates
from kiosk.wording.paper.samples import SAMPLES
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptLine, ReceiptWord
from kiosk.workflow.slips import RoutingSlip
from kiosk.workflow.view import Language
from sync.entries import ItemId

LOANS = next(one for one in SAMPLES if isinstance(one, Receipt) and one.kind is ReceiptKind.LOANS)


def words_of(document: Document) -> str:
    """All that stands in *document*, block by block."""
    lines = []
    for block in document.blocks:
        match block:
            case Text(words):
                lines.append(words)
            case Pair(label, value):
                lines.append(f"{label}: {value}")
            case Rule():
                lines.append("---")
            case Gap():
                lines.append("")
    return "\n".join(lines)


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda one: f"{type(one).__name__}-{one.reference}-{one.language}"
)
def test_everything_can_be_printed_by_our_templates(sample: Receipt | RoutingSlip) -> None:
    """Every sample has the library, its reference and each item on paper that fits 32 columns."""
    document = preview(None, sample)

    words = words_of(document)
    items = (
        [line.item for line in sample.lines if line.item] if isinstance(sample, Receipt) else [sample.item]
    )
    is_payment = isinstance(sample, Receipt) and sample.kind is ReceiptKind.PAYMENT
    assert sample.library in words
    assert sample.reference in words
    assert is_payment or all(str(item) in words for item in items)
    assert all(len(line.words) <= 32 for line in lay_out(document, 32, is_wide=True))


def test_due_dates_are_large() -> None:
    """A reader finds the day at arm's length."""
    large = [
        block.words
        for block in preview(None, LOANS).blocks
        if isinstance(block, Text) and block.size is Size.LARGE
    ]

    assert large.count("11 June 2027") == 2


def test_a_long_list_is_printed_to_its_end() -> None:
    """Sixty loans, the most that a session holds, are all on the paper."""
    lines = tuple(
        ReceiptLine(ReceiptWord.LENT, ItemId(f"{n:08}"), f"Title {n}", LOANS.lines[0].due) for n in range(60)
    )
    receipt = Receipt(ReceiptKind.LOANS, "r", "L", "k", LOANS.at, "en", lines)

    laid = lay_out(preview(None, receipt), 42, is_wide=True)

    assert len(laid) < LINES_MAX
    assert [line.right for line in laid if line.words == "Item number"] == [f"{n:08}" for n in range(60)]


def test_a_librarys_own_template_is_used(tmp_path: Path) -> None:
    """A file of the right name in the folder replaces ours, and only that one."""
    (tmp_path / "loans.txt").write_text(
        "# Hello\n{% for line in lines %}{{ line.item }} :: {{ line.due }}\n{% endfor %}"
    )
    paper = Paper(tmp_path, staff=Language.ENGLISH)

    assert words_of(paper.document(LOANS)).startswith("Hello\n30000120: 11 June 2027")
    other = next(one for one in SAMPLES if isinstance(one, RoutingSlip))
    assert paper.document(other) == preview(None, other)


MISTAKES = [
    ("{% for line in lines %}", "loans.txt, line 1: "),
    ("one\n{{ line.due }}", "loans.txt, line 2: 'line' is undefined"),
    ("{{ lines[0].patron }}", "has no attribute 'patron'"),
    ("{{ lines.append(1) }}", "loans.txt, line 1: "),
    ("{{ ''.__class__.__mro__ }}", "loans.txt, line 1: "),
    ("{{ 1 / 0 }}", "loans.txt, line 1: fails with ZeroDivisionError"),
    ("{% include 'other.txt' %}", "there is no template 'other.txt'"),
    ("{% include '../../secret' %}", "there is no template"),
    ("{% for a in range(100000) %}x{% endfor %}", "range may repeat 200 times at most"),
    (
        "{% for a in range(200) %}{% for b in range(200) %}word{% endfor %}{% endfor %}",
        "more than 20000 characters",
    ),
    ("{{ 'x' * 100000 }}", "loans.txt, line 1: * is not for this"),
    ("{{ 10 ** 10 ** 8 }}", "loans.txt, line 1: ** is not for this"),
    ("{{ '%0999999999d' % 1 }}", "loans.txt, line 1: % is not for this"),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "loans.txt"),
    ("{{ lipsum() }}", "'lipsum' is undefined"),
]


@pytest.mark.parametrize(("text", "sentence"), MISTAKES)
def test_a_template_with_a_mistake_says_where_and_is_not_waited_for(
    tmp_path: Path, text: str, sentence: str
) -> None:
    """The installer reads file, line and what is wrong; the reader gets paper by our own template meanwhile."""
    (tmp_path / "loans.txt").write_text(text)
    told: list[str] = []

    with pytest.raises(TemplateMistake) as mistake:
        check_templates(tmp_path)
    printed = Paper(tmp_path, staff=Language.ENGLISH, failed=told.append).document(LOANS)

    assert sentence in str(mistake.value)
    assert "Quiet" not in str(mistake.value)
    assert told == [str(mistake.value)]
    assert printed == preview(None, LOANS)


@pytest.mark.parametrize(
    "text",
    [
        "{{ lines[0][lines[0].title] }}",
        "{{ words[lines[0].item] }}",
        "{% include lines[0].title %}",
        "{% include reference %}",
        "{{ lines[0].title | float(reference / 2) }}",
        "{{ words[lines[0].title ~ reference] }}",
    ],
)
def test_a_template_that_fails_over_a_receipt_tells_no_log_what_stood_in_it(
    tmp_path: Path, text: str
) -> None:
    """A title, an item or a reference that a mistake would quote stays with the reader."""
    (tmp_path / "loans.txt").write_text(text)
    told: list[str] = []
    title = "It's 'quoted' \"both\" ways"
    line = ReceiptLine(ReceiptWord.LENT, ItemId("30000777777"), title)
    receipt = replace(LOANS, reference="a1b2-7-999-1", lines=(line,))

    printed = Paper(tmp_path, staff=Language.ENGLISH, failed=told.append).document(receipt)

    [why] = told
    assert "loans.txt" in why
    assert [one for one in ("quoted", "777777", "a1b2", "both") if one in why] == []
    assert printed == preview(None, receipt)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("loans.txt", b"\xff\xfe\x00", "cannot be read as UTF-8"),
        ("loans.txt", b"x" * 70_000, "is larger than 65536 bytes"),
        ("loan.txt", b"x", "templates are called loans.txt, payment.txt, returns.txt, routing.txt"),
    ],
)
def test_a_file_that_is_no_template_is_refused(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    """Wrong bytes, a file as large as a book, and a name that nobody asks for."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(TemplateMistake, match=sentence):
        check_templates(tmp_path)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """The installer mistyped it, and learns of it before a reader does."""
    with pytest.raises(TemplateMistake, match="is no folder"):
        check_templates(tmp_path / "missing")


def test_templates_cannot_change_what_they_are_told() -> None:
    """The sandbox is the immutable one: a list that is handed in stays as it was."""
    facts = {"words": ["a"]}
    templates = Templates()

    with pytest.raises(TemplateMistake):
        templates.our_text("missing.txt", facts)
    assert facts == {"words": ["a"]}
    assert TEXT_CHARACTERS_MAX == 20_000
