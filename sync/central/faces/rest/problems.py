"""How the REST face says no: `application/problem+json` (RFC 9457), never with anything of the request in
it.
"""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from sync.central.circulation.lending import NotLent
from sync.central.faces.rest.shapes import Amount, Flaw, Problem
from sync.entries import Reason
from sync.rules.due import NeverOpen

MEDIA_TYPE = "application/problem+json"
_UNKNOWN = (Reason.ITEM_UNKNOWN, Reason.PATRON_UNKNOWN)
_TITLES = {
    400: "The request is not well formed",
    401: "A valid token is needed",
    404: "There is nothing here",
    405: "This cannot be done here",
    413: "The request is too large",
    422: "This key was used for another request",
    503: "Try again later",
}

log = logging.getLogger(__name__)


class Refusal(Exception):
    """A request that ends here with *status*; becomes a problem."""

    def __init__(self, status: int, reason: Reason | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.reason = reason


def problem(status: int, reason: Reason | None = None, flaws: tuple[Flaw, ...] = ()) -> Problem:
    """The problem for *status*, for a *reason* of the library or with what is wrong with the request."""
    kind = "about:blank" if reason is None else f"urn:library-kiosk:reason:{reason.value}"
    title = _TITLES.get(status, "This was not done") if reason is None else reason.value
    return Problem(type=kind, title=title, status=status, reason=reason, flaws=flaws)


def not_lent(outcome: NotLent) -> Problem:
    """Why a loan or a renewal was refused: 404 for what is unknown, else 409."""
    return problem(404 if outcome.reason in _UNKNOWN else 409, outcome.reason).model_copy(
        update={
            "item_title": "" if outcome.item is None else outcome.item.title,
            "fee": None if outcome.fee is None else Amount.of(outcome.fee),
        }
    )


def answer(found: Problem, headers: dict[str, str] | None = None) -> Response:
    """*found* as an HTTP answer."""
    return Response(
        found.model_dump_json(exclude_none=True), found.status, headers=headers, media_type=MEDIA_TYPE
    )


def say_no_everywhere(app: FastAPI) -> None:
    """Makes every way in which *app* can fail answer with a problem."""

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
        return answer(problem(error.status, error.reason), headers)

    @app.exception_handler(RequestValidationError)
    def malformed(request: Request, error: RequestValidationError) -> Response:
        flaws = tuple(
            Flaw(where=".".join(str(step) for step in flaw["loc"][:4])[:100], what=str(flaw["type"]))
            for flaw in error.errors()[:20]
        )
        return answer(problem(400, flaws=flaws))

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        return answer(problem(error.status_code))

    @app.exception_handler(SQLAlchemyError)
    def store_failed(request: Request, error: SQLAlchemyError) -> Response:
        log.error("rest: the store failed: %s", type(error).__name__)
        return answer(problem(503), {"Retry-After": "5"})

    @app.exception_handler(NeverOpen)
    def never_open(request: Request, error: NeverOpen) -> Response:
        log.error("rest: %s", error)
        return answer(problem(503))
