"""The REST face over real HTTP, on both databases."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.faces.rest.app import Office, make_app
from sync.central.faces.rest.server import RestServer
from sync.central.faces.rest.tokens import Tokens
from sync.central.store import tables as t
from sync.central.store.store import Store

TOKENS = {"kiosk1": Secret("first-token-of-tests"), "kiosk2": Secret("second-token-of-tests")}


class Caller:
    """Calls the REST face as one terminal does."""

    def __init__(self, base: str, name: str) -> None:
        self.base = base
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {TOKENS[name].reveal()}"

    def get(self, path: str) -> requests.Response:
        return self._session.get(self.base + path, timeout=20)

    def post(self, path: str, body: object, key: str = "", **more: Any) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self._session.post(self.base + path, json=body, headers=headers, timeout=20, **more)

    def raw(self, path: str, data: bytes, headers: dict[str, str]) -> requests.Response:
        return self._session.post(self.base + path, data=data, headers=headers, timeout=20)

    def close(self) -> None:
        self._session.close()


@pytest.fixture
def base(store: Store, library: Library, judge: SecretJudge) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = RestServer(listener, make_app(Office(store, library, judge, Tokens(TOKENS))))
    server.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.stop()


@pytest.fixture
def kiosk(base: str) -> Iterator[Caller]:
    caller = Caller(base, "kiosk1")
    yield caller
    caller.close()


@pytest.fixture
def other(base: str) -> Iterator[Caller]:
    caller = Caller(base, "kiosk2")
    yield caller
    caller.close()


LOAN = {"item": demo.ITEMS_FREE[0], "patron": demo.READER}


def is_problem(answer: requests.Response, status: int) -> bool:
    kind = answer.headers["Content-Type"]
    return (
        answer.status_code == status
        and kind == "application/problem+json"
        and answer.json()["status"] == status
    )


def test_items_and_patrons_tell_how_they_stand(kiosk: Caller) -> None:
    """An item names its refusal, its parts and its fee, a patron loans, holds and debt."""
    item = kiosk.get(f"/v1/items/{demo.ITEM_REFERENCE}").json()
    patron = kiosk.get(f"/v1/patrons/{demo.READER_WITH_LOAN}").json()
    holder = kiosk.get(f"/v1/patrons/{demo.READER}").json()

    assert (item["title"], item["refusal"], item["parts"]) == ("康熙字典", "item-reference", 1)
    assert [loan["item"] for loan in patron["loans"]] == [demo.ITEM_RENEWED_OUT, demo.ITEM_ON_LOAN]
    assert patron["refusals"] == []
    assert holder["holds"][0]["is_on_shelf"] is True


def test_a_loan_its_renewal_and_its_return(kiosk: Caller) -> None:
    """What is lent is on the account, can be renewed under its own name, and is gone after the return."""
    loan = kiosk.post("/v1/loans", LOAN, "key-lend-1")
    renewal = kiosk.post(f"/v1/loans/{loan.json()['id']}/renewal", {}, "key-renew-1")
    back = kiosk.post("/v1/returns", {"item": LOAN["item"]}, "key-return-1")
    late = kiosk.post(f"/v1/loans/{loan.json()['id']}/renewal", {}, "key-renew-2")

    assert (loan.status_code, loan.json()["due_on"], loan.json()["release"]) == (201, "2026-04-01", True)
    assert (renewal.status_code, renewal.json()["due_on"]) == (200, "2026-05-01")
    assert (back.json()["closed_loan"], back.json()["is_known"]) == (loan.json()["id"], True)
    assert is_problem(late, 409)
    assert late.json()["reason"] == "not-on-loan"


def test_a_repeat_with_its_key_gets_the_same_answer_and_does_nothing(kiosk: Caller, other: Caller) -> None:
    """The stored answer comes again, refusals too; another terminal's same key is another key."""
    first = kiosk.post("/v1/loans", LOAN, "key-00000001")
    again = kiosk.post("/v1/loans", LOAN, "key-00000001")
    refused = other.post("/v1/loans", LOAN, "key-00000001")
    kiosk.post("/v1/returns", {"item": LOAN["item"]}, "key-00000002")
    still_refused = other.post("/v1/loans", LOAN, "key-00000001")

    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert is_problem(refused, 409)
    assert refused.json()["reason"] == "already-yours"
    assert refused.content == still_refused.content


