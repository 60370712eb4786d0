"""One-time codes, and what a terminal gets for one.

A code has 80 random bits, is shown once, kept as a fingerprint under the office's key, and good for a day and for one
terminal.  A terminal that is enrolled again gets everything anew, and what it had before is good no longer.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from drivers.masked import Secret
from sync.central.circulation.library import Library
from sync.central.circulation.secrets import SecretJudge
from sync.central.store import machine_tables as m
from sync.central.store import tables as t
from sync.central.store.store import Store
from sync.snapshot.issuer import Issuer, new_secret

CODE_LENGTH = 16
CODE_LIFE = timedelta(hours=24)
TOKEN_BYTES = 32
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


class CodeFlaw(Enum):
    """Why a code is not taken, as the sentence the installer reads."""

    WRONG = "this enrolment code is wrong"
    EXPIRED = "this enrolment code has expired: ask the library for a new one"
    USED = "this enrolment code was used already: ask the library for a new one"


class CodeRefused(Exception):
    """A code that is not taken; *flaw* says why."""

    def __init__(self, flaw: CodeFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What terminal *terminal* gets, once: nobody can read it again."""

    terminal: str
    token: Secret
    snapshot_key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)


def make_code(store: Store, library: Library, issuer: Issuer, terminal: str) -> Secret:
    """A new code for *terminal*, to be shown once.  Codes for it that were not used are good no longer."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    now = library.now()
    row = {"terminal": terminal, "code_mark": _mark(issuer, code), "made_at": now}
    with store.writing() as connection:
        connection.execute(
            delete(m.enrolment_codes).where(
                m.enrolment_codes.c.terminal == terminal, m.enrolment_codes.c.used_at.is_(None)
            )
        )
        connection.execute(insert(m.enrolment_codes).values(**row, expires_at=now + CODE_LIFE))
    return Secret("-".join(code[place : place + 4] for place in range(0, CODE_LENGTH, 4)))


def enrol(store: Store, library: Library, issuer: Issuer, judge: SecretJudge, code: Secret) -> Enrolled:
    """Exchanges *code* for a terminal's secrets.  Raises `CodeRefused`; then nothing is changed.

    The token lets the terminal in over REST, and over SIP2 as its password.
    """
    token = secrets.token_hex(TOKEN_BYTES)
    key, pepper = new_secret(), new_secret()
    mark = _mark(issuer, code.reveal())
    # Hashing is slow: not within the transaction that writes, and not for a code that is not good.
    with store.reading() as connection:
        _good_code(connection, library, mark)
    hashed = judge.hash(Secret(token))
    with store.writing() as connection:
        name = _use_code(connection, library, mark)
        _enter(connection, name, hashed)
        connection.execute(delete(m.enrolled).where(m.enrolled.c.terminal == name))
        connection.execute(
            insert(m.enrolled).values(
                terminal=name,
                token_mark=issuer.mark("token", token),
                locked_keys=issuer.locked(name, key + pepper),
                enrolled_at=library.now(),
                snapshot_number=0,
                snapshot_digest="",
            )
        )
    return Enrolled(name, Secret(token), key, pepper)


def terminal_of_token(store: Store, issuer: Issuer, token: str) -> str | None:
    """The active terminal that was enrolled with *token*, None when there is none."""
    query = (
        select(m.enrolled.c.terminal)
        .join(t.terminals, t.terminals.c.name == m.enrolled.c.terminal)
        .where(m.enrolled.c.token_mark == issuer.mark("token", token), t.terminals.c.is_active)
    )
    with store.reading() as connection:
        return connection.execute(query).scalar_one_or_none()


def _good_code(connection: Connection, library: Library, mark: str, *, lock: bool = False) -> Row[Any]:
    query: Select[Any] = select(m.enrolment_codes).where(m.enrolment_codes.c.code_mark == mark)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise CodeRefused(CodeFlaw.WRONG)
    if row.used_at is not None:
        raise CodeRefused(CodeFlaw.USED)
    if library.now() >= row.expires_at:
        raise CodeRefused(CodeFlaw.EXPIRED)
    return row


def _use_code(connection: Connection, library: Library, mark: str) -> str:
    codes = m.enrolment_codes
    row = _good_code(connection, library, mark, lock=True)
    connection.execute(update(codes).where(codes.c.id == row.id).values(used_at=library.now()))
    return str(row.terminal)


def _enter(connection: Connection, name: str, hashed: str) -> None:
    changed = connection.execute(
        update(t.terminals).where(t.terminals.c.name == name).values(secret_hash=hashed, is_active=True)
    )
    if changed.rowcount == 0:
        connection.execute(insert(t.terminals).values(name=name, secret_hash=hashed, is_active=True))


def _mark(issuer: Issuer, code: str) -> str:
    return issuer.mark("code", code.upper().translate(_READ_AS))
