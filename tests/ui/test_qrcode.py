"""QR codes on the screen are sharp, dark on light, and have room around them."""

from __future__ import annotations

import pytest
import segno

from kiosk.workflow import view as v
from kiosk.workflow.view import PaymentState
from sync.entries import Means, Money
from tests.look.samples import VIEWS
from tests.ui.geometry import box
from tests.ui.rig import SIZES, ScreenRig

DARK, LIGHT = (0, 0, 0), (255, 255, 255)


def picture(left: int, bottom: int, side: int) -> list[list[tuple[int, ...]]]:
    """A square of the window, drawn anew: rows from the bottom."""
    from kivy.core.window import Window
    from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels

    Window.dispatch("on_draw")
    raw = bytes(glReadPixels(left, bottom, side, side, GL_RGBA, GL_UNSIGNED_BYTE))
    pixels = [tuple(raw[at : at + 3]) for at in range(0, len(raw), 4)]
    return [pixels[row * side : (row + 1) * side] for row in range(side)]


def paying(code: str) -> v.Paying:
    """A payment that waits for its code to be scanned."""
    return v.Paying(PaymentState.AUTHORISING, Money(620, "CNY"), Means.QR, code=code)


@pytest.mark.parametrize("orientation", SIZES)
@pytest.mark.parametrize("code", ["https://pay.example.org/p/5f3a9c", "纸的故事 · " * 40])
def test_what_is_seen_is_the_code_module_by_module(rig: ScreenRig, code: str, orientation: str) -> None:
    """Each module is a square of whole pixels, black or white to its edge, with four of light on every side."""
    rig.show(paying(code), orientation=orientation)
    (drawn,) = rig.of_type("QrCode")
    matrix = [bytes(row) for row in segno.make(code, error="m", encoding="utf-8").matrix_iter(border=4)]
    left, bottom, right, top = box(drawn)
    module = int(min(right - left, top - bottom)) // len(matrix)
    side = module * len(matrix)
    x = round(left) + int(drawn.width - side) // 2
    y = round(bottom) + int(drawn.height - side) // 2

    drawn_now = picture(x, y, side)

    def seen(row: int, at: int) -> set[tuple[int, ...]]:
        top = side - row * module
        rows = drawn_now[top - module : top]
        return {one for pixels in rows for one in pixels[at * module : (at + 1) * module]}

    assert module >= 2
    for row, modules in enumerate(matrix):
        assert [seen(row, at) for at in range(len(matrix))] == [{DARK if one else LIGHT} for one in modules]
    assert not any(matrix[edge][at] for edge in (0, 3, -4, -1) for at in range(len(matrix)))


def test_a_code_follows_what_it_stands_for(rig: ScreenRig) -> None:
    """Another payment has another code at once, and a payment that ended has none."""
    rig.show(paying("first"))
    (drawn,) = rig.of_type("QrCode")
    assert drawn.content == "first"

    rig.show(paying("second"))
    assert drawn.content == "second"

    rig.show(v.Paying(PaymentState.NOT_PAID, Money(620, "CNY"), Means.QR, code="second"))
    assert drawn.content == ""


@pytest.mark.parametrize("size", [2331, 2332])
def test_what_is_promised_to_fit_into_a_code_does(rig: ScreenRig, size: int) -> None:
    """The wording's limit is that of the symbol: one byte less is drawn, one more is not called a code."""
    from ui.widgets.qrcode import matrix_of

    rig.show(paying("x" * size))
    (drawn,) = rig.of_type("QrCode")

    assert (matrix_of("x" * size) is not None) is (size == 2331)
    assert bool(drawn.content) is (size == 2331)


@pytest.mark.parametrize("orientation", SIZES)
def test_two_codes_are_never_seen_whole_at_once(rig: ScreenRig, orientation: str) -> None:
    """A phone takes the code in front of it: the next receipt comes into sight as the first one leaves."""
    rig.show(VIEWS["receipt-code-readers"], orientation=orientation)
    (codes,) = rig.of_type("Codes")
    cards = list(rig.of_type("CodeCard"))
    assert len(cards) == 2

    for _ in range(3):
        seen = box(codes.entries)
        whole = [one for one in cards if box(one)[1] >= seen[1] - 2 and box(one)[3] <= seen[3] + 2]
        assert len(whole) <= 1
        rig.play(rig.player.tap(codes.ids.down))
        rig.settle()
    assert box(cards[-1])[1] == pytest.approx(box(codes.entries)[1], abs=3)
