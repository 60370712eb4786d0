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

[server]
url = "{network}"
profile = "central"
institution = "{institution}"
login_user = "{terminal}"
password_file = "{terminal}.secret"
time_zone = "{zone}"

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


def write_settings(folder: Path, path: Path, language: str, table: Mapping[str, Any]) -> dict[str, Path]:
    """Writes the secrets, new, and once *table* says where everything is, the configuration.

    Returns where the secret of each account stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: folder / f"{name}.secret" for name in (TERMINAL, CHECKER)}
    if not table:
        for secret in found.values():
            _write_secret(secret)
        return found
    path.write_text(
        _TEMPLATE.format(
            terminal=TERMINAL,
            library=json.dumps(demo.NAME, ensure_ascii=False),
            institution=demo.INSTITUTION,
            zone=demo.ZONE,
            language=language,
            frame="advanced" if str(table["pad"]).startswith("tcp:") else "standard",
            pad=table["pad"],
            scanner=table["scanner"],
            card_reader=table["card_reader"],
            network=table["network"],
        ),
        encoding="utf-8",
    )
    return found


def _write_secret(path: Path) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(16) + "\n")
