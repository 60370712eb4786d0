"""The one typeface: Noto Sans SC, the whole Simplified Chinese face, for every text in every language.

Kivy opens face 0 of a collection, which is Japanese, and has no fall-back between fonts; so set-up extracts the one
face, with the rare characters that readers' names contain.
"""

from __future__ import annotations

from pathlib import Path

from ui.environment import ScreenUnusable

FONTS = Path(__file__).with_name("fonts")
REGULAR, BOLD = "NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"

# Kivy's name for the font that labels use when nothing else is said.
DEFAULT = "Roboto"


def register(folder: Path = FONTS) -> None:
    """Make the face of *folder* the default of every label.  Raises `ScreenUnusable` when set-up did not make it."""
    from kivy.core.text import LabelBase

    missing = [name for name in (REGULAR, BOLD) if not (folder / name).is_file()]
    if missing:
        raise ScreenUnusable(f"{folder} lacks {' and '.join(missing)}: run make setup")
    regular, bold = str(folder / REGULAR), str(folder / BOLD)
    LabelBase.register(DEFAULT, fn_regular=regular, fn_bold=bold, fn_italic=regular, fn_bolditalic=bold)
