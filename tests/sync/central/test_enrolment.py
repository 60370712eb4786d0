"""How a terminal gets its identity and its snapshots from central, over real HTTP, on both databases."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import insert, select, update

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.lending import Lent, Wish, lend
from sync.central.circulation.library import Library
from sync.central.circulation.returning import check_in
from sync.central.circulation.secrets import SecretJudge
from sync.central.circulation.terminals import is_terminal
from sync.central.faces.rest.app import Office, make_app
from sync.central.faces.rest.enrolment_calls import EnrolmentDesk
from sync.central.faces.rest.server import RestServer
from sync.central.faces.rest.tokens import Tokens
from sync.central.snapshot_office.attempts import FROM_ONE_MAX
from sync.central.snapshot_office.enrolling import make_code
from sync.central.snapshot_office.extracting import read_extract
from sync.central.snapshot_office.issuing import SnapshotOffice
from sync.central.snapshot_office.office_key import open_office_key
from sync.central.store import machine_tables as m
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId, Reason
from sync.questions import AboutPatron, MayLend
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.snapshot.box import open_box
from sync.snapshot.content import Snapshot
from sync.snapshot.issuer import Issuer, NotOurs
from sync.snapshot.lending import NOTHING, may_lend, patron_facts, pin_verdict
from sync.snapshot.sealed_form import to_json

ISSUER = Issuer(bytes(range(32)))
POLICY = OfflinePolicy(OfflineLending.WITHIN_LIMITS)


class Central:
    """Central's staff and its REST face, and one terminal that calls it."""

    def __init__(self, store: Store, library: Library, judge: SecretJudge, issuer: Issuer | None) -> None:
        self.store, self.library, self.judge = store, library, judge
        office = None if issuer is None else SnapshotOffice(store, library, issuer)
        desk = EnrolmentDesk(store, library, judge, office)
        listener = socket.create_server(("127.0.0.1", 0))
        tokens = Tokens({"desk": Secret("a-token-in-a-file")}, desk.asker)
        self._server = RestServer(listener, make_app(Office(store, library, judge, tokens), desk))
        self._server.start()
        self._base = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"

    def stop(self) -> None:
        self._server.stop()

    def code(self, terminal: str = "kiosk7") -> str:
        return make_code(self.store, self.library, ISSUER, terminal).reveal()

    def post(self, code: object) -> requests.Response:
        return requests.post(f"{self._base}/enrolments", json={"code": code}, timeout=20)

    def enrolled(self, terminal: str = "kiosk7") -> dict[str, Any]:
        found: dict[str, Any] = self.post(self.code(terminal)).json()
        return found

    def get(self, path: str, token: str, **headers: str) -> requests.Response:
        headers["Authorization"] = f"Bearer {token}"
        return requests.get(f"{self._base}{path}", headers=headers, timeout=20)

    def opened(self, identity: dict[str, Any], box: bytes) -> Snapshot:
        key, public, pepper = (
            bytes.fromhex(identity[name]) for name in ("snapshot_key", "central_public_key", "pin_pepper")
        )
        return open_box(box, identity["terminal"], key, public, self.library.now()).explained_by(pepper)

    def snapshot(self, identity: dict[str, Any]) -> Snapshot:
        return self.opened(identity, self.get("/snapshot", identity["token"]).content)


@pytest.fixture
def central(store: Store, library: Library, judge: SecretJudge) -> Iterator[Central]:
    central = Central(store, library, judge, ISSUER)
    yield central
    central.stop()


@pytest.fixture
def identity(central: Central) -> dict[str, Any]:
    return central.enrolled()


