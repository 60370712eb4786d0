"""What a reader who pays is told, from the choice of fees to the end, whichever it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.payment import Step
from kiosk.wording.care import flaw_text
from kiosk.wording.catalogue import words_in
from kiosk.wording.choices import label_of
from kiosk.wording.pages import page_of
from kiosk.wording.paying import CODE_BYTES_MAX, code_to_show, payment_reference, waiting_text
from kiosk.workflow import view as v
from kiosk.workflow.view import FeeLine, Language, Paying, PaymentState, PaymentTrouble
from sync.entries import FeeKind, Flaw, ItemId, Means, Money

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
AMOUNT = Money(620, "EUR")


def paying(state: PaymentState, means: Means = Means.CARD, **more: object) -> Paying:
    """A payment."""
    return Paying(state, AMOUNT, means, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("means", Means)
def test_every_state_of_a_payment_has_its_own_words(means: Means, language: Language) -> None:
    """Authorising, approved, posted, being undone, undone, not paid, unknown: no two read the same."""
    pages = [page_of(words_in(language), paying(state, means)) for state in PaymentState]

    assert len({page.title for page in pages}) == len(PaymentState)
    assert all(page.lead for page in pages)
    assert {page.greeting for page in pages} == {"€6.20"}


@pytest.mark.parametrize("language", Language)
def test_every_step_of_the_card_terminal_is_told(language: Language) -> None:
    """Whatever the card terminal wants has its own title here."""
    titles = {page_of(words_in(language), paying(PaymentState.AUTHORISING, step=step)).title for step in Step}

    assert len(titles) == len(Step)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (PaymentState.POSTED, "Paid"),
        (PaymentState.NOT_PAID, "Nothing was charged."),
        (PaymentState.REVERSED, "Your money goes back to you."),
        (PaymentState.APPROVED, "not yet on your account"),
        (PaymentState.UNKNOWN, "Nothing more will be charged."),
    ],
)
def test_a_reader_knows_where_the_money_is(state: PaymentState, word: str) -> None:
    """Taken, given back, never taken or not known: each state says which, in plain words."""
    page = page_of(words_in(ENGLISH), paying(state))

    assert word in f"{page.title} {page.lead}"


@pytest.mark.parametrize("state", PaymentState)
def test_paid_is_said_only_once_the_library_has_it(state: PaymentState) -> None:
    """No other state is called paid, and only that in which nothing was charged is called not paid."""
    title = page_of(words_in(ENGLISH), paying(state)).title

    assert title.startswith("Paid") is (state is PaymentState.POSTED)
    assert (title == "Not paid") is (state is PaymentState.NOT_PAID)


@pytest.mark.parametrize(
    "why", [PaymentTrouble.UNCLEAR, PaymentTrouble.NOT_POSTED, PaymentTrouble.OTHER_AMOUNT]
)
def test_whoever_may_have_paid_is_asked_not_to_pay_again(why: PaymentTrouble) -> None:
    """Where money may have been taken the advice is never to try once more."""
    (remark,) = page_of(words_in(ENGLISH), paying(PaymentState.UNKNOWN, why=why)).remarks

    assert remark.advice.startswith("Please do not pay again.")


def test_the_terminals_own_words_stand_beside_ours() -> None:
    """What the card terminal says is quoted as it is, braces and all."""
    view = paying(PaymentState.AUTHORISING, step=Step.WAIT, text=" Bitte {0} warten ")

    assert page_of(words_in(ENGLISH), view).quotes == ("The card terminal says: Bitte {0} warten",)
    assert page_of(words_in(ENGLISH), paying(PaymentState.AUTHORISING)).quotes == ()


def test_a_code_is_shown_while_it_is_waited_for_and_at_no_other_time() -> None:
    """Once a payment has ended its code is gone, so that nobody pays a second time."""
    for state in PaymentState:
        shown = code_to_show(paying(state, Means.QR, code="https://pay.example.org/1"))
        assert bool(shown) is (state is PaymentState.AUTHORISING)


def test_a_code_too_long_to_be_drawn_is_not_promised() -> None:
    """A back end that sends more than a code can hold gets no empty square, and the reader an honest sentence."""
    view = paying(PaymentState.AUTHORISING, Means.QR, code="x" * (CODE_BYTES_MAX + 1))

    page = page_of(words_in(ENGLISH), view)

    assert code_to_show(view) == ""
    assert page.title == "Not paid"
    assert "cannot be shown" in page.lead


def test_the_reference_and_the_time_are_told_where_there_are_any() -> None:
    """Staff find a payment by its reference; a reader knows how long a screen waits, and what for."""
    words = words_in(ENGLISH)
    ended = paying(PaymentState.UNKNOWN, reference="k7f2-31-305-1", seconds_left=1)

    assert payment_reference(words, ended) == "Reference: k7f2-31-305-1"
    assert waiting_text(words, ended) == "This screen closes in 1 second."
    assert waiting_text(words, paying(PaymentState.AUTHORISING, seconds_left=9)) == "You have 9 more seconds."
    assert payment_reference(words, paying(PaymentState.NOT_PAID)) == ""
    assert waiting_text(words, paying(PaymentState.APPROVED)) == ""


def test_a_fee_can_be_taken_out_and_in_by_a_key_that_says_how_it_stands() -> None:
    """The key of a fee reads chosen or to be chosen, in both languages."""
    fees = tuple(FeeLine(AMOUNT, FeeKind.OTHER, is_chosen=one) for one in (True, False))
    view = v.ChooseFees(fees, AMOUNT)

    assert [label_of(words_in(ENGLISH), f"fee:{at}", view) for at in (0, 1)] == ["Chosen", "Choose"]
    assert [label_of(words_in(CHINESE), f"fee:{at}", view) for at in (0, 1)] == ["已选", "选择"]


def test_why_fees_cannot_be_paid_as_they_are_chosen_is_said() -> None:
    """More than is taken at once before all else; one or all only where there is more than one."""
    words = words_in(ENGLISH)
    fee = FeeLine(AMOUNT, FeeKind.OTHER)
    one_only = v.ChooseFees((fee, fee), AMOUNT, is_one_only=True)

    assert "one fee or all" in page_of(words, one_only).lead
    assert "one fee or all" not in page_of(words, replace(one_only, fees=(fee,))).lead
    assert "leave something out" in page_of(words, replace(one_only, is_too_much=True)).lead


def test_the_sum_is_the_title_and_a_sum_of_nothing_is_a_question() -> None:
    """What is chosen stands there as one amount; with nothing chosen the reader is asked to choose."""
    words = words_in(ENGLISH)

    assert page_of(words, v.ChooseFees((), AMOUNT)).title == "€6.20 to pay"
    assert page_of(words, v.ChooseFees((), Money(0, "EUR"))).title == "Which fees do you want to pay?"
    assert "together" in page_of(words, v.ChooseFees((), AMOUNT, is_whole_only=True)).lead
    (remark,) = page_of(words, v.ChooseFees((), AMOUNT, is_at_counter=True)).remarks
    assert "counter" in remark.what


@pytest.mark.parametrize("language", Language)
def test_every_flaw_has_a_word_and_nobody_is_charged_for_telling(language: Language) -> None:
    """What may be wrong with a book is said as a reader would; the screen says that nothing is charged."""
    words = words_in(language)

    assert len({flaw_text(words, flaw) for flaw in Flaw}) == len(Flaw)
    asked = page_of(words, v.MarkCare(ItemId("1")))
    thanked = page_of(words, v.MarkCare(ItemId("1"), is_reported=True))
    assert ("不收取" if language is CHINESE else "Nothing is charged") in asked.lead
    assert thanked.title != asked.title
