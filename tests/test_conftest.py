"""The run itself is under test: nothing that did not run may look as if it had passed."""

from pathlib import Path

import pytest

CONFTEST = Path(__file__).with_name("conftest.py")

NOT_RUN = {
    "skipped": "@pytest.mark.skip(reason='no reader here')\ndef test_it(): pass",
    "skipped while running": "def test_it(): pytest.skip('no reader here')",
    "skipped module": "pytest.skip('no reader here', allow_module_level=True)",
    "missing import": "pytest.importorskip('no_such_module', reason='no reader here')",
    "expected failure": "@pytest.mark.xfail(reason='no reader here')\ndef test_it(): assert False",
    "unexpected pass": "@pytest.mark.xfail(reason='no reader here', strict=False)\ndef test_it(): pass",
}


@pytest.fixture
def honest_run(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    return pytester


@pytest.mark.parametrize("source", NOT_RUN.values(), ids=NOT_RUN.keys())
def test_a_test_that_does_not_run_fails_the_run(honest_run: pytest.Pytester, source: str) -> None:
    """A skip, wherever it is said, fails the run and repeats the reason given."""
    honest_run.makepyfile(f"import pytest\n{source}")

    result = honest_run.runpytest_inprocess()

    assert result.ret in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
    result.stdout.fnmatch_lines(["*A test that does not run proves nothing:*no reader here*"])


def test_a_run_says_where_its_time_went(honest_run: pytest.Pytester) -> None:
    """A green run ends with the seconds of each folder and the budget for all of them."""
    honest_run.makepyfile("def test_it(): pass")

    result = honest_run.runpytest_inprocess()

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*s  in all, within the budget of 900 s"])
