"""The file a snapshot travels in: signed by whoever issues it, sealed for one terminal (docs/guides/snapshot.md).

    0    8   "LKSNAP" CR LF
    8    1   version of this layout, 1
    9    2   length of the label, big-endian
    11   n   label: JSON with terminal, number, issued_at; readable without any key
    ..   12  nonce
    ..   m   AES-256-GCM of the zlib-compressed JSON of `sealed_form.py`; all before the nonce is associated data
    end  64  Ed25519 signature over everything before it

Whoever opens one checks size, signature, label and seal before anything of the content is looked at.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.snapshot.content import NUMBER_MAX, Snapshot
from sync.snapshot.fields import ContentWrong, parse
from sync.snapshot.sealed_form import TERMINAL, from_json, to_json

MAGIC: Final = b"LKSNAP\r\n"
VERSION: Final = 1
LABEL_BYTES_MAX: Final = 1024
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
SIGNATURE_BYTES: Final = 64
BOX_BYTES_MAX: Final = 64 * 1024 * 1024
PLAIN_BYTES_MAX: Final = 192 * 1024 * 1024
AHEAD_MAX: Final = timedelta(hours=1)
_COMPRESSION: Final = 6
_HEAD = struct.Struct(">8sBH")


class Flaw(Enum):
    """Why a snapshot is not used; each has its own sentence."""

    NOT_A_SNAPSHOT = "this is no snapshot, or it was cut off"
    VERSION = "this snapshot has a layout that this version does not know"
    TOO_LARGE = "this snapshot is larger than any real one"
    SIGNATURE = "the signature is wrong: it was altered, or issued by somebody else"
    OTHER_TERMINAL = "this snapshot was made for another terminal"
    WRONG_KEY = "this terminal's snapshot key does not open it"
    OLDER = "a newer snapshot was accepted before"
    FUTURE = "this snapshot comes from the future: one of the clocks is wrong"
    UNREADABLE = "the snapshot's file cannot be read, or others may read it"
    NOT_KEPT = "the snapshot could not be written"
    CONTENT = "the signed content makes no sense: the issuer is at fault"


class SnapshotRefused(Exception):
    """A snapshot that is not used; *flaw* says why, and the message says nothing of what is in it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on a box."""

    terminal: str
    number: int
    issued_at: datetime


def seal(snapshot: Snapshot, key: bytes, signing: Ed25519PrivateKey) -> bytes:
    """The box of *snapshot*, sealed with the terminal's *key* (32 bytes) and signed.

    Raises `SnapshotRefused` TOO_LARGE where no terminal would open it.
    """
    plain = to_json(snapshot)
    label = json.dumps(
        {
            "terminal": snapshot.terminal,
            "number": snapshot.number,
            "issued_at": snapshot.issued_at.isoformat(),
        }
    ).encode("ascii")
    head = _HEAD.pack(MAGIC, VERSION, len(label)) + label
    nonce = os.urandom(NONCE_BYTES)
    body = head + nonce + AESGCM(key).encrypt(nonce, zlib.compress(plain, _COMPRESSION), head)
    if len(plain) > PLAIN_BYTES_MAX or len(body) + SIGNATURE_BYTES > BOX_BYTES_MAX:
        raise SnapshotRefused(Flaw.TOO_LARGE)
    return body + signing.sign(body)


def read_label(box: bytes) -> Label:
    """What is written on *box*; nothing vouches for it.  Raises `SnapshotRefused`."""
    return _label(box)[0]


def open_box(
    box: bytes, terminal: str, key: bytes, issuer: bytes, now: datetime, number_min: int = 0
) -> Snapshot:
    """The snapshot in *box*, without its pepper.

    *key* is the terminal's snapshot key, *issuer* the public key (32 bytes) of whoever may issue, *number_min* the
    newest number accepted so far, *now* the time.  Raises `SnapshotRefused` for anything that is not in order.
    """
    if len(box) > BOX_BYTES_MAX:
        raise SnapshotRefused(Flaw.TOO_LARGE)
    label, head_length = _label(box)
    body, signature = box[:-SIGNATURE_BYTES], box[-SIGNATURE_BYTES:]
    try:
        Ed25519PublicKey.from_public_bytes(issuer).verify(signature, body)
    except InvalidSignature:
        raise SnapshotRefused(Flaw.SIGNATURE) from None
    if label.terminal != terminal:
        raise SnapshotRefused(Flaw.OTHER_TERMINAL)
    if label.number < number_min:
        raise SnapshotRefused(Flaw.OLDER)
    if label.issued_at > now + AHEAD_MAX:
        raise SnapshotRefused(Flaw.FUTURE)
    head, nonce = body[:head_length], body[head_length : head_length + NONCE_BYTES]
    try:
        packed = AESGCM(key).decrypt(nonce, body[head_length + NONCE_BYTES :], head)
    except InvalidTag:
        raise SnapshotRefused(Flaw.WRONG_KEY) from None
    try:
        snapshot = from_json(_inflated(packed))
    except (ContentWrong, zlib.error):
        raise SnapshotRefused(Flaw.CONTENT) from None
    if (snapshot.terminal, snapshot.number, snapshot.issued_at) != (
        label.terminal,
        label.number,
        label.issued_at,
    ):
        raise SnapshotRefused(Flaw.CONTENT)
    return snapshot


def _label(box: bytes) -> tuple[Label, int]:
    if len(box) < _HEAD.size:
        raise SnapshotRefused(Flaw.NOT_A_SNAPSHOT)
    magic, version, length = _HEAD.unpack_from(box)
    end = _HEAD.size + length
    if magic != MAGIC:
        raise SnapshotRefused(Flaw.NOT_A_SNAPSHOT)
    if version != VERSION:
        raise SnapshotRefused(Flaw.VERSION)
    if length > LABEL_BYTES_MAX or len(box) < end + NONCE_BYTES + TAG_BYTES + SIGNATURE_BYTES:
        raise SnapshotRefused(Flaw.NOT_A_SNAPSHOT)
    try:
        fields = parse(box[_HEAD.size : end])
        label = Label(
            fields.text("terminal", TERMINAL),
            fields.whole("number", 1, NUMBER_MAX),
            fields.moment("issued_at"),
        )
        fields.done()
    except ContentWrong:
        raise SnapshotRefused(Flaw.NOT_A_SNAPSHOT) from None
    return label, end


def _inflated(packed: bytes) -> bytes:
    # One byte more than allowed is enough to know: a bomb is never unpacked.
    inflating = zlib.decompressobj()
    plain = inflating.decompress(packed, PLAIN_BYTES_MAX + 1)
    if len(plain) > PLAIN_BYTES_MAX:
        raise SnapshotRefused(Flaw.TOO_LARGE)
    if not inflating.eof or inflating.unused_data:
        raise zlib.error("cut off")
    return plain
