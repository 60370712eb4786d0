"""The demo's table: things move by touch, cables are pulled, and the far end that serves it may be gone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kiosk.wording.catalogue import words_in
from kiosk.workflow.view import Language
from tests.ui.rig import ScreenRig
from ui.table.client import TableClient
from ui.table.control import PAD, READER, SHELF, Piece, TableGone, TableRefused, state_of

BOOK = {"id": "b1", "kind": "book", "title": "Salt", "number": "10000001", "note": "", "place": "shelf"}
CARD = {
    "id": "c1",
    "kind": "card",
    "title": "Demo Reader",
    "number": "20000001",
    "note": "",
    "place": "shelf",
}


def answer(**changes: object) -> dict[str, Any]:
    """A table with a book, an item of two parts and a card."""
    tag = {"uid": "E0040100", "afi": 7, "on_pad": False}
    things = [
        {**BOOK, "tags": [tag]},
        {**BOOK, "id": "b2", "title": "Sail", "tags": [tag, {**tag, "on_pad": True, "afi": 0xC2}]},
        CARD,
    ]
    return {
        "ok": True,
        "things": things,
        "devices": {"pad": True, "scanner": False},
        "network": "whole",
        **changes,
    }


def test_an_item_of_two_parts_is_two_pieces() -> None:
    """A hand can take one part and leave the other; what is whole is one piece."""
    pieces = state_of(answer()).pieces

    assert [(one.id, one.place, one.part) for one in pieces] == [
        ("b1/0", SHELF, 0),
        ("b2/1", SHELF, 1),
        ("b2/2", PAD, 2),
        ("c1/0", SHELF, 0),
    ]


@pytest.mark.parametrize(
    ("piece", "request_"),
    [
        (Piece("b", "book", "", "", "", SHELF), ("put", {"thing": "b"})),
        (Piece("b", "book", "", "", "", PAD, part=2, parts=2), ("take", {"thing": "b", "part": 2})),
        (Piece("s", "book", "", "", "", SHELF, strip="active"), ("slide", {"thing": "s"})),
        (Piece("h", "book", "", "", "", SHELF, afi=7, strip="active"), ("put", {"thing": "h"})),
        (Piece("c", "card", "", "", "", SHELF), ("show", {"thing": "c"})),
        (Piece("c", "card", "", "", "", READER), ("hide", {})),
    ],
)
def test_a_touch_moves_a_piece_to_where_it_is_not(
    piece: Piece, request_: tuple[str, dict[str, object]]
) -> None:
    """Books go to the pad and back, those with nothing but a strip over the unit, cards to the reader and back."""
    assert piece.move == request_


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"things": 3},
        {"things": [{}]},
        answer(devices=None),
        answer(things=[BOOK | {"tags": [1]}]),
        answer(money=3),
        answer(chute=""),
    ],
)
def test_a_state_that_is_none_ends_the_table(bad: dict[str, Any]) -> None:
    """Nonsense from the other end is not shown as an empty table."""
    with pytest.raises(TableGone):
        state_of(bad)


@contextmanager
def board_on(rig: ScreenRig) -> Iterator[tuple[Any, list[tuple[str, dict[str, object]]]]]:
    """The table's board in the window, and the requests that touches meant."""
    from kivy.core.window import Window

    from ui.table.board import TableBoard

    asked: list[tuple[str, dict[str, object]]] = []
    board = TableBoard(words_in(Language.ENGLISH), lambda do, beside: asked.append((do, beside)))
    Window.add_widget(board)
    board.show(state_of(answer()))
    rig.frames(6)
    try:
        yield board, asked
    finally:
        Window.remove_widget(board)


