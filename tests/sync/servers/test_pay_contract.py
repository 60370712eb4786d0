"""The interface of payment back ends: its schema, the checks it is tried with, and back ends that break it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from drivers.link.memory import VirtualClock
from drivers.sim.http_requests import Request, response
from drivers.sim.qr_backend import QrBackendFarEnd
from sync.entries import Money
from sync.servers import pay_trial
from sync.servers.pay import HttpPaymentBackend, ServerSilent
from sync.servers.pay_trial import Check, free_checks, paid_checks
from tests.kit.qr_bench import MemoryExchange

FILE = Path(pay_trial.__file__).with_name("payment_backend.openapi.json")
SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "payments.md"


def validator(name: str) -> Draft202012Validator:
    """The schema *name* of the interface."""
    registry: Registry[Any] = Registry().with_resource(
        "urn:interface",
        Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMA}),
    )
    return Draft202012Validator({"$ref": f"urn:interface#/components/schemas/{name}"}, registry=registry)


class Listened(QrBackendFarEnd):
    """A back end whose conversation is kept: method, path, what was said, status, what was answered."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.talk: list[tuple[str, str, Any, int, Any]] = []

    def answer(self, request: Request) -> bytes | None:
        answer = super().answer(request)
        assert answer is not None
        head, _, body = answer.partition(b"\r\n\r\n")
        said = json.loads(request.body) if request.body else None
        status = int(head.split(b" ")[1])
        self.talk.append((request.method, request.path, said, status, json.loads(body)))
        return answer


def tried(far_end: QrBackendFarEnd, clock: VirtualClock) -> list[Check]:
    """Every check, with somebody who pays."""
    backend = HttpPaymentBackend(MemoryExchange(far_end, clock), 5.0)
    impostor = HttpPaymentBackend(MemoryExchange(far_end, clock, "a-token-of-nobody"), 5.0)

    def pay(_: str) -> None:
        far_end.pay()

    return [
        *free_checks(backend, impostor, "CNY", "try1", clock),
        *paid_checks(backend, "CNY", "try1", clock, pay),
    ]


def test_all_that_is_said_fits_the_schema() -> None:
    """Orders of the terminal and answers of the reference, for every check, are those the schema describes."""
    clock = VirtualClock()
    far_end = Listened(clock)
    assert all(check.is_good for check in tried(far_end, clock))

    statuses = set()
    for method, path, said, status, told in far_end.talk:
        operation = SCHEMA["paths"][_template(path)][method.lower()]
        content = operation["responses"][str(status)].get("content", {})
        statuses.add((operation["operationId"], status))
        for described in content.values():
            _validate(described["schema"], told)
        if said is not None and status < 400:
            _validate(operation["requestBody"]["content"]["application/json"]["schema"], said)
    described = {
        (operation["operationId"], int(status))
        for methods in SCHEMA["paths"].values()
        for operation in (methods[name] for name in ("get", "put", "post") if name in methods)
        for status in operation["responses"]
        if status != "401"
    }
    unspoken = {("refund", 404)}
    assert described - statuses == unspoken


def test_the_guide_names_what_the_schema_has() -> None:
    """States, refusals and requests stand in both."""
    guide = GUIDE.read_text(encoding="utf-8")
    states = [
        one["properties"]["state"]["const"] for one in SCHEMA["components"]["schemas"]["Payment"]["oneOf"]
    ]
    kinds = set(re.findall("urn:library-kiosk:payment:[a-z-]+", json.dumps(SCHEMA)))

    assert all(f"| `{state}` |" in guide for state in states)
    assert len(kinds) == 4
    assert all(f"`{kind}`" in guide for kind in kinds)
    for path, methods in SCHEMA["paths"].items():
        for method in ("get", "put", "post"):
            if method in methods:
                assert f"`{method.upper()} {path.replace('{key}', 'KEY')}`" in guide


ANSWERS: list[dict[str, Any]] = [
    {"state": "pending", "code": "x"},
    {"state": "pending"},
    {"state": "pending", "code": ""},
    {"state": "pending", "code": "x" * 600},
    {"state": "pending", "code": "x" * 601},
    {"state": "pending", "code": "\u7801"},
    {"state": "pending", "code": 5},
    {"state": "paid", "voucher": "W1"},
    {"state": "paid", "voucher": "W 1"},
    {"state": "paid", "voucher": "W" * 65},
    {"state": "paid"},
    {"state": "cancelled"},
    {"state": "expired", "more": [1, 2]},
    {"state": "refunding", "voucher": "W1"},
    {"state": "refunding"},
    {"state": "refunded", "voucher": "W1", "refund_voucher": "R1"},
    {"state": "refunded", "voucher": "W1"},
    {"state": "nearly"},
    {"state": None},
    {},
    {"state": "cancelled", "amount": 0},
    {"state": "cancelled", "amount": 10**12},
    {"state": "cancelled", "amount": "250"},
    {"state": "cancelled", "amount": 2.5},
    {"state": "cancelled", "amount": True},
    {"state": "cancelled", "currency": "yuan"},
    {"state": "cancelled", "currency": None},
    {"state": "cancelled", "key": None},
]


@pytest.mark.parametrize("changes", ANSWERS, ids=json.dumps)
def test_schema_and_client_take_the_same_answers(changes: dict[str, Any]) -> None:
    """What the schema forbids is no answer to the terminal, and what it allows is one."""
    told = {"key": "k1", "amount": 250, "currency": "CNY"} | changes
    clock = VirtualClock()
    far_end = QrBackendFarEnd(clock)
    far_end.replaced.append(response(200, json.dumps(told).encode(), "application/json"))
    client = HttpPaymentBackend(MemoryExchange(far_end, clock), 5.0)
    try:
        is_taken = client.find("k1") is not None
    except ServerSilent:
        is_taken = False

    assert is_taken == validator("Payment").is_valid(told)


