"""From the journal's file to a terminal that can serve: after a month without the server, and with nothing open."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.link.memory import VirtualClock
from kiosk.runtime.build import Devices, Surroundings, assemble
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.view import Shown
from sync.entries import (
    Answer,
    Answered,
    Due,
    Entry,
    EntryKey,
    Granted,
    IfGrantedLate,
    Intended,
    Lend,
    Promised,
    Released,
    ReleaseIntended,
    Row,
    Settled,
    Settlement,
    Silence,
    TagBits,
    item_id,
    patron_id,
)
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.questions import Facts, Question
from sync.servers.ils import Capabilities, ServerSilent
from tests.bench.figures import Figure

KEYS = JournalKeys.from_secret(bytes(32))
AT = datetime(2026, 11, 22, 16, 4, 52, tzinfo=UTC)
DUE = Due(date(2026, 12, 22))
PATRONS = 5_000
BATCH = 1_000
SETTINGS = SessionSettings("Library", r"2\d{13}", r"3\d{13}")
GOAL_SECONDS = 5.0


class NoServer:
    """`Server` that is away, as after a power cut that took the network too."""

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def ask(self, question: Question) -> Facts:
        raise ServerSilent("connect")

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        return (Silence("connect"),) * len(entries)

    def close(self) -> None:
        """Nothing is held."""


class NoLog:
    """`Log` that nobody reads."""

    def info(self, sentence: str, **facts: object) -> None: ...
    def warning(self, sentence: str, **facts: object) -> None: ...
    def error(self, sentence: str, **facts: object) -> None: ...
    def failure(self, sentence: str, mistake: BaseException, **facts: object) -> None: ...


def fill(path: Path, entries: int, *, are_settled: bool) -> None:
    """A journal with *entries* released loans of the terminal's own word, answered where they *are settled*."""
    journal = Journal.open(path, KEYS, lambda: AT)
    rows: list[Row] = []
    for number in range(1, entries + 1):
        rows += _loan(EntryKey(journal.epoch, journal.boot, number, 1), number, are_settled)
        if len(rows) >= BATCH:
            journal.append(rows)
            rows = []
    journal.append(rows)
    journal.close()


def _loan(key: EntryKey, number: int, is_settled: bool) -> list[Row]:
    at = AT + timedelta(seconds=number)
    lend = Lend(
        item_id(f"3{number:013}"),
        patron_id(f"2{number % PATRONS:013}"),
        at,
        if_granted_late=IfGrantedLate.KEEP,
    )
    uid = f"E00401{number:010X}"
    rows: list[Row] = [
        Intended(key, at, lend, float(number)),
        Promised(key, at, DUE, AT),
        ReleaseIntended(key, at, (TagBits(uid, 0x07),)),
        Released(key, at, (TagBits(uid, 0xC2),)),
    ]
    if is_settled:
        rows += [Answered(key, at, Granted(DUE)), Settled(key, at, Settlement.DONE)]
    return rows


def start_seconds(path: Path) -> float:
    """How long it takes from the file to a terminal that shows its first view, without a network.

    Processor time: what other threads do meanwhile (the lane's order, the books' index) is not in it.
    """
    clock = VirtualClock()
    shown: list[Shown] = []
    around = Surroundings(clock, NoLog(), shown.append, lambda: 0.5, idle=clock.wait)
    began = time.process_time()
    journal = Journal.open(path, KEYS, lambda: AT)
    kiosk = assemble(SETTINGS, journal, NoServer(), Devices(), around, 30.0)
    kiosk.desk.turn()
    seconds = time.process_time() - began
    assert shown
    kiosk.stop()
    return seconds


def figures(entries: int, rounds: int) -> list[Figure]:
    """Seconds to start on a journal of *entries* loans: all open, and all settled; and what the open ones cost."""
    found: list[Figure] = []
    for name, are_settled in (("all of them open", False), ("none open", True)):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "journal"
            fill(path, entries, are_settled=are_settled)
            samples = tuple(start_seconds(path) for _ in range(rounds))
            goal = GOAL_SECONDS if entries >= 100_000 else None
            found.append(Figure(f"start with {entries} entries, {name}", samples, "CPU s", "none", goal))
            if not are_settled:
                found.append(_memory(path, entries))
    return found


def _memory(path: Path, entries: int) -> Figure:
    tracemalloc.start()
    start_seconds(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Figure(f"memory of {entries} open entries, peak", (peak / 2**20,), "MiB", "none", None)
