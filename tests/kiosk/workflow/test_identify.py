"""Who is it: cards, barcodes, the number pad, the PIN, and every way of being turned away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.masked import Masked
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask
from kiosk.workflow.greeting import greeting_of
from kiosk.workflow.settings import Greeting
from sync.entries import Money, PatronId, PinAccepted, PinRefused, Reason
from sync.questions import EndOfSession, ServerFacts
from tests.kit.stage import OTHER_READER, READER, SETTINGS, Stage, item, tag


def test_the_welcome_names_every_way_in_and_both_languages() -> None:
    """The first screen says how to begin, and in which languages."""
    stage = Stage()

    assert stage.shows(view.Welcome).ways == (view.Way.CARD, view.Way.BARCODE, view.Way.NUMBER)
    assert [choice.id for choice in stage.shows(view.Welcome).choices] == [
        "number",
        "language:zh_CN",
        "language:en",
    ]


def test_a_card_asks_for_the_pin_and_then_the_server() -> None:
    """Card, PIN, one question, and the list of books is open."""
    stage = Stage()

    stage.show_card()
    stage.shows(view.EnterPin)
    stage.pin()
    stage.shows(view.LookingUp)
    stage.tell(stage.facts())

    assert stage.shows(view.Borrowing).greeting == "Demo 0."
    assert stage.shows(view.Borrowing).quota_left == 10
    asked = stage.asked_about_patron()
    assert asked.patron == PatronId(READER)
    assert asked.pin is not None


@pytest.mark.parametrize("way", ["scan", "type"])
def test_a_barcode_and_the_number_pad_identify_like_a_card(way: str) -> None:
    """Whoever has no card with a chip scans or types its number."""
    stage = Stage()

    if way == "scan":
        stage.scan(READER)
    else:
        stage.choose("number")
        stage.shows(view.EnterNumber)
        stage.happen(events.NumberEntered(Masked(READER)))

    stage.shows(view.EnterPin)


def test_without_a_pin_policy_the_card_alone_opens_the_session() -> None:
    """A library that wants no PIN gets none asked."""
    stage = Stage(replace(SETTINGS, needs_pin=False))

    stage.show_card()
    stage.tell(stage.facts(pin_right=None))

    stage.shows(view.Borrowing)
    assert stage.asked_about_patron().pin is None


def test_a_typed_number_that_cannot_be_a_card_is_asked_for_again() -> None:
    """A typing mistake costs nothing but another try."""
    stage = Stage()

    stage.choose("number")
    stage.happen(events.NumberEntered(Masked("123")))

    assert stage.shows(view.EnterNumber).is_wrong


@pytest.mark.parametrize("number", ["", "   ", "2123|AA", "x" * 65, "读者", "a\rb"])
def test_a_card_whose_number_cannot_be_one_is_refused_without_asking_the_server(number: str) -> None:
    """A hostile card number never reaches a wire."""
    stage = Stage()

    stage.show_card(number)

    assert stage.shows(view.NotServed).reasons == (view.Refusal.CARD_NUMBER_UNUSABLE,)
    assert not stage.all(Ask)


def test_a_wrong_pin_leaves_so_many_tries_and_then_closes_the_terminal_to_the_card() -> None:
    """Three wrong PINs end it, each is in the journal, and the fourth is not even asked."""
    stage = Stage()
    stage.show_card()

    for left in (2, 1):
        stage.pin("0000")
        stage.tell(stage.facts(pin_right=False))
        assert stage.shows(view.EnterPin).tries_left == left
    stage.pin("0000")
    stage.tell(stage.facts(pin_right=False))

    assert stage.shows(view.NotServed).reasons == (view.Refusal.TOO_MANY_PIN_TRIES,)
    assert len(stage.rows_of(PinRefused)) == 3
    questions = len(stage.all(Ask))
    stage.choose("done")
    stage.show_card()
    stage.shows(view.NotServed)
    assert len(stage.all(Ask)) == questions


def test_wrong_pins_count_across_a_restart_and_only_for_a_while() -> None:
    """Pulling the plug gives no new tries; an hour's patience does."""
    first = Stage()
    refusals = tuple((PatronId(READER), first.wall) for _ in range(3))

    stage = Stage(pin_refusals=refusals)
    stage.show_card()
    stage.shows(view.NotServed)

    later = Stage(pin_refusals=refusals, wall=first.wall + timedelta(hours=2))
    later.show_card()
    later.shows(view.EnterPin)

    other = Stage(pin_refusals=refusals)
    other.show_card(OTHER_READER)
    other.shows(view.EnterPin)