def test_a_code_makes_a_terminal_that_can_log_in(central: Central, identity: dict[str, Any]) -> None:
    """One code gives name, token and keys; the token opens REST, and SIP2 as a password."""
    assert (identity["terminal"], identity["institution"]) == ("kiosk7", demo.INSTITUTION)
    assert identity["central_public_key"] == ISSUER.public_key.hex()
    assert len({identity[name] for name in ("token", "snapshot_key", "pin_pepper")}) == 3
    assert central.get(f"/patrons/{demo.READER}", identity["token"]).status_code == 200
    assert central.get(f"/patrons/{demo.READER}", identity["token"][:-1] + "x").status_code == 401
    assert is_terminal(central.store, central.judge, "kiosk7", Secret(identity["token"]))


def test_a_code_may_be_typed_in_small_letters_without_dashes(central: Central) -> None:
    """O is read as zero, I and L as one, for codes travel on paper."""
    code = central.code().lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert central.post(code).status_code == 201


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("wrong", "is wrong"),
        ("used", "was used already"),
        ("expired", "has expired"),
        ("replaced", "is wrong"),
    ],
)
def test_a_code_that_is_not_good_is_refused_with_one_sentence(
    central: Central, clock: VirtualClock, case: str, sentence: str
) -> None:
    """Wrong, used, older than a day, or replaced by a newer one; nothing is made by it."""
    code = central.code()
    if case == "wrong":
        code = "0000-0000-0000-0000"
    elif case == "used":
        central.post(code)
    elif case == "expired":
        clock.wait(24 * 3600.0)
    else:
        central.code()
    answer = central.post(code)

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert sentence in answer.json()["title"]
    assert code not in answer.text


def test_guessing_codes_is_slowed_down(central: Central, clock: VirtualClock) -> None:
    """After a few wrong ones nothing is looked at for a minute, not even a right code."""
    good = central.code()
    tries = [central.post(f"0000-0000-0000-000{n}").status_code for n in range(FROM_ONE_MAX)]
    slowed = central.post(good)
    clock.wait(61.0)

    assert set(tries) == {403}
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "60")
    assert central.post(good).status_code == 201


@pytest.mark.parametrize("code", ["", "x", "9" * 65, 7, None, ["0000-0000-0000-0000"]])
def test_what_is_no_code_is_not_looked_up(central: Central, code: object) -> None:
    """A body that cannot be one is answered as malformed, without being repeated."""
    assert central.post(code).status_code == 400


def test_enrolling_again_replaces_everything(central: Central, identity: dict[str, Any]) -> None:
    """What a stolen or broken terminal had is good no longer."""
    again = central.enrolled()

    assert central.get("/snapshot", identity["token"]).status_code == 401
    assert central.get("/snapshot", again["token"]).status_code == 200
    assert not {identity[k] for k in ("token", "snapshot_key", "pin_pepper")} & set(again.values())


def test_a_terminal_that_was_put_out_of_service_is_not_let_in(
    central: Central, identity: dict[str, Any]
) -> None:
    """Its token dies with it."""
    with central.store.writing() as connection:
        connection.execute(update(t.terminals).where(t.terminals.c.name == "kiosk7").values(is_active=False))

    assert central.get("/snapshot", identity["token"]).status_code == 401


def test_the_database_alone_gives_no_secret_away(central: Central, identity: dict[str, Any]) -> None:
    """Code and token are kept as fingerprints, keys under the office's lock."""
    code = central.code("kiosk8")
    with central.store.reading() as connection:
        kept = repr(connection.execute(select(m.enrolled)).all()) + repr(
            connection.execute(select(m.enrolment_codes)).all()
        )
        locked = connection.execute(select(m.enrolled.c.locked_keys)).scalar_one()
    for secret in (identity["token"], identity["snapshot_key"], identity["pin_pepper"], code):
        assert secret not in kept
        assert secret.replace("-", "") not in kept
    assert base64.b64decode(locked).find(bytes.fromhex(identity["snapshot_key"])) < 0
    with pytest.raises(NotOurs):
        Issuer(bytes(32)).unlocked("kiosk7", locked)
    with pytest.raises(NotOurs):
        ISSUER.unlocked("kiosk8", locked)


