"""The parts screens are made of: text, icons, buttons, lists, banners, codes, the number pad, the count-down.

Each `.kv` declares how its neighbour looks; `load()` reads them once.  A widget is handed what it needs
(words, offers, a function to call) and reaches for nothing.  `looks.py` says which shape and colour a status has,
`icons.py` and `illustrations.py` are the pictures, `shapes.py` what they are drawn of.
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
    from ui.widgets import (  # noqa: F401
        banners,
        booklist,
        codes,
        countdown,
        drawn,
        header,
        numberpad,
        page,
        qrcode,
        scenery,
        scrolling,
        text,
    )

    # Text, card, cards, heading, page: each finds its height a turn after what it holds, all within one frame.
    Clock.max_iteration = 40
    folder = Path(__file__).parent
    for twin in sorted(folder.glob("*.kv")):
        Builder.load_file(str(twin))
