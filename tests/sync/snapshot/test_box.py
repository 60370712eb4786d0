"""The box a snapshot travels in: opened whole by its own terminal, refused with its own reason otherwise."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.snapshot import box as boxes
from sync.snapshot.box import Flaw, SnapshotRefused, open_box, read_label, seal
from sync.snapshot.content import Snapshot
from sync.snapshot.keeping import SnapshotFile
from sync.snapshot.sealed_form import from_json, to_json
from tests.kit.effort import effort
from tests.kit.power_cut import Cut, power_until
from tests.sync.snapshot.samples import ISSUER, KEYS, NOW, READER, SIGNING, TERMINAL, snapshot

BOX = seal(snapshot(), KEYS.key, SIGNING)


def opened(box: bytes = BOX, **other: object) -> Snapshot:
    given_: dict[str, object] = {"terminal": TERMINAL, "key": KEYS.key, "issuer": ISSUER, "now": NOW}
    return open_box(box, **(given_ | other))  # type: ignore[arg-type]


def flaw(box: bytes = BOX, **other: object) -> Flaw:
    with pytest.raises(SnapshotRefused) as caught:
        opened(box, **other)
    return caught.value.flaw


def signed(body: bytes) -> bytes:
    return body + SIGNING.sign(body)


def boxed(plain: bytes, label: dict[str, object] | None = None) -> bytes:
    """A box that is in order as a box, with *plain* compressed in it."""
    text = json.dumps(label or {"terminal": TERMINAL, "number": 7, "issued_at": NOW.isoformat()}).encode()
    head = struct.pack(">8sBH", boxes.MAGIC, boxes.VERSION, len(text)) + text
    return signed(head + bytes(12) + AESGCM(KEYS.key).encrypt(bytes(12), plain, head))


def test_its_own_terminal_reads_what_was_put_in() -> None:
    """Everything comes back, and with the pepper the patrons are found."""
    made = snapshot()
    found = opened(seal(made, KEYS.key, SIGNING))

    assert found == replace(made, pepper=None)
    assert found.patron(READER) is None
    explained = found.explained_by(KEYS.pepper)
    assert explained.patron(READER) == made.patron(READER) is not None


def test_the_label_is_read_without_any_key() -> None:
    """Whoever holds the file sees for whom it is, its number and its date, and no more."""
    label = read_label(BOX)

    assert (label.terminal, label.number, label.issued_at) == (TERMINAL, 7, NOW)


def test_every_altered_byte_is_noticed() -> None:
    """No byte of the box can be changed without the box being refused."""
    small = seal(replace(snapshot(), patrons=snapshot().on_hold), KEYS.key, SIGNING)
    for place in range(len(small)):
        altered = bytearray(small)
        altered[place] ^= 0x41

        assert flaw(bytes(altered)) in (Flaw.NOT_A_SNAPSHOT, Flaw.VERSION, Flaw.SIGNATURE), place


def test_a_box_cut_off_anywhere_is_refused() -> None:
    """However much of the end is missing."""
    for length in {*range(200), len(BOX) // 2, len(BOX) - 65, len(BOX) - 1}:
        assert flaw(BOX[:length]) in (Flaw.NOT_A_SNAPSHOT, Flaw.SIGNATURE)


@settings(max_examples=effort(300), deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Whatever lies in the file, nothing but the box's own error comes out."""
    assert flaw(data) in (Flaw.NOT_A_SNAPSHOT, Flaw.VERSION)
    assert flaw(BOX[:20] + data) in (Flaw.NOT_A_SNAPSHOT, Flaw.SIGNATURE)


def test_each_wrong_owner_time_and_key_has_its_own_reason() -> None:
    """Staff read why a snapshot is not used, not merely that it is not."""
    stranger = Ed25519PrivateKey.generate()

    assert flaw(key=b"x" * 32) is Flaw.WRONG_KEY
    assert flaw(seal(snapshot(), KEYS.key, stranger)) is Flaw.SIGNATURE
    assert flaw(terminal="kiosk-02") is Flaw.OTHER_TERMINAL
    assert flaw(number_min=8) is Flaw.OLDER
    assert flaw(now=NOW - timedelta(hours=1, seconds=1)) is Flaw.FUTURE
    assert flaw(BOX[:8] + b"\x02" + BOX[9:]) is Flaw.VERSION
    assert flaw(b"") is Flaw.NOT_A_SNAPSHOT
    assert flaw(bytes(boxes.BOX_BYTES_MAX + 1)) is Flaw.TOO_LARGE


def test_the_same_number_again_and_a_clock_slightly_behind_are_no_flaws() -> None:
    """The file that lies there is opened at every start, and two clocks are never quite the same."""
    assert opened(number_min=7).number == 7
    assert opened(now=NOW - timedelta(minutes=59)).number == 7


def test_a_bomb_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small box of very many zeros is refused as too large, within the memory that is allowed."""
    monkeypatch.setattr(boxes, "PLAIN_BYTES_MAX", 1_000_000)

    assert flaw(boxed(zlib.compress(bytes(50_000_000), 9))) is Flaw.TOO_LARGE


def test_a_snapshot_no_terminal_would_open_is_not_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The issuer is told at once."""
    monkeypatch.setattr(boxes, "PLAIN_BYTES_MAX", 1_000)
    with pytest.raises(SnapshotRefused) as caught:
        seal(snapshot(), KEYS.key, SIGNING)

    assert caught.value.flaw is Flaw.TOO_LARGE


