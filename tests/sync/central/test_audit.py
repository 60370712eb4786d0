"""What a terminal told central can be read again, to be compared with the terminal's own journal."""

from __future__ import annotations

import shutil
from pathlib import Path

from sync.central.audit import Audit, audited
from sync.central.settings import CentralSettings
from tests.kit.demo_server import TERMINAL, demo_database


def test_a_terminal_that_told_nothing_has_nothing_and_the_ledger_comes_to_nothing(tmp_path: Path) -> None:
    """The imported fees are in the ledger as double entry, and none of it is the terminal's."""
    path = tmp_path / "central.db"
    shutil.copy(demo_database(), path)

    assert audited(CentralSettings(f"sqlite:///{path}"), TERMINAL) == Audit({}, {}, 0)