def test_the_snapshot_decides_as_central_does(central: Central, identity: dict[str, Any]) -> None:
    """Each notable item and card of the demo library gets the reason it gets online, or waits for the server."""
    snapshot = central.snapshot(identity)
    now = central.library.now()

    def refusal(item: str, patron: str = demo.READER_ENGLISH) -> Reason | None:
        return may_lend(snapshot, MayLend(ItemId(item), PatronId(patron)), NOTHING, now, POLICY).refusal

    assert refusal(demo.ITEMS_FREE[0]) is None
    assert refusal(demo.ITEM_REFERENCE) is Reason.ITEM_REFERENCE
    assert refusal(demo.ITEM_SPECIAL) is Reason.ITEM_SPECIAL_COLLECTION
    assert refusal(demo.ITEM_SERIES) is Reason.ITEM_LARGE_SERIES
    assert refusal(demo.ITEM_PERIODICAL) is Reason.ITEM_NOT_FOR_LOAN
    assert refusal(demo.ITEM_ON_HOLD_FOR_OTHER) is Reason.ITEM_ON_HOLD_FOR_OTHER
    assert refusal(demo.ITEM_ON_HOLD_FOR_DEMO_READER, demo.READER) is None
    assert refusal("30999000000114") is Reason.NOT_WITHOUT_SERVER
    assert refusal("30999000000155", demo.READER_CHILD) is Reason.ITEM_AGE_RATING
    assert refusal(demo.ITEMS_FREE[0], demo.READER_AT_LIMIT) is Reason.LIMIT_REACHED
    for card, reason in (
        (demo.READER_BLOCKED, Reason.PATRON_BLOCKED),
        (demo.READER_BLOCKED_BY_STAFF, Reason.PATRON_BLOCKED),
        (demo.READER_EXPIRED, Reason.PATRON_EXPIRED),
        (demo.READER_CARD_LOST, Reason.CARD_LOST),
        (demo.READER_OWES, Reason.FEES_OWED),
        (demo.READER_OVERDUE, Reason.LOANS_OVERDUE),
    ):
        facts = patron_facts(snapshot, AboutPatron(PatronId(card)), NOTHING, now)
        assert facts.blocks[:1] == (reason,)
        assert refusal(demo.ITEMS_FREE[0], card) is reason
    assert patron_facts(snapshot, AboutPatron(PatronId(demo.READER_OWES_LITTLE)), NOTHING, now).blocks == ()
    assert patron_facts(snapshot, AboutPatron(PatronId(demo.READER_WITH_LOAN)), NOTHING, now).loan_count == 2
    assert pin_verdict(snapshot, PatronId(demo.READER), Secret(demo.PIN)) is True
    assert pin_verdict(snapshot, PatronId(demo.READER), Secret("4321")) is False
    assert pin_verdict(snapshot, PatronId(demo.READER_WITHOUT_PIN), Secret(demo.PIN)) is None


def test_the_snapshot_promises_what_central_would_grant(central: Central, identity: dict[str, Any]) -> None:
    """The same day by category, type and calendar; the same word on strips and tapes; and the tag's own word obeyed."""
    snapshot, now = central.snapshot(identity), central.library.now()
    days = set()
    for patron in (demo.READER, demo.READER_CHILD, demo.READER_SENIOR, demo.READER_STAFF):
        for item in (demo.ITEMS_FREE[0], demo.ITEM_PICTURE_BOOK, demo.ITEM_MAGNETIC, demo.ITEM_STAYS_SECURED):
            here = may_lend(snapshot, MayLend(ItemId(item), PatronId(patron)), NOTHING, now, POLICY)
            with central.store.writing() as connection:
                wish = Wish(ItemId(item), PatronId(patron), "kiosk9", False)
                there = lend(connection, central.library, wish)
                assert isinstance(there, Lent)
                assert here.due is not None
                assert here.due.day == there.loan.due_on
                assert (here.release, here.magnetic) == (not there.item.stays_secured, there.item.is_magnetic)
                check_in(connection, central.library, ItemId(item), "kiosk9", is_undo=True)
            days.add(here.due.day)
            assert here.magnetic is (item == demo.ITEM_MAGNETIC)
            assert here.release is (item != demo.ITEM_STAYS_SECURED)
    assert len(days) >= 5

    def told_by_tag(usage: int) -> Reason | None:
        question = MayLend(ItemId(demo.ITEMS_FREE[0]), PatronId(demo.READER), usage=usage)
        return may_lend(snapshot, question, NOTHING, now, POLICY).refusal

    assert [told_by_tag(usage) for usage in (0x11, 0x14)] == [None, None]
    assert [told_by_tag(usage) for usage in (0x13, 0x15)] == [Reason.NOT_WITHOUT_SERVER] * 2
    assert [told_by_tag(usage) for usage in (0x21, 0x71, 0x81)] == [
        Reason.ITEM_NOT_FOR_LOAN,
        Reason.ITEM_WITHDRAWN,
        Reason.ITEM_NOT_FOR_LOAN,
    ]


