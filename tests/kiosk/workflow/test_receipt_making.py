"""Receipts: what a reader can take home, made of what is recorded, with nobody's name, and never waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import PrintSlip
from kiosk.workflow.receipts import Receipt, ReceiptKind, ReceiptWord
from kiosk.workflow.view import Language, SlipState
from sync.entries import Due, Granted, Means, Reason, Refused, Silence
from sync.questions import LoanFact
from tests.kit.stage import DUE, LENDS_HERE, READER, SETTINGS, Stage, item, tag
from tests.kit.till import LATER, PAYS, SOON, Till, account_of, yuan

NEW = Due(LATER.day, "new")


def enabled(stage: Stage) -> list[str]:
    """What can be chosen."""
    return [choice.id for choice in stage.view.choices if choice.enabled]


def printed(stage: Stage) -> list[Receipt]:
    """The receipts that were asked for on paper."""
    return [effect.slip for effect in stage.all(PrintSlip) if isinstance(effect.slip, Receipt)]


def finished(stage: Stage | None = None) -> Stage:
    """A session in which one book was lent, at its summary."""
    stage = stage or Stage(PAYS)
    stage.log_in()
    stage.lay(tag(1))
    stage.borrow(1)
    stage.choose("finish")
    stage.shows(view.Summary)
    return stage


def test_the_summary_offers_a_receipt_and_prints_it_when_it_is_wanted() -> None:
    """Nothing is printed unasked; what becomes of the paper is told where it was asked for."""
    stage = finished()
    assert enabled(stage) == ["done", "print", "code"]
    assert not stage.all(PrintSlip)

    stage.choose("print")
    assert stage.shows(view.Summary).receipt is SlipState.PRINTING
    [receipt] = printed(stage)
    assert (receipt.kind, receipt.library, receipt.terminal) == (ReceiptKind.LOANS, "Demo Library", "T1")
    [line] = receipt.lines
    assert (line.word, line.item, line.title, line.due) == (ReceiptWord.LENT, item(1), "Title 1", DUE)
    assert receipt.reference
    assert receipt.at == stage.wall
    stage.happen(events.SlipPrinted(stage.last(PrintSlip).token))

    assert stage.shows(view.Summary).receipt is SlipState.PRINTED
    assert "print" in enabled(stage), "once more, if it is wanted"


def test_a_double_tap_prints_one_receipt() -> None:
    """While it is on its way, another is not asked for."""
    stage = finished()
    stage.choose("print")
    stage.happen(events.Chosen("print"))

    assert len(stage.all(PrintSlip)) == 1


def test_a_receipt_that_does_not_come_out_is_said_and_keeps_nobody() -> None:
    """The code is still there, and the summary ends as ever."""
    stage = finished()
    stage.choose("print")
    stage.happen(events.SlipNotPrinted(stage.last(PrintSlip).token, "paper"))

    assert stage.shows(view.Summary).receipt is SlipState.NOT_PRINTED
    assert enabled(stage) == ["done", "print", "code"]
    stage.pass_time(PAYS.summary_seconds)
    stage.shows(view.Welcome)


def test_a_printer_that_never_answers_keeps_nobody() -> None:
    """The next reader begins as if nothing had been asked for."""
    stage = finished()
    stage.choose("print")
    token = stage.last(PrintSlip).token
    stage.choose("done")
    stage.log_in()

    stage.happen(events.SlipPrinted(token))

    stage.shows(view.Borrowing)
    assert stage.state.on_hand is None


def test_a_terminal_that_breaks_down_shows_nobodys_receipt_any_more() -> None:
    """Nothing ends by itself there until somebody starts it anew: what was on the screen is gone at once."""
    stage = finished()
    stage.choose("code")
    stage.shows(view.ReceiptCode)

    stage.happen(events.JournalFailed())

    stage.shows(view.OutOfService)
    assert stage.state.on_hand is None
    assert "Title 1" not in repr(stage.state)


@pytest.mark.parametrize(
    ("settings", "is_down", "offered"),
    [
        (PAYS, False, ["done", "print", "code"]),
        (PAYS, True, ["done", "code"]),
        (replace(PAYS, has_printer=False), False, ["done", "code"]),
        (replace(PAYS, has_receipts=False), False, ["done"]),
    ],
)
def test_what_is_offered_follows_what_works(settings: object, is_down: bool, offered: list[str]) -> None:
    """Without a printer there is the code; a library without receipts has none."""
    stage = Stage(settings)  # type: ignore[arg-type]
    if is_down:
        stage.happen(events.DeviceDown(events.Device.PRINTER))

    finished(stage)

    assert enabled(stage) == offered
    for name in {"print", "code"} - set(offered):
        stage.happen(events.Chosen(name))
    assert not stage.all(PrintSlip) or "print" in offered
    stage.shows(view.Summary)


def test_the_code_is_shown_for_its_time_and_the_summary_waits_for_it() -> None:
    """A phone takes longer to be found than a summary is read."""
    stage = finished(Stage(replace(PAYS, summary_seconds=10, code_seconds=40)))
    stage.choose("code")

    stage.pass_time(30)
    code = stage.shows(view.ReceiptCode)
    assert code.seconds_left == 10
    assert [receipt.kind for receipt in code.receipts] == [ReceiptKind.LOANS]
    stage.pass_time(10)
    stage.shows(view.Welcome)

    stage = finished(Stage(replace(PAYS, code_seconds=40)))
    stage.choose("code")
    stage.choose("done")
    stage.shows(view.Summary)


def test_no_receipt_names_anybody() -> None:
    """Neither name nor card number, in no field."""
    stage = finished()
    stage.choose("print")

    told = repr(printed(stage))

    assert READER not in told
    assert "Demo Reader" not in told
    assert "PatronId" not in told


def test_only_what_was_lent_or_renewed_is_on_a_receipt() -> None:
    """A book that was refused is on the summary alone; a session without either has no receipt."""
    stage = Stage(PAYS)
    stage.log_in(loans=(LoanFact(item(3), SOON, "Title 3"),))
    stage.lay(tag(1), tag(2), tag(3))
    stage.borrow(1)
    stage.answer(2, Refused(Reason.ITEM_REFERENCE))
    stage.choose(f"renew:{item(3)}")
    stage.answer(3, Granted(NEW, renewed=True))
    stage.choose("finish")
    stage.choose("print")
    [receipt] = printed(stage)
    assert [(line.word, line.item, line.due) for line in receipt.lines] == [
        (ReceiptWord.LENT, item(1), DUE),
        (ReceiptWord.RENEWED, item(3), NEW),
    ]

    stage = Stage(PAYS)
    stage.log_in()
    stage.lay(tag(2))
    stage.answer(2, Refused(Reason.ITEM_REFERENCE))
    stage.choose("finish")
    assert enabled(stage) == ["done"]


def test_a_provisional_loan_is_marked_as_one() -> None:
    """The library's system may not know it yet, and the receipt does not say otherwise."""
    stage = Stage(replace(PAYS, offline=LENDS_HERE.offline))
    stage.lend_here()
    stage.log_in_here()
    stage.lay(tag(1))
    stage.pad_releases(stage.allow(1))
    stage.choose("finish")
    stage.choose("print")

    [receipt] = printed(stage)

    assert receipt.is_provisional
    assert receipt.lines[0].word is ReceiptWord.LENT_PROVISIONALLY