def test_touches_on_the_table_ask_for_what_they_mean(rig: ScreenRig) -> None:
    """Touching a book lays it down, its barcode scans it, a device is unplugged or plugged, the network goes on."""
    with board_on(rig) as (board, asked):

        def touch(widget: Any) -> tuple[str, dict[str, object]]:
            asked.clear()
            rig.play(rig.player.tap(widget))
            rig.pump(lambda: asked)
            return asked[0]

        book = board.tile("b1/0")
        scan = next(
            one
            for one in book.walk(restrict=True)
            if type(one).__name__ == "HandKey" and one.icon == "barcode"
        )
        assert touch(book.children[-1]) == ("put", {"thing": "b1"})
        assert touch(scan) == ("scan", {"thing": "b1"})
        assert touch(board.tile("b2/2").children[-1]) == ("take", {"thing": "b2", "part": 2})
        assert touch(board.tile("c1/0").children[-1]) == ("show", {"thing": "c1"})
        assert touch(board.cable("device pad")) == ("unplug", {"device": "pad"})
        assert touch(board.cable("device scanner")) == ("plug", {"device": "scanner"})
        assert touch(board.cable("network")) == ("network", {"how": "cut"})


def test_a_piece_that_moved_is_seen_where_it_is(rig: ScreenRig) -> None:
    """Tiles follow the things: each piece is in exactly one place, with how its tag stands in words."""
    with board_on(rig) as (board, _):
        assert board.tile("b1/0").parent == board.shelf
        assert board.tile("b1/0").detail == "secured"
        assert board.tile("b2/2").parent == board.pad
        assert board.tile("b2/2").detail == "part 2 of 2, released"

        board.show(state_of(answer(things=[CARD | {"place": "reader"}])))

        assert board.tile("c1/0").parent == board.reader


def test_books_with_a_strip_go_over_the_unit(rig: ScreenRig) -> None:
    """A book without a tag is slid by a touch, one with both by a key; how the strip stands is read there."""
    stripped = {**BOOK, "id": "s1", "title": "Tides", "strip": "active", "tags": []}
    both = {**BOOK, "id": "h1", "tags": [{"uid": "E0040100", "afi": 7, "on_pad": False}], "strip": "erased"}
    with board_on(rig) as (board, asked):
        board.show(state_of(answer(things=[stripped, both, CARD], devices={"strip-unit": True})))
        rig.frames(6)
        keys = {
            key.icon: key for key in board.tile("h1/0").walk(restrict=True) if type(key).__name__ == "HandKey"
        }
        assert board.tile("s1/0").detail == "strip on"
        assert board.tile("h1/0").detail == "secured, tape erased"

        for widget in (board.tile("s1/0").children[-1], keys["strip"]):
            rig.play(rig.player.tap(widget))
        rig.pump(lambda: len(asked) == 2)
        assert asked == [("slide", {"thing": "s1"}), ("slide", {"thing": "h1"})]
        board.show(
            state_of(answer(things=[stripped, both | {"strip": "inactive"}], devices={"strip-unit": True}))
        )

        assert board.has_unit
        assert board.slid == "Salt: strip off"


def test_a_table_without_a_strip_unit_shows_none(rig: ScreenRig) -> None:
    """Where there is no unit, no place for it is seen, and no key to slide a book that has no strip."""
    with board_on(rig) as (board, _):
        assert not board.has_unit
        keys = [
            key
            for key in board.tile("b1/0").walk(restrict=True)
            if type(key).__name__ == "HandKey" and key.label
        ]
        assert [key.icon for key in keys] == ["barcode"]


MONEY = {"card": "none", "money": {"card": [], "qr": []}, "paper": []}
WAITING = {"money": {"card": [], "qr": [{"key": "k", "minor": 5, "state": "pending"}]}}


