"""The calls of the REST face."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection, select

from drivers.masked import Secret
from sync.central.circulation import lending, returning
from sync.central.circulation.facts import report_item, report_patron
from sync.central.circulation.lending import NotLent, Wish
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.faces.rest import shapes
from sync.central.faces.rest.limits import SizeLimit
from sync.central.faces.rest.once import Reply, once
from sync.central.faces.rest.problems import MEDIA_TYPE, Refusal, not_lent, problem, say_no_everywhere
from sync.central.faces.rest.shaping import item_shape, loan_shape, patron_shape, return_shape
from sync.central.faces.rest.tokens import Asker, Tokens
from sync.central.store import queries
from sync.central.store.store import Store
from sync.entries import ItemId, PatronId, Reason

KEY_PATTERN = r"^[!-~]{8,128}$"
LOAN_ID_MAX = 2**62


@dataclass(frozen=True, slots=True)
class Office:
    """What every call works with."""

    store: Store
    library: Library
    judge: SecretJudge
    tokens: Tokens


def make_app(office: Office) -> FastAPI:
    """The application; nothing listens yet."""
    app = FastAPI(
        title="Library kiosk central",
        version="1",
        description="Circulation of one library. Every call but health needs a bearer token.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = office
    app.add_middleware(SizeLimit)
    say_no_everywhere(app)
    app.include_router(_open_calls)
    app.include_router(_calls)
    return app


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def _asker(request: Request, authorization: Annotated[str, Header()] = "") -> Asker:
    asker = _office(request).tokens.asker(authorization)
    if asker is None:
        raise Refusal(401)
    return asker


AnOffice = Annotated[Office, Depends(_office)]
AnAsker = Annotated[Asker, Depends(_asker)]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Names this write for ever; send a repeat with it.",
    ),
]
ItemNumber = Annotated[shapes.ItemNumber, Path()]
PatronNumber = Annotated[shapes.PatronNumber, Path()]

_PROBLEM: dict[str, Any] = {"model": shapes.Problem, "content": {MEDIA_TYPE: {}}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return dict.fromkeys(statuses, _PROBLEM)


_open_calls = APIRouter(prefix="/v1")
_calls = APIRouter(prefix="/v1", dependencies=[Depends(_asker)], responses=_problems(400, 401, 413, 503))


@_open_calls.get("/health", responses=_problems(503))
def health(office: AnOffice) -> shapes.Health:
    """Whether central can read its store.  Needs no token and tells nothing else."""
    with office.store.reading() as connection:
        connection.execute(select(1))
    return shapes.Health()


@_calls.get("/items/{number}", responses=_problems(404))
def get_item(number: ItemNumber, office: AnOffice) -> shapes.Item:
    """How an item stands."""
    with office.store.reading() as connection:
        report = report_item(connection, ItemId(number))
    if report is None:
        raise Refusal(404, Reason.ITEM_UNKNOWN)
    return item_shape(report, office.library)


@_calls.get("/patrons/{number}", responses=_problems(404))
def get_patron(number: PatronNumber, office: AnOffice) -> shapes.Patron:
    """How a patron stands, with loans and holds."""
    with office.store.reading() as connection:
        report = report_patron(connection, office.library, PatronId(number))
    if report is None:
        raise Refusal(404, Reason.PATRON_UNKNOWN)
    return patron_shape(report)


@_calls.post("/patrons/{number}/pin-check", responses=_problems(404))
def check_pin(number: PatronNumber, check: shapes.PinCheck, office: AnOffice) -> shapes.PinVerdict:
    """Whether a PIN is right.  Changes nothing; counting the tries is the terminal's duty."""
    with office.store.reading() as connection:
        patron = queries.find_patron(connection, PatronId(number))
    if patron is None:
        raise Refusal(404, Reason.PATRON_UNKNOWN)
    return shapes.PinVerdict(is_right=office.judge.is_right(patron.pin_hash, Secret(check.pin)))


@_calls.post("/loans", status_code=201, response_model=shapes.Loan, responses=_problems(404, 409, 422))
def post_loan(order: shapes.LoanOrder, key: Key, office: AnOffice, asker: AnAsker) -> Response:
    """Lends an item, or says exactly why not.  What the patron has already is `already-yours`."""

    def do(connection: Connection) -> Reply:
        wish = Wish(ItemId(order.item), PatronId(order.patron), asker.name, order.fee_consented)
        return _loan_reply(lending.lend(connection, office.library, wish), 201)

    return _written(office, asker, key, f"POST /v1/loans {order.model_dump_json()}", do)


@_calls.post("/loans/{loan}/renewal", response_model=shapes.Loan, responses=_problems(404, 409, 422))
def post_renewal(
    loan: Annotated[int, Path(ge=1, le=LOAN_ID_MAX)],
    order: shapes.RenewalOrder,
    key: Key,
    office: AnOffice,
    asker: AnAsker,
) -> Response:
    """Lengthens a loan, or says exactly why not."""

    def do(connection: Connection) -> Reply:
        found = queries.find_loan(connection, loan)
        if found is None:
            return _reply(problem(404), 404)
        if found.closed_at is not None:
            return _loan_reply(NotLent(Reason.NOT_ON_LOAN), 409)
        wish = Wish(found.item, found.patron, asker.name, order.fee_consented)
        return _loan_reply(lending.renew(connection, office.library, wish), 200)

    request = f"POST /v1/loans/{loan}/renewal {order.model_dump_json()}"
    return _written(office, asker, key, request, do)


@_calls.post("/returns", response_model=shapes.Return, responses=_problems(422))
def post_return(order: shapes.ReturnOrder, key: Key, office: AnOffice, asker: AnAsker) -> Response:
    """Takes an item back.  Never refused: an unknown item is answered with `is_known` false."""

    def do(connection: Connection) -> Reply:
        number = ItemId(order.item)
        outcome = returning.check_in(connection, office.library, number, asker.name, is_undo=order.is_undo)
        return _reply(return_shape(number, outcome), 200)

    return _written(office, asker, key, f"POST /v1/returns {order.model_dump_json()}", do)


def _loan_reply(outcome: lending.Lent | NotLent, status: int) -> Reply:
    if isinstance(outcome, NotLent):
        refused = not_lent(outcome)
        return _reply(refused, refused.status)
    return _reply(loan_shape(outcome), status)


def _reply(shape: BaseModel, status: int) -> Reply:
    return Reply(status, shape.model_dump_json(exclude_none=status >= 400))


def _written(
    office: Office, asker: Asker, key: str, request: str, do: Callable[[Connection], Reply]
) -> Response:
    reply = once(office.store, office.library, asker, key, request, do)
    media_type = MEDIA_TYPE if reply.status >= 400 else "application/json"
    return Response(reply.body, reply.status, media_type=media_type)
