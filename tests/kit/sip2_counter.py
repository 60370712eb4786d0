"""What circulation systems do with a request they have read, as the real ones were seen to: the memory behind
`sip2_systems.py`, where the bytes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from drivers.link.memory import VirtualClock
from tests.kit.sip2_personalities import Personality, Takes
from tests.kit.sip2_server import LOGIN_OK, STATUS

NOW = "20261122    160452"
LOAN_DAYS = 28
RESEND = "96AZFEF6"
FIXED = {"93": 4, "99": 10, "63": 33, "11": 40, "09": 39, "29": 40, "17": 20, "35": 20, "37": 27, "19": 20}
_NO_CARE = "YYYYYYYYYYYNYYYY"
_ENDS = {"3": "AV", "0": "AS", "5": "CD", "1": "AT", "2": "AU"}


@dataclass
class Loan:
    patron: str
    due: datetime
    renewals: int = 0


@dataclass
class Fee:
    """*units* are the smallest of the currency."""

    number: str
    patron: str
    units: int
    item: str = ""


@dataclass
class Hold:
    """*branch* is where it is picked up; empty: here."""

    item: str
    patron: str
    branch: str = ""
    is_ready: bool = False


class Deed(Enum):
    """What was done to an account."""

    LENT = "lent"
    RENEWED = "renewed"
    RETURNED = "returned"
    PAID = "paid"


@dataclass
class Counter:
    """A circulation system with *items* and *patrons*; all of its memory can be read and set.

    *away* are items that belong to another branch, *blocked* those that are not taken back here.  *payments* are
    patron, sum and the terminal's number, as often as they were accepted; *care* what was said of items.
    """

    personality: Personality
    clock: VirtualClock
    items: frozenset[str]
    patrons: frozenset[str]
    loans: dict[str, Loan] = field(default_factory=dict)
    fees: list[Fee] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    done: list[tuple[Deed, str, str]] = field(default_factory=list)
    payments: list[tuple[str, int, str]] = field(default_factory=list)
    care: list[tuple[str, str]] = field(default_factory=list)

    def owed(self, patron: str) -> int:
        """What *patron* owes in all."""
        return sum(fee.units for fee in self.fees if fee.patron == patron)

    def answer(self, text: str) -> str:
        """The reply to the request *text*, without checksum; empty for none."""
        kind = text[:2]
        if kind == "93":
            return LOGIN_OK
        if kind == "99":
            return STATUS if self.personality.takes_care else STATUS.replace("Y" * 16, _NO_CARE)
        fields: dict[str, str] = {}
        for part in text[FIXED.get(kind, len(text)) :].split("|"):
            fields.setdefault(part[:2], part[2:])
        item, patron = fields.get("AB", ""), fields.get("AA", "")
        handlers: dict[str, Callable[[], str]] = {
            "63": lambda: self._patron(text, patron),
            "17": lambda: self._item(item),
            "11": lambda: self._check_out(item, patron),
            "09": lambda: self._check_in(item),
            "29": lambda: self._renew(item, patron),
        }
        if self.personality.takes is not Takes.NOTHING:
            handlers["37"] = lambda: self._pay(fields)
        if self.personality.takes_care:
            handlers["19"] = lambda: self._keep(item, fields.get("CH", ""))
        if kind not in handlers:
            return RESEND if self.personality.resends_unknown else ""
        return handlers[kind]()

    def _ok(self, is_done: bool) -> str:
        # Where words count, the flag says nothing.
        return "1" if is_done and not self.personality.success else "0"

    def _words(self, is_done: bool, more: str = "") -> str:
        words = self.personality.success if is_done else self.personality.failure
        return f"AF{words}{more}|" if words or more else ""

    # --- Patrons and items ------------------------------------------------------------------------

    def _patron(self, text: str, patron: str) -> str:
        mine = sorted(number for number, loan in self.loans.items() if loan.patron == patron)
        overdue = [number for number in mine if self.loans[number].due < self.clock.now()]
        charged = [n for n in mine if n not in overdue] if self.personality.lists_overdue_apart else mine
        ready = [hold.item for hold in self.holds if hold.patron == patron and hold.is_ready]
        waiting = [hold.item for hold in self.holds if hold.patron == patron and not hold.is_ready]
        fees = [fee for fee in self.fees if fee.patron == patron]
        lists = {
            "AS": ready,
            "AT": overdue,
            "AU": charged,
            "AV": [f"{fee.units / 100:.2f} for {fee.item}" for fee in fees],
            "CD": waiting,
        }
        place = str(text[23:33].find("Y"))
        names = "".join(f"{_ENDS[place]}{one}|" for one in lists.get(_ENDS.get(place, ""), ()))
        if place == "6" and self.personality.details:
            names = "".join(
                f"CG{fee.number}|FA{fee.units / 100:.2f}|FB{fee.item}|FC2026-11-01|FFOverdue|" for fee in fees
            )
        debt = self.owed(patron)
        owed = f"{self.personality.owed_field}{debt / 100:.2f}|"
        if not debt and not self.personality.tells_no_debt:
            owed = ""
        counts = f"{len(ready):04}{len(overdue):04}{len(charged):04}{len(fees):04}0000{len(waiting):04}"
        valid = "Y" if patron in self.patrons else "N"
        return f"64{'':14}001{NOW}{counts}AOBIB|AA{patron}|AEReader|BL{valid}|{owed}{names}"

    def _item(self, item: str) -> str:
        is_chinese = self.personality.dialect == "interlib-gbk"
        if item not in self.items:
            return f"18{'18' if is_chinese else '01'}0001{NOW}AB{item}|AJ|"
        loan = self.loans.get(item)
        if loan is None:
            return f"18{'01' if is_chinese else '03'}0001{NOW}AB{item}|AJTitle|"
        return f"18{'07' if is_chinese else '04'}0001{NOW}AB{item}|AJTitle|AH{self._due(loan)}|"

    def _keep(self, item: str, properties: str) -> str:
        if item not in self.items:
            return f"200{NOW}AB{item}|"
        self.care.append((item, properties))
        return f"201{NOW}AB{item}|AJTitle|"

    # --- Loans ------------------------------------------------------------------------------------

    def _check_out(self, item: str, patron: str) -> str:
        loan = self.loans.get(item)
        if item not in self.items or patron not in self.patrons or (loan and loan.patron != patron):
            return self._refused("12", item, patron)
        if loan is not None:
            return self._renewed("12", item, loan)
        self.done.append((Deed.LENT, item, patron))
        self.loans[item] = loan = Loan(patron, self.clock.now() + timedelta(days=LOAN_DAYS))
        head = f"12{self._ok(True)}NNY{NOW}AOBIB|AA{patron}|AB{item}|AJTitle|AH{self._due(loan)}|"
        return head + self._words(True)

    def _renew(self, item: str, patron: str) -> str:
        loan = self.loans.get(item)
        if loan is None or loan.patron != patron:
            return self._refused("30", item, patron)
        return self._renewed("30", item, loan)

    def _renewed(self, kind: str, item: str, loan: Loan) -> str:
        self.done.append((Deed.RENEWED, item, loan.patron))
        loan.due, loan.renewals = (
            max(loan.due, self.clock.now()) + timedelta(days=LOAN_DAYS),
            loan.renewals + 1,
        )
        more = "Item already checked out to you: renewing item." if self.personality.renews_with_words else ""
        head = f"{kind}{self._ok(True)}YNN{NOW}AOBIB|AA{loan.patron}|AB{item}|AJTitle|AH{self._due(loan)}|"
        return head + self._words(True, more)

    def _refused(self, kind: str, item: str, patron: str) -> str:
        return f"{kind}0NUN{NOW}AOBIB|AA{patron}|AB{item}|AJ|AH|{self._words(False, 'No')}"

    # --- Check-ins --------------------------------------------------------------------------------

    def _check_in(self, item: str) -> str:
        person = self.personality
        if item not in self.items:
            alert, code = (person.yes, "CV99|") if person.dialect == "koha" else (person.no, "")
            return f"100NU{alert}{NOW}AOBIB|AB{item}|{code}{self._words(False)}"
        if item in self.blocked:
            alert, code = (person.yes, "CV99|") if person.codes_alerts else (person.no, "")
            return f"100NN{alert}{NOW}AOBIB|AB{item}|AQMain|AJTitle|{code}{self._words(False)}"
        loan = self.loans.pop(item, None)
        if loan is not None:
            self.done.append((Deed.RETURNED, item, loan.patron))
        is_done = loan is not None or person.says_ok_to_strangers
        borrower = f"AA{loan.patron}|" if loan is not None and person.names_borrower else ""
        alert, more = self._routing(item)
        head = f"10{self._ok(is_done)}YN{alert}{NOW}AOBIB|AB{item}|AQMain|AJTitle|"
        return f"{head}{borrower}{more}{self._words(is_done)}"

    def _routing(self, item: str) -> tuple[str, str]:
        """The alert flag, and the fields that go with it."""
        person = self.personality
        hold = next((one for one in self.holds if one.item == item), None)
        if hold is None and item not in self.away:
            garbage = "C4::SIP::SIPServer=HASH(0x55f80fe32870)"
            return person.no, f"CY{garbage}|DA{garbage}|" if person.dialect == "koha" else ""
        if not person.codes_alerts:
            return person.yes, ""
        if hold is None:
            return person.yes, f"CV04|CT{self.away[item]}|"
        hold.is_ready = not hold.branch
        code = "02" if hold.branch else "01"
        place = f"CT{hold.branch}|" if hold.branch else ""
        return (
            person.yes,
            f"CV{code}|{place}CY{hold.patron}|DAQuintana, Zyxel|AFReserved for Quintana, Zyxel|",
        )

    # --- Money ------------------------------------------------------------------------------------

    def _pay(self, fields: Mapping[str, str]) -> str:
        patron, number, ours = fields.get("AA", ""), fields.get("CG", ""), fields.get("BK", "")
        units = round(float(fields.get("BV") or 0) * 100)
        open_fees = [fee for fee in self.fees if fee.patron == patron and number in ("", fee.number)]
        is_too_much = units > sum(fee.units for fee in open_fees)
        if self.personality.takes is Takes.OWED and (is_too_much or units <= 0):
            return f"38N{NOW}AOBIB|AA{patron}|{self._words(False, 'Overpayment not allowed')}"
        self.payments.append((patron, units, ours))
        self.done.append((Deed.PAID, "", patron))
        for fee in open_fees:
            part = min(fee.units, units)
            fee.units, units = fee.units - part, units - part
        self.fees = [fee for fee in self.fees if fee.units]
        known = f"BK{ours}|" if self.personality.details else ""
        return f"38Y{NOW}AOBIB|AA{patron}|{known}{self._words(True)}"

    def _due(self, loan: Loan) -> str:
        return loan.due.strftime(self.personality.due_form)
