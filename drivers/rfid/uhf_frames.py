"""What the frames of UHF modules have in common, whoever makes them: an address, a command, a payload, a check sum.

A module in a field pushes frames or is spoken to in the midst of one, and a line may damage any: a reader of frames has
to find the next whole one behind bytes that are none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

__all__ = ["Frame", "FrameFinder", "Request"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, either way; *payload* stands between command and check sum, may hold a password and is not shown."""

    address: int
    command: int
    payload: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A command byte and its data, which may hold a password and is not shown."""

    command: int
    data: bytes = field(default=b"", repr=False)


class FrameFinder(ABC):
    """Cuts a stream into frames, however the bytes arrive, and finds the next one behind bytes that are none.

    It never raises, and never keeps more than one unfinished frame.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skipped_bytes = 0

    @abstractmethod
    def _size(self, buffer: bytearray, at: int) -> int:
        """The size of a frame that begins at *at*: 0 where none can, more than there is where that is not known yet."""

    @abstractmethod
    def _taken(self, raw: bytes) -> Frame | None:
        """The frame that *raw*, of the size told, is; None when its check sum is wrong."""

    def feed(self, data: bytes) -> None:
        """Takes what has arrived."""
        self._buffer += data

    def next_frame(self) -> Frame | None:
        """The next whole frame, None when it has not arrived completely.

        What cannot begin a frame is skipped byte by byte instead of thrown away with everything behind it.
        """
        buffer = self._buffer
        at = size = 0
        frame = None
        while at < len(buffer):
            size = self._size(buffer, at)
            if size > len(buffer) - at:
                break
            frame = self._taken(bytes(buffer[at : at + size])) if size else None
            if frame is not None:
                break
            at += 1
        self._skipped_bytes += at
        del buffer[: at + (size if frame is not None else 0)]
        return frame

    def drop(self) -> int:
        """Forgets an unfinished frame and says how many bytes that were, with those skipped since the last time."""
        count = len(self._buffer) + self._skipped_bytes
        self._buffer.clear()
        self._skipped_bytes = 0
        return count
