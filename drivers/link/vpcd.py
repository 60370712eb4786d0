"""A reader of smart cards without pcscd: listens where the virtual reader of vsmartcard would.

A card far end connects while it lies on the reader and speaks vpcd's protocol: each message is a length of
two bytes, big-endian, and so many bytes.  To the card: one byte 00 off, 01 on, 02 reset, 04 "your ATR",
anything longer an APDU; only 04 and APDUs are answered.  The same far end connects to a real vpcd.

Only this machine may connect: whoever reaches the port can be any card.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from ipaddress import ip_address

from drivers.link import CardPresence, Clock, DeviceFault, DeviceLost, SettingsError

__all__ = ["VpcdLink", "open_vpcd"]

_OFF, _ON, _ATR = b"\x00", b"\x01", b"\x04"
_ATR_SIZE_MAX = 33
_ATR_SECONDS_MAX = 0.25
_APDU_SIZE_MIN = 4


def open_vpcd(host: str, port: int, clock: Clock) -> VpcdLink:
    """A reader at *host* (loopback only) and *port* (0 takes a free one, see `VpcdLink.port`).

    Raises `SettingsError` for a host that others could reach and `DeviceLost` when the port is taken.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        is_loopback = ip_address(address).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise SettingsError(f"vpcd://{host}: allowed are localhost, 127.0.0.1 and ::1")
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise DeviceLost(f"nothing can listen at {address} port {port}: {error.strerror}") from error
    return VpcdLink(listener, clock)


class VpcdLink:
    """`ApduLink` to the card that is connected now; further ones wait until it leaves.

    A card that answers late, or says anything unasked, is put out: it counts as taken away.
    """

    def __init__(self, listener: socket.socket, clock: Clock) -> None:
        self._listener = listener
        self._clock = clock
        self._card: socket.socket | None = None
        self._told = CardPresence.ABSENT
        self._is_open = True

    @property
    def port(self) -> int:
        """Where cards connect."""
        return int(self._listener.getsockname()[1])

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        """See `ApduLink.wait_for_change`; a card that comes late has a quarter second more for its ATR."""
        self._check()
        deadline = self._clock.monotonic() + timeout_seconds
        if self._card is None and self._told is CardPresence.PRESENT:
            return self._tell(CardPresence.ABSENT)
        while True:
            watched = self._card or self._listener
            if self._is_readable(watched, deadline):
                if self._card is not None:
                    self._put_out()
                    return self._tell(CardPresence.ABSENT)
                if self._take_in():
                    return self._tell(CardPresence.PRESENT)
            if self._clock.monotonic() >= deadline:
                return self._told

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        """See `ApduLink.transmit`.  Raises `ValueError` for a *command* no APDU could be."""
        if not _APDU_SIZE_MIN <= len(command) <= 0xFFFF:
            raise ValueError(f"an APDU has 4 to 65535 bytes, this one {len(command)}")
        self._check()
        if self._card is None:
            raise DeviceFault("no card")
        response = self._exchange(self._card, command, timeout_seconds)
        if response is None or len(response) < 2:
            self._put_out()
            raise DeviceFault("the card left or does not answer")
        return response

    def close(self) -> None:
        """See `ApduLink.close`."""
        if self._card is not None:
            with suppress(OSError):
                self._send(self._card, _OFF)
        self._put_out()
        self._listener.close()
        self._is_open = False

    def _check(self) -> None:
        if not self._is_open:
            raise DeviceLost("the reader is closed")

    def _tell(self, presence: CardPresence) -> CardPresence:
        self._told = presence
        return presence

    def _take_in(self) -> bool:
        """Accepts the card that knocks, if it gives an ATR (ISO 7816-3: 3B or 3F, at most 33 bytes)."""
        try:
            card, _ = self._listener.accept()
        except OSError:
            return False
        atr = None
        try:
            card.setblocking(False)
            card.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._send(card, _ON)
            atr = self._exchange(card, _ATR, _ATR_SECONDS_MAX, _ATR_SIZE_MAX)
        except OSError:
            pass  # left while it was asked
        if not atr or atr[0] not in (0x3B, 0x3F):
            card.close()
            return False
        self._card = card
        return True

    def _put_out(self) -> None:
        if self._card is not None:
            self._card.close()
            self._card = None

    def _exchange(
        self, card: socket.socket, message: bytes, timeout_seconds: float, size_max: int = 0xFFFF
    ) -> bytes | None:
        """The card's answer to *message*; None when it left, is late or answers with more than *size_max*."""
        deadline = self._clock.monotonic() + timeout_seconds
        try:
            if self._is_readable(card, self._clock.monotonic()):
                return None
            self._send(card, message)
            head = self._receive(card, 2, deadline)
            size = int.from_bytes(head, "big")
            return self._receive(card, size, deadline) if size <= size_max else None
        except OSError:
            return None

    def _send(self, card: socket.socket, message: bytes) -> None:
        """One segment, or an error: a card that has not read the last commands is as good as gone."""
        data = len(message).to_bytes(2, "big") + message
        if card.send(data) != len(data):
            raise OSError("the card does not read")

    def _receive(self, card: socket.socket, size: int, deadline: float) -> bytes:
        """Exactly *size* bytes.  Raises `OSError` when the card leaves or *deadline* comes first."""
        data = b""
        while len(data) < size:
            if not self._is_readable(card, deadline):
                raise TimeoutError
            # The kernel takes this back after each read; without it every answer costs 40 ms.
            card.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            piece = card.recv(size - len(data))
            if not piece:
                raise OSError("the card left")
            data += piece
        return data

    def _is_readable(self, watched: socket.socket, deadline: float) -> bool:
        remaining = max(0.0, deadline - self._clock.monotonic())
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        return bool(poll.poll(remaining * 1000))
