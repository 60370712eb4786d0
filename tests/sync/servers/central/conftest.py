"""A running central and a terminal's client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.link.clock import RealClock
from sync.servers.central.client import CentralServer, open_central
from sync.servers.central.settings import CentralClientSettings
from tests.kit.running_central import TOKENS, RunningCentral


def settings(seconds: float = 10.0, name: str = "kiosk-1") -> CentralClientSettings:
    """A terminal's settings."""
    return CentralClientSettings(TOKENS[name], request_seconds=seconds, batch_seconds=seconds)


def connect(url: str, seconds: float = 10.0, name: str = "kiosk-1") -> CentralServer:
    """A terminal's client of central at *url*."""
    return open_central(url, settings(seconds, name), RealClock())


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCentral]:
    with RunningCentral(tmp_path, RealClock()) as central:
        yield central


@pytest.fixture
def client(running: RunningCentral) -> Iterator[CentralServer]:
    client = connect(running.url)
    yield client
    client.close()
