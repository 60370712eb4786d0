"""The line of a simulated card terminal: blocks with signs as on a serial line, or messages as they are as over TCP.

Which one it is shows in the first byte that arrives: no message begins with 10.
"""

from __future__ import annotations

from collections import deque

from drivers.payment.zvt_serial import checksum

__all__ = ["TillLine"]

_ACK, _NAK, _DLE, _STX, _ETX = 0x06, 0x15, 0x10, 0x02, 0x03
_TRIES = 3
_ANSWER_SECONDS = 5.0
_BYTE_SECONDS = 0.2
_PART_SECONDS = 5.0
_PENDING_BYTES_MAX = 70_000


class TillLine:
    """Takes bytes and gives messages; takes messages and gives bytes.  *is_serial* is None until the first byte."""

    def __init__(self) -> None:
        self.is_serial: bool | None = None
        self._pending = bytearray()
        self._heard_at = 0.0
        self._out = bytearray()
        self._blocks: deque[bytes] = deque()
        self._unanswered: bytes | None = None
        self._tries_left = 0
        self._again_at = 0.0

    def hang_up(self) -> None:
        """The till is gone: what was under way in either direction is lost."""
        self._pending.clear()
        self._out.clear()
        self._blocks.clear()
        self._unanswered = None

    def take(self, data: bytes, now: float) -> list[bytes]:
        """The messages that are whole with *data*."""
        silence = _BYTE_SECONDS if self.is_serial else _PART_SECONDS
        if self._pending and now - self._heard_at > silence:
            self._pending.clear()
        if not data:
            return []
        if self.is_serial is None:
            self.is_serial = data[0] == _DLE
        self._heard_at = now
        self._pending += data
        if len(self._pending) > _PENDING_BYTES_MAX:
            self._pending.clear()
        return self._blocks_taken() if self.is_serial else self._messages_taken()

    def say(self, message: bytes) -> None:
        """Sends *message*; on a serial line when the one before was taken."""
        if not self.is_serial:
            self._out += message
            return
        tail = checksum(message + bytes((_ETX,))).to_bytes(2, "little")
        doubled = bytes(one for byte in message for one in ((byte, byte) if byte == _DLE else (byte,)))
        self._blocks.append(bytes((_DLE, _STX)) + doubled + bytes((_DLE, _ETX)) + tail)

    def give(self, now: float) -> bytes:
        """The bytes to send now."""
        if self._unanswered is not None and now >= self._again_at:
            self._send_again(now)
        if self._unanswered is None and self._blocks:
            self._unanswered, self._tries_left = self._blocks.popleft(), _TRIES
            self._send_again(now)
        given = bytes(self._out)
        self._out.clear()
        return given

    def _send_again(self, now: float) -> None:
        if self._tries_left == 0 or self._unanswered is None:
            self._unanswered = None
            return
        self._tries_left -= 1
        self._again_at = now + _ANSWER_SECONDS
        self._out += self._unanswered

    def _messages_taken(self) -> list[bytes]:
        found = []
        while len(self._pending) >= 3:
            head, size = 3, self._pending[2]
            if size == 0xFF:
                if len(self._pending) < 5:
                    break
                head, size = 5, self._pending[3] + 256 * self._pending[4]
            if len(self._pending) < head + size:
                break
            found.append(bytes(self._pending[: head + size]))
            del self._pending[: head + size]
        return found

    def _blocks_taken(self) -> list[bytes]:
        found = []
        while self._pending:
            if self._pending[0] != _DLE:
                self._signed(self._pending.pop(0))
                continue
            if len(self._pending) >= 2 and self._pending[1] != _STX:
                del self._pending[0]
                continue
            size = self._block_size()
            if size == 0:
                break
            message = self._opened(bytes(self._pending[:size]))
            del self._pending[:size]
            self._out.append(_NAK if message is None else _ACK)
            if message is not None:
                # Who speaks has taken what was said before.
                self._unanswered = None
                found.append(message)
        return found

    def _block_size(self) -> int:
        """How many bytes the block at the front has; 0 when it is not all there."""
        place = 2
        while place + 3 < len(self._pending):
            if self._pending[place] != _DLE:
                place += 1
            elif self._pending[place + 1] == _ETX:
                return place + 4
            else:
                place += 2
        return 0

    def _signed(self, byte: int) -> None:
        if byte == _ACK:
            self._unanswered = None
        elif byte == _NAK and self._unanswered is not None:
            self._again_at = 0.0

    @staticmethod
    def _opened(block: bytes) -> bytes | None:
        """The message in *block*; None when it is damaged."""
        message, place = bytearray(), 2
        while place < len(block) - 4:
            message.append(block[place])
            place += 2 if block[place] == _DLE else 1
        is_sound = checksum(bytes(message) + bytes((_ETX,))) == int.from_bytes(block[-2:], "little")
        return bytes(message) if is_sound and len(message) >= 3 else None
