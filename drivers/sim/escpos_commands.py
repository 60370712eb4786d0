"""Reads the ESC/POS bytes a printer is sent, as a printer does: in whatever pieces they come."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Command", "Glyphs", "Reader", "RealTime", "split_real_time"]

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
# How many bytes follow DLE DC4 8.
_CLEAR_PARAMETERS = 7

# A larger picture is none: a printer has no room for it and prints its dots as letters.
_PICTURE_BYTES_MAX = 256 * 1024

# How many bytes follow the two of a command; commands that are not here have none.
_ESC_PARAMETERS = {
    0x21: 1,  # ! print mode
    0x2D: 1,  # - underline
    0x33: 1,  # 3 line spacing
    0x45: 1,  # E bold
    0x4A: 1,  # J feed dots
    0x4D: 1,  # M font
    0x52: 1,  # R national characters
    0x61: 1,  # a alignment
    0x64: 1,  # d feed lines
    0x74: 1,  # t code page
    0x7B: 1,  # { upside down
}
_GS_PARAMETERS = {0x21: 1, 0x42: 1, 0x61: 1, 0x62: 1, 0x72: 1}
_FS_PARAMETERS = {0x21: 1, 0x2D: 1, 0x43: 1, 0x57: 1}


@dataclass(frozen=True, slots=True)
class RealTime:
    """A command obeyed on arrival: DLE *code* with *parameter*."""

    code: int
    parameter: int


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Bytes to be set as letters; one to four of them are one letter."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """A command of two bytes (or one: LF, CR) with what follows it."""

    name: bytes
    parameters: bytes = b""


def split_real_time(data: bytes) -> tuple[list[bytes | RealTime], bytes]:
    """*data* cut at its real-time commands, in order, and an unfinished one at the end, to be kept."""
    found: list[bytes | RealTime] = []
    start = at = 0
    while at < len(data):
        size = _real_time_size(data, at) if data[at] == DLE else 0
        if not size:
            at += 1
            continue
        if at > start:
            found.append(data[start:at])
        if at + size > len(data):
            return found, data[at:]
        found.append(RealTime(data[at + 1], data[at + 2]))
        start = at = at + size
    return [*found, data[start:]] if start < len(data) else found, b""


def _real_time_size(data: bytes, at: int) -> int:
    """How long the command at *at* is, as far as that can be told; 0 when it is none."""
    if at + 1 == len(data) or data[at + 1] in (0x04, 0x05):
        return 3
    if data[at + 1] != 0x14:
        return 0
    if at + 2 == len(data):
        return 5
    return 3 + _CLEAR_PARAMETERS if data[at + 2] == 8 else 5


class Reader:
    """Cuts a printer's buffer into commands and letters; *is_chinese* says how letters are cut."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes *data*."""
        self._waiting += data

    def clear(self) -> None:
        """Forgets what was taken and not read."""
        self._waiting.clear()

    def next(self, *, is_chinese: bool) -> Command | Glyphs | None:
        """The next command or letter; None when there is no whole one."""
        size = self._size(is_chinese)
        if size is None or size > len(self._waiting):
            return None
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        if data[0] in (ESC, FS, GS):
            return Command(data[:2], data[2:])
        return Command(data) if data[0] < 0x20 else Glyphs(data)

    def _size(self, is_chinese: bool) -> int | None:
        """How long the thing at the front is; None when that cannot be told yet."""
        waiting = self._waiting
        if not waiting:
            return None
        first = waiting[0]
        if first in (ESC, FS, GS):
            return self._command_size(first)
        if not is_chinese or first < 0x81 or first == 0xFF:
            return 1
        if len(waiting) < 2:
            return None
        return 4 if 0x30 <= waiting[1] <= 0x39 else 2

    def _command_size(self, first: int) -> int | None:
        waiting = self._waiting
        if len(waiting) < 2:
            return None
        second = waiting[1]
        if first == ESC:
            return 2 + _ESC_PARAMETERS.get(second, 0)
        if first == FS:
            return 2 + _FS_PARAMETERS.get(second, 0)
        if second == 0x56:  # V cut; from 65 on with a feed
            return None if len(waiting) < 3 else 4 if waiting[2] >= 65 else 3
        if second == 0x76:  # v 0 picture: m, width in bytes, height in dots
            if len(waiting) < 8:
                return None
            dots = (waiting[4] + 256 * waiting[5]) * (waiting[6] + 256 * waiting[7])
            return 8 + (dots if dots <= _PICTURE_BYTES_MAX else 0)
        return 2 + _GS_PARAMETERS.get(second, 0)
