"""A terminal enrolled at a real central: from the staff's code to the first loan it could make by itself."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from drivers.link.clock import RealClock
from drivers.link.memory import VirtualClock
from drivers.masked import Secret
from sync.central import demo
from sync.central.circulation.secrets import CHEAP
from sync.central.serve import CentralSettings, Ready, serve
from sync.central.snapshot_office.staff import code_for
from sync.enrolment import NotEnrolled, enrol_at_central
from sync.entries import ItemId, PatronId
from sync.questions import MayLend
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.servers.central_office import CentralOffice
from sync.servers.ils import LoginRefused
from sync.snapshot.keeping import SnapshotFile
from sync.snapshot.keys import SnapshotKeys
from sync.snapshot.lending import NOTHING, may_lend

CLOCK = RealClock()


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> CentralSettings:
    folder = tmp_path / "central"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "central.db")
    return CentralSettings(
        f"sqlite:///{folder / 'central.db'}",
        sip2_port=None,
        rest_port=0,
        institution=demo.INSTITUTION,
        library_name=demo.NAME,
        zone=demo.ZONE,
        hash_cost=CHEAP,
    )


@contextmanager
def served(settings: CentralSettings) -> Iterator[int]:
    """Central runs; gives its REST port."""
    is_ready, stop = threading.Event(), threading.Event()
    where: list[Ready] = []

    def tell(ready: Ready) -> None:
        where.append(ready)
        is_ready.set()

    thread = threading.Thread(target=serve, args=(settings, tell, stop))
    thread.start()
    assert is_ready.wait(30)
    port = where[0].rest_port
    assert port is not None
    yield port
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.fixture
def office(settings: CentralSettings) -> Iterator[CentralOffice]:
    with served(settings) as port:
        yield CentralOffice(f"http://127.0.0.1:{port}", CLOCK)


def test_a_terminal_goes_from_a_code_to_lending_by_itself(
    settings: CentralSettings, office: CentralOffice, tmp_path: Path
) -> None:
    """The staff's code makes the identity; with it the terminal fetches, keeps and believes its snapshot."""
    folder = tmp_path / "identity"
    code = code_for(settings, "kiosk-01", CLOCK)
    lines = enrol_at_central(folder, office, code, CLOCK)
    token = Secret((folder / "server.token").read_text().strip())
    keys = SnapshotKeys.from_files(
        "kiosk-01", folder / "snapshot.key", folder / "snapshot.pepper", folder / "central.pub"
    )
    box = office.snapshot(token, 0)
    assert box is not None
    snapshot = SnapshotFile(tmp_path / "snapshot.box", keys).accept(box, CLOCK.now())

    wish = MayLend(ItemId(demo.ITEMS_FREE[0]), PatronId(demo.READER))
    policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS)
    assert may_lend(snapshot, wish, NOTHING, CLOCK.now(), policy).refusal is None
    assert office.snapshot(token, snapshot.number) is None
    assert 'name = "kiosk-01"' in lines
    assert code.reveal() not in "\n".join(lines)


@pytest.mark.parametrize(
    ("case", "sentence"), [("wrong", "is wrong"), ("used", "used already"), ("expired", "has expired")]
)
def test_a_code_that_is_not_good_makes_nothing(
    settings: CentralSettings, office: CentralOffice, tmp_path: Path, case: str, sentence: str
) -> None:
    """One clear sentence, and no folder."""
    code = Secret("0000-0000-0000-0000")
    if case == "used":
        code = code_for(settings, "kiosk-01", CLOCK)
        enrol_at_central(tmp_path / "first", office, code, CLOCK)
    elif case == "expired":
        code = code_for(settings, "kiosk-01", VirtualClock())
    with pytest.raises(NotEnrolled, match=sentence):
        enrol_at_central(tmp_path / "identity", office, code, CLOCK)

    assert not (tmp_path / "identity").exists()
    assert [one.name for one in tmp_path.iterdir() if "enrolling" in one.name] == []


def test_a_folder_that_cannot_be_used_leaves_the_code_good(
    settings: CentralSettings, office: CentralOffice, tmp_path: Path
) -> None:
    """Whatever is wrong at the terminal is found before the code is used."""
    code = code_for(settings, "kiosk-01", CLOCK)
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "x").touch()
    for folder, sentence in (
        (taken, "never overwritten"),
        (tmp_path / "no" / "where", "no identity could be"),
    ):
        with pytest.raises(NotEnrolled, match=sentence):
            enrol_at_central(folder, office, code, CLOCK)

    assert enrol_at_central(tmp_path / "identity", office, code, CLOCK)


def test_a_central_that_is_away_makes_nothing(tmp_path: Path) -> None:
    """The installer is told that nothing was heard, and the folder is not there."""
    with pytest.raises(NotEnrolled, match="no answer that can be used"):
        enrol_at_central(
            tmp_path / "identity", CentralOffice("http://127.0.0.1:9", CLOCK), Secret("x" * 16), CLOCK
        )

    assert list(tmp_path.iterdir()) == []


def test_secrets_travel_only_to_a_central_that_can_prove_itself(
    settings: CentralSettings, tmp_path: Path
) -> None:
    """Behind a certificate nobody here vouches for, nothing is enrolled, and the code stays good."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    (tmp_path / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    behind_tls = replace(settings, tls_certificate=tmp_path / "chain.pem", tls_key=tmp_path / "key.pem")
    code = code_for(settings, "kiosk-01", CLOCK)
    with served(behind_tls) as port:
        url = f"https://127.0.0.1:{port}"
        with pytest.raises(NotEnrolled, match="no answer that can be used"):
            enrol_at_central(tmp_path / "identity", CentralOffice(url, CLOCK), code, CLOCK)
        trusting = CentralOffice(url, CLOCK, ca_file=tmp_path / "ca.pem")

        assert f'url = "{url}"' in enrol_at_central(tmp_path / "identity", trusting, code, CLOCK)


def test_a_stolen_token_dies_when_the_terminal_is_enrolled_again(
    settings: CentralSettings, office: CentralOffice, tmp_path: Path
) -> None:
    """The library needs nothing but a new code."""
    for folder in ("first", "second"):
        enrol_at_central(tmp_path / folder, office, code_for(settings, "kiosk-01", CLOCK), CLOCK)
    first, second = (
        Secret((tmp_path / name / "server.token").read_text().strip()) for name in ("first", "second")
    )
    with pytest.raises(LoginRefused):
        office.snapshot(first, 0)

    assert office.snapshot(second, 0) is not None
