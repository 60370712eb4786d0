"""A library's own file for its snapshots: read as a whole, or refused by the place of the first mistake."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from sync.entries import item_id, patron_id
from sync.questions import MayLend
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.rules.terms import CardStatus, Use
from sync.snapshot.drawing import draw
from sync.snapshot.extract import ItemKind
from sync.snapshot.fields import ContentWrong
from sync.snapshot.lending import NOTHING, may_lend
from sync.snapshot.plain_file import read_plain_file
from tests.sync.snapshot.samples import FILE, NOW


def changed(path: str, value: object) -> bytes:
    """The file with what stands at *path* replaced."""
    file = copy.deepcopy(FILE)
    *way, last = path.split("/")
    at: Any = file
    for step in way:
        at = at[int(step) if step.isdecimal() and isinstance(at, list) else step]
    at[int(last) if isinstance(at, list) else last] = value
    return json.dumps(file).encode()


def test_a_whole_file_is_read_and_a_snapshot_drawn_of_it() -> None:
    """What the school wrote down is what its terminal lends by."""
    extract = read_plain_file(json.dumps(FILE).encode())

    assert extract.items[item_id("1002")] == ItemKind("book", Use.REFERENCE, stays_secured=True)
    assert extract.patrons[patron_id("P-2")].card is CardStatus.LOST
    assert extract.on_loan == {item_id("1001"): patron_id("P-1")}
    snapshot = draw(extract, "kiosk-01", 1, NOW, bytes(32)).snapshot
    policy = OfflinePolicy(OfflineLending.WITHIN_LIMITS)
    found = may_lend(snapshot, MayLend(item_id("1002"), patron_id("P-1")), NOTHING, NOW, policy)
    assert found.refusal is not None


def test_a_hash_no_terminal_could_judge_is_left_out_and_counted() -> None:
    """A hash of another kind, or one that would hold the terminal up for minutes, is not taken along."""
    for hashed in ("$2b$12$abc", "$argon2id$v=19$m=4000000,t=2,p=1$c29tZXNhbHQ$" + "A" * 43):
        extract = read_plain_file(changed("patrons/0/pin_hash", hashed))
        assert draw(extract, "kiosk-01", 1, NOW, bytes(32)).pins_left_out == 1


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("library", "x\ny", "library: must read"),
        ("zone", "Mars/Olympus", "zone: must be an IANA name"),
        ("calendar/weekdays", [9], "calendar.weekdays: must be weekdays"),
        ("calendar/days", ["1 October"], "calendar.days[0]: must be a day"),
        ("categories/pupil", {}, "categories.pupil.loans_max: is missing"),
        ("item_types/book/magnetic", "no", "item_types.book.magnetic: must be true or false"),
        ("loan_terms/pupil/book/days", -1, "loan_terms.pupil.book.days: must be a whole number"),
        ("items/1/number", "10|02", "items[1].number: an identifier"),
        ("items/1/number", "1001", "items[1].number: stands in the list twice"),
        ("items/1/type", "scroll", "items[1].type: is not among item_types"),
        ("items/1/use", "burning", "items[1].use: must be one of"),
        ("items/1/title", "A title", "items[1]: has a field that means nothing"),
        ("items", {}, "items: must be a list"),
        ("patrons/0/number", 7, "patrons[0].number: must be a text"),
        ("patrons/1/number", "P-1", "patrons[1].number: stands in the list twice"),
        ("patrons/0/category", "king", "patrons[0].category: is not among categories"),
        ("patrons/0/expires_on", "soon", "patrons[0].expires_on: must be a day"),
        ("patrons/0/name", "Somebody", "patrons[0]: has a field that means nothing"),
        ("on_loan/1001", "P-9", "on_loan"),
        ("on_hold/1009", "P-1", "on_hold"),
        ("addresses", [], "has a field that means nothing"),
    ],
)
def test_the_first_mistake_is_named_by_its_place_and_never_repeated(
    path: str, value: object, place: str
) -> None:
    """Whoever wrote the file finds it; no card number or name gets into a log that way."""
    with pytest.raises(ContentWrong) as caught:
        read_plain_file(changed(path, value))

    assert place in str(caught.value)
    assert "Somebody" not in str(caught.value)
    assert "P-9" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b'{"library": ', b"[" * 200_000, b"9" * 10_000])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    """With one sentence, whatever it is."""
    with pytest.raises(ContentWrong, match="the file"):
        read_plain_file(data)