def test_a_receipt_is_in_the_language_of_the_screen() -> None:
    """Whoever chose a language takes it home."""
    stage = Stage(PAYS)
    stage.happen(events.Chosen("language:en"))
    finished(stage)
    stage.choose("print")

    assert printed(stage)[0].language == Language.ENGLISH.value


def test_two_receipts_have_two_numbers() -> None:
    """A number names one receipt."""
    numbers = []
    stage = Stage(PAYS)
    for _ in range(2):
        finished(stage)
        stage.choose("print")
        stage.choose("done")
        stage.lay()
    numbers = [receipt.reference for receipt in printed(stage)]

    assert len(set(numbers)) == 2


def test_the_account_offers_a_receipt_of_what_was_renewed_there() -> None:
    """Before the session ends already, once there is something to take home."""
    stage = Till(PAYS)
    stage.log_in_to_account()
    assert "print" not in enabled(stage)
    stage.happen(events.Chosen("print"))
    stage.choose(f"renew:{item(1)}")
    stage.answer(1, Granted(NEW, renewed=True))
    stage.tell_account()

    stage.choose("print")

    [receipt] = printed(stage)
    assert [(line.word, line.item, line.due) for line in receipt.lines] == [
        (ReceiptWord.RENEWED, item(1), NEW)
    ]
    assert stage.shows(view.Account).receipt is SlipState.PRINTING
    stage.choose("code")
    stage.shows(view.ReceiptCode)
    stage.happen(events.SlipPrinted(stage.last(PrintSlip).token))
    stage.choose("done")
    assert stage.shows(view.Account).receipt is SlipState.PRINTED


