"""The APDU link of the tests: synchronous, on a virtual clock, with a card to put, take, swap and pull half-
way.
"""

from __future__ import annotations

from typing import Protocol

from drivers.link import CardPresence, Clock, DeviceFault, DeviceLost

__all__ = ["CardFarEnd", "MemoryApduLink"]


class CardFarEnd(Protocol):
    """A simulated card, whatever holds it: this link, a virtual reader of ours, or pcscd."""

    @property
    def atr(self) -> bytes:
        """What the card answers to reset (ISO 7816-3), 2 to 33 bytes."""

    def reset(self) -> None:
        """The card loses what was selected on it."""

    def answer(self, command: bytes) -> bytes | None:
        """The response to one APDU, with its two status bytes; None when the card leaves instead of
        answering.
        """


class MemoryApduLink:
    """`ApduLink` to the card that was `put`; *answer_seconds* passes on the clock with each exchange."""

    def __init__(self, clock: Clock, answer_seconds: float = 0.0) -> None:
        self.answer_seconds = answer_seconds
        self._clock = clock
        self._card: CardFarEnd | None = None
        self._is_swapped = False
        self._told = CardPresence.ABSENT
        self._is_plugged = True
        self._is_open = True

    def put(self, card: CardFarEnd) -> None:
        """Lays *card* on the reader, in place of one that lies there."""
        self._is_swapped = self._is_swapped or self._told is CardPresence.PRESENT
        card.reset()
        self._card = card

    def take(self) -> None:
        """Takes the card away."""
        self._card = None

    def unplug(self) -> None:
        """Takes the reader away: every call raises `DeviceLost` from now on."""
        self._is_plugged = False

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        """As promised by `ApduLink`; when nothing changed the clock has moved by *timeout_seconds*."""
        self._check()
        is_there = self._card is not None and not self._is_swapped
        self._is_swapped = False
        presence = CardPresence.PRESENT if is_there else CardPresence.ABSENT
        if presence is self._told:
            self._clock.wait(timeout_seconds)
        self._told = presence
        return presence

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        """As promised by `ApduLink`; a card slower than *timeout_seconds* does not answer."""
        self._check()
        if self._card is None:
            raise DeviceFault("no card")
        self._clock.wait(min(self.answer_seconds, timeout_seconds))
        response = self._card.answer(command)
        self._check()
        if response is None:
            self._card = None
        if response is None or len(response) < 2 or self.answer_seconds > timeout_seconds:
            raise DeviceFault("the card left or does not answer")
        return response

    def close(self) -> None:
        """As promised by `ApduLink`."""
        self._is_open = False

    def _check(self) -> None:
        if not self._is_open or not self._is_plugged:
            raise DeviceLost("the card reader is gone")
