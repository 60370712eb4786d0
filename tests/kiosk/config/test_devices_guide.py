"""The installer's table of drivers names what can be configured, all of it and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers.catalog import DRIVERS, find
from kiosk.config.loading import KINDS, LINK_CHECKS

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "devices.md"
Row = tuple[str, str, str, str]


def rows() -> list[Row]:
    """Section, driver, links and further reading of each row; an empty section is that of the row above."""
    table = GUIDE.read_text(encoding="utf-8").partition("| section | `driver` |")[2].partition("\n\n")[0]
    told: list[Row] = []
    for line in table.splitlines()[2:]:
        section, driver, _, links, more = (cell.strip() for cell in line.strip("|").split("|"))
        told.append((section.strip("`[]") or told[-1][0], driver.strip("`"), links, more))
    return told


def test_every_driver_that_can_be_configured_has_its_row() -> None:
    """No driver has to be guessed, and none is promised that is not there."""
    configured = {
        (section, driver.name)
        for section, kind in KINDS.items()
        for driver in DRIVERS
        if kind in driver.kinds
    }

    assert {(section, driver) for section, driver, _, _ in rows()} == configured


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[1])
def test_a_row_shows_links_the_driver_takes_and_leads_to_its_page(row: Row) -> None:
    """Each link can be written as it stands, with a host and a port of one's own, and what is named exists."""
    section, driver, links, more = row
    check = LINK_CHECKS[find(driver, KINDS[section]).link_kind]
    urls = re.findall(r"`([a-z]+:[^`]+)`", links)
    pages = re.findall(r"`(drivers/[^`]+)`|\]\(\.\./\.\./([^)]+)\)", more)

    assert urls
    for url in urls:
        check(url.replace("HOST", "192.0.2.10").replace("PORT", "10001"))
    assert more == "below" or all((GUIDE.parents[2] / "".join(page)).is_file() for page in pages)
    assert more == "below" or pages
