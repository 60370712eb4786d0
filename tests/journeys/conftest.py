"""Every journey begins at a kiosk that shows its welcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """A kiosk with all its devices there and the demo library behind it."""
    rig = Rig(tmp_path)
    rig.settle()
    yield rig
    rig.close()
