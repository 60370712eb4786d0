"""What the pumps of the barcode scanner and the card reader do: wait for what comes, and pass it on as it came."""

from __future__ import annotations

from collections.abc import Callable

from drivers.barcode import Scanner
from drivers.card import CardReader, CardShown, CardTaken, CardUnreadable
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.workflow.events import CardCame, CardLeft, CardNotRead, Scanned


class ScannerWork:
    """`Work` for a barcode scanner."""

    def __init__(self, post: Callable[[Scanned], None]) -> None:
        self._post = post

    def begin(self, device: Scanner) -> None:
        """Nothing is known of a scanner beforehand."""

    def turn(self, device: Scanner) -> None:
        """Passes on one scan, or waits for it a slice long."""
        scan = device.read(SLICE_SECONDS)
        if scan is not None:
            self._post(Scanned(scan))

    def lost(self) -> None:
        """Nothing is ever ordered of a scanner."""


class CardWork:
    """`Work` for a card reader."""

    def __init__(self, post: Callable[[CardCame | CardNotRead | CardLeft], None]) -> None:
        self._post = post

    def begin(self, device: CardReader) -> None:
        """A card that lies there is reported by the first polls."""

    def turn(self, device: CardReader) -> None:
        """Passes on one change, or waits for it a slice long."""
        match device.poll(SLICE_SECONDS):
            case CardShown(number):
                self._post(CardCame(number))
            case CardUnreadable(why):
                self._post(CardNotRead(why))
            case CardTaken():
                self._post(CardLeft())
            case None:
                pass

    def lost(self) -> None:
        """Nothing is ever ordered of a card reader."""
