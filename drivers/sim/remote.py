"""Far ends that are no byte streams, behind a byte stream: the other side of `drivers/link/remote.py`.

Each is a `FarEnd` and can be served by `serve.py` like any other.  A message that is none is answered by a refusal.
"""

from __future__ import annotations

from drivers.link.memory_control import ControlFarEnd
from drivers.link.memory_keys import KeyFarEnd
from drivers.link.memory_lines import LineFarEnd
from drivers.link.remote import EVENT, LINE, REQUEST, MessageReader, framed

__all__ = ["ServedControl", "ServedKeys", "ServedLines"]

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


class ServedLines:
    """What hangs on the lines of a chip.  What cannot be read is refused, as a line that nobody claimed."""

    def __init__(self, far_end: LineFarEnd) -> None:
        self._far_end = far_end
        self._reader = MessageReader()
        self._low: frozenset[int] = frozenset()
        self._inputs: tuple[int, ...] = ()
        self._outputs: tuple[int, ...] = ()
        self._seen: tuple[bool, ...] = ()

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        self._reader.feed(data)
        answers = b""
        while (message := self._reader.next()) is not None:
            answers += framed(self._answer(message))
        return answers

    def _answer(self, message: bytes) -> bytes:
        verb, rest = message[:1], message[1:]
        numbers = [number for (number,) in LINE.iter_unpack(rest[3:])] if len(rest) % 2 else []
        if verb == b"C" and len(rest) >= 3 and len(numbers) == sum(rest[:3]):
            return self._claimed(numbers, rest[0], rest[1])
        if verb == b"R" and len(rest) == 2:
            (line,) = LINE.unpack(rest)
            return _DONE + bytes((self._is_active(line),)) if line in self._inputs else _REFUSED
        if verb == b"W" and len(rest) == 3:
            (line,) = LINE.unpack(rest[:2])
            return self._written(line, bool(rest[2]))
        if verb == b"E" and not rest:
            before, self._seen = self._seen, self._now()
            return _DONE + b"\1" if before != self._seen else _DONE
        return _REFUSED

    def _claimed(self, numbers: list[int], inputs: int, outputs: int) -> bytes:
        self._inputs = tuple(numbers[:inputs])
        self._outputs = tuple(numbers[inputs : inputs + outputs])
        self._low = frozenset(numbers[inputs + outputs :])
        for line in self._outputs:
            self._far_end.drive(line, line in self._low)
        self._seen = self._now()
        return _DONE

    def _written(self, line: int, active: bool) -> bytes:
        if line not in self._outputs:
            return _REFUSED
        self._far_end.drive(line, active != (line in self._low))
        return _DONE

    def _is_active(self, line: int) -> bool:
        return self._far_end.level(line) != (line in self._low)

    def _now(self) -> tuple[bool, ...]:
        return tuple(self._is_active(line) for line in self._inputs)


class ServedKeys:
    """An input device: what it types is sent as it comes, and nothing is heard."""

    def __init__(self, far_end: KeyFarEnd) -> None:
        self._far_end = far_end

    def receive(self, data: bytes) -> bytes:
        """See `FarEnd.receive`."""
        return b"".join(framed(EVENT.pack(*event)) for event in self._far_end.events())
