"""A stage with an account and fees, and whoever takes the money played by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from drivers.payment import Step
from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, ReversePayment, TakePayment
from kiosk.workflow.settings import Service
from sync.entries import (
    Answer,
    Due,
    Entry,
    EntryKey,
    FeeKind,
    Granted,
    Means,
    Money,
    PatronId,
    Pay,
    Reason,
)
from sync.questions import AboutAccount, AccountFacts, FeeFact, HoldFact, LoanFact
from tests.kit.stage import READER, SETTINGS, Stage, item

ALL_SERVICES = (Service.BORROW, Service.ACCOUNT, Service.PAY, Service.CARE)
PAYS = replace(SETTINGS, services=ALL_SERVICES, means=(Means.CARD, Means.QR), terminal="T1", has_printer=True)
"""The settings of a library where everything of the account can be done, and both means exist."""

MARK = "trace-7"
LATE = Due(date(2026, 11, 1), "2026-11-01")
SOON = Due(date(2026, 11, 25), "2026-11-25")
LATER = Due(date(2026, 12, 24), "2026-12-24")


def yuan(fen: int, currency: str = "CNY") -> Money:
    """*fen* hundredths of a yuan."""
    return Money(fen, currency)


FEES = (
    FeeFact("f1", yuan(150), FeeKind.OVERDUE, item(1), "Title 1"),
    FeeFact("f2", yuan(2000), FeeKind.DAMAGE, item(2), "Title 2", text="a torn page"),
    FeeFact("f3", yuan(300), FeeKind.CARD),
)


def account_of(number: str = READER, **more: object) -> AccountFacts:
    """An account with three loans, two holds and three fees."""
    facts = AccountFacts(
        PatronId(number),
        is_known=True,
        loans=(
            LoanFact(item(1), SOON, "Title 1"),
            LoanFact(item(2), LATE, "Title 2", is_overdue=True),
            LoanFact(item(3), LATER, "Title 3"),
        ),
        holds=(
            HoldFact(item(8), "Title 8", queue=2),
            HoldFact(item(9), "Title 9", is_ready=True, pickup="Desk"),
        ),
        fees=FEES,
        owed=yuan(2450),
        loan_count=3,
        loan_limit=10,
    )
    return replace(facts, **more)  # type: ignore[arg-type]


class Till(Stage):
    """A stage on which a reader pays."""

    def ready(self, *means: Means, mark: str = MARK) -> None:
        """Whoever takes money by *means*, by all that there are where none is named, is ready."""
        for one in means or (Means.CARD, Means.QR):
            self.happen(events.PaymentReady(one, mark if one is Means.CARD else ""))

    def log_in_to_account(self, facts: AccountFacts | None = None, **more: object) -> view.Account:
        """Chooses the account on the first screen, then card and PIN; the server tells *facts*."""
        self.choose("account")
        self.show_card()
        if self.state.settings.needs_pin:
            self.pin()
        self.tell(self.facts(**more))  # type: ignore[arg-type]
        self.tell_account(facts)
        return self.shows(view.Account)

    def tell_account(self, facts: AccountFacts | None = None) -> None:
        """The server answers the last question about the account."""
        self.happen(events.Told(self.asked_account().token, facts or account_of()))

    def asked_account(self) -> Ask:
        """The last question about an account."""
        return next(ask for ask in reversed(self.all(Ask)) if isinstance(ask.question, AboutAccount))

    def choose_fees(self, facts: AccountFacts | None = None) -> view.ChooseFees:
        """As far as the page of fees."""
        self.ready()
        self.log_in_to_account(facts)
        self.choose("pay")
        return self.shows(view.ChooseFees)

    def pay_by(self, means: str = "card", facts: AccountFacts | None = None) -> EntryKey:
        """From the page of fees until money is asked for; the account has not changed, or is *facts* now."""
        self.choose(f"pay-by:{means}")
        self.tell_account(facts)
        return self.last(TakePayment).key

    def paying(self) -> EntryKey:
        """All the way until money is asked for by card."""
        self.choose_fees()
        return self.pay_by()

    def take(self, key: EntryKey, voucher: str = "0042", mark: str = "trace-8") -> None:
        """The money is taken."""
        receipt = ("CARD PAYMENT", "************1234")
        self.happen(events.PaymentTaken(key, voucher, mark, "************1234", receipt))

    def fail(self, key: EntryKey, failure: events.PaymentFailure = events.PaymentFailure.DECLINED) -> None:
        """Surely nothing is taken."""
        self.happen(events.PaymentNotTaken(key, failure))

    def step_on(self, key: EntryKey, step: Step = Step.INSERT_CARD, text: str = "", code: str = "") -> None:
        """The payment is on its way."""
        self.happen(events.PaymentStepped(key, step, text, code))

    def post(self, key: EntryKey, answer: Answer | None = None) -> None:
        """The server answers to posting, granting it unless said otherwise."""
        self.happen(events.Carried(key, answer or Granted(Due(None), reference="B-1")))

    def payments(self) -> list[Entry]:
        """Every entry of a payment that was begun."""
        return [carry.entry for carry in self.all(Carry) if isinstance(carry.entry.promise, Pay)]

    def reversals(self) -> list[EntryKey]:
        """Whose money was asked back."""
        return [effect.key for effect in self.all(ReversePayment)]


BLOCKED = (Reason.FEES_OWED,)
