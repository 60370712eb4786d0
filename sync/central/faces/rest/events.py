"""The call by which terminals tell what happened: a batch of events in, a receipt out.

The body is read by the codec that terminals write with (`sync.events`), not by pydantic: a hundred events are parsed
in less than a millisecond, and both sides agree on every limit.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from sync.central.circulation.receiving import ToldDifferently, receive
from sync.central.faces.rest.office import AnAsker, AnOffice, problems
from sync.central.faces.rest.problems import MEDIA_TYPE, answer
from sync.central.faces.rest.shapes import Flaw, Problem
from sync.events import BadEvent, Batch, GapFound, from_json, to_json

CONFLICT = "urn:library-kiosk:problem:told-differently"
GAP = "urn:library-kiosk:problem:gap"
MALFORMED = "urn:library-kiosk:problem:malformed-batch"

event_calls = APIRouter(prefix="/v1", responses=problems(401, 413, 503))


async def _body(request: Request) -> bytes:
    return await request.body()


@event_calls.post(
    "/events",
    responses={**problems(422), 409: {"description": "A gap: `expected` is the number to begin with."}},
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {}}}},
)
def post_events(asker: AnAsker, office: AnOffice, body: Annotated[bytes, Depends(_body)]) -> Response:
    """Takes up to 100 events of one epoch; docs/events.md has the format.

    Each is done once, whatever is repeated; the answer has an outcome for each.  409 when numbers are missing
    before the first, 422 when the batch is not well formed or tells a known number or key differently; nothing
    is stored then.
    """
    try:
        batch = from_json(Batch, body)
    except BadEvent as error:
        flaws = (Flaw(where="body", what=str(error)),)
        return answer(Problem(type=MALFORMED, title="The batch is not well formed", status=422, flaws=flaws))
    try:
        found = receive(office.store, office.library, office.events, asker.name, batch)
    except ToldDifferently as error:
        flaws = (Flaw(where=f"number {error.args[0]}", what="told-differently"),)
        title = "A number or key is known with another body"
        return answer(Problem(type=CONFLICT, title=title, status=422, flaws=flaws))
    if isinstance(found, GapFound):
        return Response(
            f'{{"type":"{GAP}","title":"Numbers are missing","status":409,"expected":{found.expected}}}',
            409,
            media_type=MEDIA_TYPE,
        )
    return Response(to_json(found), media_type="application/json")


__all__ = ["CONFLICT", "GAP", "MALFORMED", "event_calls"]
