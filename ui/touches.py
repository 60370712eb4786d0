"""What was typed, as events: from here on it prints masked."""

from __future__ import annotations

from drivers.masked import Masked, Secret
from kiosk.workflow.events import NumberEntered, PinEntered


def number_entered(digits: str) -> NumberEntered:
    """The event for a typed card number."""
    return NumberEntered(Masked(digits))


def pin_entered(digits: str) -> PinEntered:
    """The event for a typed PIN."""
    return PinEntered(Secret(digits))
