"""Circulation systems that speak SIP2 as the real ones were seen to: a far end with a memory, and a line that breaks.

What all of them do: a request that was cut off before its CR is executed when the connection closes, with whatever
number it had come to; a repeated 11 renews the patron's own loan; 97 brings the last reply again; a checksum is
expected only where the frame bears one.  In what they differ is a `Personality`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from drivers.link import DeviceLost
from drivers.link.memory import VirtualClock
from tests.kit.sip2_server import LOGIN_OK, STATUS, framed

_FIXED = {"93": 4, "99": 10, "63": 33, "11": 40, "09": 39, "29": 40, "17": 20, "35": 20}
_NOW = "20261122    160452"
LOAN_DAYS = 28
LATE_SECONDS = 5.5
"""After the terminal's own limit for an answer, and before it asks what became of the request."""


@dataclass(frozen=True)
class Personality:
    """How one system differs: *dialect* is our profile for it, *due_form* writes AH, *lists_overdue_apart* keeps
    overdue loans out of the charged list, *says_ok_to_strangers* is said to a check-in of what is not on loan.
    """

    dialect: str
    terminator: bytes
    due_form: str
    lists_overdue_apart: bool = False
    says_ok_to_strangers: bool = False
    renews_with_words: bool = False


KOHA = Personality("koha", b"\r\n", "%Y%m%d    235900", says_ok_to_strangers=True, renews_with_words=True)
SIPSERVER = Personality("sipserver", b"\r", "%Y%m%d    235900")
EVERGREEN = Personality(
    "evergreen", b"\r", "%Y-%m-%d 23:59:59", lists_overdue_apart=True, says_ok_to_strangers=True
)
PERSONALITIES = (KOHA, SIPSERVER, EVERGREEN)


@dataclass
class Loan:
    patron: str
    due: datetime
    renewals: int = 0


class Deed(Enum):
    """What was done to an account."""

    LENT = "lent"
    RENEWED = "renewed"
    RETURNED = "returned"


class System:
    """A circulation system with *items* and *patrons*; *loans* and *done* can be read and set."""

    def __init__(
        self, personality: Personality, clock: VirtualClock, items: frozenset[str], patrons: frozenset[str]
    ) -> None:
        self.personality = personality
        self.items = items
        self.patrons = patrons
        self.loans: dict[str, Loan] = {}
        self.done: list[tuple[Deed, str, str]] = []
        self.frames: list[bytes] = []
        self.replies: list[bytes] = []
        self._clock = clock
        self._pending = b""
        self._last = ""

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        *frames, self._pending = (self._pending + data).split(b"\r")
        return b"".join(self._answer(frame.strip(b"\n")) for frame in frames)

    def hang_up(self) -> None:
        """The connection is closed: what had come of a request is executed; nobody hears the answer."""
        rest, self._pending = self._pending.strip(b"\n"), b""
        if rest:
            self._answer(rest)

    def _answer(self, frame: bytes) -> bytes:
        self.frames.append(frame)
        text = frame.decode()
        match = re.search(r"(?:AY(\d))?AZ([0-9A-F]{4})$", text)
        if match is None:
            # What ends a frame without a checksum and is no letter or digit is taken for the line's noise.
            text = re.sub(r"[^A-Za-z0-9]+$", "", text)
        elif (sum(frame[:-4]) + int(match[2], 16)) & 0xFFFF:
            return b"96AZFEF6\r"
        else:
            text = text[: match.start()]
        if text.startswith("97"):
            said, sequence = self._last, "0"
        else:
            self._last = said = self._said(text)
            sequence = (match[1] or "") if match else ""
        if not said:
            return b""
        end = self.personality.terminator
        reply = framed(said, sequence, terminator=end) if match else said.encode() + end
        self.replies.append(reply)
        return reply

    def _said(self, text: str) -> str:
        kind = text[:2]
        if kind == "93":
            return LOGIN_OK
        if kind == "99":
            return STATUS
        fields: dict[str, str] = {}
        for part in text[_FIXED.get(kind, len(text)) :].split("|"):
            fields.setdefault(part[:2], part[2:])
        item, patron = fields.get("AB", ""), fields.get("AA", "")
        handlers: dict[str, Callable[[str, str], str]] = {
            "63": self._patron,
            "17": self._item,
            "11": self._check_out,
            "09": self._check_in,
            "29": self._renew,
        }
        handler = handlers.get(kind)
        return "" if handler is None else handler(item, patron)

    def _patron(self, item: str, patron: str) -> str:
        mine = sorted(number for number, loan in self.loans.items() if loan.patron == patron)
        overdue = [number for number in mine if self.loans[number].due < self._clock.now()]
        charged = [n for n in mine if n not in overdue] if self.personality.lists_overdue_apart else mine
        counts = f"0000{len(overdue):04}{len(charged):04}000000000000"
        names = "".join(f"AU{number}|" for number in charged)
        valid = "Y" if patron in self.patrons else "N"
        return f"64{'':14}001{_NOW}{counts}AOBIB|AA{patron}|AEReader|BL{valid}|{names}"

    def _item(self, item: str, patron: str) -> str:
        if item not in self.items:
            return f"18010001{_NOW}AB{item}|AJ|"
        loan = self.loans.get(item)
        status, due = ("03", "") if loan is None else ("04", f"AH{self._due(loan)}|")
        return f"18{status}0001{_NOW}AB{item}|AJTitle|{due}"

    def _check_out(self, item: str, patron: str) -> str:
        loan = self.loans.get(item)
        if item not in self.items or patron not in self.patrons or (loan and loan.patron != patron):
            return self._refused("12", item, patron)
        if loan is not None:
            return self._renewed("12", item, loan)
        self.done.append((Deed.LENT, item, patron))
        self.loans[item] = loan = Loan(patron, self._clock.now() + timedelta(days=LOAN_DAYS))
        return f"121NNY{_NOW}AOBIB|AA{patron}|AB{item}|AJTitle|AH{self._due(loan)}|"

    def _renew(self, item: str, patron: str) -> str:
        loan = self.loans.get(item)
        if loan is None or loan.patron != patron:
            return self._refused("30", item, patron)
        return self._renewed("30", item, loan)

    def _renewed(self, kind: str, item: str, loan: Loan) -> str:
        self.done.append((Deed.RENEWED, item, loan.patron))
        loan.due, loan.renewals = (
            max(loan.due, self._clock.now()) + timedelta(days=LOAN_DAYS),
            loan.renewals + 1,
        )
        words = (
            "AFItem already checked out to you: renewing item.|" if self.personality.renews_with_words else ""
        )
        return f"{kind}1YNN{_NOW}AOBIB|AA{loan.patron}|AB{item}|AJTitle|AH{self._due(loan)}|{words}"

    def _refused(self, kind: str, item: str, patron: str) -> str:
        return f"{kind}0NUN{_NOW}AOBIB|AA{patron}|AB{item}|AJ|AH|AFNo|"

    def _check_in(self, item: str, patron: str) -> str:
        loan = self.loans.pop(item, None)
        if loan is not None:
            self.done.append((Deed.RETURNED, item, loan.patron))
        ok = "1" if loan or (item in self.items and self.personality.says_ok_to_strangers) else "0"
        return f"10{ok}YNN{_NOW}AOBIB|AB{item}|AQMain|AJTitle|"

    def _due(self, loan: Loan) -> str:
        return loan.due.strftime(self.personality.due_form)


