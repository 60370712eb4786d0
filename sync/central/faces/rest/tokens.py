"""Who asks: a bearer token (RFC 6750) for each terminal or program, told apart in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.masked import Secret

TOKEN_LENGTH_MIN = 16
_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Asker:
    """A terminal or program that showed its token; *token* is its key for what only it may recognise."""

    name: str
    token: Secret

    def digest(self, text: str) -> str:
        """A fingerprint of *text* that nobody without the token can try guesses against."""
        return hmac.digest(self.token.reveal().encode(), text.encode(), "sha256").hex()


class Tokens:
    """The tokens that are good: those of *tokens*, by the name of whom they belong to, and those *enrolled* knows."""

    def __init__(
        self, tokens: Mapping[str, Secret], enrolled: Callable[[str], Asker | None] | None = None
    ) -> None:
        self._askers = tuple(Asker(name, token) for name, token in tokens.items())
        self._enrolled = enrolled

    def asker(self, authorization: str) -> Asker | None:
        """Who sent the header *authorization*, None when its token is not good."""
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            return None
        text = authorization[len(_SCHEME) :].strip()
        token = text.encode("utf-8", "replace")
        found = None
        for asker in self._askers:
            if hmac.compare_digest(asker.token.reveal().encode(), token):
                found = asker
        return self._enrolled(text) if found is None and self._enrolled is not None else found
