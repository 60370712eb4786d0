"""An export tells all and names nobody, and whoever has the chain's key can check it alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sync.journal import codec
from sync.journal.care.export import check_export, exported
from sync.journal.care.publishing import CareRefused
from sync.journal.journal import Journal
from sync.journal.keys import HEADING
from sync.journal.settings import JournalSettings
from tests.sync.journal.samples import (
    KEYS,
    NOON,
    OTHER_KEYS,
    PATRON,
    CountingClock,
    key_of,
    lending,
    whole_loan,
)

NOW = NOON.isoformat()
Altering = Callable[[list[str]], list[str]]


@pytest.fixture
def lines(journal: Journal) -> list[str]:
    """The export of ten loans and one that is open."""
    for event in range(1, 11):
        whole_loan(journal, event)
    journal.append([lending(key_of(journal, 11))])
    return list(exported(journal._file, NOW))


def test_an_export_can_be_checked_without_the_journal(lines: list[str]) -> None:
    """Every row is in it, and the chain holds from the first to the last."""
    report = check_export(lines, KEYS)

    assert (report.first, report.rows, report.faults) == (1, 51, ())


def test_nobody_is_named_in_an_export(lines: list[str]) -> None:
    """The number of the patron of an open loan is in no line, nor what was charged to them; nor is a box."""
    text = "\n".join(lines)

    assert PATRON.reveal() not in text
    assert "10000099" not in text
    assert set(json.loads(lines[1])) == {
        "number", "entry", "kind", "key", "destination", "position", "token", "body", "link",
    }  # fmt: skip


ALTERED: dict[str, Altering] = {
    "a row altered": lambda lines: [line.replace("10000001", "10000002", 1) for line in lines],
    "a row gone": lambda lines: [*lines[:4], *lines[5:]],
    "a row doubled": lambda lines: [*lines[:4], lines[4], *lines[4:]],
    "rows exchanged": lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]],
    "the last row gone": lambda lines: [*lines[:-2], lines[-1]],
    "the end gone": lambda lines: lines[:-1],
    "something behind the end": lambda lines: [*lines, lines[4]],
    "the beginning of another": lambda lines: [lines[0].replace('"before":"', '"before":"00'), *lines[1:]],
    "no beginning": lambda lines: lines[1:],
    "no JSON": lambda lines: [*lines[:4], "hello", *lines[5:]],
    "nested too deeply": lambda lines: [*lines[:4], "[" * 100_000, *lines[5:]],
    "a number too great": lambda lines: [line.replace('"position":1,', f'"position":{2**70},') for line in lines],
    "nothing": lambda lines: [],
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_export_is_found_out(lines: list[str], name: str) -> None:
    """Whatever is altered, left out or added is a fault with its line, and never an exception."""
    assert not check_export(ALTERED[name](lines), KEYS).is_whole


def test_a_wrong_key_checks_nothing(lines: list[str]) -> None:
    """With another key no row is what was written."""
    assert not check_export(lines, OTHER_KEYS).is_whole


def test_closed_segments_are_exported_by_themselves(path: Path) -> None:
    """A range of them begins behind the one before and can be checked alone; what is not closed is refused."""
    clock = CountingClock()
    journal = Journal.open(path, KEYS, clock.now, JournalSettings(segment_rows=20))
    for event in range(1, 14):
        whole_loan(journal, event)
    journal.tidy()
    assert len(journal.segments()) == 3

    report = check_export(exported(journal._file, NOW, (2, 3)), KEYS)

    assert (report.first, report.rows, report.faults) == (21, 40, ())
    for segments in ((3, 2), (1, 4), (0, 1)):
        with pytest.raises(CareRefused, match="what there is: 1 to 3"):
            list(exported(journal._file, NOW, segments))
    journal.close()


def test_the_guide_has_every_kind_of_row() -> None:
    """Whoever reads an export finds what each line is."""
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "journal.md").read_text(encoding="utf-8")
    told = guide.split("Kinds are ")[1].split("No\nline names")[0]
    kinds = {value for name, value in vars(codec).items() if name.isupper() and isinstance(value, str)}

    assert {codec.DAY_CLOSED, codec.RESTORED} <= kinds
    assert {kind for kind in kinds if f"`{kind}`" not in told} == set()


def test_a_stranger_checks_an_export_by_the_guide(
    lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program printed in the guide accepts an export and finds an altered row, with the chain's key alone."""
    guide = (Path(__file__).parents[4] / "docs" / "guides" / "journal.md").read_text(encoding="utf-8")
    deriving, checking = (block.split("```")[0] for block in guide.split("```python\n")[1:])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "journal.key").write_text(f"{HEADING}\n{bytes(range(32)).hex()}\n", encoding="ascii")
    known: dict[str, object] = {}
    exec(deriving, known)
    assert known["chain_key"] == KEYS.chain
    (tmp_path / "journal.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    exec(checking, {"chain_key": KEYS.chain})

    altered = "\n".join(lines).replace("10000001", "10000002", 1)
    (tmp_path / "journal.jsonl").write_text(altered + "\n", encoding="utf-8")

    with pytest.raises(AssertionError, match="1"):
        exec(checking, {"chain_key": KEYS.chain})
