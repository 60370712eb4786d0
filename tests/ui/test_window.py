"""The window itself: what comes in from the desk, from keyboards and from errors."""

from __future__ import annotations

import gc
import logging
from threading import Thread

import pytest

from kiosk.workflow import view as v
from kiosk.workflow.view import Language, Line, Shown, Status
from tests.look.samples import VIEWS, borrowing
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
