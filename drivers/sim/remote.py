"""Far ends that are no byte streams, behind a byte stream: the other side of `drivers/link/remote.py`.

Each is a `FarEnd` and can be served by `serve.py` like any other.  A message that is none is answered by a refusal.
"""

from __future__ import annotations

from drivers.link.memory_control import ControlFarEnd
from drivers.link.memory_keys import KeyFarEnd
from drivers.link.remote import EVENT, REQUEST, MessageReader, framed

__all__ = ["ServedControl", "ServedKeys"]

_DONE, _REFUSED = b"\0", b"\1"


class ServedControl:
    """A USB device: each message is a control transfer."""

    def __init__(self, far_end: ControlFarEnd) -> None:
        self._far_end = far_end
        self._reader = MessageReader()

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        self._reader.feed(data)
        answers = b""
        while (message := self._reader.next()) is not None:
            answers += framed(self._answer(message))
        return answers

    def _answer(self, message: bytes) -> bytes:
        if len(message) != REQUEST.size:
            return _REFUSED
        answer = self._far_end.control(*REQUEST.unpack(message))
        return _REFUSED if answer is None else _DONE + answer


class ServedKeys:
    """An input device: what it types is sent as it comes, and nothing is heard."""

    def __init__(self, far_end: KeyFarEnd) -> None:
        self._far_end = far_end

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        return b"".join(framed(EVENT.pack(*event)) for event in self._far_end.events())
