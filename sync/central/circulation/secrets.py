"""Keeps PINs and terminals' secrets as Argon2id hashes, and judges them.

Judging is slow on purpose; never do it within a transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from drivers.masked import Secret

SECRET_LENGTH_MAX = 128


@dataclass(frozen=True, slots=True)
class HashCost:
    """What one hash costs: passes, memory and lanes (RFC 9106).  The default is OWASP's for Argon2id."""

    passes: int = 2
    memory_kib: int = 19_456
    lanes: int = 1


CHEAP = HashCost(passes=1, memory_kib=64)
"""For invented patrons only: protects nothing."""


class SecretJudge:
    """Makes and checks hashes; safe for several threads."""

    def __init__(self, cost: HashCost | None = None) -> None:
        cost = cost or HashCost()
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )

    def hash(self, secret: Secret) -> str:
        """A salted hash of *secret*, to be stored."""
        return self._hasher.hash(secret.reveal())

    def is_right(self, hashed: str | None, secret: Secret) -> bool:
        """Whether *secret* is what *hashed* was made of; without a hash no secret is right."""
        if hashed is None or not secret or len(secret.reveal()) > SECRET_LENGTH_MAX:
            return False
        try:
            return self._hasher.verify(hashed, secret.reveal())
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False
