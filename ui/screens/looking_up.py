"""The card is being checked."""

from __future__ import annotations

from ui.screens.screen import Screen


class LookingUpScreen(Screen):
    """A calm picture; nothing to choose."""
