"""Plays real touches on the real window: for the demo without a person, and for tests.

A script is a generator that is driven once per frame in the Kivy thread:

    def borrow(player):
        yield from player.until(lambda: isinstance(player.view, Welcome))
        yield from player.touch("number")
        yield from player.type_digits("20000001")
        yield from player.shot("02-pin.png")

    Player(app.stage, folder).play(borrow, finished)

A touch is a motion event like the ones of a touch screen: it goes through the window and lands on whatever lies there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.graphics.texture import Texture
from kivy.input.motionevent import MotionEvent
from kivy.input.shape import ShapeRect
from kivy.uix.widget import Widget

from kiosk.workflow.view import View
from ui.stage import Stage
from ui.widgets.booklist import BookList
from ui.widgets.buttons import Touchable

Script = Generator[None, None, None]
_numbers = count(1)


class PlayedTooLong(Exception):
    """What a script waited for did not happen in time."""


class Finger(MotionEvent):
    """One touch, in pixels of the window from its lower left corner."""

    def __init__(self, x: float, y: float) -> None:
        width, height = Window.size
        super().__init__(
            "played", f"played{next(_numbers)}", (x / width, y / height), is_touch=True, type_id="touch"
        )

    def depack(self, args: tuple[float, float]) -> None:
        """Take the place, as shares of the window."""
        self.sx, self.sy = args
        self.profile = ("pos",)
        self.shape = ShapeRect()
        super().depack(args)

    def down(self) -> None:
        """The finger comes down."""
        EventLoop.post_dispatch_input("begin", self)

    def drag(self, x: float, y: float) -> None:
        """The finger goes on to a place in pixels."""
        width, height = Window.size
        self.move((x / width, y / height))
        EventLoop.post_dispatch_input("update", self)

    def up(self) -> None:
        """The finger leaves."""
        EventLoop.post_dispatch_input("end", self)


class Player:
    """A person without a body: looks for what can be touched, and touches it."""

    def __init__(
        self, stage: Stage, folder: Path = Path("build/demo"), deadline_seconds: float = 20.0
    ) -> None:
        self.stage = stage
        self.folder = folder
        self.deadline_seconds = deadline_seconds

    @property
    def view(self) -> View | None:
        """The view that is on the screen."""
        return self.stage.shown.view if self.stage.shown else None

    def play(
        self, script: Callable[[Player], Script], finished: Callable[[BaseException | None], None]
    ) -> None:
        """Drive *script* once per frame; *finished* is told the exception that ended it, or None."""
        steps = script(self)

        def frame(_: float) -> bool:
            try:
                next(steps)
            except StopIteration:
                finished(None)
                return False
            except Exception as error:
                finished(error)
                return False
            return True

        Clock.schedule_interval(frame, 0)

    def until(self, condition: Callable[[], object], seconds: float = 0, what: str = "") -> Script:
        """Wait for *condition*.  Raises `PlayedTooLong` after *seconds* (0: the player's deadline)."""
        deadline = Clock.get_time() + (seconds or self.deadline_seconds)
        while not condition():
            if Clock.get_time() > deadline:
                raise PlayedTooLong(what or f"still {type(self.view).__name__}, not what was waited for")
            yield

    def touch(self, choice: str) -> Script:
        """Wait until *choice* is offered, enabled and seen, then touch it."""
        yield from self.until(
            lambda: self.stage.is_settled and (self.find(choice) or self._arrow_towards(choice)),
            what=f"{choice} is not offered",
        )
        while self.find(choice) is None and (arrow := self._arrow_towards(choice)) is not None:
            yield from self.tap(arrow)
            yield
        found = self.find(choice)
        if found is None:
            raise PlayedTooLong(f"{choice} cannot be brought into sight")
        yield from self.tap(found)

    def type_digits(self, digits: str) -> Script:
        """Touch the keys of the number pad one after the other, then the one that enters."""
        for digit in digits:
            yield from self.touch(digit)
        yield from self.touch("enter")

    def tap(self, widget: Widget) -> Script:
        """Touch the middle of *widget* for a few frames."""
        x, y = widget.to_window(*widget.center)
        yield from self.tap_at(x, y)

    def tap_at(self, x: float, y: float) -> Script:
        """Touch a place of the window, in pixels from its lower left corner."""
        finger = Finger(x, y)
        finger.down()
        # A scrolling list waits a moment to see whether the finger pushes it.
        for _ in range(3):
            yield
        finger.up()
        yield
        yield

    def find(self, choice: str) -> Touchable | None:
        """The button with this id that can be touched now; None when there is none or it is scrolled out of sight."""
        for widget in self.touchables():
            if widget.id == choice and widget.is_enabled and self.is_in_sight(widget):
                return widget
        return None

    def _arrow_towards(self, choice: str) -> Touchable | None:
        """The arrow that scrolls the list towards a choice that is in it but out of sight."""
        for book_list in (widget for widget in self.stage.walk() if isinstance(widget, BookList)):
            for widget in book_list.walk():
                if isinstance(widget, Touchable) and widget.id == choice and widget.is_enabled:
                    is_below = widget.to_window(*widget.center)[1] < book_list.to_window(*book_list.center)[1]
                    arrow = book_list.ids.down if is_below else book_list.ids.up
                    return arrow if arrow.is_enabled else None
        return None

    def touchables(self) -> Iterator[Touchable]:
        """Everything on the stage that can be touched."""
        return (
            widget
            for widget in self.stage.walk()
            if isinstance(widget, Touchable) and widget.height and widget.width
        )

    def is_in_sight(self, widget: Widget) -> bool:
        """Whether the middle of *widget* lies inside the window and everything that clips it."""
        x, y = widget.to_window(*widget.center)
        ancestor = widget.parent
        while ancestor is not None and ancestor is not ancestor.parent:
            if ancestor is Window:
                break
            left, bottom = ancestor.to_window(ancestor.x, ancestor.y)
            if not (left <= x <= left + ancestor.width and bottom <= y <= bottom + ancestor.height):
                return False
            ancestor = ancestor.parent
        return True

    def shot(self, name: str) -> Script:
        """Save what the window shows as *name* in the folder, once everything found its place."""
        for _ in range(4):
            yield
        save_picture(self.folder / name)


def save_picture(path: Path, size: tuple[int, int] | None = None) -> None:
    """Save the window, or its lower left part of *size* pixels, as a PNG."""
    Window.dispatch("on_draw")
    width, height = size or Window.size
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    pixels = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    path.parent.mkdir(parents=True, exist_ok=True)
    texture.save(str(path), flipped=True)
