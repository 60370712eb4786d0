"""A SIP2 client on a memory link, with a scripted server at the other end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drivers.link import DeviceLost, Link
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.masked import Secret
from sync.entries import (
    Answer,
    Entry,
    EntryKey,
    Intended,
    ItemId,
    Lend,
    PatronId,
    Promise,
    Renew,
    UndoLoan,
)
from sync.servers.sip2.client import Sip2Server
from sync.servers.sip2.profile import make_profile, profile
from sync.servers.sip2.settings import Sip2Settings
from tests.kit.sip2_server import Script, ScriptedServer

AT = datetime(2026, 11, 22, 8, 4, 51, tzinfo=UTC)
READER = PatronId("R0001234")
ITEM = ItemId("B0000001")
KEY = EntryKey("e", 1, 1, 1)
LEND = Lend(ITEM, READER, AT)
RENEW = Renew(ITEM, READER, AT)
UNDO = UndoLoan(ITEM, READER, AT, KEY)


class Desk:
    """The client, its clock, the server it talks to, and every link it opened."""

    def __init__(
        self,
        replies: Mapping[str, Script | Sequence[Script]] | None = None,
        *,
        dialect: str = "standard",
        changes: Mapping[str, Any] | None = None,
        server: ScriptedServer | None = None,
        **settings: Any,
    ) -> None:
        spoken = profile(dialect)
        if changes:
            table = {name: getattr(spoken, name) for name in spoken.__slots__ if name != "name"}
            lists = {name: list(value) for name, value in table.items() if isinstance(value, tuple)}
            words = {word: reason.value for word, reason in spoken.reason_words}
            spoken = make_profile("changed", changes, {**table, **lists, "reason_words": words})
        self.clock = VirtualClock(AT)
        self.server = server or ScriptedServer(replies, charset=spoken.charset, terminator=b"\r")
        self.links: list[MemoryLink] = []
        self.chunk_bytes = 0
        self.refuses_connections = False
        fitting: dict[str, Any] = {
            "user": "term",
            "password": Secret("open!"),
            "zone": UTC,
            "location": "desk",
        }
        self.client = Sip2Server(
            self.connect, Sip2Settings(profile=spoken, institution="BIB", **(fitting | settings)), self.clock
        )

    def connect(self) -> Link:
        if self.refuses_connections:
            raise DeviceLost("refused")
        self.links.append(MemoryLink(self.server, self.clock, chunk_bytes=self.chunk_bytes))
        return self.links[-1]

    def carry(self, promise: Promise = LEND) -> Answer:
        (answer,) = self.client.carry([Entry(KEY, promise, (Intended(KEY, AT, promise),))])
        return answer


def reply_12(
    ok: str = "1NNY", more: str = "AH20261220    235900|", *, item: str = ITEM, patron: str = "R0001234"
) -> str:
    """A checkout response in the order Koha has it."""
    return f"12{ok}20261122    160452AOBIB|AA{patron}|AB{item}|AJEmma|{more}"


def reply_64(
    flags: str = "",
    more: str = "BLY|",
    *,
    charged: str = "0000",
    overdue: str = "0000",
    patron: str = "R0001234",
) -> str:
    """A patron information response."""
    counts = f"0000{overdue}{charged}000000000000"
    return f"64{flags:14}00120261122    160452{counts}AOBIB|AA{patron}|AEAda Reader|{more}"


def reply_18(status: str = "03", more: str = "", *, title: str = "Emma", item: str = ITEM) -> str:
    """An item information response."""
    return f"18{status}020120261122    160452AB{item}|AJ{title}|{more}"
