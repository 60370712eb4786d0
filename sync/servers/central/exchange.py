"""One HTTP exchange with central: an answer that can be believed, or `ServerSilent`."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from drivers.link import Clock
from sync.servers.central.pace import Pace, PacedAdapter
from sync.servers.central.settings import CentralClientSettings
from sync.servers.ils import LoginRefused, ServerSilent

ANSWER_SIZE_MAX = 2_097_152
_READ_SIZE = 65_536
_JSON = ("application/json", "application/problem+json")
# Their messages hold paths, and paths hold patrons' numbers.
_TALKATIVE = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, and the body of at most `ANSWER_SIZE_MAX` bytes, which claims to be JSON."""

    status: int
    body: bytes

    def fields(self) -> dict[str, Any]:
        """The body as a JSON object.  Raises `ServerSilent` garbled."""
        try:
            found = json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise ServerSilent("garbled") from None
        if not isinstance(found, dict):
            raise ServerSilent("garbled")
        return found

    @property
    def problem(self) -> str:
        """The type of the problem (RFC 9457) that a refusal names, "" where it names none."""
        try:
            kind = self.fields().get("type")
        except ServerSilent:
            return ""
        return kind if isinstance(kind, str) else ""


class Exchange:
    """The connection to central at *base*; made when needed, and anew after anything unclear.

    *who* is there, for the sentence about a token that is not good: other servers that know a terminal by its token
    are spoken to in the same way.
    """

    def __init__(
        self, base: str, settings: CentralClientSettings, clock: Clock, *, who: str = "central"
    ) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(_nothing)
        self._base = base
        self._who = who
        self._settings = settings
        self._clock = clock
        self._pace = Pace(clock)
        self._session: requests.Session | None = None
        self._used_at = 0.0

    def begin(self, seconds: float) -> None:
        """From now on all requests together may take *seconds*."""
        self._pace.begin(seconds)

    def get(self, path: str) -> Reply:
        """What is at *path*.  Raises `ServerSilent` and `LoginRefused`."""
        return self._request("GET", path, None)

    def post(self, path: str, body: str) -> Reply:
        """What is answered to *body* (JSON).  Raises `ServerSilent` and `LoginRefused`."""
        return self._request("POST", path, body.encode("utf-8"))

    def put(self, path: str, body: str) -> Reply:
        """As `post`, for what may be said again."""
        return self._request("PUT", path, body.encode("utf-8"))

    def close(self) -> None:
        """Ends the connection.  Never raises."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def _request(self, method: str, path: str, body: bytes | None) -> Reply:
        if self._pace.is_over():
            raise ServerSilent("deadline")
        try:
            reply = self._exchange(method, path, body)
        except (ServerSilent, LoginRefused):
            self.close()
            raise
        self._used_at = self._clock.monotonic()
        return reply

    def _exchange(self, method: str, path: str, body: bytes | None) -> Reply:
        left = self._pace.left()
        try:
            response = self._ready().request(
                method,
                self._base + path,
                data=body,
                headers={} if body is None else {"Content-Type": "application/json"},
                timeout=(left, left),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise ServerSilent(_why(error)) from None
        except (ValueError, OSError):
            # A header that cannot be read; a socket that went away while it was set up.
            raise ServerSilent("garbled") from None
        with response:
            found = self._read(response)
        if response.status_code in (401, 403):
            raise LoginRefused(
                f"{self._who} answers {response.status_code}: the terminal's token is not good"
            )
        if response.status_code >= 500 or response.status_code in (408, 429):
            raise ServerSilent("offline")
        if 300 <= response.status_code < 400:
            raise ServerSilent("garbled")
        return Reply(response.status_code, found)

    def _read(self, response: requests.Response) -> bytes:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        is_plain = "Content-Encoding" not in response.headers
        found = bytearray()
        try:
            while len(found) <= ANSWER_SIZE_MAX:
                piece = response.raw.read(_READ_SIZE, decode_content=False)
                if not piece:
                    break
                found += piece
        except ReadTimeoutError:
            raise ServerSilent("deadline") from None
        except (HTTPError, OSError, ValueError):
            raise ServerSilent("closed") from None
        if response.status_code < 300 and (kind not in _JSON or not is_plain):
            raise ServerSilent("garbled")
        if len(found) > ANSWER_SIZE_MAX:
            raise ServerSilent("garbled")
        return bytes(found)

    def _ready(self) -> requests.Session:
        if self._session is not None:
            if self._clock.monotonic() - self._used_at > self._settings.idle_seconds:
                self.close()
            else:
                self._session.cookies.clear()
        if self._session is None:
            session = requests.Session()
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self._settings.token.reveal()}"
            session.headers["Accept"] = "application/json"
            session.headers["Accept-Encoding"] = "identity"
            session.headers["User-Agent"] = "library-kiosk"
            if self._settings.ca_file is not None:
                session.verify = str(self._settings.ca_file)
            for scheme in ("https://", "http://"):
                session.mount(scheme, PacedAdapter(self._pace))
            self._session = session
        return self._session


def _why(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return "connect"
    if isinstance(error, requests.Timeout):
        return "deadline"
    if isinstance(error, requests.ConnectionError):
        text = type(getattr(error.args[0], "reason", None)).__name__ if error.args else ""
        return "connect" if text in ("NewConnectionError", "NameResolutionError") else "closed"
    return "garbled"


def _nothing(_record: logging.LogRecord) -> bool:
    return False
