"""What staff ask of a journal: the same answers from a running terminal and from its file, and nobody named in any."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from drivers.link.clock import RealClock
from kiosk.engine.control import ControlSocket
from kiosk.engine.control_call import call
from kiosk.engine.errands import Errand, NotDone
from kiosk.engine.journal_pump import Batch, Committed, JournalPump
from kiosk.engine.threads import PumpThreads
from kiosk.engine.work_pump import WorkPump
from kiosk.journal_desk import on_file, tables
from kiosk.journal_desk.ledger import LedgerPlace
from kiosk.journal_desk.ledger_over_socket import ledger_commands
from kiosk.journal_desk.over_socket import ENTRIES_A_SLICE, commands
from sync.entries import (
    Answered,
    CaseClosed,
    CaseOpened,
    CaseReason,
    Due,
    EntryKey,
    Intended,
    Lend,
    PatronId,
    Promised,
    Reason,
    Refused,
    ReleaseIntended,
    Settlement,
    item_id,
)
from sync.journal.care.export import check_export
from sync.journal.care.reading_only import reading_only
from sync.journal.journal import Journal
from sync.journal.verification import verify
from tests.kit.recording import KeptLog
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    OTHER_KEYS,
    PATRON,
    CountingClock,
    key_of,
    lending,
    released,
    releasing,
    settled,
    whole_loan,
)

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
DUE = Due(NOON.date())


def fill(journal: Journal) -> EntryKey:
    """Two settled loans, one that is open, and one that was promised, released and refused: a case, whose key it is."""
    whole_loan(journal, 1)
    whole_loan(journal, 2, "10000002")
    journal.append([lending(key_of(journal, 3), "10000003")])
    case = key_of(journal, 4)
    journal.append([lending(case, "10000004"), Promised(case, NOON, DUE, NOON), releasing(case)])
    journal.append([released(case), Answered(case, NOON, Refused(Reason.ITEM_ON_HOLD_FOR_OTHER, "活着"))])
    journal.append(
        [CaseOpened(case, NOON, CaseReason.LOAN_REFUSED, PATRON.reveal()), settled(case, Settlement.CASE)]
    )
    return case


class Running:
    """A journal served on a control socket by the threads a terminal has, at *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.db"
        self.log = KeptLog()
        self.closed: list[CaseClosed] = []
        self.journal = Journal.open(self.path, KEYS, CountingClock().now)
        self.case = fill(self.journal)
        clock = RealClock()
        self.pump = JournalPump(self.journal, lambda _: None, log=self.log, monotonic=clock.monotonic)
        work = WorkPump(self.log)
        served = commands(
            self.path, self.journal, KEYS, self.pump, work,
            now=CountingClock().now, health=lambda: {"state": "running"}, closed=self.closed.append,
        )  # fmt: skip
        place = LedgerPlace(folder / "ledger.key", "kiosk-1")
        now = NOON + timedelta(days=1)
        served |= ledger_commands(
            self.journal, self.pump, work, place, now=lambda: now, monotonic=clock.monotonic
        )
        control = ControlSocket(folder / "control", served, monotonic=clock.monotonic, log=self.log)
        control.open()
        self._threads = PumpThreads(clock, self.log)
        for pump in (self.pump, work, control):
            self._threads.start(pump)

    def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return call(self.folder / "control", request, 30)

    def stop(self) -> None:
        self._threads.stop(10)
        self.pump.shut()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    running.stop()


@pytest.fixture(params=["socket", "file"])
def ask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ask]:
    """Asks a journal as `fill` writes it: of the terminal that has it open, or of the file."""
    if request.param == "file":
        journal = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
        fill(journal)
        journal.close()
        yield lambda asked: on_file.answer(tmp_path / "journal.db", KEYS, asked, CountingClock().now)
    else:
        running = Running(tmp_path)
        yield running.ask
        running.stop()


def test_entries_are_listed(ask: Ask) -> None:
    """The newest first, as many as wanted, or only what is open with the oldest first; told as they stand."""
    every = ask({"do": "journal.list"})["entries"]
    two = ask({"do": "journal.list", "limit": 2})["entries"]
    open_ones = ask({"do": "journal.list", "open": True})["entries"]
    later = ask({"do": "journal.list", "since": "2026-05-12T12:00:01+00:00"})["entries"]

    assert [entry["item"] for entry in every] == ["10000004", "10000003", "10000002", "10000001"]
    assert two == every[:2]
    assert [entry["item"] for entry in open_ones] == ["10000003"]
    assert later == []
    assert (every[0]["ended"], every[0]["answer"], every[0]["promised"]) == ("case", "refused", "2026-05-12")
    assert (every[3]["ended"], every[3]["due"], every[3]["is_released"]) == ("done", "2026-05-12", True)


