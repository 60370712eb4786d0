"""Start-up with returns that were under way: finished where the item lies there, else a case; never told in vain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.rfid import Tag
from kiosk.workflow import events, view
from kiosk.workflow.effects import GiveUp, Proceed
from kiosk.workflow.events import Moment, ReleaseTrouble
from kiosk.workflow.settings import SessionSettings
from kiosk.workflow.state import begin, owns
from kiosk.workflow.view import BookDropping, DropStep
from sync.entries import (
    CaseReason,
    Entry,
    EntryKey,
    GiveBack,
    Intended,
    Secured,
    SecureFailed,
    SecureIntended,
    Settlement,
    Strip,
    TagBits,
)
from tests.kit.back_stage import DROP, TAKES_BACK, BackStage, back, lent
from tests.kit.stage import RELEASED, SECURED, item

KEY = EntryKey("e0", 1, 7, 1)
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def open_secure(tags: tuple[Tag, ...], strip: Strip | None = None) -> Entry:
    """Item 1 was being made secure when the power went."""
    promise = GiveBack(item(1), AT)
    before = tuple(TagBits(one.uid, RELEASED) for one in tags)
    return Entry(KEY, promise, (Intended(KEY, AT, promise), SecureIntended(KEY, AT, before, strip)))


class Started(BackStage):
    """A terminal that finds *entry* when it starts."""

    def __init__(self, entry: Entry, settings: SessionSettings = TAKES_BACK) -> None:
        super().__init__(settings)
        moment = Moment(self.seconds, self.wall)
        self.state = begin(settings, "e1", 1, (), (), moment, open_secures=(entry,))

    def secures(self, *tags: Tag, trouble: ReleaseTrouble | None = None) -> None:  # type: ignore[override]
        """The pad answers the order of start-up."""
        after = tuple(TagBits(one.uid, SECURED) for one in tags)
        self.happen(events.TagsSecured(KEY, after, trouble is None, trouble))


def test_what_lies_there_still_is_secured_and_told() -> None:
    """The return goes on where it was."""
    stage = Started(open_secure((lent(1),)))
    stage.shows(view.OneMoment)
    assert owns(stage.state, KEY)
    stage.lay(lent(1))

    stage.secures(lent(1))

    assert [type(row) for row in stage.rows] == [Secured]
    assert stage.last(Proceed).entry.may_be_carried
    assert stage.last(Proceed).entry.key == KEY
    stage.shows(view.Welcome)


@pytest.mark.parametrize("lies_there", [(), (lent(2),), (lent(1, 1, 2),)])
def test_what_is_gone_is_a_case_and_never_told(lies_there: tuple[Tag, ...]) -> None:
    """Nobody can say whether it is here; all of its tags have to be."""
    stage = Started(open_secure((lent(1, 1, 2), lent(1, 2, 2))))

    stage.lay(*lies_there)

    assert isinstance(stage.rows[0], SecureFailed)
    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert stage.ends() == [Settlement.CASE]
    assert stage.all(GiveUp) == [GiveUp(KEY)]
    assert stage.all(Proceed) == []


def test_a_tag_with_another_number_is_another_item() -> None:
    """A UID alone proves nothing."""
    other = lent(2)
    stage = Started(open_secure((other,)))

    stage.lay(other)

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]


def test_a_tag_that_will_not_be_written_is_told_and_left_to_staff() -> None:
    """It lies there, so it came back."""
    stage = Started(open_secure((lent(1),)))
    stage.lay(lent(1))

    stage.secures(trouble=ReleaseTrouble.WRITE_REFUSED)

    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]
    assert stage.last(Proceed).entry.key == KEY


@pytest.mark.parametrize("trouble", [ReleaseTrouble.TAKEN_AWAY, ReleaseTrouble.PAD_LOST])
def test_what_is_lost_sight_of_is_a_case(trouble: ReleaseTrouble) -> None:
    """Taken away in that very moment, or a pad that went: nobody is told."""
    stage = Started(open_secure((lent(1),)))
    stage.lay(lent(1))

    stage.secures(trouble=trouble)

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert stage.all(Proceed) == []


def test_a_strip_is_not_treated_at_start_up() -> None:
    """The tags are secured, and staff see to the strip."""
    stage = Started(open_secure((lent(1),), Strip.UNVERIFIED))
    stage.lay(lent(1))

    stage.secures(lent(1))

    assert stage.rows_of(SecureFailed)[0].strip is Strip.UNVERIFIED
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]
    assert stage.last(Proceed).entry.key == KEY


def test_an_item_with_a_strip_alone_is_a_case() -> None:
    """Nobody knows what lies on the unit now."""
    stage = Started(open_secure((), Strip.UNVERIFIED))

    stage.lay()

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]


def test_a_terminal_without_its_pad_does_not_wait_without_end() -> None:
    """After the time of start-up it serves, and what was open is a case."""
    stage = Started(open_secure((lent(1),)))

    stage.pass_time(TAKES_BACK.start_seconds)

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    stage.shows(view.Welcome)


def test_what_lies_in_front_of_a_flap_is_dropped_after_start_up() -> None:
    """It was told of, so it is found to be back already, and goes into its bin."""
    stage = Started(open_secure((lent(1),)), DROP)
    stage.happen(events.DropCame())
    stage.lay(lent(1))
    stage.secures(lent(1))
    stage.lay(lent(1))
    assert stage.shows(BookDropping).step is DropStep.WORKING

    stage.give_back(1, back(was_on_loan=False, patron=None))
    stage.passes()

    assert stage.shows(BookDropping).done == 1