def test_a_key_used_for_another_request_is_refused(kiosk: Caller) -> None:
    """The same key with another body, or for another call, is 422 and does nothing."""
    kiosk.post("/v1/loans", LOAN, "key-00000001")

    body = kiosk.post("/v1/loans", LOAN | {"item": demo.ITEMS_FREE[1]}, "key-00000001")
    call = kiosk.post("/v1/returns", {"item": LOAN["item"]}, "key-00000001")

    assert is_problem(body, 422)
    assert is_problem(call, 422)
    assert len(kiosk.get(f"/v1/patrons/{demo.READER}").json()["loans"]) == 1


def test_many_copies_of_a_loan_at_once_are_one_loan(kiosk: Caller) -> None:
    """Twelve copies with one key at the same moment get the same answer."""
    with ThreadPoolExecutor(12) as pool:
        answers = set(pool.map(lambda _: kiosk.post("/v1/loans", LOAN, "key-00000001").text, range(12)))

    assert len(answers) == 1
    assert len(kiosk.get(f"/v1/patrons/{demo.READER}").json()["loans"]) == 1


def test_a_fee_is_told_and_then_consented_to(kiosk: Caller) -> None:
    """A film is refused with its price, and lent with consent under a new key."""
    film = {"item": demo.ITEM_WITH_FEE, "patron": demo.READER}

    refused = kiosk.post("/v1/loans", film, "key-film-1")
    lent = kiosk.post("/v1/loans", film | {"fee_consented": True}, "key-film-2")

    assert refused.json()["reason"] == "fee-needs-consent"
    assert refused.json()["fee"] == {"minor_units": 200, "currency": "CNY"}
    assert lent.json()["fee"] == {"minor_units": 200, "currency": "CNY"}


def test_pins_are_judged(kiosk: Caller) -> None:
    """Right, wrong, and a card without one."""
    answers = [
        kiosk.post(f"/v1/patrons/{patron}/pin-check", {"pin": pin}).json()["is_right"]
        for patron, pin in (
            (demo.READER, demo.PIN),
            (demo.READER, "9999"),
            (demo.READER_WITHOUT_PIN, demo.PIN),
        )
    ]

    assert answers == [True, False, False]


def test_what_is_unknown_is_not_found(kiosk: Caller) -> None:
    """Unknown items, patrons, loans and calls are problems with 404; an unknown item that comes back is not."""
    assert kiosk.get("/v1/items/9").json()["reason"] == "item-unknown"
    assert kiosk.get("/v1/patrons/9").json()["reason"] == "patron-unknown"
    assert is_problem(kiosk.post("/v1/loans", LOAN | {"patron": "9"}, "key-00000001"), 404)
    assert is_problem(kiosk.post("/v1/loans/99999/renewal", {}, "key-00000002"), 404)
    assert is_problem(kiosk.get("/v1/books"), 404)
    assert kiosk.post("/v1/returns", {"item": "9"}, "key-00000003").json()["is_known"] is False


def test_every_call_but_three_needs_a_token(base: str) -> None:
    """Health, the description and the exchange of a code are open; whatever else there is says 401 to strangers."""
    described = requests.get(f"{base}/v1/openapi.json", timeout=20).json()["paths"]
    open_calls = {}
    for path, methods in described.items():
        for method in methods:
            answer = requests.request(method, base + re.sub(r"{\w+}", "1", path), timeout=20)
            if answer.status_code != 401:
                open_calls[f"{method} {path}"] = answer.status_code

    assert open_calls == {"get /v1/health": 200, "post /v1/enrolments": 400}
    assert len(described) >= 10


def test_without_a_good_token_nothing_is_told(base: str) -> None:
    """Every call but health is 401 without a token that is known, and says how to do better."""
    for header in (None, "", "Bearer", "Bearer wrong", "Basic Zmlyc3Q=", "Bearer 中".encode()):
        headers = {} if header is None else {"Authorization": header}
        for path in (f"/v1/items/{demo.ITEM_CD}", f"/v1/patrons/{demo.READER}"):
            answer = requests.get(base + path, headers=headers, timeout=20)
            assert is_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        health = requests.get(f"{base}/v1/health", headers=headers, timeout=20).json()
        assert (health["status"], set(health)) == ("ok", {"status", "now"})


