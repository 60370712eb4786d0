"""A log of what goes over a link, for the installer who looks for a fault.

What readers and cards say may name a person and what servers are told may hold a PIN.  So a trace shows
directions and lengths, and the bytes only where whoever opens the link asks for them; *redact* then blanks
what must never land in a log, whatever was asked for, and `conceal` a secret that a driver is about to send.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from drivers.link import ApduLink, CardPresence, Link, TunableLink

__all__ = ["Redact", "TraceApduLink", "TraceLink", "conceal", "log_at_debug"]

Redact = Callable[[bytes], bytes]
"""Gives what may be shown of the bytes that passed in one call; called for each direction."""


def log_at_debug(line: str) -> None:
    """Where a trace goes when nothing else is said: the logger of this module, level debug."""
    logging.getLogger(__name__).debug(line)


class _Pen:
    """Writes the lines of a trace."""

    def __init__(self, emit: Callable[[str], None], show_bytes: bool, redact: Redact | None) -> None:
        self._emit = emit
        self._show_bytes = show_bytes
        self._redact = redact
        self.concealed: list[bytes] = []

    def line(self, direction: str, data: bytes) -> None:
        text = f"{direction} {len(data)} bytes"
        if self._show_bytes:
            shown = self._redact(data) if self._redact is not None else data
            for secret in self.concealed:
                shown = shown.replace(secret, bytes(len(secret)))
            text = f"{text}: {shown.hex(' ')}"
        self._emit(text)

    def said(self, text: str) -> None:
        self._emit(text)

    def failed(self, call: str, error: Exception) -> None:
        self._emit(f"! {call}: {type(error).__name__}")


class TraceLink:
    """`Link` that passes everything to *inner* and tells *emit*; reads without an answer are not told."""

    def __init__(
        self,
        inner: Link,
        emit: Callable[[str], None] = log_at_debug,
        *,
        show_bytes: bool = False,
        redact: Redact | None = None,
    ) -> None:
        self._inner = inner
        self._pen = _Pen(emit, show_bytes, redact)

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        try:
            data = self._inner.read(size_max, timeout_seconds)
        except Exception as error:
            self._pen.failed("read", error)
            raise
        if data:
            self._pen.line("<", data)
        return data

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`; told before it is sent."""
        self._pen.line(">", data)
        try:
            self._inner.write(data, timeout_seconds)
        except Exception as error:
            self._pen.failed("write", error)
            raise

    def discard_input(self) -> int:
        """As promised by `Link`."""
        count = self._inner.discard_input()
        if count:
            self._pen.line("x", bytes(count))
        return count

    def retune(self, baud: int) -> bool:
        """As promised by `TunableLink`, where *inner* is one; false where it is not."""
        is_retuned = isinstance(self._inner, TunableLink) and self._inner.retune(baud)
        if is_retuned:
            self._pen.said(f"{baud} baud")
        return is_retuned

    def conceal(self, secret: bytes) -> None:
        """From now on shows zeros wherever *secret* passes in one call."""
        self._pen.concealed.append(secret)

    def close(self) -> None:
        """Closes *inner*."""
        self._inner.close()


class TraceApduLink:
    """`ApduLink` that passes everything to *inner* and tells *emit*."""

    def __init__(
        self,
        inner: ApduLink,
        emit: Callable[[str], None] = log_at_debug,
        *,
        show_bytes: bool = False,
        redact: Redact | None = None,
    ) -> None:
        self._inner = inner
        self._emit = emit
        self._pen = _Pen(emit, show_bytes, redact)
        self._last: CardPresence | None = None

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        """As promised by `ApduLink`; only changes are told."""
        try:
            presence = self._inner.wait_for_change(timeout_seconds)
        except Exception as error:
            self._pen.failed("wait", error)
            raise
        if presence is not self._last:
            self._emit(f"card {presence.value}")
            self._last = presence
        return presence

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        """As promised by `ApduLink`."""
        self._pen.line(">", command)
        try:
            response = self._inner.transmit(command, timeout_seconds)
        except Exception as error:
            self._pen.failed("transmit", error)
            raise
        self._pen.line("<", response)
        return response

    def close(self) -> None:
        """Closes *inner*."""
        self._inner.close()


def conceal(link: Link, secret: bytes) -> None:
    """Keeps *secret* out of the trace around *link*, if there is one; a driver calls it before it sends *secret*."""
    if isinstance(link, TraceLink) and secret:
        link.conceal(secret)
