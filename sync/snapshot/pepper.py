"""How patrons and PINs stand in a snapshot: as tokens and encrypted hashes that only the terminal's pepper explains.

The pepper is a secret of its own, kept apart from the key that opens the snapshot.  Two keys are made of it for each
snapshot (BLAKE2b keyed with the pepper, salted with the snapshot's own salt): one makes tokens of card numbers, the
other encrypts the Argon2id hash of a PIN (AES-256-GCM, OWASP's "pepper as encryption").  So whoever opens a stolen
snapshot can neither try card numbers nor PINs, and two snapshots cannot be compared.
"""

from __future__ import annotations

import hashlib
import re
import struct
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

from argon2.exceptions import Argon2Error
from argon2.low_level import Type, verify_secret
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from drivers.masked import Secret
from sync.entries import PatronId

PEPPER_BYTES: Final = 32
SALT_BYTES: Final = 16
TOKEN_BYTES: Final = 16
NONCE_BYTES: Final = 12
PIN_LENGTH_MAX: Final = 128
MEMORY_KIB_MAX: Final = 128 * 1024
PASSES_MAX: Final = 10
LANES_MAX: Final = 8

_COST = struct.Struct(">IBBB")
_HASH = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,4})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})"
)


@dataclass(frozen=True, slots=True)
class Pepper:
    """The two keys that one snapshot's salt and the terminal's pepper make."""

    cards: bytes = field(repr=False)
    pins: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes, salt: bytes) -> Pepper:
        """From the terminal's *secret* (32 bytes) and the *salt* of the snapshot (16 bytes)."""
        if len(secret) != PEPPER_BYTES or len(salt) != SALT_BYTES:
            raise ValueError(f"a pepper has {PEPPER_BYTES} bytes and a salt {SALT_BYTES}")
        return cls(_derived(secret, salt, b"snapshot-cards"), _derived(secret, salt, b"snapshot-pins"))

    def token(self, patron: PatronId) -> str:
        """What stands for *patron* in this snapshot: 22 characters, the same for the same number only."""
        digest = hashlib.blake2b(patron.reveal().encode("ascii"), key=self.cards, digest_size=TOKEN_BYTES)
        return _text(digest.digest())

    def seal_pin(self, token: str, hashed: str) -> str | None:
        """The PIN hash of the patron *token* stands for, encrypted; None when no terminal could judge it.

        *hashed* is an Argon2id hash in its usual text form; one of another kind, or so costly that judging it would
        hold the terminal up, gives None.  A token is sealed for once: its beginning is the nonce.
        """
        plain = _plain(hashed)
        if plain is None:
            return None
        nonce = _bytes(token)[:NONCE_BYTES]
        return _text(AESGCM(self.pins).encrypt(nonce, plain, token.encode("ascii")))

    def is_pin_right(self, token: str, sealed: str, pin: Secret) -> bool:
        """Whether *pin* is the one that *sealed* was made of.  Slow on purpose: some tens of milliseconds.

        False too for a verifier that cannot be opened: it was made for another patron, snapshot or terminal.
        """
        if not 0 < len(pin.reveal()) <= PIN_LENGTH_MAX:
            return False
        try:
            nonce = _bytes(token)[:NONCE_BYTES]
            plain = AESGCM(self.pins).decrypt(nonce, _bytes(sealed), token.encode("ascii"))
            return verify_secret(_hash(plain), pin.reveal().encode("utf-8"), Type.ID)
        except (InvalidTag, ValueError, Argon2Error, struct.error):
            return False


def nonce_of(token: str) -> bytes:
    """The part of *token* that no two patrons of a snapshot may share."""
    return _bytes(token)[:NONCE_BYTES]


def _derived(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    return hashlib.blake2b(key=secret, salt=salt, person=purpose, digest_size=32).digest()


def _plain(hashed: str) -> bytes | None:
    match = _HASH.fullmatch(hashed)
    if match is None:
        return None
    memory_kib, passes, lanes = (int(match[part]) for part in (1, 2, 3))
    if memory_kib > MEMORY_KIB_MAX or not 1 <= passes <= PASSES_MAX or not 1 <= lanes <= LANES_MAX:
        return None
    try:
        salt, digest = (b64decode(match[part] + "=" * (-len(match[part]) % 4)) for part in (4, 5))
    except ValueError:
        return None
    return _COST.pack(memory_kib, passes, lanes, len(salt)) + salt + digest


def _hash(plain: bytes) -> bytes:
    memory_kib, passes, lanes, salt_length = _COST.unpack_from(plain)
    rest = plain[_COST.size :]
    salt, digest = (b64encode(part).rstrip(b"=") for part in (rest[:salt_length], rest[salt_length:]))
    return b"$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s" % (memory_kib, passes, lanes, salt, digest)


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
