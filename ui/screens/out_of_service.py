"""Nobody can be served; the desk is the place to go."""

from __future__ import annotations

from ui.screens.screen import Screen


class OutOfServiceScreen(Screen):
    """Says where to go instead."""
