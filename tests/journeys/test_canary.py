"""A patron who is easily found goes through everything, on real bytes; afterwards every place is searched for them.

Name, card, PIN and bank card are in no log, no file, no paper, no code and no list, and in nothing the terminal
remembers, but for what the tests themselves name.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.sim.shelf import item_tag
from drivers.sim.zvt_terminal import CardChoice
from kiosk.engine.logs import open_log
from kiosk.journal_desk import ledger_lines, on_file, tables
from kiosk.journal_desk.ledger import LedgerPlace
from kiosk.wording.catalogue import words_in
from kiosk.wording.receipts import receipt_codes
from kiosk.workflow.settings import Service
from kiosk.workflow.state import State
from kiosk.workflow.view import (
    Account,
    BackStatus,
    BackSummary,
    ChooseFees,
    GivingBack,
    Language,
    Paying,
    PaymentState,
    ReceiptCode,
    Shown,
    Status,
)
from sync.central import demo
from sync.entries import CaseReason, Means, Pay
from sync.journal.codec import WIPED
from tests.kit.canary import BANK_CARD, NAME, NUMBER, PIN, columns_naming, found_in, reachable_from
from tests.kit.rig import KEYS, RELEASED_AFI, Rig, with_settings

EVERYTHING = with_settings(
    services=tuple(Service), means=(Means.CARD, Means.QR), has_printer=True, terminal="T1"
)
BORROWED, OVERDUE, LATE, WAITED_FOR, OF_ANOTHER = demo.ITEMS_FREE[:5]


class Visit:
    """The canary's day at *rig*.  *anonymous* is what the screen showed while nobody had said who they are, *codes*
    the texts of the receipts' codes, *states* what the session remembered between readers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rig = rig = Rig(folder, EVERYTHING)
        rig.card_terminal.card_number = BANK_CARD
        rig.card_terminal.masks_card = False
        rig.server.desk_enters(NUMBER, NAME, PIN)
        for item in (OVERDUE, LATE):
            rig.server.desk_lends(NUMBER, item)
            rig.tags[item] = [item_tag(item)]
            rig.tags[item][0].afi = RELEASED_AFI
        rig.clock.wait(40 * 86_400.0)
        rig.lend(demo.READER_ENGLISH, WAITED_FOR, OF_ANOTHER)
        rig.server.desk_holds(NUMBER, WAITED_FOR)
        rig.settle()
        self.anonymous: list[Shown] = []
        self.codes: list[str] = []
        self.states: list[State] = []
        self.paper: list[str] = []
        for place in range(4):
            rig.server.desk_charges(NUMBER, 100 + place)

    def everything(self) -> None:
        """All services, one after the other, and whatever goes wrong in them."""
        self.gives_back()
        self.looks_renews_and_pays()
        self.pays_badly(CardChoice.WRONG_AMOUNT)
        self.types_a_wrong_pin()
        self.gives_back_without_a_network()
        self.borrows_and_reports()
        self.rig.pass_time(120)
        self.between_readers()

    def between_readers(self) -> None:
        """Nobody is there: what is remembered is kept for the search."""
        self.rig.pass_time(EVERYTHING.summary_seconds + 1)
        self.states.append(self.rig.kiosk.desk.state)
        self.paper += [line.text for line in self.rig.printer.tear_off()]

    def takes_home(self, *, done: str = "done") -> None:
        """What can be had is asked for, on paper and as codes."""
        rig = self.rig
        rig.choose("print")
        rig.choose("code")
        words = words_in(Language.ENGLISH)
        for language in Language:
            receipts = tuple(replace(one, language=language.value) for one in rig.seen(ReceiptCode).receipts)
            self.codes += [text for _, text in receipt_codes(words, receipts)]
        self.codes.append(repr(rig.view))
        rig.choose("done")
        rig.pass_time(5)
        rig.choose(done)

    def gives_back(self) -> None:
        """A late book of the canary, one that the canary waits for, and another reader's, in one batch."""
        rig = self.rig
        since = len(rig.shown)
        rig.choose("give-back")
        rig.lay(LATE, WAITED_FOR, OF_ANOTHER)
        assert rig.back_statuses() == dict.fromkeys((LATE, WAITED_FOR, OF_ANOTHER), BackStatus.BACK)
        rig.choose("finish")
        assert rig.seen(BackSummary).readers == 2
        self.takes_home()
        rig.lift(LATE, WAITED_FOR, OF_ANOTHER)
        self.anonymous += rig.shown[since:]
        self.between_readers()

    def opens_account(self) -> None:
        rig = self.rig
        rig.choose("account")
        rig.show_card(NUMBER)
        rig.pin(PIN)
        rig.until(lambda: isinstance(rig.view, Account) and not rig.seen(Account).is_busy)
        rig.until(lambda: any(one.id == "pay" and one.enabled for one in rig.choices))

    def pays(self, means: str, *, wanted: PaymentState = PaymentState.POSTED) -> None:
        """The first fee, by *means*."""
        rig = self.rig
        rig.choose("pay")
        for place, fee in enumerate(rig.seen(ChooseFees).fees):
            if fee.is_chosen is not (place == 0):
                rig.choose(f"fee:{place}")
        rig.choose(f"pay-by:{means}")
        if means == "qr":
            rig.until(lambda: isinstance(rig.view, Paying) and bool(rig.seen(Paying).code))
            rig.wallet.pay()
        rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is wanted)

    def leaves(self) -> None:
        rig = self.rig
        rig.choose("finish")
        rig.take_card()
        self.between_readers()

    def looks_renews_and_pays(self) -> None:
        """By card and by code; a fee that vanishes while the card is read is given back."""
        rig = self.rig
        self.opens_account()
        rig.choose("renew-all")
        rig.until(lambda: not rig.seen(Account).is_busy)
        for means in ("card", "qr"):
            self.pays(means)
            self.takes_home()
            rig.until(lambda: isinstance(rig.view, Account) and not rig.seen(Account).is_busy)
        rig.choose("pay")
        rig.choose("pay-by:card")
        rig.until(lambda: any(isinstance(one.promise, Pay) and not one.is_settled for one in rig.entries()))
        rig.server.desk_waives_all(NUMBER)
        rig.until(lambda: isinstance(rig.view, Paying) and rig.seen(Paying).state is PaymentState.REVERSED)
        self.takes_home()
        rig.until(lambda: isinstance(rig.view, Account) and not rig.seen(Account).is_busy)
        self.leaves()

    def pays_badly(self, choice: CardChoice) -> None:
        """The card terminal takes another sum than it was asked for: nobody knows, and staff find out."""
        self.rig.server.desk_charges(NUMBER, 777)
        self.rig.card_terminal.card = choice
        self.opens_account()
        self.pays("card", wanted=PaymentState.UNKNOWN)
        self.takes_home()
        self.rig.until(lambda: isinstance(self.rig.view, Account) and not self.rig.seen(Account).is_busy)
        self.leaves()

    def types_a_wrong_pin(self) -> None:
        rig = self.rig
        rig.show_card(NUMBER)
        rig.pin("15243")
        rig.choose("cancel")
        rig.take_card()

    def borrows_and_reports(self) -> None:
        """A book is lent and said to be torn."""
        rig = self.rig
        rig.lay(BORROWED)
        rig.show_card(NUMBER)
        rig.pin(PIN)
        rig.until(lambda: rig.statuses().get(BORROWED) is Status.LENT)
        rig.choose(f"care:{BORROWED}")
        rig.choose("flaw:damaged")
        rig.choose("yes")
        rig.choose("done")
        rig.choose("finish")
        self.takes_home()
        rig.lift(BORROWED)
        rig.take_card()
        self.between_readers()

    def gives_back_without_a_network(self) -> None:
        """Recorded here and told later."""
        rig = self.rig
        since = len(rig.shown)
        rig.cut_network()
        rig.pass_time(40)
        rig.choose("give-back")
        rig.lay(OVERDUE)
        rig.until(lambda: rig.back_line(OVERDUE).status is BackStatus.BACK_RECORDED)
        rig.choose("finish")
        self.takes_home()
        rig.lift(OVERDUE)
        self.anonymous += rig.shown[since:]
        rig.mend_network()
        rig.until(lambda: all(entry.is_settled for entry in rig.entries()), 600.0)

    @property
    def log(self) -> str:
        """What was logged, as it is written."""
        stream = io.StringIO()
        log = open_log("kiosk", stream)
        for level, sentence, facts in self.rig.log.lines:
            mistake = facts.pop("mistake", None)
            if isinstance(mistake, BaseException):
                log.failure(sentence, mistake, **facts)
            else:
                getattr(log, level)(sentence, **facts)
        return stream.getvalue()


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A day of the canary, at its end; the terminal still runs."""
    visit = Visit(tmp_path_factory.mktemp("canary"))
    visit.everything()
    yield visit
    visit.rig.close()


def test_no_log_line_names_them(visit: Visit) -> None:
    """As it is written for journald."""
    assert visit.rig.log.lines
    assert found_in(visit.log) == set()


def test_no_file_of_the_terminal_names_them(visit: Visit) -> None:
    """Journal, its log and whatever else lies there, while it runs; the library's own database lies beside it."""
    files = [path for path in visit.folder.rglob("*") if path.is_file() and "central.db" not in path.name]
    assert any(path.suffix == ".db" for path in files)
    assert {path.name: found for path in files if (found := found_in(path.read_bytes()))} == {}


