"""Smart cards through the real pcscd with a virtual reader, in namespaces of their own.

Needs `unshare`, `ip`, pcscd and vsmartcard-vpcd, and either root or user namespaces.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.link import DeviceLost
from tests.drivers.link.pcscd_scenarios import SCENARIOS

ROOT = Path(__file__).parents[3]


def sealed_off(*command: str) -> subprocess.CompletedProcess[str]:
    """Runs *command* where it sees neither the network nor the pcscd of this machine; all it starts ends with
    it.
    """
    unshare = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return subprocess.run(
        [*unshare, *as_root, *command], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_pcsc_link_against_the_real_service(name: str) -> None:
    """What the scenario's own sentence says holds against the real pcscd and its virtual reader."""
    result = sealed_off(sys.executable, "-m", "tests.drivers.link.pcscd_scenarios", name)
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{name}: held\n"
    assert result.stderr == ""


def test_a_machine_without_the_service_is_a_loss() -> None:
    """Where no pcscd runs, opening says `DeviceLost`, and nothing is printed."""
    program = (
        "from drivers.link.pcsc import open_pcsc\n"
        "from drivers.link.clock import RealClock\n"
        "open_pcsc('x', RealClock())\n"
    )
    result = sealed_off("sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$0" -c "$1"', sys.executable, program)
    assert result.stderr.splitlines()[-1].startswith(
        f"{DeviceLost.__module__}.DeviceLost: no smart card service"
    )


def test_a_scenario_that_does_not_hold_fails() -> None:
    """The runner reports a scenario that raises: a name that is none ends with an error."""
    result = sealed_off(sys.executable, "-m", "tests.drivers.link.pcscd_scenarios", "no_such_scenario")
    assert result.returncode != 0
    assert "no_such_scenario" in result.stderr
