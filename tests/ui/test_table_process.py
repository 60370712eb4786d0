"""The table's window on the real far ends, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.table.client import TableClient
from ui.table.control import PAD, READER, SHELF, STRIP_UNIT, TableRefused, TableState, state_of

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60.0


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Path]:
    """The control socket of a shelf with its far ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "kiosk",
        "sim",
        "shelf",
        "--folder",
        str(tmp_path),
        "--card-port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as far_ends:
        assert far_ends.stdout is not None
        try:
            yield Path(json.loads(far_ends.stdout.readline())["control"])
        finally:
            far_ends.terminate()


async def requests(path: Path) -> list[TableState]:
    """The states before and after books and a card were moved and a device was unplugged."""
    client = await TableClient.open(path)
    states = [state_of(await client.ask("state"))]
    book = next(piece for piece in states[0].pieces if piece.kind == "book")
    card = next(piece for piece in states[0].pieces if piece.kind == "card" and piece.number)
    stripped = next(piece for piece in states[0].pieces if piece.move == piece.slide)
    for piece in (book, card, stripped):
        do, beside = piece.move
        await client.ask(do, **beside)
    await client.ask("unplug", device="scanner")
    states.append(state_of(await client.ask("state")))
    with pytest.raises(TableRefused):
        await client.ask("put", thing="no such thing")
    await client.close()
    return states


def test_the_table_moves_things_on_the_real_far_ends(control: Path) -> None:
    """What the table asks for happens at the far ends, and their state tells so."""
    before, after = asyncio.run(requests(control))

    assert {piece.place for piece in before.pieces} == {SHELF}
    assert before.devices["scanner"]
    assert sorted(piece.place for piece in after.pieces if piece.place != SHELF) == [PAD, READER]
    assert not after.devices["scanner"]
    assert before.devices[STRIP_UNIT]
    assert {piece.strip for piece in after.pieces if piece.strip} == {"active"}


async def window_ended_by_signal(path: Path) -> tuple[int, bytes]:
    """How the window ended that was told to once it had asked for the state three times, and what it printed."""
    has_asked = asyncio.Event()
    requests: list[bytes] = []

    async def far_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            requests.append(line)
            writer.write(b'{"ok": true, "things": [], "devices": {"pad": true}, "network": "whole"}\n')
            if len(requests) == 3:
                has_asked.set()
        writer.close()

    server = await asyncio.start_unix_server(far_end, str(path))
    table = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ui.table", str(path)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert table.stdout is not None
    try:
        await asyncio.wait_for(has_asked.wait(), DEADLINE_SECONDS)
        table.send_signal(signal.SIGTERM)
        printed = await asyncio.wait_for(table.stdout.read(), DEADLINE_SECONDS)
        return await asyncio.wait_for(table.wait(), DEADLINE_SECONDS), printed
    finally:
        if table.returncode is None:
            table.kill()
            await table.wait()
        server.close()


def test_the_table_s_window_lives_until_it_is_closed(tmp_path: Path) -> None:
    """The window asks for the state again and again without an error, and SIGTERM ends it with 0."""
    code, printed = asyncio.run(window_ended_by_signal(tmp_path / "control"))

    assert code == 0
    assert b"Traceback" not in printed