def test_paper_and_codes_name_nobody(visit: Visit) -> None:
    """Receipts of loans, returns and payments, the card terminal's own lines in them, and the slip of a hold."""
    paper = "\n".join(visit.paper)
    assert "Held for card" in paper
    assert "Kartenzahlung" in paper
    assert "Money given back" in paper
    assert "Not clear whether paid" in paper
    assert len(visit.codes) > 12
    assert found_in(paper) == set()
    assert found_in("\n".join(visit.codes)) == set()


def test_whoever_gives_back_sees_nobody(visit: Visit) -> None:
    """Whose the books were, and who waits for one, is in no view of a return."""
    assert any(isinstance(shown.view, GivingBack) for shown in visit.anonymous)
    assert set[str]().union(*(reachable_from(shown) for shown in visit.anonymous)) == set()


def test_nothing_of_them_is_remembered_for_the_next_reader(visit: Visit) -> None:
    """After each session no account, fee, payment, receipt, report or choice is left, and of the patron not a digit
    but for the PIN that was wrong, whose tries count on.
    """
    assert len(visit.states) > 4
    for state in visit.states:
        left = replace(state, pin_refusals=())
        assert reachable_from(left) == set()
        assert (state.payments, state.on_hand, state.care, state.cared_for) == ((), None, None, ())
        assert not state.wants_account
        assert not any(title in repr(left) for title in ("西游记", "Emma", "三国演义"))