class Breaks(Enum):
    """What happens to one exchange."""

    REQUEST_CUT = "the connection breaks while the request is on its way"
    REPLY_CUT = "the connection breaks while the reply is on its way"
    REPLY_STOPS = "the reply stops, and the connection stays open"
    NOTHING_ARRIVES = "the request is lost, and the connection stays open"
    NO_REPLY = "the request is executed, and nothing comes back"
    LATE_REPLY = "the reply comes after everybody has gone"


@dataclass(frozen=True)
class Fault:
    """What happens to the first request of *message*: *breaks*, after *length* bytes where that matters."""

    message: str
    breaks: Breaks
    length: int = 0


class BreakingLine:
    """`Link` to a `System` over which *faults* happen, each once; several lines share the list."""

    def __init__(self, system: System, clock: VirtualClock, faults: list[Fault]) -> None:
        self._system = system
        self._clock = clock
        self._faults = faults
        self._arrived = b""
        self._late = (0.0, b"")
        self._is_broken = False

    def write(self, data: bytes, timeout_seconds: float) -> None:
        """As promised by `Link`: it cannot tell how far the bytes came."""
        if self._is_broken:
            raise DeviceLost("closed")
        fault = next((one for one in self._faults if data.startswith(one.message.encode())), None)
        if fault is None:
            self._arrived += self._system.receive(data)
            return
        self._faults.remove(fault)
        match fault.breaks:
            case Breaks.REQUEST_CUT:
                self._system.receive(data[: fault.length])
                self._hang_up()
            case Breaks.REPLY_CUT:
                self._arrived += self._system.receive(data)[: fault.length]
                self._hang_up()
            case Breaks.REPLY_STOPS:
                self._arrived += self._system.receive(data)[: fault.length]
            case Breaks.NO_REPLY:
                self._system.receive(data)
            case Breaks.LATE_REPLY:
                self._late = (self._clock.monotonic() + LATE_SECONDS, self._system.receive(data))
            case Breaks.NOTHING_ARRIVES:
                pass

    def read(self, size_max: int, timeout_seconds: float) -> bytes:
        """As promised by `Link`."""
        self._take_late()
        if not self._arrived:
            if self._is_broken:
                raise DeviceLost("closed")
            self._clock.wait(timeout_seconds)
            return b""
        piece, self._arrived = self._arrived[:size_max], self._arrived[size_max:]
        return piece

    def discard_input(self) -> int:
        """As promised by `Link`."""
        if self._is_broken:
            raise DeviceLost("closed")
        self._take_late()
        count, self._arrived = len(self._arrived), b""
        return count

    def close(self) -> None:
        """As promised by `Link`; the system sees it."""
        if not self._is_broken:
            self._hang_up()

    def _take_late(self) -> None:
        due, late = self._late
        if late and self._clock.monotonic() >= due:
            self._arrived, self._late = self._arrived + late, (0.0, b"")

    def _hang_up(self) -> None:
        self._is_broken = True
        self._system.hang_up()
