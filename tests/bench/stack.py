"""A stack of ten, from the last tag in the field to the last read-back, in real time with every thread running.

The far end takes the time a serial line at 38,400 baud and the air take (ISO 15693-3); the server answers at once; the
journal is on the disk.  The floor is computed by the same far end on a virtual clock: the time of exactly the commands
nobody can do without, two inventories, and for each tag one read of its memory, one AFI write and one read-back.
Pauses between frames that the reader asks for are not in the floor.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from drivers.link.clock import RealClock
from drivers.link.memory import MemoryLink, VirtualClock
from drivers.masked import Masked
from drivers.rfid import obid_commands, obid_pad
from drivers.rfid.obid import Frame, FrameType, encode
from drivers.rfid.obid_settings import ObidPadSettings, ReleaseCheck
from drivers.sim.obid_reader import ObidReader
from drivers.sim.shelf import item_tag
from drivers.sim.tag import SimulatedTag
from kiosk.runtime.build import Devices, Kiosk, Surroundings, assemble
from kiosk.workflow.events import CardCame
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.view import Borrowing, Shown, Status
from sync.entries import Answer, Due, Entry, Granted
from sync.journal.journal import Journal
from sync.journal.keys import JournalKeys
from sync.questions import AboutPatron, Facts, PatronFacts, Question, ServerFacts, SessionEnded
from sync.servers.ils import Capabilities
from tests.bench.figures import Figure
from tests.kit.recording import KeptLog

BAUD = 38_400
STACK = 10
BLOCKS = 8
RELEASED_AFI = 0xC2
SECONDS_MAX = 30.0
SETTINGS = SessionSettings(
    "Bench", r"2\d{13}", r"3\d{13}", needs_pin=False, has_card_reader=False, has_scanner=False
)


class PromptServer:
    """A `Server` that grants everything at once."""

    def capabilities(self) -> Capabilities:
        """Everything."""
        return Capabilities()

    def ask(self, question: Question) -> Facts:
        """A patron in good standing, a server in service."""
        if isinstance(question, AboutPatron):
            return PatronFacts(question.patron, is_known=True, loans=(), loan_count=0, loan_limit=50)
        return SessionEnded() if type(question).__name__ == "EndOfSession" else ServerFacts(is_online=True)

    def carry(self, entries: Sequence[Entry]) -> tuple[Answer, ...]:
        """Granted, all of them."""
        return tuple(Granted(Due(None, "soon"), "Title") for _ in entries)

    def close(self) -> None:
        """Nothing to free."""


def reader_on(clock: RealClock | VirtualClock) -> ObidReader:
    """The far end that takes its time on *clock*."""
    return ObidReader(clock, line_baud=BAUD, has_air_time=True)


def books() -> tuple[SimulatedTag, ...]:
    """The stack."""
    return tuple(item_tag(f"3{number:013}") for number in range(STACK))


def air_and_line_seconds(*, with_check: bool, pause_seconds: float = 0.0) -> float:
    """Line and air time of releasing the stack with the fewest commands.

    *with_check* adds what the demanded check before the loan cannot do without, the state before (one system
    information) and the trial write; *pause_seconds* is what the reader wants between two commands.
    """
    clock = VirtualClock()
    reader = reader_on(clock)
    tags = books()
    reader.lay(*tags)
    pages = [obid_commands.inventory(more=page > 0) for page in range(-(-STACK // 4))]
    requests = [obid_commands.reset_field(), *pages] * 2
    for tag in tags:
        requests.append(obid_commands.read_blocks(tag.uid, 0, BLOCKS))
        if with_check:
            requests += [obid_commands.system_information(tag.uid), obid_commands.write_afi(tag.uid, tag.afi)]
    for tag in tags:
        requests += [
            obid_commands.write_afi(tag.uid, RELEASED_AFI),
            obid_commands.system_information(tag.uid),
        ]
    for request in requests:
        reader.receive(encode(Frame(FrameType.STANDARD, 0xFF, request.command, request.data)))
        clock.wait(pause_seconds)
    if any(tag.afi != RELEASED_AFI for tag in reader.tags()):
        raise AssertionError("the floor's own commands did not release the stack")
    return clock.monotonic()


class Watch:
    """Sees the kiosk's views and knows when the reader's list is open and when the whole stack is lent."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self.is_lent = threading.Event()

    def show(self, shown: Shown) -> None:
        """As the screen would."""
        if isinstance(shown.view, Borrowing):
            self.is_open.set()
            if [line.status for line in shown.view.lines] == [Status.LENT] * STACK:
                self.is_lent.set()


