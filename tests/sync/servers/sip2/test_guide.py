"""The guide says of each profile what the profile says."""

from __future__ import annotations

from pathlib import Path

from sync.servers.sip2.profile import LISTS, Profile, profile, profile_names

GUIDE = Path(__file__).parents[4] / "docs" / "guides" / "sip2.md"


def row_of(one: Profile) -> list[str]:
    answers = [
        "37" in one.supports,
        bool(one.fee_details),
        one.pays_several,
        one.checks_payments,
        one.names_borrower,
    ]
    lists = "all" if set(one.lists) == LISTS else ", ".join(one.lists)
    words = ["yes" if answer else "no" for answer in answers]
    return [one.name, *words, one.offline_return, lists, "yes" if "19" in one.supports else "no"]


def test_the_table_of_the_guide_is_true() -> None:
    """Every profile has its row, and every cell is as in the profile."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| profile |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    assert rows == [row_of(profile(name)) for name in profile_names()]
