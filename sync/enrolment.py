"""What an installer does about a terminal's identity and its snapshots, step by step.

The folder is looked at, and the terminal's own secrets are made, before a code is used: whatever is wrong here is found
while the code is still good.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from drivers.link import Clock, SettingsError
from drivers.masked import Secret
from sync import identity, private_files
from sync.servers.central_office import CentralOffice, EnrolmentRefused
from sync.servers.ils import ServerSilent
from sync.snapshot.box import BOX_BYTES_MAX, Flaw, SnapshotRefused, open_box, read_label
from sync.snapshot.content import NUMBER_MAX
from sync.snapshot.drawing import draw
from sync.snapshot.fields import ContentWrong
from sync.snapshot.issuer import Issuer, new_secret
from sync.snapshot.keys import read_key
from sync.snapshot.plain_file import PLAIN_FILE_BYTES_MAX, read_plain_file
from sync.snapshot.sealed_form import TERMINAL
from sync.snapshot.summary import content_lines, label_lines


class NotEnrolled(Exception):
    """No identity was made; the message is one sentence for the installer."""


def enrol_at_central(folder: Path, office: CentralOffice, code: Secret, clock: Clock) -> list[str]:
    """Exchanges *code* for an identity in the new *folder*; the lines for the configuration.

    Raises `NotEnrolled`; *folder* is then as it was.
    """
    try:
        with identity.new_folder(folder) as beside:
            identity.make_own_secrets(beside)
            found = office.enrol(code)
            given = identity.Given(
                terminal=found.terminal,
                library=found.library,
                at=clock.now(),
                snapshot_key=found.snapshot_key,
                pepper=found.pin_pepper,
                public_key=found.central_public_key,
                url=office.url,
                token=found.token.reveal(),
            )
            identity.put_given(beside, given)
    except (identity.FolderTaken, EnrolmentRefused) as error:
        raise NotEnrolled(str(error)) from None
    except ServerSilent as error:
        why = error.args[0]
        raise NotEnrolled(
            f"central gave no answer that can be used ({why}): look at the address, or ask for a new code"
        ) from None
    except (OSError, SettingsError) as error:
        raise NotEnrolled(_unwritable(folder, error)) from None
    return list(identity.configuration_lines(folder, given))


def enrol_offline(folder: Path, name: str, library: str, clock: Clock) -> list[str]:
    """Makes an identity without central in the new *folder*, with a key to sign snapshots; the configuration's lines.

    Raises `NotEnrolled`; *folder* is then as it was.
    """
    if not TERMINAL.fullmatch(name):
        raise NotEnrolled("a terminal is named by 1 to 32 letters, digits, dots, - or _")
    secret = new_secret()
    given = identity.Given(name, library, clock.now(), new_secret(), new_secret(), Issuer(secret).public_key)
    try:
        with identity.new_folder(folder) as beside:
            identity.make_own_secrets(beside)
            identity.put_given(beside, given)
            identity.put_issuer(beside, secret)
    except identity.FolderTaken as error:
        raise NotEnrolled(str(error)) from None
    except (OSError, SettingsError) as error:
        raise NotEnrolled(_unwritable(folder, error)) from None
    return list(identity.configuration_lines(folder, given))


def make_snapshot(content: Path, folder: Path, out: Path, number: int, clock: Clock) -> int:
    """Draws a snapshot of the plain file *content* for the terminal whose identity is in *folder*; it is put at *out*.

    *number* 0 takes the seconds since 1970, which rise by themselves.  The answer is how many PINs had to be left out.
    Raises `SettingsError` for what is wrong with a file or the number, `SnapshotRefused` TOO_LARGE.
    """
    now = clock.now().astimezone(UTC)
    if not 0 <= number <= NUMBER_MAX:
        raise SettingsError(f"a snapshot's number is from 1 to {NUMBER_MAX}")
    terminal, key = _terminal(folder), read_key(folder / identity.SNAPSHOT_KEY)
    pepper = read_key(folder / identity.PEPPER)
    issuer = Issuer(read_key(folder / identity.ISSUER_KEY))
    try:
        data = _read_up_to(content, PLAIN_FILE_BYTES_MAX)
        drawn = draw(read_plain_file(data), terminal, number or int(now.timestamp()), now, pepper)
        private_files.replace(out, issuer.box(drawn.snapshot, key))
    except ContentWrong as error:
        raise SettingsError(f"{content}: {error}") from None
    except OSError as error:
        raise SettingsError(f"{error.filename or out}: {error.strerror}") from None
    return drawn.pins_left_out


def shown(file: Path, folder: Path | None, clock: Clock) -> Iterator[str]:
    """What the snapshot in *file* is and holds; without an identity *folder* only what is written on it.

    Raises `SettingsError` and `SnapshotRefused`.
    """
    try:
        box = _read_up_to(file, BOX_BYTES_MAX)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read ({error.strerror})") from None
    if len(box) > BOX_BYTES_MAX:
        raise SnapshotRefused(Flaw.TOO_LARGE)
    yield from label_lines(read_label(box), len(box), clock.now())
    if folder is None:
        yield "not opened: nothing of this is vouched for without --identity"
        return
    key, issuer = read_key(folder / identity.SNAPSHOT_KEY), read_key(folder / identity.PUBLIC_KEY)
    yield from content_lines(open_box(box, _terminal(folder), key, issuer, clock.now()))
    yield "signature, seal and terminal are right"


def _terminal(folder: Path) -> str:
    path = folder / identity.IDENTITY
    try:
        facts = tomllib.loads(private_files.read(path, 64 * 1024).decode("utf-8"))
        return str(facts["terminal"])
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError):
        raise SettingsError(f"{path} is no identity") from None


def _read_up_to(path: Path, size_max: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size_max + 1)


def _unwritable(folder: Path, error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"no identity could be made in {folder}: {why}"