MALFORMED = [
    ("/v1/loans", b""),
    ("/v1/loans", b"[]"),
    ("/v1/loans", b"{"),
    ("/v1/loans", b'{"item": 3, "patron": "4"}'),
    ("/v1/loans", b'{"item": "a|b", "patron": "4"}'),
    ("/v1/loans", b'{"item": "", "patron": "4"}'),
    ("/v1/loans", b'{"item": "1", "patron": "4", "colour": "red"}'),
    ("/v1/loans", b'{"item": "1", "patron": "4", "fee_consented": "yes"}'),
    ("/v1/loans", b'{"item": "' + b"9" * 65 + b'", "patron": "4"}'),
    ("/v1/loans", b'{"item": "\\u0000", "patron": "4"}'),
    ("/v1/loans", b"[" * 5000),
    ("/v1/loans", b"\xff\xfe"),
    ("/v1/loans/0/renewal", b"{}"),
    ("/v1/loans/99999999999999999999999999/renewal", b"{}"),
    ("/v1/loans/x/renewal", b"{}"),
    ("/v1/patrons/1/pin-check", b'{"pin": "secret-pin", "extra": 1}'),
]


def test_what_is_not_well_formed_is_a_problem_that_repeats_nothing(kiosk: Caller) -> None:
    """Bad bodies and paths are 400, name the place, and never send back what was in them."""
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}
    answers = [(path, body, kiosk.raw(path, body, headers)) for path, body in MALFORMED]

    assert [
        (path, body, answer.status_code) for path, body, answer in answers if not is_problem(answer, 400)
    ] == []
    assert not any("secret-pin" in answer.text for _, _, answer in answers)


def test_a_write_without_a_key_of_its_own_is_refused(kiosk: Caller) -> None:
    """No key, or one that cannot be unique, is 400, and nothing is lent."""
    for key in ("", "short", "x" * 129, "with space in it"):
        assert is_problem(kiosk.post("/v1/loans", LOAN, key), 400)
    assert kiosk.get(f"/v1/patrons/{demo.READER}").json()["loans"] == []


def test_a_body_of_absurd_size_is_refused(kiosk: Caller) -> None:
    """More than 64 KiB are 413, announced or in pieces."""
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}

    assert is_problem(kiosk.raw("/v1/loans", b" " * 70_000, headers), 413)


def test_the_interface_describes_itself(base: str) -> None:
    """The OpenAPI document names every call, and problems where they can happen."""
    described = requests.get(f"{base}/v1/openapi.json", timeout=20).json()

    assert set(described["paths"]) == {
        "/v1/health",
        "/v1/items/{number}",
        "/v1/patrons/{number}",
        "/v1/patrons/{number}/pin-check",
        "/v1/loans",
        "/v1/loans/{loan}/renewal",
        "/v1/returns",
        "/v1/events",
        "/v1/terminal",
        "/v1/enrolments",
        "/v1/snapshot",
    }
    responses = described["paths"]["/v1/loans"]["post"]["responses"]
    assert {"201", "400", "401", "404", "409", "422"} <= set(responses)
    assert "application/problem+json" in responses["409"]["content"]


def test_a_store_that_is_gone_is_said_so(kiosk: Caller, store: Store) -> None:
    """When a table cannot be read the answer is 503 with a time to come again, and names no cause."""
    with store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE loans RENAME TO lost_loans")

    answer = kiosk.get(f"/v1/patrons/{demo.READER}")

    assert is_problem(answer, 503)
    assert answer.headers["Retry-After"] == "5"
    assert "lost_loans" not in answer.text


def test_no_stored_answer_holds_a_patron(kiosk: Caller, store: Store) -> None:
    """What is kept of a request for ever is its answer, without card number or name."""
    kiosk.post("/v1/loans", LOAN, "key-00000001")
    kiosk.post("/v1/returns", {"item": LOAN["item"]}, "key-00000002")
    with store.reading() as connection:
        rows = connection.execute(t.replies.select()).all()

    assert len(rows) == 2
    assert not any(demo.READER in str(row) or "测试读者" in str(row) for row in rows)
