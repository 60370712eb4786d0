"""Who may import whom: one row per room, the most particular row counts."""

from __future__ import annotations

from dataclasses import dataclass

OURS = ("drivers", "gate", "kiosk", "sync", "ui")

KINDS = tuple(
    f"drivers.{kind}"
    for kind in (
        "audio",
        "barcode",
        "card",
        "dispenser",
        "em",
        "gpio",
        "idcard",
        "payment",
        "printer",
        "rfid",
    )
)


@dataclass(frozen=True)
class Room:
    """A room and what of ours it may import: whole rooms, front pages alone, minus what is never allowed."""

    name: str
    rule: str
    rooms: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    values_only: bool = False


ROOMS = (
    Room("drivers", "drivers know nothing above them and nothing of the simulators", never=("drivers.sim",)),
    Room("drivers.sim", "far ends know drivers and nothing above", rooms=("drivers",)),
    Room(
        "sync",
        "sync may import drivers.link and drivers.masked, never sync.central or sync.web",
        rooms=("sync", "drivers.link", "drivers.masked"),
        never=("sync.central", "sync.web"),
    ),
    Room(
        "sync.rules",
        "rules may import values only: sync.entries, drivers.masked and the front pages of drivers' kinds",
        rooms=("sync.entries", "drivers.masked"),
        pages=KINDS,
        values_only=True,
    ),
    Room(
        "sync.central",
        "central may import sync, drivers.link and drivers.masked",
        rooms=("sync", "drivers.link", "drivers.masked"),
    ),
    Room(
        "sync.web",
        "the shell of our web pages may import sync outside central, drivers.link and drivers.masked",
        rooms=("sync", "drivers.link", "drivers.masked"),
        never=("sync.central",),
    ),
    Room("kiosk", "the front page of kiosk imports nothing; a new module of kiosk needs a row in the plan"),
    Room(
        "kiosk.workflow",
        "the session may import values only: sync.entries, sync.questions, sync.rules, sync.cases, drivers.masked "
        "and the front pages of drivers' kinds",
        rooms=("sync.entries", "sync.questions", "sync.rules", "sync.cases", "drivers.masked"),
        pages=KINDS,
        values_only=True,
    ),
    Room(
        "kiosk.wording",
        "wording may import kiosk.workflow.view, .slips and .receipts, sync.entries, sync.questions, "
        "sync.rules.sorting and the front pages of drivers.printer and drivers.payment",
        rooms=(
            "kiosk.workflow.view",
            "kiosk.workflow.slips",
            "kiosk.workflow.receipts",
            "sync.entries",
            "sync.questions",
            "sync.rules.sorting",
        ),
        pages=("drivers.printer", "drivers.payment"),
    ),
    Room(
        "kiosk.engine",
        "the engine may import drivers.link, drivers.masked and sync outside central",
        rooms=("drivers.link", "drivers.masked", "sync"),
        never=("sync.central",),
    ),
    Room(
        "kiosk.config",
        "the configuration may import sync outside central and drivers",
        rooms=("sync", "drivers"),
        never=("sync.central", "drivers.sim"),
    ),
    Room(
        "kiosk.runtime",
        "the wiring may import kiosk below the command line, sync outside central and "
        "drivers without simulators",
        rooms=("kiosk", "sync", "drivers"),
        never=("kiosk.cli", "kiosk.demo", "kiosk.sim", "sync.central", "drivers.sim"),
    ),
    Room(
        "kiosk.journal_desk",
        "the journal for staff may import kiosk.engine, sync outside central and drivers.link",
        rooms=("kiosk.engine", "sync", "drivers.link", "drivers.masked"),
        never=("sync.central",),
    ),
    Room(
        "kiosk.devices",
        "the installer's look at devices may import drivers without simulators",
        rooms=("kiosk.devices", "drivers"),
        never=("drivers.sim",),
    ),
    Room("kiosk.cli", "the command line imports ours inside the command that needs it"),
    Room("kiosk.__main__", "it starts the command line and nothing else", rooms=("kiosk.cli",)),
    Room(
        "kiosk.demo",
        "the demo may import everything but screens, doors and the command line",
        rooms=("kiosk", "sync", "drivers"),
        never=("kiosk.cli",),
    ),
    Room(
        "kiosk.sim",
        "the process of the far ends may import everything but screens, doors and the command line",
        rooms=("kiosk", "sync", "drivers"),
        never=("kiosk.cli",),
    ),
    Room(
        "gate",
        "gate may import kiosk.engine, kiosk.config, sync outside central and drivers without simulators",
        rooms=("kiosk.engine", "kiosk.config", "sync", "drivers"),
        never=("sync.central", "drivers.sim"),
    ),
    Room(
        "ui",
        "screens may import views and touch events of kiosk.workflow, kiosk.wording, and drivers.masked",
        rooms=("kiosk.workflow.view", "kiosk.workflow.events", "kiosk.wording", "drivers.masked"),
        pages=("kiosk.workflow",),
    ),
)