def test_a_long_subject_is_cut_to_what_the_schema_allows() -> None:
    """A library with a long name can be paid too."""
    clock = VirtualClock()
    far_end = Listened(clock)
    HttpPaymentBackend(MemoryExchange(far_end, clock), 5.0).create("k1", Money(1, "CNY"), "\u56fe" * 300, 60)

    [(_, _, said, status, _)] = far_end.talk
    assert status == 201
    assert validator("Order").is_valid(said)


class LetsEverybodyIn(QrBackendFarEnd):
    """Looks at no token."""

    def answer(self, request: Request) -> bytes | None:
        return super().answer(
            Request(request.method, request.path, {"authorization": f"Bearer {self.token}"}, request.body)
        )


class ForgetsKeys(QrBackendFarEnd):
    """Makes a new payment for every order."""

    def _created(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        before = self.orders.pop(key, None)
        if before is not None:
            self.orders[f"lost-{len(self.orders)}"] = before
        return super()._created(key, said)


class TakesAnyAmount(QrBackendFarEnd):
    """Follows the last order, whatever it says."""

    def _created(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if key in self.orders:
            self.orders[key].minor = said["amount"]
        return super()._created(key, said)


class OpensAgain(QrBackendFarEnd):
    """What was withdrawn can be paid once it is ordered again."""

    def _created(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if key in self.orders and self.orders[key].state == "cancelled":
            self.orders[key].state = "pending"
        return super()._created(key, said)


class WithdrawsWhatWasPaid(QrBackendFarEnd):
    """Cancels at any time."""

    def _obeyed(self, request: Request) -> tuple[int, dict[str, Any]]:
        for key, order in self.orders.items():
            if request.path == f"/payments/{key}/cancel":
                order.state = "cancelled"
        return super()._obeyed(request)


class NeverWithdraws(QrBackendFarEnd):
    """Says pending for ever."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.settles_cancel = False


class GivesBackTwice(QrBackendFarEnd):
    """Makes a refund for every order of one."""

    def _refunded(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        order = self.orders.get(key)
        if order is not None and order.state == "refunded":
            order.state, order.number = "paid", order.number + 1
        return super()._refunded(key, said)


class GivesBackWhatNobodyPaid(QrBackendFarEnd):
    """Refunds what is pending."""

    def _refunded(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if key in self.orders and self.orders[key].state == "pending":
            self.orders[key].state = "paid"
        return super()._refunded(key, said)


class KnowsEverything(QrBackendFarEnd):
    """Answers any key with a payment that was cancelled."""

    def _of(self, key: str) -> tuple[int, dict[str, Any]]:
        if key not in self.orders:
            return 200, {"key": key, "amount": 1, "currency": "CNY", "state": "cancelled"}
        return super()._of(key)


class HasPagesForErrors(QrBackendFarEnd):
    """Answers an unknown key as a web server does that knows nothing of payments."""

    def _of(self, key: str) -> tuple[int, dict[str, Any]]:
        return super()._of(key) if key in self.orders else (404, {"error": "Not Found"})


class TakesNothings(QrBackendFarEnd):
    """Makes payments of nothing, in currencies that are none."""

    def _created(self, key: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        told = super()._created(key, said)
        if told[0] == 422:
            super()._created(key, {**said, "amount": 1, "currency": "CNY"})
        return told


BROKEN: list[tuple[Callable[[VirtualClock], QrBackendFarEnd], str]] = [
    (LetsEverybodyIn, "a token that is not good is refused with 401"),
    (ForgetsKeys, "made again it is the same payment"),
    (TakesAnyAmount, "its key is refused for another amount"),
    (OpensAgain, "made once more, it is not opened again"),
    (WithdrawsWhatWasPaid, "what was paid cannot be withdrawn"),
    (NeverWithdraws, "withdrawn, it is cancelled"),
    (GivesBackTwice, "asked again, it was given back once"),
    (GivesBackWhatNobodyPaid, "what was not paid is not given back"),
    (KnowsEverything, "a payment that was never made is unknown"),
    (HasPagesForErrors, "a payment that was never made is unknown"),
    (TakesNothings, "an amount of nothing is rejected"),
]


@pytest.mark.parametrize(("make", "sentence"), BROKEN)
def test_a_back_end_that_breaks_a_promise_is_found(
    make: Callable[[VirtualClock], QrBackendFarEnd], sentence: str
) -> None:
    """The check that is about the promise says so."""
    clock = VirtualClock()
    found = [check.sentence for check in tried(make(clock), clock) if not check.is_good]

    assert found
    assert sentence == found[0]


def test_a_back_end_that_is_silent_fails_every_check() -> None:
    """None of them takes silence for a good answer, and none raises."""
    clock = VirtualClock()
    far_end = QrBackendFarEnd(clock)
    far_end.is_away = True

    assert not [check for check in tried(far_end, clock) if check.is_good]


def _template(path: str) -> str:
    parts = path.strip("/").split("/")
    return "/" + "/".join("{key}" if place == 1 else part for place, part in enumerate(parts))


def _validate(schema: dict[str, Any], told: object) -> None:
    registry: Registry[Any] = Registry().with_resource(
        "urn:interface",
        Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMA}),
    )
    text = json.dumps(schema).replace('"#/components', '"urn:interface#/components')
    Draft202012Validator(json.loads(text), registry=registry).validate(told)