def test_a_posted_payment_is_on_its_receipt_fee_by_fee() -> None:
    """With its number, the voucher, and the card terminal's own lines as they came."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    assert "print" not in enabled(stage), "while it is under way"
    stage.happen(events.Chosen("print"))
    stage.post(key)
    stage.choose("print")

    [receipt] = printed(stage)

    assert [(line.word, line.item, line.title, line.amount) for line in receipt.lines] == [
        (ReceiptWord.PAID, item(1), "Title 1", yuan(150)),
        (ReceiptWord.PAID, item(2), "Title 2", yuan(2000)),
        (ReceiptWord.PAID, None, "", yuan(300)),
    ]
    assert (receipt.kind, receipt.reference, receipt.total) == (
        ReceiptKind.PAYMENT,
        key.reference,
        yuan(2450),
    )
    assert (receipt.means, receipt.voucher, receipt.is_posted) == (Means.CARD, "0042", True)
    assert receipt.terminal_lines == ("CARD PAYMENT", "************1234")
    assert READER not in repr(receipt)
    stage.choose("done")
    assert stage.shows(view.Account).receipt is None, "it was that of the payment"


def test_a_payment_that_is_not_posted_yet_says_so_on_its_receipt() -> None:
    """The money was taken: that is on paper, and that the books do not have it yet."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Silence("deadline"))
    stage.choose("print")

    [receipt] = printed(stage)
    assert (receipt.lines[0].word, receipt.is_posted) == (ReceiptWord.PAID, False)


def test_money_that_went_back_has_a_receipt_of_its_own() -> None:
    """With the lines of the reversal, not of the payment."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.take(key)
    stage.post(key, Refused(Reason.FEE_GONE))
    stage.happen(events.PaymentGivenBack(key, "0043", ("REVERSAL",)))
    stage.choose("print")

    [receipt] = printed(stage)
    assert (receipt.lines[0].word, receipt.is_posted, receipt.terminal_lines) == (
        ReceiptWord.PAID_BACK,
        False,
        ("REVERSAL",),
    )


def test_a_payment_nobody_can_tell_of_can_be_taken_home_as_that() -> None:
    """Its number is what staff find it by."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.happen(events.PaymentUnclear(key, "link"))
    stage.choose("print")

    [receipt] = printed(stage)
    assert (receipt.lines[0].word, receipt.reference) == (ReceiptWord.PAYMENT_UNKNOWN, key.reference)
    assert not receipt.is_posted


def test_what_was_not_paid_has_no_receipt() -> None:
    """Nothing happened."""
    stage = Till(PAYS)
    key = stage.paying()
    stage.fail(key)

    assert enabled(stage) == ["done"]
    stage.happen(events.Chosen("print"))
    assert not printed(stage)


def test_the_pages_of_the_account_are_not_left_for_a_receipt_that_is_not_there() -> None:
    """On the page of fees there is none."""
    stage = Till(PAYS)
    stage.choose_fees(account_of())

    stage.happen(events.Chosen("code"))

    stage.shows(view.ChooseFees)


def test_a_terminal_of_before_has_its_receipts_too() -> None:
    """Whatever services a library has, who borrowed can take it home as a code."""
    stage = finished(Stage(SETTINGS))

    assert enabled(stage) == ["done", "code"]
