"""The way from one terminal to central, over SIP2 or REST: it can be cut, silent, or injure what goes along it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum
from urllib.parse import unquote

from pydantic import BaseModel

from drivers.link import Clock, DeviceLost
from drivers.link.memory import AnswerFault, Corrupted, Cut, Late, Lost, MemoryLink, Repeated, Sound
from drivers.masked import Secret
from sync.central.faces.rest import app
from sync.central.faces.rest.events import post_events
from sync.central.faces.rest.office import Office
from sync.central.faces.rest.problems import Refusal, problem
from sync.central.faces.rest.tokens import Asker
from sync.servers.central.client import CentralServer
from sync.servers.central.exchange import Reply
from sync.servers.central.settings import CentralClientSettings
from sync.servers.ils import ServerSilent
from tests.crash.year.library import SECRET, Central, TerminalClock

ANSWER_SECONDS = 1.0
"""How long a terminal waits for an answer.  One thread turns everything here: the reader waits for that too."""


class Injury(Enum):
    """What can happen to one exchange."""

    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    ANSWER_CUT = "answer cut"
    DOUBLED = "doubled"
    LATE = "late"
    """The request is executed long after everybody has given it up."""


_ON_A_LINK: dict[Injury, AnswerFault] = {
    Injury.REQUEST_LOST: Corrupted(-2),
    Injury.ANSWER_LOST: Lost(),
    Injury.ANSWER_CUT: Cut(20),
    Injury.DOUBLED: Repeated(),
    Injury.LATE: Late(3.0),
}
"""What comes nearest on a SIP2 connection, where a request that was given up goes with its connection."""


class Network:
    """The way of the terminal *name* to *central*."""

    def __init__(self, central: Central, name: str, clock: TerminalClock) -> None:
        self._central = central
        self._clock = clock
        self._link: MemoryLink | None = None
        self.wire = Wire(Asker(name, SECRET), central.office, clock, self)
        self.is_cut = False
        self.is_silent = False

    @property
    def is_up(self) -> bool:
        """Whether anything comes through."""
        return not (self.is_cut or self.is_silent)

    def connect(self) -> MemoryLink:
        """A new SIP2 connection.  Raises `DeviceLost` while the network is cut."""
        if self.is_cut:
            raise DeviceLost("connection refused")
        self._link = self._central.connection(self._clock)
        self._link.silent = self.is_silent
        return self._link

    def injure(self, injury: Injury, *, sound_before: int) -> None:
        """The exchange behind the next *sound_before* ones suffers *injury*."""
        if self._link is not None:
            self._link.inject(*(Sound() for _ in range(sound_before)), _ON_A_LINK[injury])
        self.wire.injuries.extend((*(None for _ in range(sound_before)), injury))

    def cut(self) -> None:
        """Every connection breaks and no new one is made."""
        self.is_cut = True
        self.drop()

    def silence(self) -> None:
        """Connections stand, and nothing comes back."""
        self.is_silent = True
        if self._link is not None:
            self._link.silent = True

    def mend(self) -> None:
        """All is well again."""
        self.is_cut = self.is_silent = False
        if self._link is not None:
            self._link.silent = False

    def drop(self) -> None:
        """Every connection breaks, once."""
        if self._link is not None:
            self._link.unplug()
        self._link = None
        self.wire.injuries.clear()


class Wire:
    """What `sync.servers.central.exchange.Exchange` promises, on central's own calls, without HTTP in between.

    Bodies, codec and central's rules are the real ones.  *late* are requests still under way.
    """

    def __init__(self, asker: Asker, office: Office, clock: Clock, network: Network) -> None:
        self.injuries: deque[Injury | None] = deque()
        self.late: list[str] = []
        self._asker = asker
        self._office = office
        self._clock = clock
        self._network = network

    def begin(self, seconds: float) -> None:
        """As promised by `Exchange`."""

    def close(self) -> None:
        """As promised by `Exchange`."""

    def get(self, path: str) -> Reply:
        """As promised by `Exchange`."""
        return self._exchanged(lambda: self._found(path), None)

    def post(self, path: str, body: str) -> Reply:
        """As promised by `Exchange`; terminals post nothing but events here."""
        return self._exchanged(lambda: self._told(body), body)

    def deliver_late(self) -> int:
        """What was under way for so long arrives now; nobody hears the answer.  How many requests that were."""
        arriving, self.late = self.late, []
        for body in arriving:
            self._told(body)
        return len(arriving)

    def _exchanged(self, execute: Callable[[], Reply], body: str | None) -> Reply:
        if self._network.is_cut:
            raise ServerSilent("connect")
        if self._network.is_silent:
            raise self._waited("deadline")
        injury = self.injuries.popleft() if self.injuries else None
        match injury:
            case None:
                return execute()
            case Injury.REQUEST_LOST:
                raise self._waited("deadline")
            case Injury.LATE:
                if body is not None:
                    self.late.append(body)
                raise self._waited("deadline")
            case Injury.DOUBLED:
                execute()
                return execute()
            case Injury.ANSWER_LOST:
                execute()
                raise self._waited("deadline")
            case Injury.ANSWER_CUT:
                reply = execute()
                return Reply(reply.status, reply.body[: len(reply.body) // 2])

    def _waited(self, why: str) -> ServerSilent:
        self._clock.wait(ANSWER_SECONDS)
        return ServerSilent(why)

    def _told(self, body: str) -> Reply:
        answer = post_events(self._asker, self._office, body.encode("utf-8"))
        return Reply(answer.status_code, bytes(answer.body))

    def _found(self, path: str) -> Reply:
        try:
            shape = self._shape(path)
        except Refusal as refused:
            return Reply(refused.status, _json(problem(refused.status, refused.reason)))
        return Reply(200, _json(shape))

    def _shape(self, path: str) -> BaseModel:
        match path.split("/")[2:]:
            case ["terminal"]:
                return app.get_terminal(self._office, self._asker)
            case ["patrons", number]:
                return app.get_patron(unquote(number), self._office)
            case ["items", number]:
                return app.get_item(unquote(number), self._office)
            case _:
                raise ValueError("no terminal of this library asks that")


def _json(shape: BaseModel) -> bytes:
    return shape.model_dump_json().encode("utf-8")


class CentralByWire(CentralServer):
    """The real client of central, on *wire*."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        settings = CentralClientSettings(token=Secret(SECRET.reveal()), request_seconds=ANSWER_SECONDS)
        super().__init__("http://127.0.0.1", settings, clock)
        vars(self)["_exchange"] = wire
