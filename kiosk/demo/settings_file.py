"""The configuration of the demo's terminal, and the secrets it refers to."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drivers.sim.qr_backend import TOKEN
from kiosk.demo.settings_text import BEGINNING, CENTRAL, DROP, END, SIP2, STAND
from sync.central import demo

TERMINAL = "demo-kiosk"
CHECKER = "demo-checker"
"""The account with which the demo asks the server afterwards."""

TILL_PASSWORD = "123456"
"""What the simulated card terminal knows its till by."""


def write_settings(
    folder: Path, path: Path, language: str, table: Mapping[str, Any], identity: str = ""
) -> dict[str, Path]:
    """Writes the secrets, new, and once *table* says where everything is, the configuration.

    With *identity*, a folder in *folder*, the terminal speaks to central and lends by itself while that is away;
    without, it speaks SIP2.  Where the table has a book drop, the terminal is one.  Returns where the secret of each
    account stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: folder / f"{name}.secret" for name in (TERMINAL, CHECKER)}
    if not table:
        for secret in found.values():
            _write_secret(secret, secrets.token_hex(16))
        _write_secret(folder / "till.secret", TILL_PASSWORD)
        _write_secret(folder / "payment.secret", TOKEN)
        return found
    network, urls = str(table["network"]), {name: str(url) for name, url in table.items()}
    said = urls | {
        "terminal": TERMINAL,
        "library": json.dumps(demo.NAME, ensure_ascii=False),
        "language": language,
        "frame": "advanced" if urls["pad"].startswith("tcp:") else "standard",
        "payment_backend": _as_http(urls["payment_backend"]),
        "network": _as_http(network) if identity else network,
        "institution": demo.INSTITUTION,
        "zone": demo.ZONE,
        "currency": demo.CURRENCY,
        "branch": demo.BRANCH,
        "identity": identity,
    }
    said["server"] = (CENTRAL if identity else SIP2).format_map(said)
    text = BEGINNING + (DROP if "book_drop" in table else STAND) + END
    path.write_text(text.format_map(said), encoding="utf-8")
    return found


def _as_http(url: str) -> str:
    return url.replace("tcp://", "http://", 1)


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{text}\n")