def test_no_number_name_or_pin_of_a_patron_is_in_a_snapshot(
    central: Central, identity: dict[str, Any]
) -> None:
    """The opened bytes hold no card, name, date of birth, title, PIN or PIN hash of the library in any spelling."""
    snapshot = central.snapshot(identity)
    plain = to_json(snapshot)
    without_items = to_json(replace(snapshot, items=replace_text(snapshot)))
    with central.store.reading() as connection:
        extract = repr(read_extract(connection, central.library)).encode()
    with central.store.reading() as connection:
        patrons = connection.execute(select(t.patrons)).all()
        titles = connection.execute(select(t.items.c.title)).scalars().all()
    # The search finds what is there: items' numbers are in both.
    assert len(patrons) > 20
    assert demo.ITEM_CD.encode() in plain
    assert demo.ITEM_CD.encode() in extract
    for patron in patrons:
        words = [patron.number, patron.name, patron.pin_hash, f"{patron.born_on}"]
        words += (patron.pin_hash or "$").split("$")[-2:]
        for word in filter(None, (word for word in words if word != "None")):
            for encoding in ("utf-8", "gb18030", "utf-16-le"):
                data = word.encode(encoding)
                assert data not in plain
                assert data.hex().encode() not in plain
                assert base64.b64encode(data).rstrip(b"=") not in plain
        assert word_as_json(patron.name) not in plain
    # A title of three letters stands in some key by chance.
    told = [title for title in titles if len(title.encode()) > 4]
    assert not [title for title in told if title.encode() in plain or word_as_json(title) in plain]
    assert f'"{demo.PIN}"'.encode() not in plain
    assert f":{demo.PIN}".encode() not in without_items


def replace_text(snapshot: Snapshot) -> Any:
    """An empty table of items: their numbers are public and may hold any four digits."""
    return type(snapshot.items)()


def word_as_json(word: str) -> bytes:
    return word.encode("unicode_escape")


def test_two_terminals_get_snapshots_that_cannot_be_compared(
    central: Central, identity: dict[str, Any]
) -> None:
    """The same card is another token in each, and neither opens the other's."""
    other = central.enrolled("kiosk8")
    mine, theirs = central.snapshot(identity), central.snapshot(other)
    tokens = [{token for token, _ in one.patrons.pairs()} for one in (mine, theirs)]

    assert len(tokens[0]) == len(tokens[1])
    assert not tokens[0] & tokens[1]


