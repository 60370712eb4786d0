"""Asks central for what it gives each terminal of its own: an identity for a one-time code, and snapshots.

A request of its own each time, over HTTPS with checked certificates; plain HTTP only to this machine itself, or where
the installer allows it.  Proxies and .netrc of the environment are not looked at, redirects not followed, and no answer
is read beyond its limit of size and time.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from drivers.link import Clock, SettingsError
from drivers.masked import Secret
from sync.servers.central.pace import Pace, PacedAdapter
from sync.servers.ils import LoginRefused, ServerSilent
from sync.snapshot.box import BOX_BYTES_MAX
from sync.snapshot.sealed_form import TERMINAL

ANSWER_BYTES_MAX: Final = 64 * 1024
SENTENCE_LENGTH_MAX: Final = 200
CONNECT_SECONDS: Final = 8.0
ENROLMENT_SECONDS: Final = 30.0
SNAPSHOT_SECONDS: Final = 180.0
_PIECE_BYTES: Final = 256 * 1024
_KEY = re.compile(r"[0-9a-f]{64}")


class EnrolmentRefused(Exception):
    """Central does not take the code; the message is its one sentence, for the installer."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What central gave: keys are 32 bytes each, *central_public_key* is the one that is no secret."""

    terminal: str
    library: str
    institution: str
    currency: str
    token: Secret
    snapshot_key: bytes = field(repr=False)
    pin_pepper: bytes = field(repr=False)
    central_public_key: bytes


class CentralOffice:
    """Central at *url* (https://host[:port]); *ca_file* holds the authorities that may vouch for it (PEM).

    Raises `SettingsError` for a URL that is none, or clear text beyond this machine without *clear_text_allowed*.
    """

    def __init__(
        self, url: str, clock: Clock, *, ca_file: Path | None = None, clear_text_allowed: bool = False
    ) -> None:
        self.url = _checked(url, clear_text_allowed)
        self._clock = clock
        self._verify: str | bool = True if ca_file is None else str(ca_file)

    def enrol(self, code: Secret) -> Enrolment:
        """Exchanges *code* for an identity; central gives it once.

        Raises `EnrolmentRefused`, or `ServerSilent` when no answer came that can be believed: the code may have been
        used then.
        """
        body = {"json": {"code": code.reveal()}}
        with self._answer(ENROLMENT_SECONDS, "POST", "/v1/enrolments", {}, body) as answer:
            data = _body(answer, ANSWER_BYTES_MAX)
            if answer.status_code == 201:
                return _enrolment(data)
            raise EnrolmentRefused(_sentence(data, answer.status_code))

    def snapshot(self, token: Secret, have: int) -> bytes | None:
        """The box of the newest snapshot, None when number *have* still holds (0: there is none).

        Raises `LoginRefused` when central does not know the terminal, `ServerSilent` for everything else.
        """
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        if have:
            headers["If-None-Match"] = f'"{have}"'
        with self._answer(SNAPSHOT_SECONDS, "GET", "/v1/snapshot", headers, {}) as answer:
            if answer.status_code == 304:
                return None
            if answer.status_code == 200:
                return _body(answer, BOX_BYTES_MAX)
            if answer.status_code in (401, 403):
                raise LoginRefused(_sentence(_body(answer, ANSWER_BYTES_MAX), answer.status_code))
            raise ServerSilent("offline")

    @contextmanager
    def _answer(
        self, seconds: float, method: str, path: str, headers: dict[str, str], body: dict[str, Any]
    ) -> Iterator[requests.Response]:
        pace = Pace(self._clock)
        pace.begin(seconds)
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self._verify
            for scheme in ("https://", "http://"):
                session.mount(scheme, PacedAdapter(pace))
            try:
                answer = session.request(
                    method,
                    self.url + path,
                    headers={"Accept-Encoding": "identity"} | headers,
                    timeout=(min(CONNECT_SECONDS, seconds), seconds),
                    allow_redirects=False,
                    stream=True,
                    **body,
                )
            except requests.exceptions.ReadTimeout:
                raise ServerSilent("deadline") from None
            except (requests.RequestException, OSError, ValueError):
                raise ServerSilent("connect") from None
            with answer:
                yield answer


def _body(answer: requests.Response, size_max: int) -> bytes:
    found = bytearray()
    try:
        while len(found) <= size_max:
            piece = answer.raw.read(_PIECE_BYTES, decode_content=False)
            if not piece:
                break
            found += piece
    except ReadTimeoutError:
        raise ServerSilent("deadline") from None
    except (HTTPError, OSError, ValueError):
        raise ServerSilent("closed") from None
    if len(found) > size_max or "Content-Encoding" in answer.headers:
        raise ServerSilent("garbled")
    return bytes(found)


def _checked(url: str, clear_text_allowed: bool) -> str:
    parts = urlsplit(url)
    try:
        is_whole = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise SettingsError("central's address has to read https://HOST or https://HOST:PORT")
    if parts.scheme == "http" and not clear_text_allowed and not _is_this_machine(parts.hostname or ""):
        raise SettingsError(
            "central's address has to begin with https: what terminals are told must not be overheard"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _enrolment(data: bytes) -> Enrolment:
    try:
        found = json.loads(data)
        texts = {name: found[name] for name in ("terminal", "library", "institution", "currency", "token")}
        keys = {name: found[name] for name in ("snapshot_key", "pin_pepper", "central_public_key")}
        is_good = all(isinstance(text, str) and len(text) <= 500 for text in texts.values())
        if not is_good or not TERMINAL.fullmatch(texts["terminal"]) or not _KEY.fullmatch(texts["token"]):
            raise ValueError
        if not all(_KEY.fullmatch(key) for key in keys.values()):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ServerSilent("garbled") from None
    return Enrolment(
        terminal=texts["terminal"],
        library=texts["library"],
        institution=texts["institution"],
        currency=texts["currency"],
        token=Secret(texts["token"]),
        snapshot_key=bytes.fromhex(keys["snapshot_key"]),
        pin_pepper=bytes.fromhex(keys["pin_pepper"]),
        central_public_key=bytes.fromhex(keys["central_public_key"]),
    )


def _sentence(data: bytes, status: int) -> str:
    try:
        title = json.loads(data)["title"]
        if isinstance(title, str) and title.isprintable() and 0 < len(title) <= SENTENCE_LENGTH_MAX:
            return title
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    return f"central answered with status {status}"
