"""What a terminal decides by its snapshot: the worked examples of the library's own rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from drivers.masked import Secret
from sync.entries import ItemId, PatronId, Reason
from sync.questions import AboutPatron, LendingFacts, MayLend, PatronFacts
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.snapshot.lending import NOTHING, OwnLoans, may_lend, patron_facts, pin_verdict
from tests.sync.snapshot import samples as s

SNAPSHOT = s.snapshot()
POLICY = OfflinePolicy(OfflineLending.WITHIN_LIMITS)


def lend(
    item: ItemId = s.BOOK,
    patron: PatronId = s.READER,
    own: OwnLoans = NOTHING,
    usage: int | None = None,
    already: tuple[ItemId, ...] = (),
    now: datetime = s.NOW,
    policy: OfflinePolicy = POLICY,
) -> LendingFacts:
    return may_lend(SNAPSHOT, MayLend(item, patron, usage, already), own, now, policy)


def facts(patron: PatronId, own: OwnLoans = NOTHING, now: datetime = s.NOW) -> PatronFacts:
    return patron_facts(SNAPSHOT, AboutPatron(patron), own, now)


def test_an_ordinary_book_is_lent_until_an_open_day() -> None:
    """Thirty days from 12 May is 11 June, which is closed: the reader is told the day after, and released it is."""
    found = lend()

    assert found.refusal is None
    assert found.due is not None
    assert (found.due.day, found.due.text) == (date(2026, 6, 12), "")
    assert (found.release, found.magnetic, found.snapshot_at) == (True, False, s.NOW)


def test_the_day_is_the_librarys_own() -> None:
    """At 17:00 UTC it is tomorrow in Shanghai already, and loans count from there."""
    evening = lend(now=datetime(2026, 5, 12, 17, 0, tzinfo=UTC))

    assert evening.due is not None
    assert evening.due.day == date(2026, 6, 12)
    assert lend(now=datetime(2026, 5, 13, 17, 0, tzinfo=UTC)).due != evening.due


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (s.REFERENCE, Reason.ITEM_REFERENCE),
        (s.SPECIAL, Reason.ITEM_SPECIAL_COLLECTION),
        (s.SERIES, Reason.ITEM_LARGE_SERIES),
        (s.PERIODICAL, Reason.ITEM_NOT_FOR_LOAN),
        (s.LOST, Reason.ITEM_LOST),
        (s.HELD, Reason.ITEM_ON_HOLD_FOR_OTHER),
        (s.LENT_TO_READER, Reason.ALREADY_YOURS),
        (s.FILM, Reason.NOT_WITHOUT_SERVER),
        (s.STRANGE_TYPE, Reason.ITEM_NOT_FOR_LOAN),
        (ItemId("77777777777777"), Reason.NOT_WITHOUT_SERVER),
    ],
)
def test_what_is_not_lent_is_refused_with_its_reason_and_never_released(item: ItemId, reason: Reason) -> None:
    """Reference works, special collections, large series, periodicals, holds, fees and what nobody knows."""
    found = lend(item)

    assert (found.refusal, found.release, found.due) == (reason, False, None)


@pytest.mark.parametrize(
    ("patron", "reason"),
    [
        (s.CARD_LOST, Reason.CARD_LOST),
        (s.BLOCKED, Reason.PATRON_BLOCKED),
        (s.OWES, Reason.FEES_OWED),
        (s.EXPIRED, Reason.PATRON_EXPIRED),
        (s.STRANGER, Reason.PATRON_UNKNOWN),
    ],
)
def test_a_card_that_is_stopped_gets_nothing(patron: PatronId, reason: Reason) -> None:
    """A lost card stops working at a terminal that is cut off with its next snapshot."""
    assert lend(patron=patron).refusal is reason
    assert facts(patron).blocks == (() if patron == s.STRANGER else (reason,))
    assert facts(patron).is_known is (patron != s.STRANGER)


def test_a_loan_that_becomes_overdue_meanwhile_stops_the_card_on_that_day() -> None:
    """The snapshot names the day, so a terminal that is cut off for two days knows it too."""
    next_day = s.NOW + timedelta(days=1)

    assert lend(patron=s.OVERDUE).refusal is None
    assert facts(s.OVERDUE).blocks == ()
    assert lend(patron=s.OVERDUE, now=next_day).refusal is Reason.LOANS_OVERDUE
    assert facts(s.OVERDUE, now=next_day).blocks == (Reason.LOANS_OVERDUE,)


def test_an_own_hold_is_lent_and_somebody_elses_is_not() -> None:
    """The reader who was told to fetch the book gets it without the server too."""
    assert lend(s.HELD, s.BORROWER).refusal is None
    assert lend(s.HELD, s.READER).refusal is Reason.ITEM_ON_HOLD_FOR_OTHER


def test_an_age_rating_is_kept() -> None:
    """A child gets children's books and nothing rated above."""
    assert lend(patron=s.CHILD).refusal is None
    assert lend(s.FOR_ADULTS, s.CHILD).refusal is Reason.ITEM_AGE_RATING
    assert lend(s.FOR_ADULTS, s.READER).refusal is None


def test_a_strip_that_must_stay_is_not_released() -> None:
    """The item is lent; its strip is left as it is."""
    found = lend(s.STRIP_STAYS)

    assert (found.refusal, found.release) == (None, False)


