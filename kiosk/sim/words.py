"""Lines on standard input, answered one by one on standard output; no input is no hindrance."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from kiosk.sim.control import CannotBeDone
from kiosk.sim.loop import Loop

LINE_BYTES_MAX = 4096


class Words:
    """Gives each line of standard input to *do* and says what comes of it; `CannotBeDone` is an answer too."""

    def __init__(self, loop: Loop, do: Callable[[str], str], say: Callable[[str], None]) -> None:
        self._loop = loop
        self._do = do
        self._say = say
        self._bytes = b""

    def listen(self) -> None:
        """Hears from now on; where standard input is a file or nothing at all, nobody speaks."""
        try:
            self._loop.watch(sys.stdin, self._hear)
        except (OSError, ValueError):
            return

    def _hear(self) -> None:
        data = os.read(sys.stdin.fileno(), LINE_BYTES_MAX)
        if not data:
            self._loop.forget(sys.stdin)
            return
        *lines, self._bytes = (self._bytes + data).split(b"\n")
        self._bytes = self._bytes[-LINE_BYTES_MAX:]
        for line in lines:
            self._say(json.dumps(self._answer(line.decode("utf-8", errors="replace")), ensure_ascii=False))

    def _answer(self, line: str) -> dict[str, object]:
        try:
            return {"ok": True, "said": self._do(line)}
        except CannotBeDone as refusal:
            return {"ok": False, "error": str(refusal)}