def test_setting_the_clock_back_gives_no_new_tries() -> None:
    """A refusal dated in the future still counts."""
    now = Stage().wall
    refusals = tuple((PatronId(READER), now + timedelta(days=3)) for _ in range(3))

    stage = Stage(pin_refusals=refusals)
    stage.show_card()

    stage.shows(view.NotServed)


def test_setting_the_clock_forward_gives_no_new_tries_either() -> None:
    """Within a boot the monotonic clock measures."""
    stage = Stage()
    stage.show_card()
    for _ in range(3):
        stage.pin("0000")
        stage.tell(stage.facts(pin_right=False))
    stage.choose("done")
    stage.wall += timedelta(days=3)

    stage.show_card()

    assert stage.shows(view.NotServed).reasons == (view.Refusal.TOO_MANY_PIN_TRIES,)


def test_the_right_pin_wipes_earlier_mistakes() -> None:
    """After the right PIN the tries are all there again, and the journal says so."""
    stage = Stage()
    stage.show_card()
    stage.pin("0000")
    stage.tell(stage.facts(pin_right=False))

    stage.pin("1234")
    stage.tell(stage.facts())

    stage.shows(view.Borrowing)
    assert len(stage.rows_of(PinAccepted)) == 1
    assert stage.state.pin_refusals == ()


def test_a_server_that_does_not_judge_the_pin_has_not_verified_it() -> None:
    """An absent verdict is never taken for a right PIN."""
    stage = Stage()
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(pin_right=None))

    assert stage.shows(view.NotServed).reasons == (view.Refusal.PIN_NOT_VERIFIED,)


def test_nothing_of_a_blocked_account_is_said_before_the_pin_is_right() -> None:
    """A stranger with a found card learns nothing about it."""
    stage = Stage()
    stage.show_card()
    stage.pin("0000")

    stage.tell(stage.facts(pin_right=False, blocks=(Reason.FEES_OWED,), fees_owed=Money(1250, "CNY")))

    stage.shows(view.EnterPin)


def test_a_blocked_patron_is_told_every_reason_and_what_is_owed() -> None:
    """The exact reasons, the gravest first, with the amount and the server's own words."""
    stage = Stage()
    stage.show_card()
    stage.pin()

    blocks = (Reason.CARD_LOST, Reason.FEES_OWED)
    stage.tell(stage.facts(blocks=blocks, fees_owed=Money(1250, "CNY"), messages=("See the desk",)))

    assert stage.shows(view.NotServed).reasons == blocks
    assert stage.shows(view.NotServed).fee == Money(1250, "CNY")
    assert stage.shows(view.NotServed).messages == ("See the desk",)


def test_a_patron_at_the_limit_may_come_in_and_sees_that_nothing_is_left() -> None:
    """Whoever has borrowed all they may can still look and renew."""
    stage = Stage()
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(blocks=(Reason.LIMIT_REACHED,), limit=None))

    assert stage.shows(view.Borrowing).quota_left == 0


def test_an_unknown_card_is_told_so() -> None:
    """No such card here."""
    stage = Stage()
    stage.show_card()
    stage.pin()

    stage.tell(stage.facts(is_known=False))

    assert stage.shows(view.NotServed).reasons == (Reason.PATRON_UNKNOWN,)


def test_facts_about_somebody_else_open_no_account() -> None:
    """An answer for another patron, or about something else, is not believed."""
    for facts in (Stage().facts(OTHER_READER), ServerFacts(is_online=True)):
        stage = Stage()
        stage.show_card()
        stage.pin()

        stage.happen(events.Told(stage.last(Ask).token, facts))

        stage.shows(view.NotServed)


def test_a_silent_server_is_the_librarys_fault_not_the_patrons() -> None:
    """No answer, or none at all in half a minute: the reader is told that the library cannot be reached."""
    for silence in ("said", "unsaid"):
        stage = Stage()
        stage.show_card()
        stage.pin()
        if silence == "said":
            stage.happen(events.NotTold(stage.last(Ask).token))
        else:
            stage.pass_time(31)

        assert stage.shows(view.NotServed).reasons == (view.Refusal.SERVER_AWAY,)


def test_an_answer_to_an_older_question_opens_nothing() -> None:
    """Late facts of a patron who has left are not shown to the next one."""
    stage = Stage()
    stage.show_card()
    stage.pin()
    late = stage.last(Ask).token
    stage.pass_time(31)
    stage.show_card(OTHER_READER)
    stage.pin()

    stage.happen(events.Told(late, stage.facts()))

    stage.shows(view.LookingUp)


