"""What every call of the REST face works with, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from sync.central.circulation.library import Library
from sync.central.circulation.policy import EventPolicy
from sync.central.circulation.secrets import SecretJudge
from sync.central.faces.rest import shapes
from sync.central.faces.rest.problems import MEDIA_TYPE, Refusal
from sync.central.faces.rest.tokens import Asker, Tokens
from sync.central.store.store import Store


@dataclass(frozen=True, slots=True)
class Office:
    """What every call works with."""

    store: Store
    library: Library
    judge: SecretJudge
    tokens: Tokens
    events: EventPolicy = field(default_factory=EventPolicy)


def office_of(request: Request) -> Office:
    """The office of the application that *request* came to."""
    office: Office = request.app.state.office
    return office


def asker_of(request: Request, authorization: Annotated[str, Header()] = "") -> Asker:
    """Who asks.  Raises `Refusal` 401 without a token that is good."""
    asker = office_of(request).tokens.asker(authorization)
    if asker is None:
        raise Refusal(401)
    return asker


AnOffice = Annotated[Office, Depends(office_of)]
AnAsker = Annotated[Asker, Depends(asker_of)]

_PROBLEM: dict[str, Any] = {"model": shapes.Problem, "content": {MEDIA_TYPE: {}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers with *statuses*, as the interface describes them."""
    return dict.fromkeys(statuses, _PROBLEM)