def test_hands_pay_and_tear_off_what_there_is(rig: ScreenRig) -> None:
    """A card is shown until it is touched again, a code is paid only while one waits, paper is torn off once."""
    with board_on(rig) as (board, asked):

        def touch(name: str) -> tuple[str, dict[str, object]]:
            asked.clear()
            rig.frames(6)
            rig.play(rig.player.tap(board.deed(name)))
            rig.pump(lambda: asked)
            return asked[0]

        board.show(state_of(answer(**MONEY)))
        assert board.has_deeds
        assert not board.deed("wallet pay").is_enabled
        assert not board.deed("tear").is_enabled
        assert touch("card approve") == ("card", {"choice": "approve"})

        board.show(state_of(answer(**{**MONEY, **WAITING, "card": "approve", "paper": ["Due"]})))

        assert board.deed("card approve").is_on
        assert touch("card approve") == ("card", {"choice": "none"})
        assert touch("card decline") == ("card", {"choice": "decline"})
        assert touch("wallet pay") == ("wallet", {"how": "pay"})
        assert touch("wallet decline") == ("wallet", {"how": "decline"})
        assert touch("tear") == ("tear", {})


def test_at_a_book_drop_things_go_into_the_chute() -> None:
    """A touch inserts what stands on the shelf and pulls out what lies in the chute; no part of a book goes alone."""
    state = state_of(answer(chute="b2", bins={}, is_full=True, paper=[]))

    assert [(one.thing, one.move) for one in state.pieces] == [
        ("b1", ("insert", {"thing": "b1"})),
        ("b2", ("insert", {"thing": "b2"})),
        ("c1", ("show", {"thing": "c1"})),
    ]
    assert [(deed.request, deed.is_enabled, deed.is_on) for deed in state.deeds] == [
        (("pull-out", {}), True, False),
        (("bin", {"how": "emptied"}), True, True),
        (("tear", {}), False, False),
    ]
    assert Piece("b", "book", "", "", "", PAD, afi=7, has_chute=True).move == ("pull-out", {})


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def ask_once(path: Path, handler: Handler) -> object:
    """What a client gets from a far end that behaves as *handler*."""
    server = await asyncio.start_unix_server(handler, str(path))
    try:
        client = await TableClient.open(path)
        try:
            return await client.ask("state", thing="借")
        finally:
            await client.close()
    finally:
        server.close()


def replying(line: bytes) -> Handler:
    """A far end that reads one request and says *line*."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert json.loads(await reader.readline()) == {"do": "state", "thing": "借"}
        writer.write(line)
        writer.close()

    return handler


def test_a_request_is_one_line_and_so_is_its_answer(tmp_path: Path) -> None:
    """What the far end answers is handed on as it is."""
    assert asyncio.run(ask_once(tmp_path / "s", replying(b'{"ok": true, "n": 1}\n'))) == {"ok": True, "n": 1}


def test_a_refusal_has_the_far_end_s_own_words(tmp_path: Path) -> None:
    """The table says why not."""
    with pytest.raises(TableRefused, match="b9 is no card"):
        asyncio.run(ask_once(tmp_path / "s", replying(b'{"ok": false, "error": "b9 is no card"}\n')))


@pytest.mark.parametrize("line", [b"", b"\n", b"[]\n", b"not json\n", b"\xff\xfe\n", b"[" * 100000 + b"\n"])
def test_a_far_end_that_says_nonsense_is_gone(tmp_path: Path, line: bytes) -> None:
    """Nothing, no JSON, no object, no text: the demo is over, and the table does not fall over."""
    with pytest.raises(TableGone):
        asyncio.run(ask_once(tmp_path / "s", replying(line)))


def test_a_socket_nobody_serves_is_named(tmp_path: Path) -> None:
    """Opening a table that does not exist says which."""
    with pytest.raises(TableGone, match="nowhere"):
        asyncio.run(TableClient.open(tmp_path / "nowhere"))


def test_the_program_without_a_far_end_says_so(tmp_path: Path) -> None:
    """`python -m ui.table` with a wrong path prints one sentence and ends with 2."""
    command = [sys.executable, "-m", "ui.table", str(tmp_path / "nowhere")]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])

    assert ended.returncode == 2
    assert ended.stderr.strip().endswith("nowhere")
    assert "Traceback" not in ended.stderr
