"""A patron's number is in the file only as long as somebody needs it, and never in clear."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from sync.entries import (
    Answered,
    CaseClosed,
    CaseEnd,
    CaseOpened,
    CaseReason,
    Due,
    Granted,
    Intended,
    Money,
    Pay,
    PaymentApproved,
    PaymentReversed,
    PinAccepted,
    PinRefused,
    Reason,
    Refused,
    Row,
    Settlement,
    TakenBack,
    patron_id,
)
from sync.journal.codec import WIPED
from sync.journal.journal import Journal
from tests.sync.journal.samples import (
    NOON,
    granted,
    key_of,
    lending,
    paying,
    posted,
    releasing,
    reporting,
    returning,
    secured,
    securing,
    settled,
    whole_loan,
    whole_return,
)

Opened = Callable[[], Journal]
CANARY = patron_id("CANARY7351902846")
FORMS = {
    "UTF-8": CANARY.reveal().encode(),
    "GBK": CANARY.reveal().encode("gbk"),
    "UTF-16LE": CANARY.reveal().encode("utf-16-le"),
    "hex": CANARY.reveal().encode().hex().encode(),
    "HEX": CANARY.reveal().encode().hex().upper().encode(),
    **{
        f"base64 at {shift}": base64.b64encode(b"x" * shift + CANARY.reveal().encode())[4:-4]
        for shift in range(3)
    },
}


def on_disk(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def boxes_of(path: Path) -> list[bytes]:
    """Every box, read from a copy: the journal itself is locked."""
    copy = path.parent.with_name("copy")
    copy.mkdir(exist_ok=True)
    for file in path.parent.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    connection = apsw.Connection(str(copy / path.name))
    return [
        bytes(box)
        for (box,) in connection.execute("SELECT box FROM sealed").fetchall()
        if isinstance(box, bytes)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state" / "journal.sqlite"


def test_a_patrons_number_is_never_on_the_disk_in_clear(journal: Journal, path: Path) -> None:
    """Before and after settling and wiping, no file of the journal holds the number in any encoding."""
    key = key_of(journal, 1)
    seen = []
    batches: tuple[list[Row], ...] = (
        [lending(key, patron=CANARY)],
        [PinRefused(NOON, CANARY)],
        [granted(key, f"Hello {CANARY.reveal()}")],
        [CaseOpened(key, NOON, CaseReason.RELEASE_UNKNOWN, CANARY.reveal())],
        [settled(key, Settlement.CASE), PinAccepted(NOON, CANARY)],
    )
    for batch in batches:
        journal.append(batch)
        seen.append(on_disk(path))
    whole_loan(journal, 2, patron=CANARY)
    journal.tidy()
    seen.append(on_disk(path))
    journal.close()
    seen.append(on_disk(path))

    assert [name for name, form in FORMS.items() if any(form in image for image in seen)] == []


def test_whoever_gave_back_or_paid_is_never_on_the_disk_in_clear(opened: Opened, path: Path) -> None:
    """Whose loan a return ended, who waits for the item, who paid with which card, the terminal's receipts and who
    reported an item: sealed while needed, wiped with the end, and then nobody's; sums and references stay."""
    journal = opened()
    back, pay, report, undone = (key_of(journal, event) for event in range(1, 5))
    name = CANARY.reveal()
    granted_back = Granted(Due(None), back=TakenBack(True, CANARY, CANARY, sort_bin="3"), messages=(name,))
    refused = Answered(undone, NOON, Refused(Reason.FEE_GONE))
    batches: tuple[list[Row], ...] = (
        [returning(back), securing(back), paying(pay, CANARY), paying(undone, CANARY)],
        [reporting(report, by=name), secured(back)],
        [Answered(back, NOON, granted_back), PaymentApproved(pay, NOON, "42", "T", name, (name, "3.50"))],
        [PaymentApproved(undone, NOON, "43", "T"), refused, PaymentReversed(undone, NOON, "44", (name,))],
        [settled(back), posted(pay), settled(pay), granted(report), settled(report)],
        [settled(undone, Settlement.UNDONE)],
    )
    seen = []
    for batch in batches:
        journal.append(batch)
        seen.append(on_disk(path))
    assert journal.tidy() == 7
    assert boxes_of(path) == []
    journal.close()
    seen.append(on_disk(path))
    again = opened()

    assert [form for form in FORMS if any(FORMS[form] in image for image in seen)] == []
    entries = {key: entry for key in (back, pay, report, undone) if (entry := again.entry(key))}
    answer = entries[back].answer
    assert isinstance(answer, Granted)
    assert answer.back == TakenBack(True, None, None, sort_bin="3")
    paid = entries[pay].promise
    assert isinstance(paid, Pay)
    assert (paid.patron, paid.amount, [part.fee for part in paid.parts]) == (
        WIPED,
        Money(350, "CNY"),
        ["F-1", "F-2"],
    )
    assert entries[pay].approved == PaymentApproved(pay, NOON, "42", "T")
    assert name not in repr(entries)
    assert again.verify().is_whole


def test_a_return_that_is_open_is_found_by_its_empty_box(opened: Opened, path: Path) -> None:
    """Nobody says who they are when they give back: the entry is sealed all the same, so that a start finds it among
    however many settled ones; where the box is lost `verify` says so."""
    journal = opened()
    for event in range(1, 30):
        whole_return(journal, event)
    waiting, asked = key_of(journal, 40), key_of(journal, 41)
    journal.append([returning(waiting), securing(waiting), reporting(asked)])
    journal.tidy()
    assert len(boxes_of(path)) == 2
    journal.close()

    again = opened()

    assert [entry.key for entry in again.unsettled()] == [waiting, asked]
    assert again.unsettled()[0].is_secure_open
    again._connection.execute("DELETE FROM sealed")
    faults = again.verify().faults
    assert [fault.what for fault in faults] == ["the entry is open and its box is gone"] * 2