COMMAND_LINE = ("kiosk.cli", "kiosk.demo", "kiosk.sim")
SERVER = ("sync.central", "sync.web")

# Packages from outside and their only homes; one that is not named here belongs to the drivers.  In drivers
# each stands in one module.
HOMES = {
    "alembic": SERVER,
    "annotated_types": ("kiosk.config",),
    "apsw": ("sync.journal",),
    "argon2": ("sync.snapshot", "sync.central"),
    "babel": ("kiosk.wording", "sync.web"),
    "click": ("kiosk.cli",),
    "cryptography": ("sync.journal", "sync.snapshot"),
    "fastapi": SERVER,
    "jinja2": ("kiosk.wording",),
    "kivy": ("ui",),
    "ndef": ("drivers.card",),
    "prometheus_client": ("kiosk.engine",),
    "psycopg": SERVER,
    "pydantic": ("kiosk.config", *SERVER),
    "requests": ("sync.servers",),
    "segno": ("ui",),
    "serial": ("drivers.link",),
    "smartcard": ("drivers.link",),
    "sqlalchemy": SERVER,
    "starlette": SERVER,
    "structlog": ("kiosk.engine", *COMMAND_LINE, *SERVER),
    "typer": ("kiosk.cli",),
    # What requests itself talks with: only there can a whole answer be held to one deadline.
    "urllib3": ("sync.servers",),
    "uvicorn": SERVER,
}

# Wires of the standard library: everybody else talks through a link.
WIRE_HOMES = ("drivers.link", "drivers.sim", "kiosk.engine", "sync.central", *COMMAND_LINE)
WIRES = (
    "ftplib",
    "http.client",
    "http.server",
    "select",
    "selectors",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
)

# What the session and the rules may use of the standard library.
VALUE_MODULES = (
    "__future__",
    "abc",
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "string",
    "types",
    "typing",
    "unicodedata",
)

# Codecs that no driver beside them gives away by its name.
CODECS = tuple(
    f"sync.servers.sip2.{name}"
    for name in (
        "dates",
        "fee_messages",
        "fields",
        "framing",
        "item_messages",
        "layout",
        "messages",
        "money",
        "parts",
        "patron_messages",
        "written_out",
    )
)
NOT_FOR_CODECS = ("asyncio", "drivers.link", "drivers.sim", "queue", "sched", "threading", "time", *WIRES)

REAL_CLOCK = "drivers.link.clock"
THREAD_HOMES = ("kiosk.engine", "drivers.sim", "sync.central")


def is_within(module: str, *rooms: str) -> bool:
    """Whether *module* is one of *rooms* or stands inside one."""
    return any(module == room or module.startswith(room + ".") for room in rooms)


def room_of(module: str) -> Room:
    """The most particular row that *module* falls under; `LookupError` when it is not ours."""
    rows = [room for room in ROOMS if is_within(module, room.name)]
    if not rows:
        raise LookupError(module)
    return max(rows, key=lambda room: len(room.name))


def may_import(importer: str, imported: str) -> bool:
    """Whether the row of *importer* lets it import *imported*, both of ours.

    A module may always import its own room and the front pages above it.
    """
    room = room_of(importer)
    if imported in room.pages or is_within(importer, imported):
        return True
    if is_within(imported, *room.never) and not is_within(importer, *room.never):
        return False
    if room.name == "kiosk":
        return False
    same_room = imported.partition(".")[0] in OURS and room_of(imported).name == room.name
    return same_room or is_within(imported, *room.rooms)
