"""What is seen of the table: the shelf, the pad, the card reader, the strip unit and the cables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.wording.catalogue import Words
from kiosk.wording.table import part_label, table_label
from ui import widgets
from ui.table.control import (
    CARD,
    NETWORK_STATES,
    PAD,
    READER,
    RELEASED_AFI,
    SECURED_AFI,
    SHELF,
    STRIP_UNIT,
    Deed,
    Piece,
    TableState,
)
from ui.table.tiles import Cable, DeedKey, PieceTile

Do = Callable[[str, dict[str, object]], None]
ICONS = {CARD: "card", "tag": "barcode"}


class TableBoard(BoxLayout):
    """The whole table; *do* is called with the request that a touch means."""

    title = StringProperty("")
    trouble = StringProperty("")
    is_wide = BooleanProperty(True)
    shelf_label = StringProperty("")
    pad_label = StringProperty("")
    reader_label = StringProperty("")
    unit_label = StringProperty("")
    cables_label = StringProperty("")
    deeds_label = StringProperty("")
    slid = StringProperty("")
    has_unit = BooleanProperty(False)
    has_deeds = BooleanProperty(False)
    shelf = ObjectProperty(None)
    pad = ObjectProperty(None)
    reader = ObjectProperty(None)
    cables = ObjectProperty(None)
    deeds = ObjectProperty(None)

    def __init__(self, words: Words, do: Do, **kwargs: object) -> None:
        load_looks()
        self._words = words
        self._do = do
        self._tiles: dict[str, PieceTile] = {}
        self._cables: dict[str, Cable] = {}
        self._deeds: dict[str, DeedKey] = {}
        self._slid = ""
        named = ("shelf", "pad", "reader", "unit", "cables", "deeds")
        labels = {f"{name}_label": table_label(words, name) for name in named}
        super().__init__(title=table_label(words, "title"), **labels, **kwargs)

    def show(self, state: TableState) -> None:
        """Show *state*: every piece at its place, every cable as it is."""
        columns = {SHELF: self.shelf, PAD: self.pad, READER: self.reader}
        for piece in state.pieces:
            self._place(piece, columns[piece.place])
        self.has_unit = STRIP_UNIT in state.devices
        self.slid = self._last_slid(state)
        for name, is_plugged in state.devices.items():
            how = table_label(self._words, "plugged" if is_plugged else "unplugged")
            do = "unplug" if is_plugged else "plug"
            self._cable(f"device {name}", how, is_plugged, (do, {"device": name}))
        self.has_deeds = bool(state.deeds)
        for deed in state.deeds:
            self._show_deed(deed)
        if state.network in NETWORK_STATES:
            following = NETWORK_STATES[(NETWORK_STATES.index(state.network) + 1) % len(NETWORK_STATES)]
            how = table_label(self._words, state.network)
            self._cable("network", how, state.network == "whole", ("network", {"how": following}))

    def tile(self, piece_id: str) -> PieceTile:
        """The tile of a piece; `LookupError` when there is none."""
        return self._tiles[piece_id]

    def cable(self, name: str) -> Cable:
        """The cable "network" or "device NAME"; `LookupError` when there is none."""
        return self._cables[name]

    def deed(self, name: str) -> DeedKey:
        """The key of the deed *name*; `LookupError` when there is none."""
        return self._deeds[name]

    def _show_deed(self, deed: Deed) -> None:
        key = self._deeds.get(deed.name)
        if key is None:
            key = self._deeds[deed.name] = DeedKey(
                id=f"deed {deed.name}", label=table_label(self._words, deed.name)
            )
            self.deeds.add_widget(key)
        key.is_on, key.is_enabled = deed.is_on, deed.is_enabled
        key.choose = lambda _: self._do(*deed.request)

    def _place(self, piece: Piece, column: Widget) -> None:
        is_for_unit = piece.move == piece.slide
        tile = self._tiles.get(piece.id)
        if tile is None:
            icon = "strip" if is_for_unit else ICONS.get(piece.kind, "book")
            tile = self._tiles[piece.id] = PieceTile(id=piece.id, icon=icon)
        tile.title, tile.detail = piece.title or piece.number, self._detail(piece)
        tile.choose = lambda _: self._slide(piece) if is_for_unit else self._do(*piece.move)
        tile.slide = lambda _: self._slide(piece)
        tile.slide_label = table_label(self._words, "slide") if piece.strip and not is_for_unit else ""
        tile.scan = (lambda _: self._do("scan", {"thing": piece.thing})) if piece.number else None
        tile.scan_label = table_label(self._words, "scan") if piece.number else ""
        # The columns are weak proxies, which are equal to their widgets and not the same.
        if tile.parent != column:
            if tile.parent is not None:
                tile.parent.remove_widget(tile)
            column.add_widget(tile)

    def _detail(self, piece: Piece) -> str:
        security = {SECURED_AFI: "secured", RELEASED_AFI: "released"}
        parts = [
            part_label(self._words, piece.part, piece.parts) if piece.part else "",
            piece.note,
            table_label(self._words, security[piece.afi]) if piece.afi in security else "",
            self._strip(piece),
        ]
        return ", ".join(filter(None, parts))

    def _strip(self, piece: Piece) -> str:
        return table_label(self._words, f"strip {piece.strip}") if piece.strip else ""

    def _slide(self, piece: Piece) -> None:
        self._slid = piece.id
        self._do(*piece.slide)

    def _last_slid(self, state: TableState) -> str:
        """What went over the strip unit last, and how its strip stands now."""
        for piece in state.pieces:
            if piece.id == self._slid:
                return f"{piece.title or piece.number}: {self._strip(piece)}"
        return table_label(self._words, "unit-empty")

    def _cable(self, name: str, how: str, is_whole: bool, request: tuple[str, dict[str, object]]) -> None:
        cable = self._cables.get(name)
        if cable is None:
            cable = self._cables[name] = Cable(id=name, label=table_label(self._words, name))
            self.cables.add_widget(cable)
        cable.how, cable.is_whole = how, is_whole
        cable.choose = lambda _: self._do(*request)


def load_looks() -> None:
    """Read the table's twins, once."""
    widgets.load()
    for name in ("tiles.kv", "board.kv"):
        twin = str(Path(__file__).with_name(name))
        if twin not in Builder.files:
            Builder.load_file(twin)
