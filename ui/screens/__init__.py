"""One screen per view, each with its twin in `.kv`: the `.py` fills in, the `.kv` says how it looks.

`screen_for(view)` imports a screen and reads its twin when its view is shown for the first time, so that the first
frame waits for none of them; the rest follows once that stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.workflow import view as views

if TYPE_CHECKING:
    from ui.screens.screen import Screen

# The module of each view's screen; its class is called after the view.
MODULES: Mapping[type[views.View], str] = {
    views.OneMoment: "one_moment",
    views.OutOfService: "out_of_service",
    views.Welcome: "welcome",
    views.EnterNumber: "enter_number",
    views.EnterPin: "enter_pin",
    views.LookingUp: "looking_up",
    views.NotServed: "not_served",
    views.Borrowing: "borrowing",
    views.HowMany: "how_many",
    views.CountDiffers: "count_differs",
    views.PutBack: "put_back",
    views.UseStripUnit: "use_strip_unit",
    views.FeeConsent: "fee_consent",
    views.StillThere: "still_there",
    views.Summary: "summary",
    views.GivingBack: "giving_back",
    views.UseStripUnitBack: "use_strip_unit_back",
    views.BackSummary: "back_summary",
    views.BookDropping: "book_dropping",
    views.Account: "account",
    views.ChooseFees: "choose_fees",
    views.Paying: "paying",
    views.MarkCare: "mark_care",
    views.ReceiptCode: "receipt_code",
}
_loaded: dict[type[views.View], type[Screen]] = {}


def screen_for(view: type[views.View]) -> type[Screen]:
    """The screen that shows views of this type."""
    if view not in _loaded:
        from kivy.lang import Builder

        name = MODULES[view]
        module = import_module(f"ui.screens.{name}")
        Builder.load_file(str(Path(__file__).with_name(f"{name}.kv")))
        _loaded[view] = getattr(module, f"{view.__name__}Screen")
    return _loaded[view]
