"""The terminal is not ready yet."""

from __future__ import annotations

from ui.screens.screen import Screen


class OneMomentScreen(Screen):
    """A calm picture; nothing to choose."""
