"""A terminal's identity: one folder with a secret per purpose, made as a whole or not at all.

    identity.toml       who the terminal is, for people to read
    journal.key         seals what points to a person in the journal
    ledger.key          closes the fee ledger
    server.token        logs in at central
    snapshot.key        opens the terminal's snapshots
    snapshot.pepper     explains the patrons in them; may lie elsewhere (docs/decisions/0801)
    central.pub         says who may issue snapshots; no secret
    issuer.key          only without central: what the library's own snapshots are signed with

Every file has mode 0600, the folder 0700.  An identity is never overwritten.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sync import private_files
from sync.journal.keys import create_keys
from sync.snapshot.issuer import new_secret
from sync.snapshot.keys import key_line

IDENTITY: Final = "identity.toml"
JOURNAL_KEY: Final = "journal.key"
LEDGER_KEY: Final = "ledger.key"
SERVER_TOKEN: Final = "server.token"
SNAPSHOT_KEY: Final = "snapshot.key"
PEPPER: Final = "snapshot.pepper"
PUBLIC_KEY: Final = "central.pub"
ISSUER_KEY: Final = "issuer.key"


class FolderTaken(Exception):
    """The folder holds something already: nothing is put into it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a terminal does not make by itself: who it is, and the keys it shares with whoever issues snapshots.

    *url* is central's, *token* what it logs in with there: both empty without central.
    """

    terminal: str
    library: str
    at: datetime
    snapshot_key: bytes
    pepper: bytes
    public_key: bytes
    url: str = ""
    token: str = ""


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A place to put an identity together, which becomes *folder* when the block ends without an error.

    Whatever interrupts it, *folder* is whole or is as it was; what a power cut leaves beside it (a hidden folder with
    the same name and ".enrolling") is removed by the next call.  Raises `FolderTaken` and `OSError`.
    """
    folder = folder.absolute()
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise FolderTaken(f"{folder} holds something already; an identity is never overwritten")
    beside = folder.with_name(f".{folder.name}.enrolling")
    if beside.is_dir():
        shutil.rmtree(beside)
    os.mkdir(beside, 0o700)
    try:
        yield beside
        private_files.sync_folder(beside)
        os.rename(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    private_files.sync_folder(folder.parent)


def make_own_secrets(folder: Path) -> None:
    """Puts into *folder* what the terminal makes by itself and tells nobody.  Raises `OSError`, `KeyFileError`."""
    create_keys(folder / JOURNAL_KEY)
    private_files.write_new(folder / LEDGER_KEY, key_line(new_secret()))


def put_given(folder: Path, given: Given) -> None:
    """Puts into *folder* what the terminal was given.  Raises `OSError`."""
    private_files.write_new(folder / SNAPSHOT_KEY, key_line(given.snapshot_key))
    private_files.write_new(folder / PEPPER, key_line(given.pepper))
    private_files.write_new(folder / PUBLIC_KEY, key_line(given.public_key))
    if given.token:
        private_files.write_new(folder / SERVER_TOKEN, f"{given.token}\n".encode("ascii"))
    facts = {
        "terminal": given.terminal,
        "library": given.library,
        "central": given.url,
        "central_public_key": given.public_key.hex(),
        "enrolled_at": given.at.isoformat(timespec="seconds"),
    }
    lines = "".join(f"{name} = {_toml(text)}\n" for name, text in facts.items())
    private_files.write_new(folder / IDENTITY, lines.encode("utf-8"))


def put_issuer(folder: Path, secret: bytes) -> None:
    """Puts the *secret* that a library without central signs its snapshots with into *folder*.  Raises `OSError`."""
    private_files.write_new(folder / ISSUER_KEY, key_line(secret))


def configuration_lines(folder: Path, given: Given) -> Iterator[str]:
    """The lines for the terminal's configuration, with the paths of this identity in *folder*."""

    def path(name: str) -> str:
        return _toml(str(folder.absolute() / name))

    yield "[terminal]"
    yield f"name = {_toml(given.terminal)}"
    if given.url:
        yield from ("", "[server]", f"url = {_toml(given.url)}", f"token_file = {path(SERVER_TOKEN)}")
    yield from ("", "[journal]", f"key_file = {path(JOURNAL_KEY)}")
    yield from ("", "[offline]", 'snapshot_file = "snapshot.box"')
    yield f"snapshot_key_file = {path(SNAPSHOT_KEY)}"
    yield f"pin_pepper_file = {path(PEPPER)}"
    yield f"central_public_key_file = {path(PUBLIC_KEY)}"


def _toml(text: str) -> str:
    # A basic string of TOML is one of JSON, but for what cannot be printed anyway.
    return json.dumps("".join(one for one in text if one.isprintable()), ensure_ascii=False)
