"""The calls by which a terminal gets its identity and its snapshots."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from drivers.masked import Secret
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.faces.rest.problems import answer
from sync.central.faces.rest.shapes import Problem
from sync.central.faces.rest.tokens import Asker
from sync.central.snapshot_office.attempts import WINDOW_SECONDS, Attempts
from sync.central.snapshot_office.enrolling import CodeRefused, enrol, terminal_of_token
from sync.central.snapshot_office.issuing import NotEnrolled, SnapshotOffice
from sync.central.store.store import Store
from sync.snapshot.content import NUMBER_MAX
from sync.snapshot.issuer import NotOurs

log = logging.getLogger(__name__)

_ETAG = re.compile(r'"(\d{1,16})"')
_NO_STORE = {"Cache-Control": "no-store"}


class EnrolmentOrder(BaseModel):
    """Exchange a one-time `code` for a terminal's secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    code: Annotated[str, Field(min_length=8, max_length=64)]


class Enrolment(BaseModel):
    """What the terminal gets, once.  Keys are 64 hex digits; `central_public_key` is Ed25519 (RFC 8032)."""

    model_config = ConfigDict(frozen=True)

    terminal: str
    library: str
    institution: str
    currency: str
    token: str
    snapshot_key: str
    pin_pepper: str
    central_public_key: str


class EnrolmentDesk:
    """What the calls of this module work with; without an *office* enrolment is not set up here."""

    def __init__(
        self, store: Store, library: Library, judge: SecretJudge, office: SnapshotOffice | None
    ) -> None:
        self.office = office
        self._store = store
        self._library = library
        self._judge = judge
        self._attempts = Attempts(library.clock)

    def asker(self, token: str) -> Asker | None:
        """The enrolled terminal that *token* belongs to."""
        if self.office is None:
            return None
        name = terminal_of_token(self._store, self.office.issuer, token)
        return None if name is None else Asker(name, Secret(token))

    def enrol(self, code: str, address: str) -> Response:
        """Exchanges *code*, sent from *address*, or says in one sentence why not."""
        if self.office is None:
            return _no(503, "not-set-up", "this central has no office key: terminals cannot be enrolled here")
        if not self._attempts.may_try(address):
            again = {"Retry-After": str(int(WINDOW_SECONDS))}
            return _no(429, "too-many", "too many wrong enrolment codes: try again in a minute", again)
        issuer = self.office.issuer
        try:
            enrolled = enrol(self._store, self._library, issuer, self._judge, Secret(code))
        except CodeRefused as refused:
            self._attempts.was_wrong(address)
            log.warning("rest: an enrolment code was refused: %s", refused.flaw.name.lower())
            return _no(403, refused.flaw.name.lower(), refused.flaw.value)
        log.info("rest: terminal %s was enrolled", enrolled.terminal)
        found = Enrolment(
            terminal=enrolled.terminal,
            library=self._library.name,
            institution=self._library.institution,
            currency=self._library.currency,
            token=enrolled.token.reveal(),
            snapshot_key=enrolled.snapshot_key.hex(),
            pin_pepper=enrolled.pepper.hex(),
            central_public_key=issuer.public_key.hex(),
        )
        return Response(found.model_dump_json(), 201, headers=_NO_STORE, media_type="application/json")

    def snapshot(self, terminal: str, have: str) -> Response:
        """The box of *terminal*, 304 when *have* (If-None-Match) names the one that holds."""
        if self.office is None:
            return _no(503, "not-set-up", "this central has no office key: it issues no snapshots")
        match = _ETAG.fullmatch(have.strip())
        try:
            issued = self.office.issue(terminal, min(int(match[1]), NUMBER_MAX - 1) if match else 0)
        except NotEnrolled:
            return _no(403, "not-enrolled", "this terminal was not enrolled: it has no key for a snapshot")
        except NotOurs:
            return _no(503, "office-key", "central's office key was changed: enrol this terminal again")
        headers = _NO_STORE | {"ETag": f'"{issued.number}"'}
        if issued.box is None:
            return Response(status_code=304, headers=headers)
        return Response(issued.box, headers=headers, media_type="application/octet-stream")


def open_calls(router: APIRouter) -> None:
    """Puts the call that needs no token into *router*."""

    @router.post("/enrolments", status_code=201, response_model=Enrolment)
    def post_enrolment(order: EnrolmentOrder, request: Request) -> Response:
        """Makes the terminal that a one-time code was given for one of central's; what is answered is told once."""
        address = "" if request.client is None else request.client.host
        return _desk(request).enrol(order.code, address)


def terminal_calls(router: APIRouter, asker_of: Callable[..., Asker]) -> None:
    """Puts the call of enrolled terminals into *router*; *asker_of* tells who asks, or refuses."""

    @router.get("/snapshot", response_class=Response)
    def get_snapshot(
        request: Request,
        if_none_match: Annotated[str, Header(max_length=64)] = "",
        asker: Asker = Depends(asker_of),
    ) -> Response:
        """The newest snapshot for the terminal that asks (docs/guides/snapshot.md), or 304 where it has it."""
        return _desk(request).snapshot(asker.name, if_none_match)


def _desk(request: Request) -> EnrolmentDesk:
    desk: EnrolmentDesk = request.app.state.enrolment
    return desk


def _no(status: int, kind: str, sentence: str, headers: dict[str, str] | None = None) -> Response:
    found = Problem(type=f"urn:library-kiosk:enrolment:{kind}", title=sentence, status=status)
    return answer(found, headers)
