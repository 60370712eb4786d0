"""A barcode scanner that types: a USB keyboard to the kernel, or one behind Bluetooth or a PS/2 wedge.

Models      any scanner in "USB keyboard" or "keyboard wedge" mode, which is how nearly all are delivered: Zebra/Symbol,
            Honeywell, Datalogic, Newland, Opticon, Sunlux and others, without a driver of their own
Line        the input device of the kernel, grabbed (`input:/dev/kiosk/scanner` or /dev/input/by-id/NAME-event-kbd):
            nothing it types reaches the screen, a console or another program
Sends       [prefix] [AIM identifier] code, then Enter, keypad Enter, Tab or nothing; characters as keys of the country
            it is set to, or as Alt and a number on the keypad
Supported   US, German and French keys with shift, AltGr (also as control and Alt), caps lock and dead keys; keypad
            digits; Alt numbers; control and a letter; the codes of `serial_scanner.py`, read by the same rules
Wrong       set the scanner to US keys where it can be: one table less that both sides have to agree on.  A scanner
            that turns its letters round when another keyboard's caps lock is on (its lamp tells it) sends the wrong
            case.  What a scanner set to X or macOS keys sends for the signs behind AltGr was not tried
Source      kernel: input-event-codes.h, Documentation/input/event-codes.rst; Windows layouts KBDUS, KBDGR, KBDFR; the
            Alt form from a public capture (left Alt, keypad 0 5 2); that scanners rest less than 60 to 100 ms between
            two keys is what manuals suggest, not measured

A scanner types faster than a person: where more than *silence_seconds* lie between two keys of a code it is no code.
With the tenth of a second that is set, somebody at that device would have to press ten keys a second without one slip,
and then fit the library's rule, its check digit too.  Keys held while it is opened, and a gap in what the
kernel kept for us, spoil the code they belong to: a part of a number may be another number.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivers.barcode import Scan
from drivers.barcode.keymap import Layout
from drivers.barcode.keystrokes import MEANINGLESS, EndKey, KeystrokeDecoder
from drivers.barcode.scanning import ScanReader, ScanSettings, check_scan_settings
from drivers.link import Clock, DeviceFault, InputLink, SettingsError

__all__ = ["EndKey", "KeyboardScanner", "KeyboardScannerSettings", "Layout", "open"]

_DISCARD_READS_MAX = 64


@dataclass(frozen=True, slots=True)
class KeyboardScannerSettings(ScanSettings):
    """How the scanner is set up; *layout* is the country its keys are of, *end_keys* end a code, see `ScanSettings`."""

    silence_seconds: float = 0.1
    layout: Layout = Layout.US
    end_keys: tuple[EndKey, ...] = (EndKey.ENTER, EndKey.KEYPAD_ENTER, EndKey.TAB)


def open(settings: KeyboardScannerSettings, link: InputLink, clock: Clock) -> KeyboardScanner:
    """The scanner on *link*; what it typed before is thrown away.

    Raises `SettingsError` for settings no scanner can have and `DeviceLost`.  The link is closed with the scanner, and
    also when opening fails.
    """
    try:
        _check(settings)
        scanner = KeyboardScanner(settings, link, clock)
        scanner.discard_input()
    except BaseException:
        link.close()
        raise
    return scanner


class KeyboardScanner:
    """A `Scanner`; see the front page of the room for what it promises."""

    def __init__(self, settings: KeyboardScannerSettings, link: InputLink, clock: Clock) -> None:
        self._link = link
        self._codes = ScanReader(settings, clock)
        self._keys = KeystrokeDecoder(settings.layout, frozenset(settings.end_keys))

    def discard_input(self) -> None:
        """Throws away what was typed unread; where there was something, what follows it is no code."""
        for _ in range(_DISCARD_READS_MAX):
            try:
                keys = self._link.read(0.0)
            except DeviceFault:
                keys = ()
                self._codes.spoil("length")
            else:
                if not keys:
                    return
            if any(key.is_down for key in keys):
                self._codes.spoil("length")

    def read(self, timeout_seconds: float) -> Scan | None:
        """See `Scanner.read`."""
        return self._codes.read(timeout_seconds, self._arrive)

    def close(self) -> None:
        """Gives the device back.  Never raises."""
        self._keys.forget()
        self._link.close()

    def _arrive(self, seconds: float) -> bool:
        try:
            keys = self._link.read(seconds)
        except DeviceFault:
            self._keys.forget()
            self._codes.spoil("length")
            return True
        for key in keys:
            for character in self._keys.take(key):
                self._hand_over(character)
        is_pressed = any(key.is_down for key in keys)
        if not is_pressed and self._codes.is_silent and self._keys.forget() and self._codes.is_pending:
            self._codes.spoil("control")
        return is_pressed

    def _hand_over(self, character: str) -> None:
        if character == MEANINGLESS:
            self._codes.spoil("control")
        elif character > "\x7e":
            self._codes.spoil("alphabet")
        else:
            self._codes.feed(character.encode("ascii"))


def _check(settings: KeyboardScannerSettings) -> None:
    """Raises `SettingsError` naming the first setting that is out of range."""
    check_scan_settings(settings)
    if not settings.end_keys and not settings.frames.ends_by_silence:
        raise SettingsError("end_keys: without any, frames.ends_by_silence has to be true")
