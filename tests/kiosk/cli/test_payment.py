"""`kiosk payment`: a back end is tried, and a card terminal's day is closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from drivers.link.clock import RealClock
from drivers.sim.qr_backend import TOKEN, QrBackendFarEnd
from kiosk.cli import app
from tests.kit.loopback_server import LoopbackServer

RUNNER = CliRunner()


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "payment.secret"
    file.write_text(TOKEN + "\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def test_a_good_back_end_is_told_as_good(token_file: Path) -> None:
    """Each check is a line, all are good, nothing is left to be paid, and the exit code is 0."""
    far_end = QrBackendFarEnd(RealClock())
    with LoopbackServer(far_end.connection) as server:
        url = f"http://127.0.0.1:{server.address[1]}"
        done = RUNNER.invoke(app, ["payment", "try-backend", url, "--token-file", str(token_file)])

    assert done.exit_code == 0, done.output
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"good"}
    assert {order.state for order in far_end.orders.values()} == {"cancelled"}


def test_what_a_back_end_does_wrong_is_told(token_file: Path) -> None:
    """The exit code is 1, and the line says which promise it is and what was found."""
    far_end = QrBackendFarEnd(RealClock())
    far_end.currencies = ["EUR"]
    with LoopbackServer(far_end.connection) as server:
        url = f"http://127.0.0.1:{server.address[1]}"
        done = RUNNER.invoke(app, ["payment", "try-backend", url, "--token-file", str(token_file), "--json"])

    assert done.exit_code == 1
    first = json.loads(done.stdout)["checks"][0]
    assert first == {"sentence": "it takes the currency", "is_good": False, "why": "it takes EUR"}


@pytest.mark.parametrize("url", ["pay.example.org", "http://pay.example.org"])
def test_an_address_that_is_none_is_refused(token_file: Path, url: str) -> None:
    """Before anything is sent, with exit code 2."""
    done = RUNNER.invoke(app, ["payment", "try-backend", url, "--token-file", str(token_file)])

    assert done.exit_code == 2
    assert url in done.output


def test_a_token_that_others_can_read_is_refused(token_file: Path) -> None:
    """As every secret of a terminal."""
    token_file.chmod(0o644)
    done = RUNNER.invoke(
        app, ["payment", "try-backend", "https://pay.example.org", "--token-file", str(token_file)]
    )

    assert done.exit_code == 2
    assert "open to others" in done.output
    assert TOKEN not in done.output