def test_a_case_is_listed_and_closed(ask: Ask) -> None:
    """Its reference is enough; a second time, or in a way that does not fit, it is refused with a sentence."""
    (case,) = ask({"do": "cases.list"})["cases"]
    close = {"do": "cases.close", "reference": case["reference"], "by": "desk"}
    with pytest.raises(NotDone, match="cannot be closed as as-it-stands"):
        ask({**close, "how": "as-it-stands"})

    said = ask({**close, "how": "returned-at-desk", "note": "on the shelf"})

    assert said == {"closed": case["reference"], "how": "returned-at-desk"}
    assert ask({"do": "cases.list"}) == {"cases": []}
    with pytest.raises(NotDone, match="there is no open case") as refused:
        ask({**close, "how": "returned-at-desk"})
    assert refused.value.is_call_wrong


def test_a_journal_is_verified(ask: Ask, tmp_path: Path) -> None:
    """All of it is read; no copy that was made for it is left."""
    said = ask({"do": "journal.verify"})

    assert (said["is_whole"], said["entries"], said["unsettled"], said["faults"]) == (True, 4, 1, [])
    assert not [p for p in tmp_path.iterdir() if "verif" in p.name or p.name.endswith(".part")]


def test_a_backup_is_made(ask: Ask, tmp_path: Path) -> None:
    """The file is a whole journal; the same name a second time is refused."""
    request = {"do": "journal.backup", "to": str(tmp_path / "backup.db")}
    said = ask(request)

    assert (said["is_whole"], said["entries"]) == (True, 4)
    with reading_only(tmp_path / "backup.db", KEYS) as file:
        assert verify(file).is_whole
    with pytest.raises(NotDone, match="not written over") as refused:
        ask(request)
    assert refused.value.is_call_wrong


def test_an_export_is_made(ask: Ask, tmp_path: Path) -> None:
    """The lines can be checked, the file is its owner's alone, and nothing else is left."""
    said = ask({"do": "journal.export", "to": str(tmp_path / "out.jsonl")})
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()

    assert check_export(lines, KEYS).faults == ()
    assert said["rows"] == len(lines) - 2
    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600
    assert not [p for p in tmp_path.iterdir() if "exported" in p.name or p.name.endswith(".part")]


