"""What the guide to returns shows can be written as it stands, and names every route there is."""

from __future__ import annotations

import re
from pathlib import Path

from kiosk.config.loading import load
from kiosk.runtime.session_settings import session_settings
from kiosk.workflow.settings import Service
from sync.entries import CaseReason
from sync.rules.sorting import Bin, Colour, Route

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "returns.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "systemd" / "examples" / "book-drop.toml"


def test_the_sections_of_the_guide_can_be_used(tmp_path: Path) -> None:
    """Put into a configuration they give the services, bins and routes that they say."""
    services, sorting = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    terminal = (
        EXAMPLE.read_text(encoding="utf-8").partition("[book_drop]")[0].replace("[session]\n", services)
    )
    server = "[server]" + EXAMPLE.read_text(encoding="utf-8").partition("[server]")[2]
    secret = tmp_path / "kiosk-01.secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    secret.chmod(0o600)
    (tmp_path / "kiosk.toml").write_text(terminal + sorting + server, encoding="utf-8")

    settings = session_settings(load(tmp_path / "kiosk.toml"))

    assert set(settings.services) == set(Service)
    assert settings.sorting.branch == "MAIN"
    assert settings.sorting.bins[settings.sorting.by_route[Route.HOLD_HERE]] == Bin(
        "3", "Hold shelf", Colour.YELLOW
    )


def test_every_route_and_every_case_of_the_guide_is_there() -> None:
    """No name has to be guessed, and none is promised that is not there."""
    (told,) = re.findall(r"Routes are (.*?)\.", GUIDE, re.DOTALL)

    assert set(re.findall(r"`([a-z-]+)`", told)) == {route.value for route in Route}
    cases = set(re.findall(r"case `([a-z-]+)`", GUIDE))
    assert cases <= {reason.value for reason in CaseReason}
    assert {"return-not-secured", "return-refused", "return-unknown", "parts-missing", "not-in-bin"} == cases
