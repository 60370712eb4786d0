"""`kiosk receipt preview`: an installer looks at templates without a printer."""

from __future__ import annotations

from pathlib import Path
from unicodedata import east_asian_width

import pytest
from typer.testing import CliRunner

from kiosk.cli import app

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "receipts.md"


def width(line: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line)


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_every_receipt_is_shown_as_wide_as_its_paper(columns: int) -> None:
    """All templates in both languages, and no line is longer or shorter than the paper."""
    shown = CliRunner().invoke(app, ["receipt", "preview", "--columns", str(columns)])

    lines = shown.output.splitlines()
    heads = [line for line in lines if line.endswith((", en", ", zh_CN"))]
    assert shown.exit_code == 0
    assert {head.partition(".")[0] for head in heads} == {"loans", "returns", "payment", "routing"}
    assert {width(line) for line in lines if line not in heads} == {columns + 2}


def test_one_kind_in_one_language_can_be_looked_at() -> None:
    """Only what was asked for is shown."""
    shown = CliRunner().invoke(app, ["receipt", "preview", "--kind", "routing", "--language", "zh_CN"])

    heads = {line for line in shown.output.splitlines() if ".txt" in line}
    assert heads == {"routing.txt, zh_CN"}
    assert "示例图书馆" in shown.output


def test_a_mistake_ends_with_its_sentence_and_exit_code_1(tmp_path: Path) -> None:
    """Not with a traceback, and before anything is shown."""
    (tmp_path / "loans.txt").write_text("{{ nobody }}")

    shown = CliRunner().invoke(app, ["receipt", "preview", "--templates", str(tmp_path)])

    assert shown.exit_code == 1
    assert "loans.txt, line 1: 'nobody' is undefined" in shown.output
    assert "Traceback" not in shown.output
    assert "┌" not in shown.output


def test_a_configuration_that_is_wrong_is_refused(tmp_path: Path) -> None:
    """With what is wrong with it, and exit code 2."""
    (tmp_path / "kiosk.toml").write_text("[receipts]\ntemplates = 3\n")

    shown = CliRunner().invoke(app, ["receipt", "preview", str(tmp_path / "kiosk.toml")])

    assert shown.exit_code == 2
    assert "[receipts] templates" in shown.output


def test_the_guides_own_sentence_can_be_printed(tmp_path: Path) -> None:
    """The example that the guide shows is a template that works, in both languages."""
    example = GUIDE.read_text(encoding="utf-8").partition("```jinja\n")[2].partition("```")[0]
    (tmp_path / "loans.txt").write_text(example, encoding="utf-8")

    shown = CliRunner().invoke(app, ["receipt", "preview", "--kind", "loans", "--templates", str(tmp_path)])

    assert shown.exit_code == 0
    assert "周一闭馆" in shown.output
    assert "Closed on Mondays" in shown.output


def test_check_says_what_is_wrong_with_a_template(tmp_path: Path) -> None:
    """A configuration is whole only with templates that work: file, line and mistake are named."""
    secret = tmp_path / "kiosk-01.secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    (tmp_path / "own").mkdir()
    example = GUIDE.parents[2] / "systemd" / "examples" / "book-drop.toml"
    text = example.read_text(encoding="utf-8") + '\n[receipts]\ntemplates = "own"\n'
    (tmp_path / "kiosk.toml").write_text(text, encoding="utf-8")

    whole = CliRunner().invoke(app, ["check", str(tmp_path / "kiosk.toml")])
    (tmp_path / "own" / "returns.txt").write_text("one\n{% for line in lines %}")
    wrong = CliRunner().invoke(app, ["check", str(tmp_path / "kiosk.toml")])

    assert (whole.exit_code, wrong.exit_code) == (0, 2)
    assert "[receipts] templates: " in wrong.output
    assert "returns.txt, line 2: " in wrong.output