def test_the_number_rises_with_each_change_and_what_holds_is_not_sent_again(
    central: Central, clock: VirtualClock, identity: dict[str, Any]
) -> None:
    """304 while nothing changed; one more after a loan, and after an hour, so that its age stays true."""
    token = identity["token"]
    first = central.get("/snapshot", token)
    again = central.get("/snapshot", token, **{"If-None-Match": first.headers["ETag"]})
    with central.store.writing() as connection:
        connection.execute(insert(t.closed_days).values(day=central.library.today(), why="x"))
    changed = central.get("/snapshot", token, **{"If-None-Match": first.headers["ETag"]})
    clock.wait(3600.0)
    aged = central.get("/snapshot", token, **{"If-None-Match": changed.headers["ETag"]})

    assert (first.status_code, first.headers["ETag"], first.headers["Cache-Control"]) == (
        200,
        '"1"',
        "no-store",
    )
    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (aged.status_code, aged.headers["ETag"]) == (200, '"3"')
    assert central.opened(identity, aged.content).issued_at == clock.now().replace(microsecond=0)


def test_a_restored_central_goes_on_above_what_the_terminal_has(
    central: Central, identity: dict[str, Any]
) -> None:
    """A database from last week would number below what the terminal accepted, and be refused for ever."""
    answer = central.get("/snapshot", identity["token"], **{"If-None-Match": '"500"'})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"501"')
    assert central.opened(identity, answer.content).number == 501


@pytest.mark.parametrize("tag", ["", "x", '"-1"', 'W/"1"', '"99999999999999999999"', "*"])
def test_a_tag_that_is_none_gets_the_whole(central: Central, identity: dict[str, Any], tag: str) -> None:
    """Whatever stands in the header, the terminal gets a snapshot it can open."""
    answer = central.get("/snapshot", identity["token"], **{"If-None-Match": tag})

    assert central.opened(identity, answer.content).number == 1


def test_a_terminal_without_keys_gets_no_snapshot(central: Central) -> None:
    """A token of a file names nobody a snapshot could be sealed for."""
    answer = central.get("/snapshot", "a-token-in-a-file")

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:library-kiosk:enrolment:not-enrolled")


def test_without_an_office_key_nothing_is_issued(
    file_store: Store, library: Library, judge: SecretJudge
) -> None:
    """The installer reads what is missing."""
    central = Central(file_store, library, judge, None)
    try:
        posted, got = central.post(central.code()), central.get("/snapshot", "a-token-in-a-file")
    finally:
        central.stop()

    assert (posted.status_code, got.status_code) == (503, 503)
    assert "office key" in posted.json()["title"]


def test_the_office_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    """A second start finds the same; one that others may read, or that is none, is a settings error."""
    path = tmp_path / "central.key"
    first, second = open_office_key(path), open_office_key(path)

    assert first.public_key == second.public_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["central.key"]
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="open to others"):
        open_office_key(path)
    path.write_text("nonsense")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="an office key is the line"):
        open_office_key(path)
    with pytest.raises(SettingsError, match="cannot be used"):
        open_office_key(tmp_path / "nowhere" / "central.key")


def test_an_overdue_day_is_the_one_central_would_count(
    store: Store, library: Library, clock: VirtualClock
) -> None:
    """Children may have two overdue: the day after the third-earliest due day is the one that stops the card."""
    with store.reading() as connection:
        extract = read_extract(connection, library)
        due_days = sorted(
            connection.execute(
                select(t.loans.c.due_on).where(
                    t.loans.c.patron == demo.READER_AT_LIMIT, t.loans.c.closed_at.is_(None)
                )
            ).scalars()
        )

    child = extract.patrons[PatronId(demo.READER_AT_LIMIT)]
    assert child.overdue_from == due_days[2] + timedelta(days=1)
    assert extract.patrons[PatronId(demo.READER)].overdue_from is None
    assert {standing.age_years for standing in extract.patrons.values()} <= set(range(19))


def test_terminals_that_ask_at_once_each_get_their_own(central: Central) -> None:
    """Numbers and keys are never mixed up, and nobody is numbered twice for the same library."""
    identities = [central.enrolled(f"kiosk{number}") for number in range(4)]

    def ask(identity: dict[str, Any]) -> tuple[str, int]:
        snapshot = central.snapshot(identity)
        return snapshot.terminal, snapshot.number

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(ask, [*identities, *identities]))

    assert found == sorted([(f"kiosk{number}", 1) for number in range(4)] * 2)
