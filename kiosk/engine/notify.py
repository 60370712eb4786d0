"""Tells systemd how the process stands (sd_notify(3)): ready, stopping, and alive for the watchdog."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class Notify:
    """Sends states to the socket that systemd named in the environment; does nothing without one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the zero byte of an abstract socket.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._interval_seconds = _microseconds(environment.get("WATCHDOG_USEC", "")) / 2_000_000
        self._next_sign = 0.0

    def ready(self) -> None:
        """The service is up."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The service ends."""
        self._send("STOPPING=1")

    def alive(self, now_seconds: float) -> None:
        """Feeds the watchdog when half its time has passed; *now_seconds* is monotonic."""
        if self._interval_seconds and now_seconds >= self._next_sign:
            self._next_sign = now_seconds + self._interval_seconds
            self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            try:
                out.connect(self._address)
                out.sendall(state.encode("ascii"))
            except OSError:
                # Whoever started us does not listen; the watchdog, if there is one, will say so.
                return


def _microseconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
