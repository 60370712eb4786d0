"""The window itself: what comes in from the desk, from keyboards and from errors."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from kiosk.workflow import view as v
from kiosk.workflow.receipts import ReceiptLine, ReceiptWord
from kiosk.workflow.view import BackStatus, Choice, FeeLine, Language, Line, LoanLine, Shown, Status
from sync.entries import FeeKind, Flaw, ItemId, Means, Money
from tests.look.samples import VIEWS, borrowing
from tests.look.services import LOAN_RECEIPT, account, back, giving_back
from tests.ui.rig import ScreenRig, chosen
from ui.bridge import Bridge

CANARY = "Zanzibara Q."
CANARY_TITLE = "The Unforgettable Canary Papers"


def test_the_latest_view_wins_under_a_flood(rig: ScreenRig) -> None:
    """A desk that shows two thousand views from its own thread is followed: few are drawn, the last one is."""
    drawn: list[int] = []
    draw = rig.stage.show
    flood = [Shown(v.StillThere(left, 2000), Language.ENGLISH) for left in range(2000, 0, -1)]

    def counted(shown: Shown) -> None:
        drawn.append(1)
        draw(shown)

    bridge = Bridge(counted, rig.bridge._soon)

    def show_all() -> None:
        for shown in flood:
            bridge.show(shown)

    desk = Thread(target=show_all)
    desk.start()
    rig.pump(lambda: not desk.is_alive() and rig.stage.shown is flood[-1])
    desk.join()

    assert 1 <= len(drawn) < len(flood)


def test_a_view_is_drawn_once() -> None:
    """Between two frames only the latest view is handed on, and nothing when there is none."""
    drawn: list[Shown] = []
    asked: list[object] = []
    bridge = Bridge(drawn.append, asked.append)
    one, other = (Shown(v.OneMoment(), language) for language in Language)

    bridge.show(one)
    bridge.show(other)

    assert len(asked) == 1
    asked[0]()  # type: ignore[operator]
    asked[0]()  # type: ignore[operator]
    assert drawn == [other]


def test_keys_do_nothing(rig: ScreenRig) -> None:
    """Escape does not end the kiosk, F1 opens no settings, a barcode wedge types into nothing."""
    from kivy.base import EventLoop
    from kivy.core.window import Window

    rig.show(VIEWS["enter-number"])
    before = rig.texts()
    rig.posted.clear()

    for key, scancode, text in [(27, 41, ""), (282, 58, ""), (49, 30, "1"), (13, 40, "\r")]:
        Window.dispatch("on_key_down", key, scancode, text, [])
        Window.dispatch("on_keyboard", key, scancode, text, [])
        Window.dispatch("on_textinput", text)
        Window.dispatch("on_key_up", key, scancode)
    rig.frames(3)

    assert EventLoop.status == "started"
    assert not EventLoop.quit
    assert rig.texts() == before
    assert rig.posted == []
    assert Window.children == [rig.stage]


def test_escape_is_not_kivy_s_way_out() -> None:
    """The setting that lets Escape end a Kivy application is off, and right clicks leave no dots."""
    from kivy.config import Config

    assert Config.get("kivy", "exit_on_escape") == "0"
    assert dict(Config.items("input")) == {"mouse": "mouse,disable_multitouch"}


def readable_in_memory(needle: str) -> list[str]:
    """The classes of all living widgets that show *needle*."""
    from kivy.uix.widget import Widget

    gc.collect()
    found = []
    for one in gc.get_objects():
        # A weak proxy claims to be what it points at.
        if issubclass(type(one), Widget):
            values = [getattr(one, name, "") for name in one.properties() if isinstance(name, str)]
            if any(isinstance(value, str) and needle in value for value in values):
                found.append(type(one).__name__)
    return found


def test_nothing_of_a_patron_is_left_in_widgets_after_welcome(rig: ScreenRig) -> None:
    """Once the terminal welcomes the next reader, no living widget holds the name or a title of the last one."""
    line = Line("10000099", Status.LENT, title=CANARY_TITLE)
    rig.show(borrowing((line,), greeting=CANARY))
    assert readable_in_memory(CANARY)
    assert readable_in_memory(CANARY_TITLE)
    rig.show(v.Summary((line,), 1, 0, 0, 5))
    del line

    rig.show(VIEWS["welcome"])
    # A list that still rolls out, or a button that still shows its touch, lets go a moment later.
    rig.pump(lambda: readable_in_memory(CANARY) == [] == readable_in_memory(CANARY_TITLE))


SALT = back(9, BackStatus.BACK, CANARY_TITLE)
LOAN = LoanLine(ItemId("10000099"), title=CANARY_TITLE)
FEE = FeeLine(Money(777, "CNY"), FeeKind.DAMAGE, title=CANARY_TITLE, text=CANARY, is_chosen=True)
TORN = v.MarkCare(ItemId("10000099"), CANARY_TITLE, (Flaw.DAMAGED,), choices=(Choice(v.CANCEL),))
TAKEN_HOME = replace(LOAN_RECEIPT, lines=(ReceiptLine(ReceiptWord.LENT, ItemId("9"), CANARY_TITLE),))
AFTERWARDS: dict[str, v.View] = {
    "account": account(loans=(LOAN,), fees=(FEE,), greeting=CANARY),
    "fees": v.ChooseFees((FEE,), Money(777, "CNY"), choices=(Choice(v.CANCEL),)),
    "payment": v.Paying(
        v.PaymentState.AUTHORISING, Money(777, "CNY"), Means.QR, code=f"https://{CANARY_TITLE}"
    ),
    "care": TORN,
    "receipt": v.ReceiptCode((TAKEN_HOME,), 30, (Choice(v.DONE),)),
    "return": giving_back((SALT,)),
    "end of a return": v.BackSummary((SALT,), 1, 0, 0, 15, 1, choices=(Choice(v.DONE),)),
    "book drop": v.BookDropping(v.DropStep.DONE, SALT, done=1),
}


def test_no_page_of_a_service_leaves_anything_in_widgets(rig: ScreenRig) -> None:
    """Account, fees, codes of payments and receipts, reports and returns are gone with the reader, whole."""
    for name, page in AFTERWARDS.items():
        rig.show(page)
        assert any(held_in_widgets(CANARY, CANARY_TITLE)), name

    rig.show(VIEWS["welcome"])
    rig.pump(lambda: not any(held_in_widgets(CANARY, CANARY_TITLE)))


def held_in_widgets(*needles: str) -> Iterator[str]:
    """The classes of all living widgets that have one of *needles* in any property or attribute, lists included."""
    from kivy.uix.widget import Widget

    gc.collect()
    for one in reversed(gc.get_objects()):
        if issubclass(type(one), Widget):
            names = [name for name in one.properties() if isinstance(name, str)]
            values = [getattr(one, name, "") for name in names] + list(vars(one).values())
            if any(needle in repr(value) for value in values for needle in needles):
                yield type(one).__name__


def test_an_error_in_a_frame_is_logged_without_what_was_shown(
    rig: ScreenRig, caplog: pytest.LogCaptureFixture
) -> None:
    """One failing frame does not end the kiosk; the log says what failed and where, and no personal data."""
    from kivy.base import ExceptionManager

    from ui.kiosk_app import Guard

    guard = Guard()
    with caplog.at_level(logging.ERROR):
        try:
            raise ValueError(CANARY)
        except ValueError as error:
            decision = guard.handle_exception(error)

    assert decision == ExceptionManager.PASS
    assert not guard.is_given_up
    assert "ValueError at test_window.py:" in caplog.text
    assert CANARY not in caplog.text


def test_a_screen_that_keeps_failing_ends_the_program(rig: ScreenRig) -> None:
    """Five errors in ten seconds are no accident: the program ends, so that it can be started again."""
    from kivy.base import ExceptionManager

    from ui.kiosk_app import FAILURES_MAX, Guard

    guard = Guard()
    decisions = [guard.handle_exception(ValueError()) for _ in range(FAILURES_MAX)]

    assert decisions == [ExceptionManager.PASS] * (FAILURES_MAX - 1) + [ExceptionManager.RAISE]
    assert guard.is_given_up


def test_an_interrupt_is_not_taken_for_an_error(rig: ScreenRig) -> None:
    """Ctrl-C ends the program at once."""
    from kivy.base import ExceptionManager

    from ui.kiosk_app import Guard

    assert Guard().handle_exception(KeyboardInterrupt()) == ExceptionManager.RAISE


def test_views_of_a_failing_kind_do_not_stop_the_next(rig: ScreenRig) -> None:
    """After a view that cannot be shown the next one is shown as ever."""
    rig.bridge.show(Shown(v.Welcome((), choices=(v.Choice("nonsense"),)), Language.ENGLISH))
    with pytest.raises(LookupError):
        rig.frames(4)

    rig.show(VIEWS["still-there"])

    assert rig.choose(v.MORE_TIME) == chosen(v.MORE_TIME)