def test_nothing_that_is_said_names_a_patron(ask: Ask, tmp_path: Path) -> None:
    """Neither lists nor cases nor exports hold the number, though the journal has it sealed; the mask is there."""
    said = json.dumps([ask({"do": what}) for what in ("journal.list", "cases.list", "journal.verify")])
    ask({"do": "journal.export", "to": str(tmp_path / "out.jsonl")})
    said += (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    for lines in (tables.entries(ask({"do": "journal.list"})), tables.cases(ask({"do": "cases.list"}))):
        said += "\n".join(lines)

    assert PATRON.reveal() not in said
    assert PATRON.mask() in said


NONSENSE: list[dict[str, Any]] = [
    {"do": "journal.list", "limit": 0},
    {"do": "journal.list", "limit": "many"},
    {"do": "journal.list", "limit": True},
    {"do": "journal.list", "open": 1},
    {"do": "journal.list", "since": "yesterday"},
    {"do": "journal.list", "since": "2026-05-12T12:00:00"},
    {"do": "journal.list", "since": 7},
    {"do": "journal.backup"},
    {"do": "journal.backup", "to": "relative.db"},
    {"do": "journal.backup", "to": "/with\0zero"},
    {"do": "journal.backup", "to": "/no/such/folder/backup.db"},
    {"do": "journal.export", "to": "/tmp/x", "segments": [1]},
    {"do": "journal.export", "to": "/tmp/x", "segments": "1-2"},
    {"do": "journal.export", "to": "/tmp/x", "segments": [True, False]},
    {"do": "cases.close"},
    {"do": "cases.close", "reference": "x", "how": "burnt", "by": "desk"},
    {"do": "cases.close", "reference": "x", "how": "not-found", "by": ""},
    {"do": "cases.close", "reference": ["x"], "how": "not-found", "by": "desk"},
    {"do": "no.such.thing"},
]


@pytest.mark.parametrize("request_", NONSENSE, ids=lambda request: json.dumps(request)[:60])
def test_a_request_that_makes_no_sense_is_refused(ask: Ask, request_: dict[str, Any]) -> None:
    """Any process of the same user may ask anything; what cannot be is called a wrong call."""
    with pytest.raises(NotDone) as refused:
        ask(request_)

    assert refused.value.is_call_wrong


def test_readers_are_served_while_a_backup_is_made(running: Running, tmp_path: Path) -> None:
    """Batches of the desk are written between the slices, and the desk is told of a case that staff closed."""
    key = EntryKey(running.journal.epoch, running.journal.boot, 50, 1)
    running.pump.write(Batch(1, 0, (lending(key, "10000050"),)))
    running.ask({"do": "journal.backup", "to": str(tmp_path / "backup.db")})
    running.ask({"do": "cases.close", "reference": str(running.case), "how": "not-found", "by": "desk"})

    assert [row.key for row in running.closed] == [running.case]
    assert running.log.sentences("failure") == []
    assert running.ask({"do": "health"}) == {"state": "running"}


@pytest.mark.parametrize(
    "wanted", [{"open": True, "limit": 1000}, {"since": "2026-05-13T00:00:00+00:00"}, {"limit": 1000}]
)
def test_readers_are_served_while_a_long_list_is_made(tmp_path: Path, wanted: dict[str, Any]) -> None:
    """A month without the server is read in slices, with commits between them, and is told as it stood."""
    journal = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    for event in range(1, 3 * ENTRIES_A_SLICE + 2):
        journal.append([lending(key_of(journal, event))])
    posted: list[object] = []
    pump = JournalPump(journal, posted.append, log=KeptLog(), monotonic=RealClock().monotonic)
    served = commands(
        tmp_path / "journal.db",
        journal,
        KEYS,
        pump,
        WorkPump(KeptLog()),
        now=CountingClock().now,
        health=dict,
    )
    errand = served["journal.list"]({"do": "journal.list", **wanted})
    assert isinstance(errand, Errand)
    pump.turn()
    assert errand.outcome is None

    pump.write(Batch(1, 0, (lending(key_of(journal, 5000)),)))
    pump.turn()
    assert Committed(1, {key_of(journal, 5000): 3 * ENTRIES_A_SLICE + 2}) in posted
    assert errand.outcome is None
    for _ in range(4):
        pump.turn()

    assert isinstance(errand.outcome, Mapping)
    assert len(errand.outcome["entries"]) == (0 if "since" in wanted else 3 * ENTRIES_A_SLICE + 1)
    pump.shut()


def test_a_stopping_terminal_answers_what_it_no_longer_does(tmp_path: Path) -> None:
    """Whoever waits for the journal hears that the terminal stops, and no half copy is left."""
    log = KeptLog()
    journal = Journal.open(tmp_path / "journal.db", KEYS, CountingClock().now)
    fill(journal)
    pump = JournalPump(journal, lambda _: None, log=log, monotonic=RealClock().monotonic)
    served = commands(
        tmp_path / "journal.db", journal, KEYS, pump, WorkPump(log), now=CountingClock().now, health=dict
    )
    errands = [
        served[request["do"]](request)
        for request in ({"do": "journal.backup", "to": str(tmp_path / "b.db")}, {"do": "cases.list"})
    ]

    pump.shut()

    assert [str(errand.outcome) for errand in errands if isinstance(errand, Errand)] == [
        "the terminal is stopping"
    ] * 2
    assert not list(tmp_path.glob("b.db*"))


def test_an_export_is_verified_as_a_journal_is(ask: Ask, tmp_path: Path) -> None:
    """The same question, asked of an export's file, checks its chain; one altered byte is found."""
    ask({"do": "journal.export", "to": str(tmp_path / "out.jsonl")})
    now = CountingClock().now
    assert on_file.answer(tmp_path / "out.jsonl", KEYS, {"do": "journal.verify"}, now)["is_whole"]
    content = (tmp_path / "out.jsonl").read_text(encoding="utf-8").replace("10000002", "10000009", 1)
    (tmp_path / "out.jsonl").write_text(content, encoding="utf-8")

    said = on_file.answer(tmp_path / "out.jsonl", KEYS, {"do": "journal.verify"}, now)

    assert not said["is_whole"]
    assert "NOT whole" in list(tables.report(said))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(b"x" * 5000), "damaged"),
        (lambda path: Journal.open(path, OTHER_KEYS, CountingClock().now).close(), "of another key"),
    ],
)
def test_a_file_that_is_no_journal_of_ours_is_said(
    tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    """Missing, empty, something else, another key: a sentence each."""
    make(tmp_path / "journal.db")

    with pytest.raises(NotDone, match=why):
        on_file.answer(tmp_path / "journal.db", KEYS, {"do": "journal.list"}, CountingClock().now)


def test_columns_stand_under_each_other() -> None:
    """Chinese titles take two columns a character, and the table knows."""
    row = {
        "reference": "a", "at": NOON.isoformat(), "wish": "loan", "item": "1", "patron": "···",
        "has_open_case": False, "ended": "", "promised": None, "answer": "none", "due": None, "reason": "",
    }  # fmt: skip
    lines = list(
        tables.entries({"entries": [{**row, "title": "活着"}, {**row, "item": "活着1", "title": "x"}]})
    )

    assert lines[1].index("活着") - lines[2].index("x") == len("活着")
    assert lines[-1] == "2 entries"


def test_a_patron_of_the_list_is_a_mask() -> None:
    """Also a short number, of which two characters would be too much."""
    from kiosk.journal_desk.saying import entry_said
    from sync.entries import Entry

    promise = Lend(item_id("1"), PatronId("1234"), NOON)
    key = EntryKey("e", 1, 1, 1)
    said = entry_said(Entry(key, promise, (Intended(key, NOON, promise), ReleaseIntended(key, NOON, ()))))

    assert said["patron"] == "···"
