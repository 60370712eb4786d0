"""What is written on the demo's table."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk.wording.catalogue import Words, mark

LABELS: Mapping[str, str] = {
    "title": mark("Table"),
    "shelf": mark(
        "Shelf: touch a book to lay it on the pad or slide it over the strip unit, a card to show it"
    ),
    "pad": mark("Pad"),
    "pad-empty": mark("Nothing lies here."),
    "reader": mark("Card reader"),
    "unit": mark("Strip unit"),
    "unit-empty": mark("Touch a book with a strip to slide it over."),
    "cables": mark("Cables: touch to unplug"),
    "scan": mark("Scan"),
    "secured": mark("secured"),
    "released": mark("released"),
    "slide": mark("Slide"),
    "strip active": mark("strip on"),
    "strip inactive": mark("strip off"),
    "strip erased": mark("tape erased"),
    "plugged": mark("plugged in"),
    "unplugged": mark("unplugged"),
    "whole": mark("connected"),
    "cut": mark("cut"),
    "mute": mark("silent"),
    "network": mark("Network"),
    "device pad": mark("Pad"),
    "device scanner": mark("Scanner"),
    "device card-reader": mark("Card reader"),
    "device strip-unit": mark("Strip unit"),
    "device printer": mark("Printer"),
    "device card-terminal": mark("Card terminal"),
    "device payment-backend": mark("QR payment"),
    "device book-drop": mark("Book drop"),
    "deeds": mark("Hands: pay, tear off, take out"),
    "card approve": mark("Bank card: pay"),
    "card decline": mark("Bank card: refuse"),
    "wallet pay": mark("QR code: pay"),
    "wallet decline": mark("QR code: refuse"),
    "tear": mark("Tear off the paper"),
    "pull-out": mark("Take it out of the chute"),
    "bin full": mark("The bin is full"),
    "gone": mark("The demo has ended."),
}


def table_label(words: Words, name: str) -> str:
    """What *name* is called; a device or state without a name of ours is shown as it is."""
    return words.say(LABELS[name]) if name in LABELS else name.removeprefix("device ")


def part_label(words: Words, part: int, parts: int) -> str:
    """Which part of an item this is."""
    return words.say("part {part} of {parts}", part=part, parts=parts)
