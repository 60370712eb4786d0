"""The configuration of the demo's terminal, and the secrets it refers to."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.central import demo

TERMINAL = "demo-kiosk"
CHECKER = "demo-checker"
"""The account with which the demo asks the server afterwards."""

_TEMPLATE = """\
# Written by `kiosk demo`; written anew each time.

[terminal]
name = "{terminal}"
library = {library}
language = "{language}"
owners = ["CN-"]

[session]
patron_number_pattern = '2\\d{{13}}'
item_number_pattern = '3\\d{{13}}'
scanned_item = "lend"
strips = "untagged"

[pad]
driver = "obid-pad"
link = "{pad}"
[pad.settings]
frame = "{frame}"

[scanner]
driver = "serial-scanner"
link = "{scanner}"

[card_reader]
driver = "pcsc-card"
link = "{card_reader}"
[card_reader.settings]
source = "ndef"

[strip_unit]
driver = "bookcheck"
link = "{strip_unit}"
[strip_unit.settings]
unwatched_seconds_max = 1.0

[server]
status_seconds = 5.0
{server}

[journal]
path = "journal.db"
key_file = "journal.key"

[control]
folder = "service"

[screen]
width = 1080
height = 1920
fullscreen = false
"""

_SIP2 = """\
url = "{network}"
profile = "central"
institution = "{institution}"
login_user = "{terminal}"
password_file = "{terminal}.secret"
time_zone = "{zone}"
"""

_CENTRAL = """\
url = "{network}"
token_file = "{identity}/server.token"

[offline]
lend = "within-limits"
snapshot_file = "snapshot.box"
snapshot_key_file = "{identity}/snapshot.key"
pin_pepper_file = "{identity}/snapshot.pepper"
central_public_key_file = "{identity}/central.pub"
refresh_minutes = 1
"""


def write_settings(
    folder: Path, path: Path, language: str, table: Mapping[str, Any], identity: str = ""
) -> dict[str, Path]:
    """Writes the secrets, new, and once *table* says where everything is, the configuration.

    With *identity*, a folder in *folder*, the terminal speaks to central and lends by itself while that is away;
    without, it speaks SIP2.  Returns where the secret of each account stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: folder / f"{name}.secret" for name in (TERMINAL, CHECKER)}
    if not table:
        for secret in found.values():
            _write_secret(secret)
        return found
    server = (_CENTRAL if identity else _SIP2).format(
        network=str(table["network"]).replace("tcp://", "http://", 1) if identity else table["network"],
        institution=demo.INSTITUTION,
        terminal=TERMINAL,
        zone=demo.ZONE,
        identity=identity,
    )
    path.write_text(
        _TEMPLATE.format(
            terminal=TERMINAL,
            library=json.dumps(demo.NAME, ensure_ascii=False),
            language=language,
            frame="advanced" if str(table["pad"]).startswith("tcp:") else "standard",
            pad=table["pad"],
            scanner=table["scanner"],
            card_reader=table["card_reader"],
            strip_unit=table["strip_unit"],
            server=server,
        ),
        encoding="utf-8",
    )
    return found


def _write_secret(path: Path) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(16) + "\n")