class TimedReader(ObidReader):
    """The far end, noting when it gave its last answer about a released tag."""

    last_read_back = 0.0

    def receive(self, data: bytes) -> bytes:
        """As the reader's, with the time of the last system information kept."""
        answer = super().receive(data)
        heard = self.commands_heard[-1] if self.commands_heard else b""
        if answer and heard[1:2] == bytes((obid_commands.SYSTEM_INFORMATION,)):
            self.last_read_back = self._clock.monotonic()
        return answer


def stack_seconds(folder: Path, release_check: ReleaseCheck) -> float:
    """How long one stack of ten takes on a kiosk with all its threads."""
    clock = RealClock()
    reader = TimedReader(clock, line_baud=BAUD, has_air_time=True)
    settings = ObidPadSettings(release_check=release_check)
    watch = Watch()
    kiosk = a_kiosk(folder, clock, reader, settings, watch)
    kiosk.start()
    try:
        kiosk.post(CardCame(Masked("21234000000011")))
        awaited(watch.is_open)
        tags = books()
        reader.lay(*tags[:-1])
        begun = clock.monotonic()
        reader.lay(tags[-1])
        awaited(watch.is_lent)
    finally:
        kiosk.stop()
    return reader.last_read_back - begun


def a_kiosk(
    folder: Path, clock: RealClock, reader: ObidReader, settings: ObidPadSettings, watch: Watch
) -> Kiosk:
    """A kiosk of real parts around *reader*."""
    journal = Journal.open(folder / "journal", JournalKeys.from_secret(bytes(32)), clock.now)
    around = Surroundings(clock=clock, log=KeptLog(), show=watch.show, chance=random.Random(1).random)
    devices = Devices(pad=lambda: obid_pad.open(settings, MemoryLink(reader, clock), clock))
    return assemble(SETTINGS, journal, PromptServer(), devices, around, status_seconds=3600.0)


def awaited(event: threading.Event) -> None:
    """Waits for *event*, or fails."""
    if not event.wait(SECONDS_MAX):
        raise AssertionError(f"not within {SECONDS_MAX} s")


def figures(rounds: int) -> list[Figure]:
    """The stack against its goal; without the check before the loan; and against what the check makes necessary."""
    floor = air_and_line_seconds(with_check=False)
    needed = air_and_line_seconds(with_check=True, pause_seconds=ObidPadSettings().pause_seconds)
    Path("build").mkdir(exist_ok=True)
    seconds: dict[ReleaseCheck, list[float]] = {ReleaseCheck.REWRITE: [], ReleaseCheck.NONE: []}
    for _ in range(rounds):
        for check, measured in seconds.items():
            with TemporaryDirectory(dir="build") as folder:
                measured.append(stack_seconds(Path(folder), check))
    checked, unchecked = (tuple(measured) for measured in seconds.values())
    least = f"line and air time of two inventories, reads, AFI writes and read-backs ({floor:.2f} s)"
    real = f"line, air and the reader's own pauses of all commands the check needs ({needed:.2f} s)"
    return [
        Figure("stack of ten, last tag in to last read-back", parts(checked, floor), "times", least, 1.25),
        Figure("the same without the check before the loan", parts(unchecked, floor), "times", least, None),
        Figure(
            "the same against what the check makes necessary", parts(checked, needed), "times", real, None
        ),
    ]


def parts(seconds: tuple[float, ...], floor: float) -> tuple[float, ...]:
    """*seconds* as multiples of *floor*."""
    return tuple(value / floor for value in seconds)
