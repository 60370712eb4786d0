"""Whoever makes snapshots: one secret, of which one key signs and another locks up what terminals must not lose."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.snapshot.box import seal
from sync.snapshot.content import Snapshot

SECRET_BYTES: Final = 32
NONCE_BYTES: Final = 12


class NotOurs(Exception):
    """What is to be unlocked was not locked with this secret under this name, or was altered."""


class Issuer:
    """Signs snapshots, and keeps terminals' keys so that a copy of a database alone does not give them away."""

    def __init__(self, secret: bytes) -> None:
        """From the issuer's *secret*, 32 bytes."""
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"an issuer's secret has {SECRET_BYTES} bytes")
        self._signing = Ed25519PrivateKey.from_private_bytes(_derived(secret, b"issuer-signing"))
        self._lock = AESGCM(_derived(secret, b"issuer-locking"))
        self._marking = _derived(secret, b"issuer-marking")

    @property
    def public_key(self) -> bytes:
        """The 32 bytes by which terminals know this issuer (Ed25519, RFC 8032)."""
        return self._signing.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def box(self, snapshot: Snapshot, key: bytes) -> bytes:
        """The box of *snapshot* for the terminal whose snapshot key is *key*.  Raises `SnapshotRefused` TOO_LARGE."""
        return seal(snapshot, key, self._signing)

    def locked(self, name: str, content: bytes) -> str:
        """*content* as text that only this issuer unlocks, and only under *name*."""
        nonce = os.urandom(NONCE_BYTES)
        return b64encode(nonce + self._lock.encrypt(nonce, content, name.encode())).decode("ascii")

    def unlocked(self, name: str, text: str) -> bytes:
        """What was locked as *text* under *name*.  Raises `NotOurs`."""
        try:
            data = b64decode(text, validate=True)
            return self._lock.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError):
            raise NotOurs(f"the keys of {name} cannot be unlocked with this secret") from None

    def mark(self, purpose: str, text: str) -> str:
        """A fingerprint of *text* that nobody without the secret can try guesses against: 64 hex digits."""
        return hmac.digest(self._marking, f"{purpose}\0{text}".encode(), "sha256").hex()


def new_secret() -> bytes:
    """A new secret for an issuer, a terminal's key or its pepper: 32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(key=secret, person=purpose, digest_size=32).digest()