def test_the_search_finds_a_number_that_is_there(journal: Journal, path: Path) -> None:
    """Were the number in a row's body, the search above would see it."""
    journal.append([lending(key_of(journal, 1), CANARY.reveal())])

    assert FORMS["UTF-8"] in on_disk(path)


def test_a_settled_loan_is_wiped_out_of_file_and_log(opened: Opened, path: Path) -> None:
    """After `tidy` not one byte of the sealed number is left in file or log, and nobody can read it again."""
    journal = opened()
    key = whole_loan(journal, 1, patron=CANARY)
    boxes = boxes_of(path)
    assert len(boxes) == 1
    assert all(box in on_disk(path) for box in boxes)

    assert journal.tidy() == 1

    pieces = [box[i : i + 12] for box in boxes for i in range(0, len(box) - 12)]
    assert not any(piece in on_disk(path) for piece in pieces)
    journal.close()
    assert not any(piece in on_disk(path) for piece in pieces)
    entry = opened().entry(key)
    assert entry is not None
    assert entry.promise.patron == WIPED
    assert isinstance(entry.rows[0], Intended)


@pytest.mark.parametrize("lacking", ["secure_delete", "checkpoint"])
def test_without_overwriting_or_emptying_the_log_the_box_stays(
    opened: Opened, path: Path, lacking: str
) -> None:
    """Deleting alone leaves the sealed number behind: in the file without `secure_delete`, in the log without the
    checkpoint; the search sees both."""
    journal = opened()
    whole_loan(journal, 1, patron=CANARY)
    (box,) = boxes_of(path)
    journal.close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    if lacking == "checkpoint":
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("INSERT INTO sealed SELECT number + 1, box FROM sealed")
        connection.execute("DELETE FROM sealed")
    else:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM sealed")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    assert box[:12] in on_disk(path) or box[-12:] in on_disk(path)


def test_what_is_open_keeps_its_patron(opened: Opened) -> None:
    """`tidy` never touches an entry that is not settled, nor one with a case, also after a restart."""
    journal = opened()
    waiting, case, done = (key_of(journal, event) for event in (1, 2, 3))
    journal.append(
        [lending(waiting, patron=CANARY), lending(case, patron=CANARY), lending(done, patron=CANARY)]
    )
    journal.append(
        [granted(case), releasing(case), CaseOpened(case, NOON, CaseReason.RELEASE_UNKNOWN, "gone")]
    )
    journal.append([settled(case, Settlement.CASE), granted(done), settled(done)])

    assert journal.tidy() == 1
    assert journal.tidy() == 0
    journal.close()
    again = opened()

    patrons = [
        entry.promise.patron for key in (waiting, case, done) if (entry := again.entry(key)) is not None
    ]
    assert patrons == [CANARY, CANARY, WIPED]
    assert [entry.key for entry in again.unsettled()] == [waiting]
    assert again.verify().is_whole


def test_a_case_keeps_its_patron_until_staff_close_it(opened: Opened, path: Path) -> None:
    """Who a case is about, what it says and who closed it are wiped once the entry is settled and no case is open;
    a case opened again keeps them."""
    journal = opened()
    twice, once = key_of(journal, 1), key_of(journal, 2)
    for key in (twice, once):
        journal.append([lending(key, patron=CANARY), CaseOpened(key, NOON, CaseReason.LOAN_REFUSED, "no")])
    journal.append([CaseClosed(once, NOON, "Li", CaseEnd.LENT_AT_DESK, CANARY.reveal())])
    assert journal.tidy() == 0
    journal.append([CaseClosed(twice, NOON, "Li", CaseEnd.NOT_FOUND)])
    journal.append([CaseOpened(twice, NOON, CaseReason.OUTCOME_UNKNOWN), settled(twice, Settlement.CASE)])
    journal.append([settled(once, Settlement.CASE)])
    journal.close()
    again = opened()

    assert again.tidy() == 3
    left = again.entry(twice)
    assert left is not None
    assert left.promise.patron == CANARY
    again.append([CaseClosed(twice, NOON, "Li", CaseEnd.LENT_AT_DESK)])

    assert again.tidy() == 4
    assert boxes_of(path) == []
    wiped = again.entry(twice)
    assert wiped is not None
    assert (wiped.promise.patron, wiped.has_open_case) == (WIPED, False)
    assert {(row.by, row.note) for row in wiped.rows if isinstance(row, CaseClosed)} == {("", "")}
    assert again.verify().is_whole


def test_a_right_pin_leaves_nothing_to_wipe_later(journal: Journal, path: Path) -> None:
    """A right PIN without wrong ones before seals nothing; with some, all of them go at the next `tidy`."""
    journal.append([PinAccepted(NOON, CANARY)])
    assert boxes_of(path) == []

    journal.append([PinRefused(NOON, CANARY), PinRefused(NOON + timedelta(seconds=1), CANARY)])
    journal.append([PinAccepted(NOON, CANARY)])

    assert journal.tidy() == 3
    assert boxes_of(path) == []


def test_the_same_patron_never_looks_the_same(journal: Journal, path: Path) -> None:
    """Two rows about one patron cannot be matched by anything in them: token and box differ."""
    whole_loan(journal, 1, patron=CANARY)
    whole_loan(journal, 2, patron=CANARY)
    journal.close()

    connection = apsw.Connection(str(path))
    tokens = connection.execute("SELECT token FROM rows WHERE token IS NOT NULL").fetchall()

    assert len(set(tokens)) == len(tokens) == 2
