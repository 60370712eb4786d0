"""The control socket of `kiosk sim shelf`, seen from the table.

One JSON object a line, in both directions, over a Unix socket.  A request is `{"do": VERB, ...}`, answered in order by
`{"ok": true, ...}` or `{"ok": false, "error": SENTENCE}`.  The verbs used here:

    state                       "things", "devices" {name: plugged}, "network" (whole, cut, mute, none)
    put / take  thing [part]    a book, or one part of it from 1, onto the pad or off it
    show thing / hide           a card onto the card reader, or off it
    scan thing                  the thing's barcode before the scanner
    slide thing                 a book with a strip over the strip unit
    plug / unplug  device
    network  how                whole, cut or mute
    card choice / wallet how    what is done at the card terminal, and with the QR code on the screen
    tear                        the paper off the printer
    insert thing / pull-out     into the chute of a book drop, and out of it
    bin  how                    its bin is full or emptied

A thing has "id", "kind" (book, tag, card), "title", "number", "note", "place" (shelf, pad, reader), and for what has
tags "tags": a list of {"uid", "afi", "on_pad"}; what has a magnetic strip has "strip": active, inactive or erased.
Beside "things" stand "card" and "money" where readers pay, "paper", and "chute" with "is_full" at a book drop.

The window's own loop waits for the socket, so that neither a thread nor a frame does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ui.table.control import TableGone, TableRefused

LINE_BYTES_MAX = 4 * 1024 * 1024
ANSWER_SECONDS_MAX = 10.0


class TableClient:
    """One connection; requests from several tasks are sent one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> TableClient:
        """Connect to the socket at *path*.  Raises `TableGone` when nobody serves it."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(path), limit=LINE_BYTES_MAX)
        except OSError as error:
            raise TableGone(f"nobody serves {path}") from error
        return cls(reader, writer)

    async def ask(self, do: str, **beside: object) -> Mapping[str, Any]:
        """The answer to one request.  Raises `TableRefused` with the table's sentence, or `TableGone`."""
        async with self._turn:
            try:
                self._writer.write(json.dumps({"do": do, **beside}).encode() + b"\n")
                await self._writer.drain()
                line = await asyncio.wait_for(self._reader.readline(), ANSWER_SECONDS_MAX)
            except (OSError, ValueError) as error:
                raise TableGone("the table does not answer") from error
        return _answer(line)

    async def close(self) -> None:
        """End the connection; never raises."""
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


def _answer(line: bytes) -> Mapping[str, Any]:
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TableGone("the table said something that is no answer") from error
    if not isinstance(answer, dict):
        raise TableGone("the table said something that is no answer")
    if answer.get("ok") is not True:
        raise TableRefused(str(answer.get("error", "")))
    return answer
