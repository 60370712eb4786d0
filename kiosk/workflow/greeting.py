"""How much of a patron's name is shown."""

from __future__ import annotations

from typing import assert_never

from kiosk.workflow.settings import Greeting


def greeting_of(name: str, greeting: Greeting) -> str:
    """*name* as far as it may be shown: "Demo R." or "测··" with INITIAL."""
    words = name.split()
    match greeting:
        case Greeting.FULL:
            return name
        case Greeting.NONE:
            return ""
        case Greeting.INITIAL if not words:
            return ""
        case Greeting.INITIAL if len(words) == 1:
            return words[0] if len(words[0]) == 1 else words[0][0] + "··"
        case Greeting.INITIAL:
            return f"{words[0]} {words[-1][0]}."
        case _:
            assert_never(greeting)
