"""Readers of smart cards through pcscd, by its plain calls (PC/SC part 5).

The monitors of pyscard are not used: their threads end for good, and silently, when pcscd is restarted.  Here
every error of the service is `DeviceLost`; opened again, the link has a new context, and cards are seen as
before.

pcscd gives each card event a number, in the upper 16 bits of a reader's state; by it a swap between two looks
shows. A reader with several interfaces (contact, contactless, SAM) is several readers; all that match the
name are watched, and the first card seen is the card until it leaves.  Name the contactless one where a SAM
lies inside for ever.

PC/SC has no time limit for `transmit`: the reader's own holds, seconds at most for a CCID reader.
"""

from __future__ import annotations

import re

from smartcard import scard

from drivers.link import CardPresence, Clock, DeviceFault, DeviceLost

__all__ = ["PcscLink", "open_pcsc"]

_PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
_SERVICE_ERRORS = frozenset(
    (
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_SERVICE_STOPPED,
        scard.SCARD_E_INVALID_HANDLE,
        scard.SCARD_F_COMM_ERROR,
        scard.SCARD_F_INTERNAL_ERROR,
        scard.SCARD_E_READER_UNAVAILABLE,
        scard.SCARD_E_UNKNOWN_READER,
        scard.SCARD_E_NO_READERS_AVAILABLE,
    )
)
_READER_GONE = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE


def open_pcsc(reader_name_pattern: str, clock: Clock) -> PcscLink:
    """The readers in whose name *reader_name_pattern* is found, capitals or not; `*` and `?` as in a shell.

    Raises `DeviceLost` when pcscd is not running or no such reader is there.
    """
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        raise DeviceLost(f"no smart card service: {_code(result)}")
    link = PcscLink(context, reader_name_pattern, clock)
    try:
        link.find_readers()
    except DeviceLost:
        link.close()
        raise
    return link


class PcscLink:
    """`ApduLink` to the card on one of the matching readers."""

    def __init__(self, context: int, reader_name_pattern: str, clock: Clock) -> None:
        spelt = re.escape(reader_name_pattern).replace(r"\*", ".*").replace(r"\?", ".")
        self._pattern = re.compile(spelt, re.IGNORECASE)
        self._context: int | None = context
        self._clock = clock
        self._states: dict[str, int] = {}
        self._readers_state: int = scard.SCARD_STATE_UNAWARE
        self._card: tuple[str, int] | None = None
        self._connection: tuple[int, int] | None = None

    @property
    def reader_names(self) -> tuple[str, ...]:
        """The readers watched, in pcscd's order."""
        return tuple(self._states)

    def find_readers(self) -> None:
        """Watches every matching reader there is now.  Raises `DeviceLost` when none is, or one left."""
        result, names = scard.SCardListReaders(self._open_context(), [])
        if result != scard.SCARD_S_SUCCESS:
            raise DeviceLost(f"no card reader: {_code(result)}")
        matching = [name for name in names if self._pattern.search(name)]
        if not matching:
            raise DeviceLost(f"no card reader's name has {self._pattern.pattern!r} in it")
        if not set(self._states) <= set(matching):
            raise DeviceLost("a card reader was taken away")
        self._states = {name: self._states.get(name, scard.SCARD_STATE_UNAWARE) for name in matching}

    def wait_for_change(self, timeout_seconds: float) -> CardPresence:
        """See `ApduLink.wait_for_change`.  Before the first call no card counts as told."""
        deadline = self._clock.monotonic() + timeout_seconds
        wait_seconds = 0.0
        while True:
            self._look(wait_seconds)
            if self._card is not None and not self._is_still_there(*self._card):
                self._card = None
                self._disconnect()
                return CardPresence.ABSENT
            if self._card is None and (card := self._first_card()) is not None:
                self._card = card
                return CardPresence.PRESENT
            wait_seconds = deadline - self._clock.monotonic()
            if wait_seconds <= 0:
                return CardPresence.ABSENT if self._card is None else CardPresence.PRESENT

    def transmit(self, command: bytes, timeout_seconds: float) -> bytes:
        """See `ApduLink.transmit`; *timeout_seconds* cannot be kept, see the head of this module."""
        context = self._open_context()
        if self._card is None:
            raise DeviceFault("no card")
        if self._connection is None:
            result, handle, protocol = scard.SCardConnect(
                context,
                self._card[0],
                scard.SCARD_SHARE_SHARED,
                scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
            )
            self._raise_for(result)
            header = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
            self._connection = (handle, header)
        handle, header = self._connection
        result, response = scard.SCardTransmit(handle, header, list(command))
        if result != scard.SCARD_S_SUCCESS:
            self._disconnect()
        self._raise_for(result)
        # A virtual reader whose card leaves in the middle reports success and nothing.
        if len(response) < 2:
            self._disconnect()
            raise DeviceFault("the card answered with less than a status")
        return bytes(byte & 0xFF for byte in response)

    def close(self) -> None:
        """See `ApduLink.close`."""
        self._disconnect()
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
        self._context = None

    def _open_context(self) -> int:
        if self._context is None:
            raise DeviceLost("the card reader is closed")
        return self._context

    def _look(self, wait_seconds: float) -> None:
        """Brings `_states` up to date, at latest after *wait_seconds*.  Raises `DeviceLost`."""
        known = [*self._states.items(), (_PLUG_AND_PLAY, self._readers_state)]
        milliseconds = max(0, round(wait_seconds * 1000))
        result, told = scard.SCardGetStatusChange(self._open_context(), milliseconds, known)
        if result == scard.SCARD_E_TIMEOUT:
            return
        if result != scard.SCARD_S_SUCCESS:
            raise DeviceLost(f"the smart card service is gone: {_code(result)}")
        is_readers_changed = False
        for name, state, _atr in told:
            if name == _PLUG_AND_PLAY:
                # Newer versions count the readers here; not handed back, the count would be news each time.
                is_readers_changed = bool(state & scard.SCARD_STATE_CHANGED)
                self._readers_state = state & ~scard.SCARD_STATE_CHANGED
            elif state & _READER_GONE:
                raise DeviceLost("the card reader was taken away")
            else:
                self._states[name] = state & ~scard.SCARD_STATE_CHANGED
        if is_readers_changed:
            self.find_readers()

    def _first_card(self) -> tuple[str, int] | None:
        for name, state in self._states.items():
            if state & scard.SCARD_STATE_PRESENT:
                return name, state >> 16
        return None

    def _is_still_there(self, name: str, event_number: int) -> bool:
        state = self._states.get(name, 0)
        return bool(state & scard.SCARD_STATE_PRESENT) and state >> 16 == event_number

    def _disconnect(self) -> None:
        if self._connection is not None:
            scard.SCardDisconnect(self._connection[0], scard.SCARD_LEAVE_CARD)
        self._connection = None

    def _raise_for(self, result: int) -> None:
        if result in _SERVICE_ERRORS:
            raise DeviceLost(f"the card reader or its service is gone: {_code(result)}")
        if result != scard.SCARD_S_SUCCESS:
            raise DeviceFault(f"the card left or does not answer: {_code(result)}")


def _code(result: int) -> str:
    """The error as PC/SC documents write it."""
    return f"{result & 0xFFFFFFFF:08X}"