def test_magnetic_media_are_told_and_what_is_unclear_stays_unclear() -> None:
    """No strip is desensitised beside a tape, nor where nobody knows."""
    assert lend(s.TAPE).magnetic is True
    assert lend(s.UNCLEAR).magnetic is None


def test_own_loans_count_until_the_server_has_them() -> None:
    """Three at once: one on the account at issue, two more of the terminal's own, and that is all."""
    assert facts(s.READER).loan_count == 1
    assert lend(own=OwnLoans(theirs=(s.TAPE,))).refusal is None
    two = OwnLoans(theirs=(s.TAPE, s.OTHER_BOOK))
    assert lend(own=two).refusal is Reason.LIMIT_REACHED
    assert (facts(s.READER, two).loan_count, facts(s.READER, two).loan_limit) == (3, 3)


def test_a_loan_that_is_in_the_snapshot_and_in_the_own_books_counts_once() -> None:
    """The answer to it is still missing here; the account had it when the snapshot was made."""
    both = OwnLoans(theirs=(s.LENT_TO_READER,))

    assert facts(s.READER, both).loan_count == 1


def test_items_on_their_way_in_this_session_count_too() -> None:
    """A stack is judged book by book, and the one asked about does not count against itself."""
    assert lend(already=(s.OTHER_BOOK, s.BOOK)).refusal is None
    assert lend(already=(s.OTHER_BOOK, s.TAPE)).refusal is Reason.LIMIT_REACHED


def test_the_count_of_a_type_is_kept() -> None:
    """One tape at a time, wherever the first is known from."""
    assert lend(s.TAPE).refusal is None
    assert lend(s.OTHER_TAPE, already=(s.TAPE,)).refusal is Reason.LIMIT_REACHED
    assert lend(s.OTHER_TAPE, own=OwnLoans(theirs=(s.TAPE,))).refusal is Reason.LIMIT_REACHED
    assert lend(s.OTHER_BOOK, own=OwnLoans(theirs=(s.TAPE,))).refusal is None


def test_the_librarys_own_limit_for_provisional_loans_is_kept() -> None:
    """Fewer than the patron's limit, where the library wants that."""
    one = OfflinePolicy(OfflineLending.WITHIN_LIMITS, loans_max=1)

    assert lend(policy=one).refusal is None
    assert lend(policy=one, own=OwnLoans(theirs=(s.TAPE,))).refusal is Reason.OFFLINE_LIMIT
    assert lend(policy=one, already=(s.TAPE,)).refusal is Reason.OFFLINE_LIMIT
    assert lend(policy=OfflinePolicy()).refusal is Reason.NOT_WITHOUT_SERVER


def test_what_this_terminal_lent_is_not_lent_twice_and_what_came_back_is_free() -> None:
    """Only what this terminal itself lent to somebody else, and did not take back, is somebody else's."""
    assert lend(own=OwnLoans(others=(s.BOOK,))).refusal is Reason.ITEM_ON_LOAN_TO_OTHER
    assert lend(own=OwnLoans(theirs=(s.BOOK,))).refusal is Reason.ALREADY_YOURS
    assert lend(s.LENT).refusal is None
    assert lend(s.LENT_TO_READER, own=OwnLoans(returned=(s.LENT_TO_READER,))).refusal is None


def test_the_tag_has_a_say() -> None:
    """An item whose tag forbids it waits for the server, whatever the snapshot says."""
    assert lend(usage=0x13).refusal is Reason.NOT_WITHOUT_SERVER
    assert lend(usage=0x21).refusal is Reason.ITEM_NOT_FOR_LOAN
    assert lend(usage=0x14).refusal is None


def test_nothing_personal_is_told_of_a_patron() -> None:
    """The snapshot has no name, no amount and no list of loans to tell."""
    found = facts(s.READER)

    assert (found.name, found.loans, found.fees_owed, found.messages) == ("", None, None, ())
    assert found.is_pin_right is None


def test_a_pin_is_judged_without_the_server() -> None:
    """Right is right, wrong is wrong, and where there is no verifier nothing is claimed."""
    assert pin_verdict(SNAPSHOT, s.READER, Secret(s.PIN)) is True
    assert pin_verdict(SNAPSHOT, s.READER, Secret("4712")) is False
    assert pin_verdict(SNAPSHOT, s.READER, Secret("")) is False
    assert pin_verdict(SNAPSHOT, s.READER, Secret("4" * 200)) is False
    assert pin_verdict(SNAPSHOT, s.WITHOUT_PIN, Secret(s.PIN)) is None
    assert pin_verdict(SNAPSHOT, s.STRANGER, Secret(s.PIN)) is None


def test_without_the_right_pepper_nobody_is_found() -> None:
    """A snapshot that was opened but not explained tells nothing of anybody."""
    other = SNAPSHOT.explained_by(b"q" * 32)

    assert other.patron(s.READER) is None
    assert pin_verdict(other, s.READER, Secret(s.PIN)) is None
    wish = MayLend(s.BOOK, s.READER)
    assert may_lend(other, wish, NOTHING, s.NOW, POLICY).refusal is Reason.PATRON_UNKNOWN
