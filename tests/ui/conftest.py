"""One real window for all tests of the screens, drawn into memory at half size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.rig import SIDE, STATE, ScreenRig, open_rig
from ui import environment
from ui.environment import WindowSettings

# Before any test module imports Kivy.
environment.prepare(WindowSettings(SIDE, SIDE, video="offscreen", frames_per_second_max=0, state=STATE))


@pytest.fixture(scope="session")
def session_rig() -> Iterator[ScreenRig]:
    """The window of this process."""
    rig = open_rig()
    yield rig
    rig.close()


@pytest.fixture
def rig(session_rig: ScreenRig) -> ScreenRig:
    """The window, as it is between two patrons."""
    session_rig.reset()
    return session_rig