def test_tills_printers_and_screens_remember_nobody(visit: Visit) -> None:
    """What the machinery keeps of payments and slips are references, sums and masked numbers; only the terminal's own
    books know the card, as long as staff have not found out what became of its payment.
    """
    books: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for pump in visit.rig.kiosk.pumps:
        (books if pump.name in ("books", "desk", "journal") else others).append(vars(pump))
    assert len(others) > 4
    assert reachable_from(*others) == set()
    assert reachable_from(*books) <= {f"number as {form}" for form in ("UTF-8", "GBK", "JSON")}


def test_what_staff_are_told_names_nobody(visit: Visit, tmp_path: Path) -> None:
    """Entries, cases and how one is closed, the ledger listed, closed, exported and verified, health, and exports."""
    rig, path = visit.rig, visit.folder / "journal.db"
    said = [json.dumps(rig.kiosk.health.told(), ensure_ascii=False, default=str)]
    rig.kiosk.stop()
    place = LedgerPlace(tmp_path / "ledger.key", "kiosk-1")

    def ask(**request: Any) -> Mapping[str, Any]:
        told = on_file.answer(path, KEYS, request, rig.clock.now, place)
        said.append(json.dumps(told, ensure_ascii=False, default=str))
        return told

    cases = ask(do="cases.list")
    said.extend(tables.cases(cases))
    [case] = cases["cases"]
    assert case["reasons"][0]["reason"] == CaseReason.PAYMENT_UNKNOWN.value
    said.extend(tables.entries(ask(do="journal.list", limit=100)))
    day = rig.clock.now().date().isoformat()
    rig.clock.wait(86_400.0)
    ask(do="journal.backup", to=str(tmp_path / "before.db"))
    ask(do="cases.close", reference=case["reference"], how="posted-at-desk", by="Li", note="seen in the list")
    said.extend(ledger_lines.closed(ask(do="ledger.close", day=day)))
    said.extend(ledger_lines.listed(ask(do="ledger.list")))
    listed = ask(do="ledger.list", day=day)
    said.extend(ledger_lines.listed(listed))
    assert len(listed["transactions"]) == 4
    said.extend(ledger_lines.verified(ask(do="ledger.verify")))
    ask(do="ledger.export", to=str(tmp_path / "ledger.csv"))
    ask(do="journal.export", to=str(tmp_path / "export.jsonl"))
    ask(do="journal.backup", to=str(tmp_path / "after.db"))

    assert found_in("\n".join(said)) == set()
    made = {file.name: found_in(file.read_bytes()) for file in tmp_path.iterdir()}
    assert {"before.db", "after.db", "ledger.csv", "ledger-closings.csv", "export.jsonl"} <= made.keys()
    assert set[str]().union(*made.values()) == set()

    rig.restart()
    assert reachable_from(*map(vars, rig.kiosk.pumps)) == set()
    rig.journal.tidy()
    named = [entry.promise.patron for entry in rig.entries() if entry.promise.patron is not None]
    assert named
    assert [patron.reveal() for patron in named] == [WIPED.reveal()] * len(named)


def test_central_names_them_where_its_accounts_need_it_and_nowhere_else(visit: Visit) -> None:
    """The name at the patron, the card at what is theirs; the PIN as a hash, and what is said of both nowhere."""
    assert columns_naming(visit.folder / "central.db") == {
        "patrons.number": {"number"},
        "patrons.name": {"name"},
        "loans.patron": {"number"},
        "holds.patron": {"number"},
        "ledger.patron": {"number"},
    }


def test_a_search_that_finds_nothing_can_find_something(tmp_path: Path) -> None:
    """While the canary is logged in, the state has name and card, the screen the name, and masks hide neither."""
    visit = Visit(tmp_path)
    visit.opens_account()
    state = reachable_from(visit.rig.kiosk.desk.state)
    screen = reachable_from(visit.rig.shown[-1])
    visit.rig.close()

    assert {"number as UTF-8", "name as UTF-8"} <= state
    assert "name as UTF-8" in screen
    assert found_in(NAME.encode("utf-16-le").hex(" ")) == {"name as hex of utf-16-le, spaced"}
    assert found_in(base64.b64encode(b"card " + NUMBER.encode()))
    assert "PIN as UTF-8" in found_in(f"63AD{PIN}|")
    assert "bank card as UTF-8" in found_in(f"Karte {BANK_CARD}")
