"""Central with the demo library, really listening: its REST face on a port of the loopback interface."""

from __future__ import annotations

import shutil
import socket
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import func, select

from drivers.link import Clock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.secrets import CHEAP, SecretJudge
from sync.central.faces.rest.app import Office, make_app
from sync.central.faces.rest.server import RestServer, TlsFiles
from sync.central.faces.rest.tokens import Tokens
from sync.central.settings import CentralSettings
from sync.central.store import event_tables as e
from sync.central.store import tables as t
from sync.central.store.store import Store
from tests.kit.demo_server import demo_database

TOKENS = {"kiosk-1": Secret("token-of-the-first-kiosk"), "kiosk-2": Secret("token-of-the-second-kiosk")}


class RunningCentral:
    """Use it in a `with` block: *address* is where it listens, *url* what a client is given."""

    def __init__(
        self, folder: Path, clock: Clock, *, policy: EventPolicy | None = None, tls: TlsFiles | None = None
    ) -> None:
        self.store_path = path = folder / "central.db"
        if not path.exists():
            shutil.copy(demo_database(), path)
        settings = CentralSettings(f"sqlite:///{path}", currency=demo.CURRENCY, zone=demo.ZONE)
        self.store = Store(settings.database_url)
        self.store.migrate()
        self.library = Library(clock, demo.CURRENCY, demo.INSTITUTION, demo.NAME, settings.time_zone())
        office = Office(self.store, self.library, SecretJudge(CHEAP), Tokens(TOKENS), policy or EventPolicy())
        listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = listener.getsockname()[:2]
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.address[1]}"
        self._server = RestServer(listener, make_app(office), tls)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self.store.close()

    def loans(self) -> list[tuple[str, str, datetime]]:
        """Item, patron and beginning of every loan that events made, in the order of their rows."""
        with self.store.reading() as connection:
            rows = connection.execute(
                select(t.loans.c.item, t.loans.c.patron, t.loans.c.lent_at)
                .join(e.events, e.events.c.loan == t.loans.c.id)
                .order_by(t.loans.c.id)
            )
            return [(row.item, row.patron, row.lent_at) for row in rows]

    def event_count(self) -> int:
        """How many events are stored."""
        with self.store.reading() as connection:
            return connection.execute(select(func.count()).select_from(e.events)).scalar_one()

    def holder_of(self, item: str) -> str | None:
        """Who has *item*."""
        with self.store.reading() as connection:
            return connection.execute(
                select(t.loans.c.patron).where(t.loans.c.item == item, t.loans.c.closed_at.is_(None))
            ).scalar_one_or_none()
