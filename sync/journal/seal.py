"""What hides a person in a row, and what binds a row to the one before.

A row's body never says who it is about.  What may say so (its *personal* part) is replaced by a token,
BLAKE2b(personal) keyed with a salt of the row's own, and lies with that salt in a box of its own,
AES-256-GCM with the row's number and the journal's epoch as associated data.  Once the box is deleted the
salt is gone too, so that the token cannot be tried against a list of patron numbers, and the chain still
holds.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.journal.keys import JournalKeys

SALT_BYTES: Final = 16
NONCE_BYTES: Final = 12
LINK_BYTES: Final = 32
TOKEN_BYTES: Final = 32
_NO_TOKEN: Final = bytes(TOKEN_BYTES)
_PLACE = struct.Struct(">QQQ")


class BoxUnreadable(Exception):
    """A box was not sealed with this key for this row, or was altered, or does not fit the row's token."""


class Record(NamedTuple):
    """One row as it lies in the file: the columns of table `rows` before the link, in order.

    *entry* is the number of the entry's first row (None for a row that belongs to no entry), *key*, *destination* and
    *position* stand only in that first row.
    """

    number: int
    entry: int | None
    kind: str
    key: str | None
    destination: str | None
    position: int | None
    token: bytes | None
    body: str


class Seal:
    """Seals and opens boxes, and forges the links of the chain, for one journal."""

    def __init__(self, keys: JournalKeys, epoch: str) -> None:
        self._epoch = epoch.encode("ascii")
        self._cipher = AESGCM(keys.seal)
        # Keyed once and copied for every link: hashing the key again would be a third of the work.
        self._chain = hashlib.blake2b(key=keys.chain, digest_size=LINK_BYTES)

    def key_check(self) -> bytes:
        """Tells a right key from a wrong one; says nothing about either key."""
        return self._hash(b"key check|", self._epoch)

    def first_link(self) -> bytes:
        """The link before row 1."""
        return self._hash(b"first link|", self._epoch)

    def link(self, before: bytes, record: Record) -> bytes:
        """The link of *record*: BLAKE2b, keyed, over the link *before* and everything the row says."""
        number, entry, kind, key, destination, position, token, body = record
        place = _PLACE.pack(number, entry or 0, position or 0)
        names = f"{kind}\0{key or ''}\0{destination or ''}\0{body}"
        return self._hash(before, place + (token or _NO_TOKEN) + names.encode("ascii"))

    def anchor(self, what: str, link: bytes) -> bytes:
        """The digest of a segment's anchor: of *what* it says and its last row's *link*."""
        return self._hash(b"anchor|", link + what.encode("ascii"))

    def close(self, number: int, personal: bytes) -> tuple[bytes, bytes]:
        """Token and box for row *number*'s *personal* part."""
        salt_and_nonce = os.urandom(SALT_BYTES + NONCE_BYTES)
        salt, nonce = salt_and_nonce[:SALT_BYTES], salt_and_nonce[SALT_BYTES:]
        box = nonce + self._cipher.encrypt(nonce, salt + personal, self._address(number))
        return _token(salt, personal), box

    def open(self, number: int, token: bytes | None, box: bytes) -> bytes:
        """The personal part in *box*.  Raises `BoxUnreadable`."""
        try:
            plain = self._cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], self._address(number))
        except (InvalidTag, ValueError) as error:
            raise BoxUnreadable(f"the box of row {number} cannot be opened") from error
        salt, personal = plain[:SALT_BYTES], plain[SALT_BYTES:]
        if token is None or not _is_token(token, salt, personal):
            raise BoxUnreadable(f"the box of row {number} belongs to another row")
        return personal

    def _address(self, number: int) -> bytes:
        return b"%s|%d" % (self._epoch, number)

    def _hash(self, before: bytes, content: bytes) -> bytes:
        chain = self._chain.copy()
        chain.update(before + content)
        return chain.digest()


def _token(salt: bytes, personal: bytes) -> bytes:
    return hashlib.blake2b(personal, key=salt, digest_size=TOKEN_BYTES).digest()


def _is_token(token: bytes, salt: bytes, personal: bytes) -> bool:
    if hmac.compare_digest(token, _token(salt, personal)):
        return True
    # Rows written in formats 1 and 2.
    return hmac.compare_digest(token, hmac.digest(salt, personal, "sha256"))
