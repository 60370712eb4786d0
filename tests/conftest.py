"""Makes a run honest: a skipped test fails it, and the time each folder took is printed at the end."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
BUDGET_SECONDS = 900

pytest_plugins = ["pytester"]

# Kivy reads these when it is imported; they let it draw without a display and leave logs and arguments alone.
KIVY_ENVIRONMENT = {
    "KIVY_HOME": str(ROOT.parent / "build" / "kivy"),
    "KIVY_LOG_MODE": "PYTHON",
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_WINDOW": "sdl2",
    "SDL_VIDEODRIVER": "offscreen",
}
for name, value in KIVY_ENVIRONMENT.items():
    os.environ.setdefault(name, value)
Path(os.environ["KIVY_HOME"]).mkdir(parents=True, exist_ok=True)

seconds_by_folder: defaultdict[str, float] = defaultdict(float)


def fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip, an expected failure or an unexpected pass into a failure that says why."""
    expected_failure = getattr(report, "wasxfail", None)
    if not report.skipped and expected_failure is None:
        return
    reason = expected_failure or report.longreprtext
    report.outcome = "failed"
    report.longrepr = f"A test that does not run proves nothing: {reason}"
    if expected_failure is not None:
        del report.wasxfail


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_if_skipped(report)
    return report


def pytest_collection_finish() -> None:
    """Let the garbage collector look no more at what stays to the end: modules, tests and what they were made of."""
    gc.collect()
    gc.freeze()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    folder = report.nodeid.partition("::")[0].rpartition("/")[0]
    seconds_by_folder[folder] += report.duration


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("time by folder")
    for folder, seconds in sorted(seconds_by_folder.items()):
        terminalreporter.line(f"{seconds:8.1f} s  {folder}")
    # With pytest-xdist that many tests run at a time.
    at_a_time = getattr(terminalreporter.config.option, "numprocesses", None) or 1
    total = sum(seconds_by_folder.values()) / at_a_time
    verdict = "within" if total <= BUDGET_SECONDS else "OVER"
    terminalreporter.line(f"{total:8.1f} s  in all, {verdict} the budget of {BUDGET_SECONDS} s")