CONTENT = json.loads(to_json(snapshot()))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"number": 8},
        {"number": True},
        {"terminal": "kiosk-02"},
        {"issued_at": "yesterday"},
        {"issued_at": "2026-05-12T08:00:00"},
        {"salt": "00"},
        {"items": ["30990000000000"]},
        {"items": "30990000000000\t0"},
        {"items": "书\t0\n"},
        {"kinds": {"type": "book"}},
        {"kinds": [{"type": "book", "use": "burning"}]},
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"currency": "yuan"},
        {"calendar": {"weekdays": [7]}},
        {"calendar": {"weekdays": [True]}},
        {"calendar": {"days": ["2026-02-30"]}},
        {"categories": {"adult": {"loans_max": -1}}},
        {"categories": {"adult": {"loans_max": 3, "extra": 1}}},
        {"item_types": {"BOOK": {"magnetic": False}}},
        {"loan_terms": {"adult": {"book": {"days": 1.5}}}},
        {"names": []},
    ],
)
def test_signed_nonsense_is_the_issuers_fault(change: dict[str, object]) -> None:
    """A content that breaks its layout is refused as a whole, before anything is decided by it."""
    plain = json.dumps(CONTENT | change).encode()

    assert flaw(boxed(zlib.compress(plain))) is Flaw.CONTENT


@pytest.mark.parametrize(
    "packed",
    [b"", b"nonsense", zlib.compress(b"[" * 100_000), zlib.compress(b"{}"), zlib.compress(b"{}")[:-1]],
)
def test_signed_garbage_is_the_issuers_fault(packed: bytes) -> None:
    """What is not even a compressed object is refused like any other nonsense."""
    assert flaw(boxed(packed)) is Flaw.CONTENT


def test_the_sealed_json_comes_back_as_it_went_in() -> None:
    """Writing what was read gives the same bytes."""
    plain = to_json(snapshot())

    assert to_json(from_json(plain)) == plain


def test_the_file_keeps_the_newest_and_never_goes_back(tmp_path: Path) -> None:
    """An older snapshot is refused over the network and in the file's place, also after a restart."""
    path = tmp_path / "snapshot.box"
    old, new = (seal(snapshot(number), KEYS.key, SIGNING) for number in (7, 8))
    file = SnapshotFile(path, KEYS)
    assert file.load(NOW) is None
    assert file.accept(old, NOW).number == 7
    assert file.accept(new, NOW).number == 8

    with pytest.raises(SnapshotRefused) as refused:
        SnapshotFile(path, KEYS).accept(old, NOW)
    assert refused.value.flaw is Flaw.OLDER
    kept = SnapshotFile(path, KEYS).load(NOW)
    assert kept is not None
    assert kept.number == 8
    path.write_bytes(old)
    with pytest.raises(SnapshotRefused) as replaced:
        SnapshotFile(path, KEYS).load(NOW)
    assert replaced.value.flaw is Flaw.OLDER


def test_the_file_is_private_and_whole(tmp_path: Path) -> None:
    """Mode 0600, nothing left beside it, and a file that others may read is not used."""
    path = tmp_path / "snapshot.box"
    file = SnapshotFile(path, KEYS)
    file.accept(BOX, NOW)

    assert sorted(one.name for one in tmp_path.iterdir()) == ["snapshot.box", "snapshot.box.number"]
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}
    path.chmod(0o644)
    with pytest.raises(SnapshotRefused) as refused:
        file.load(NOW)
    assert refused.value.flaw is Flaw.UNREADABLE


def test_what_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """A full or missing disk is told, and what was there stays in use."""
    folder = tmp_path / "gone"
    with pytest.raises(SnapshotRefused) as refused:
        SnapshotFile(folder / "snapshot.box", KEYS).accept(BOX, NOW)

    assert refused.value.flaw is Flaw.NOT_KEPT


def test_a_half_written_newcomer_is_no_snapshot(tmp_path: Path) -> None:
    """What a cut left beside the file is never read and does not stop the next one."""
    path = tmp_path / "snapshot.box"
    (tmp_path / ".snapshot.box.new").write_bytes(BOX[:100])
    file = SnapshotFile(path, KEYS)

    assert file.load(NOW) is None
    assert file.accept(BOX, NOW).number == 7


def test_a_cut_while_a_snapshot_comes_leaves_the_old_or_the_new_one(tmp_path: Path) -> None:
    """Whenever the power goes, the terminal has a whole snapshot afterwards, and takes the new one at the next try."""
    old, new = (seal(snapshot(number), KEYS.key, SIGNING) for number in (7, 8))
    with power_until(10**9) as made:
        SnapshotFile(tmp_path / "counted.box", KEYS).accept(new, NOW)
    found = set()
    for count in range(made[0]):
        path = tmp_path / str(count) / "snapshot.box"
        path.parent.mkdir()
        SnapshotFile(path, KEYS).accept(old, NOW)
        with power_until(count), pytest.raises(Cut):
            SnapshotFile(path, KEYS).accept(new, NOW)
        kept = SnapshotFile(path, KEYS).load(NOW)
        assert kept is not None
        found.add(kept.number)
        assert SnapshotFile(path, KEYS).accept(new, NOW).number == 8

    assert found == {7, 8}
