"""The table's application: asks for the state a few times a second, and sends what a touch means."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kiosk.wording.catalogue import Words, words_in
from kiosk.wording.table import table_label
from kiosk.workflow.view import Language
from ui import environment
from ui.environment import WindowSettings
from ui.table.client import TableClient
from ui.table.control import TableControl, TableGone, TableRefused, state_of

POLL_SECONDS = 0.25
SCALE = 0.62


async def follow(control: TableControl, board: object, words: Words) -> None:
    """Keep *board* as the table is until the table is gone."""
    from ui.table.board import TableBoard

    assert isinstance(board, TableBoard)
    try:
        while True:
            board.show(state_of(await control.ask("state")))
            await asyncio.sleep(POLL_SECONDS)
    except TableGone:
        board.trouble = table_label(words, "gone")


async def send(control: TableControl, board: object, do: str, beside: dict[str, object]) -> None:
    """Send one request; a refusal is shown as the table said it."""
    from ui.table.board import TableBoard

    assert isinstance(board, TableBoard)
    try:
        await control.ask(do, **beside)
        board.trouble = ""
        board.show(state_of(await control.ask("state")))
    except TableRefused as refusal:
        board.trouble = str(refusal)
    except TableGone:
        pass


async def serve(path: Path, words: Words, window: WindowSettings) -> int:
    """Open the window and serve until it is closed."""
    from kivy.app import App

    from ui import style, typeface
    from ui.table.board import TableBoard

    client = await TableClient.open(path)
    running: set[asyncio.Task[None]] = set()

    def start(do: str, beside: dict[str, object]) -> None:
        task = asyncio.ensure_future(send(client, board, do, beside))
        running.add(task)
        task.add_done_callback(running.discard)

    typeface.register()
    # Seen from a chair, not from a kiosk's distance.
    style.scale_to(window.width * SCALE, window.height * SCALE)
    board = TableBoard(words, start)
    app = App(title=window.title)
    app.root = board
    app.open_settings = lambda *_: False
    following = asyncio.ensure_future(follow(client, board, words))
    try:
        await app.async_run("asyncio")
    finally:
        following.cancel()
        await client.close()
    return 0


def run(path: Path, language: Language, window: WindowSettings) -> int:
    """Show the table whose control socket is at *path*; the exit code.

    Raises `ScreenUnusable` without a display, `TableGone` when nobody serves the socket.
    """
    environment.prepare(window)
    return asyncio.run(serve(path, words_in(language), window))
