"""The calls of the REST face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Response
from pydantic import BaseModel
from sqlalchemy import Connection, select

from drivers.masked import Secret
from sync.central.circulation import lending, returning
from sync.central.circulation.facts import report_item, report_patron
from sync.central.circulation.lending import NotLent, Wish
from sync.central.faces.rest import enrolment_calls, shapes
from sync.central.faces.rest.enrolment_calls import EnrolmentDesk
from sync.central.faces.rest.events import event_calls
from sync.central.faces.rest.limits import SizeLimit
from sync.central.faces.rest.office import AnAsker, AnOffice, Office, asker_of, problems
from sync.central.faces.rest.once import Reply, once
from sync.central.faces.rest.problems import MEDIA_TYPE, Refusal, not_lent, problem, say_no_everywhere
from sync.central.faces.rest.shaping import item_shape, loan_shape, patron_shape, return_shape
from sync.central.faces.rest.tokens import Asker
from sync.central.store import queries
from sync.entries import ItemId, PatronId, Reason

__all__ = ["Office", "make_app"]

KEY_PATTERN = r"^[!-~]{8,128}$"
LOAN_ID_MAX = 2**62


def make_app(office: Office, enrolment: EnrolmentDesk | None = None) -> FastAPI:
    """The application; nothing listens yet.  Without *enrolment* nobody is enrolled here and gets snapshots."""
    app = FastAPI(
        title="Library kiosk central",
        version="1",
        description="Circulation of one library. Every call but health needs a bearer token.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.office = office
    app.state.enrolment = enrolment or EnrolmentDesk(office.store, office.library, office.judge, None)
    app.add_middleware(SizeLimit)
    say_no_everywhere(app)
    app.include_router(_open_calls)
    app.include_router(_calls)
    app.include_router(event_calls)
    return app


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

_open_calls = APIRouter(prefix="/v1")
_calls = APIRouter(prefix="/v1", dependencies=[Depends(asker_of)], responses=problems(400, 401, 413, 503))

enrolment_calls.open_calls(_open_calls)
enrolment_calls.terminal_calls(_calls, asker_of)


@_open_calls.get("/health", responses=problems(503))
def health(office: AnOffice) -> shapes.Health:
    """Whether central can read its store, and what its clock says.  Needs no token."""
    with office.store.reading() as connection:
        connection.execute(select(1))
    return shapes.Health(now=office.library.now())


@_calls.get("/terminal")
def get_terminal(office: AnOffice, asker: AnAsker) -> shapes.Terminal:
    """Who asks, as central knows it, which library this is, and what its clock says."""
    return shapes.Terminal(name=asker.name, library=office.library.name, now=office.library.now())


@_calls.get("/items/{number}", responses=problems(404))
def get_item(number: ItemNumber, office: AnOffice) -> shapes.Item:
    """How an item stands."""
    with office.store.reading() as connection:
        report = report_item(connection, ItemId(number))
    if report is None:
        raise Refusal(404, Reason.ITEM_UNKNOWN)
    return item_shape(report, office.library)


@_calls.get("/patrons/{number}", responses=problems(404))
def get_patron(number: PatronNumber, office: AnOffice) -> shapes.Patron:
    """How a patron stands, with loans and holds."""
    with office.store.reading() as connection:
        report = report_patron(connection, office.library, PatronId(number))
    if report is None:
        raise Refusal(404, Reason.PATRON_UNKNOWN)
    return patron_shape(report)


@_calls.post("/patrons/{number}/pin-check", responses=problems(404))
def check_pin(number: PatronNumber, check: shapes.PinCheck, office: AnOffice) -> shapes.PinVerdict:
    """Whether a PIN is right.  Changes nothing; counting the tries is the terminal's duty."""
    with office.store.reading() as connection:
        patron = queries.find_patron(connection, PatronId(number))
    if patron is None:
        raise Refusal(404, Reason.PATRON_UNKNOWN)
    return shapes.PinVerdict(is_right=office.judge.is_right(patron.pin_hash, Secret(check.pin)))


@_calls.post("/loans", status_code=201, response_model=shapes.Loan, responses=problems(404, 409, 422))
def post_loan(order: shapes.LoanOrder, key: Key, office: AnOffice, asker: AnAsker) -> Response:
    """Lends an item, or says exactly why not.  What the patron has already is `already-yours`."""

    def do(connection: Connection) -> Reply:
        wish = Wish(ItemId(order.item), PatronId(order.patron), asker.name, order.fee_consented)
        return _loan_reply(lending.lend(connection, office.library, wish), 201)

    return _written(office, asker, key, f"POST /v1/loans {order.model_dump_json()}", do)


@_calls.post("/loans/{loan}/renewal", response_model=shapes.Loan, responses=problems(404, 409, 422))
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


@_calls.post("/returns", response_model=shapes.Return, responses=problems(422))
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
