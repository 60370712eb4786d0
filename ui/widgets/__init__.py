"""The parts screens are made of: text, icons, buttons, the list, the number pad, the count-down.

Each `.kv` declares how its neighbour looks; `load()` reads them once.  A widget is handed what it needs
(words, offers, a function to call) and reaches for nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def load() -> None:
    """Read the looks of all widgets; later calls do nothing."""
    from kivy.clock import Clock
    from kivy.lang import Builder

    # Kivy knows a widget by name once its module is imported.
    from ui.widgets import booklist, countdown, drawn, header, numberpad, page, scenery, scrolling, text  # noqa: F401

    # Text, card, cards, heading, page: each finds its height a turn after what it holds, all within one frame.
    Clock.max_iteration = 20
    folder = Path(__file__).parent
    for twin in sorted(folder.glob("*.kv")):
        Builder.load_file(str(twin))
