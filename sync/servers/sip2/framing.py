"""Where a SIP2 frame begins and ends, its sequence digit and its checksum (SIP 2.00; both ends of the line).

A frame is text in the wire's charset, optionally "AY" and a digit, optionally "AZ" and four hex digits, then
CR.  CR LF is what Koha sends, LF CR is seen too: what is left over at the edges of a frame is dropped.  LF
alone ends nothing, since servers send it inside messages for people.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from zlib import adler32

FRAME_SIZE_MAX = 64 * 1024
_EDGES = b"\r\n\x00\x02\x03 "
# Adler-32's low half is (1 + the sum of the bytes) modulo 65,521: exact as long as the sum stays below that.
_EXACT_LENGTH = 256


class FrameTooLong(Exception):
    """More than the allowed bytes came without an end; what came is dropped and the stream cannot be
    trusted.
    """


class Checksum(Enum):
    """How the checksum of a frame stands."""

    ABSENT = "absent"
    GOOD = "good"
    BAD = "bad"


# Looking up a member takes longer than summing a frame.
_ABSENT, _GOOD, _BAD = Checksum


class Frame(NamedTuple):
    """One frame as it came: *text* without AY and AZ, decoded; *sequence* the digit of AY; *raw* all of its
    bytes.
    """

    text: str
    sequence: str
    checksum: Checksum
    raw: bytes

    def __repr__(self) -> str:
        return f"<Frame of {len(self.raw)} bytes, checksum {self.checksum.value}>"


# The constructor of a named tuple takes as long as reading the checksum.
_new_frame = tuple.__new__


class Framer:
    """Cuts a stream of bytes into frames, however they arrive."""

    __slots__ = ("_pending", "_size_max")

    def __init__(self, size_max: int = FRAME_SIZE_MAX) -> None:
        self._pending = b""
        self._size_max = size_max

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that *data* completes, without their ends; an empty frame is b"".

        Raises `FrameTooLong`, and has then forgotten what came.
        """
        if b"\r" not in data:
            self._keep(self._pending + data)
            return []
        *frames, rest = (self._pending + data).split(b"\r")
        self._pending = b""
        if any(len(frame) > self._size_max for frame in frames):
            raise FrameTooLong(f"a frame of more than {self._size_max} bytes")
        self._keep(rest)
        return [frame.strip(_EDGES) for frame in frames]

    def _keep(self, rest: bytes) -> None:
        self._pending = b""
        if len(rest) > self._size_max:
            raise FrameTooLong(f"more than {self._size_max} bytes without an end")
        self._pending = b"" if rest in (b"\n", b"") else rest

    @property
    def pending(self) -> int:
        """How many bytes of an unfinished frame have come."""
        return len(self._pending)

    def take_unfinished(self) -> bytes:
        """What has come of an unfinished frame, taken as a whole one: for servers that do not end their
        frames.
        """
        rest, self._pending = self._pending, b""
        return rest.strip(_EDGES)


def byte_sum(data: bytes) -> int:
    """The sum of the bytes of *data*, modulo 65,536."""
    if len(data) <= _EXACT_LENGTH:
        return (adler32(data) & 0xFFFF) - 1
    return (
        sum(
            adler32(data[begin : begin + _EXACT_LENGTH]) & 0xFFFF
            for begin in range(0, len(data), _EXACT_LENGTH)
        )
        - (len(data) + _EXACT_LENGTH - 1) // _EXACT_LENGTH
    ) & 0xFFFF


def checksum(data: bytes) -> bytes:
    """The four hex digits that follow *data*, whose last bytes are "AZ" (SIP 2.00: two's complement of the
    sum).
    """
    return b"%04X" % (-byte_sum(data) & 0xFFFF)


def enframe(
    text: str,
    charset: str = "ascii",
    sequence: str = "",
    *,
    error_detection: bool = False,
    terminator: bytes = b"\r",
    errors: str = "strict",
) -> bytes:
    """The frame that carries *text*: with AZ under *error_detection*, and with AY before it where *sequence*
    is a digit.

    *errors* is what becomes of characters the charset has not (see `str.encode`): "strict" raises
    `UnicodeEncodeError`, "replace" sends "?".  An unknown charset raises `LookupError`.
    """
    if not error_detection:
        return text.encode(charset, errors) + terminator
    body = (
        f"{text}AY{sequence}AZ".encode(charset, errors) if sequence else f"{text}AZ".encode(charset, errors)
    )
    total = (adler32(body) & 0xFFFF) - 1 if len(body) <= _EXACT_LENGTH else byte_sum(body)
    return b"%b%04X%b" % (body, -total & 0xFFFF, terminator)


def deframe(data: bytes, charset: str = "ascii") -> Frame:
    """The frame in *data* (without its end).  Never raises: bytes the charset has not become U+FFFD in its
    text.

    A wrong checksum is said, not refused, since some servers compute it wrongly; a checksum whose digits are
    no hex is BAD.  Splitting at "|" comes after decoding, because a GBK character may end in that byte.
    """
    tail = data[-9:]
    if tail[:2] == b"AY" and tail[3:5] == b"AZ" and 0x30 <= tail[2] <= 0x39:
        end, sequence, state = len(data) - 9, chr(tail[2]), _state(data, tail[5:])
    else:
        end, sequence, state = _loose_end(data)
    return _new_frame(Frame, (data[:end].decode(charset, "replace"), sequence, state, data))


def _state(data: bytes, digits: bytes) -> Checksum:
    """How *digits*, the last four bytes of *data*, check what stands before them."""
    summed = data[:-4]
    total = (adler32(summed) & 0xFFFF) - 1 if len(summed) <= _EXACT_LENGTH else byte_sum(summed)
    try:
        return _BAD if (total + int(digits, 16)) & 0xFFFF else _GOOD
    except ValueError:
        return _BAD


def _loose_end(data: bytes) -> tuple[int, str, Checksum]:
    """Where the text of a frame ends, its digit and its checksum, for frames that lack one of them."""
    # Some servers put a delimiter after the checksum; others end in a field.
    body = data.rstrip(b"|")
    end, state = len(data), _ABSENT
    if body[-6:-4] == b"AZ" and (body[-9:-7] == b"AY" or body[-7:-6] == b"|" or len(body) <= 9):
        end, state = len(body) - 6, _state(body, body[-4:])
    if data[end - 3 : end - 1] == b"AY" and end > 3 and data[end - 1 : end].isdigit():
        return end - 3, chr(data[end - 1]), state
    return end, "", state