def test_a_half_typed_number_is_forgotten_when_the_reader_leaves() -> None:
    """Idle, a visible count-down, and the welcome again."""
    stage = Stage()
    stage.choose("number")

    stage.pass_time(45)
    assert stage.shows(view.StillThere).seconds_left == 20
    stage.pass_time(20)

    stage.shows(view.Welcome)


def test_being_turned_away_ends_by_itself_or_by_touch() -> None:
    """The reason stays long enough to be read and no longer."""
    stage = Stage()
    stage.show_card("")
    stage.pass_time(19)
    assert stage.shows(view.NotServed).seconds_left == 1

    stage.pass_time(1)
    stage.shows(view.Welcome)


def test_an_item_scanned_before_the_card_is_answered_with_the_card_first() -> None:
    """The welcome says what to do first, and forgets it after a while."""
    stage = Stage()

    stage.scan(item(1))
    assert stage.shows(view.Welcome).troubles == (view.Trouble.CARD_FIRST,)

    stage.scan("nonsense")
    assert stage.shows(view.Welcome).troubles == (view.Trouble.BARCODE_UNKNOWN,)

    stage.pass_time(21)
    assert stage.shows(view.Welcome).troubles == ()


def test_books_laid_down_before_the_card_are_counted_and_shown() -> None:
    """The reader sees that the books were seen, and none is asked for before the card."""
    stage = Stage()

    stage.lay(tag(1), tag(2), tag(3))

    assert stage.shows(view.Welcome).books == 3
    assert not stage.all(Ask)


def test_a_language_is_kept_for_the_session_only() -> None:
    """The next reader finds the house's own language."""
    stage = Stage()
    stage.choose("language:en")
    assert stage.state.language is view.Language.ENGLISH
    stage.log_in()
    assert stage.state.language is view.Language.ENGLISH

    stage.choose("finish")

    stage.shows(view.Welcome)
    assert stage.state.language.value == "zh_CN"
    ended = stage.all(Ask)[-1].question
    assert ended == EndOfSession(PatronId(READER))


def test_a_card_that_cannot_be_read_is_said_and_disturbs_nobody() -> None:
    """On the welcome it is a word; inside a session nothing."""
    stage = Stage()
    stage.happen(events.CardNotRead("moved"))
    assert stage.shows(view.Welcome).card_not_read

    stage.log_in()
    stage.happen(events.CardNotRead("moved"))
    stage.shows(view.Borrowing)


def test_without_any_way_in_the_terminal_says_that_it_is_out_of_service() -> None:
    """No number pad, and both readers away: somebody has to look."""
    stage = Stage(replace(SETTINGS, has_number_pad=False))

    stage.happen(events.DeviceDown(events.Device.SCANNER))
    stage.shows(view.Welcome)
    stage.happen(events.DeviceDown(events.Device.CARD_READER))

    assert stage.shows(view.OutOfService).why is view.Outage.NO_WAY_IN
    stage.happen(events.DeviceUp(events.Device.SCANNER))
    stage.shows(view.Welcome)


@pytest.mark.parametrize(
    ("name", "greeting", "shown"),
    [
        ("Demo Reader", Greeting.INITIAL, "Demo R."),
        ("测试读者一", Greeting.INITIAL, "测··"),
        ("喆", Greeting.INITIAL, "喆"),
        ("", Greeting.INITIAL, ""),
        ("Demo Reader", Greeting.FULL, "Demo Reader"),
        ("Demo Reader", Greeting.NONE, ""),
    ],
)
def test_a_name_is_shown_as_far_as_the_library_allows(name: str, greeting: Greeting, shown: str) -> None:
    """Somebody looking over a shoulder reads no full name."""
    assert greeting_of(name, greeting) == shown


def test_wrong_pins_that_no_longer_count_are_forgotten() -> None:
    """A terminal that runs for months does not remember everybody who ever mistyped."""
    stage = Stage()
    stage.show_card()
    stage.pin("0000")
    stage.tell(stage.facts(pin_right=False))
    stage.choose("cancel")
    stage.seconds += 7200

    stage.show_card(OTHER_READER)
    stage.pin("0000")
    stage.tell(stage.facts(OTHER_READER, pin_right=False))

    assert [patron for patron, _ in stage.state.pin_refusals] == [PatronId(OTHER_READER)]
