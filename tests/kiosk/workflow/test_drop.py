"""An unattended book drop: one item at a time, and the flap opens only after the record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events
from kiosk.workflow.effects import Ask, Effect, OpenDrop, Restore
from kiosk.workflow.events import Device, ReleaseTrouble
from kiosk.workflow.patience import next_due
from kiosk.workflow.settings import ForeignItems
from kiosk.workflow.state import owns
from kiosk.workflow.view import BackStatus, DropStep, Language, Trouble
from sync.entries import (
    Alert,
    Answered,
    CaseReason,
    Dropped,
    EntryKey,
    Intended,
    Reason,
    Refused,
    Secured,
    SecureFailed,
    SecureIntended,
    Settled,
    Settlement,
    Silence,
)
from sync.rules.sorting import Bin, Route, SortingRules
from tests.kit.back_stage import DROP, BackStage, back, lent
from tests.kit.stage import EMPTY_TAG, item

BINS = SortingRules(
    {"1": Bin("1"), "2": Bin("2"), "9": Bin("9")},
    by_route={Route.HOLD_HERE: "2", Route.STAFF: "9", Route.FOREIGN: "9", Route.SHELF: "1"},
)
SORTS = replace(DROP, sorting=BINS)
NUMBER = "30000000000001"


def opened(stage: BackStage) -> list[tuple[EntryKey, str]]:
    """What the flap was opened for, and towards which bin."""
    return [(order.key, order.bin) for order in stage.all(OpenDrop)]


def test_an_item_is_recorded_secured_told_and_then_dropped() -> None:
    """The order of the rows is that of the story, and the entry is settled in the bin."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)
    assert stage.ends() == []

    stage.passes()

    kinds = [type(row) for row in stage.rows]
    assert kinds == [Intended, SecureIntended, Secured, Answered, Dropped, Settled]
    assert stage.dropping.step is DropStep.DONE
    assert stage.dropping.done == 1


class Watched(BackStage):
    """A stage that sees what was recorded when the flap is told to open."""

    def happen(self, event: events.Event) -> tuple[Effect, ...]:
        """As on any stage."""
        effects = super().happen(event)
        for effect in effects:
            if isinstance(effect, OpenDrop):
                rows = [row for row in self.rows if getattr(row, "key", None) == effect.key]
                assert any(isinstance(row, Secured | SecureFailed) for row in rows), "opened unrecorded"
        return effects


@pytest.mark.parametrize("pad", ["secures", "cannot"])
def test_the_flap_opens_only_after_the_securing_is_recorded(pad: str) -> None:
    """Read back as secured, or recorded as failed: the flap stays shut until then."""
    stage = Watched(DROP)
    stage.drop(lent(1))
    assert opened(stage) == []

    if pad == "secures":
        stage.secured(1)
    else:
        stage.refused_by_pad(1)
    assert opened(stage) == []
    stage.says(1, back())

    assert opened(stage) == [(stage.key(1), "")]


def test_without_a_server_it_is_dropped_once_it_is_recorded() -> None:
    """A drop serves at night, with or without a network."""
    stage = BackStage(DROP)
    stage.happen(events.ServerWent())
    stage.drop(lent(1))

    stage.secured(1)
    stage.passes()

    assert stage.dropping.is_recorded_only
    assert [type(row) for row in stage.rows][-1] is Dropped
    assert not owns(stage.state, stage.key(1))


def test_a_silent_server_does_not_keep_the_flap_shut() -> None:
    """It is waited for as long as anywhere, and then the item goes."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)

    stage.pass_time(DROP.answer_seconds)

    assert opened(stage) == [(stage.key(1), "")]


def test_an_answer_while_the_flap_is_open_is_settled_in_the_bin() -> None:
    """The session waits for its entry until the item is through."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.says(1, Silence("deadline"))
    assert owns(stage.state, stage.key(1))

    stage.says(1, back())
    stage.passes()

    assert stage.ends() == [Settlement.DONE]
    assert [type(row) for row in stage.rows[-2:]] == [Dropped, Settled]


@pytest.mark.parametrize(("alert", "number"), [(None, "1"), (Alert.HOLD_HERE, "2"), (Alert.OTHER, "9")])
def test_the_bin_is_the_one_the_answer_leads_to(alert: Alert | None, number: str) -> None:
    """By the route, where the server names no bin of its own."""
    stage = BackStage(SORTS)
    stage.drop(lent(1))

    stage.give_back(1, back(alert=alert))
    stage.passes()

    assert opened(stage) == [(stage.key(1), number)]
    assert [row.bin for row in stage.rows_of(Dropped)] == [number]


def test_what_nobody_can_sort_yet_goes_to_staff() -> None:
    """Without an answer it may be somebody's hold."""
    stage = BackStage(SORTS)
    stage.happen(events.ServerWent())
    stage.drop(lent(1))

    stage.secured(1)

    assert opened(stage) == [(stage.key(1), "9")]


def test_two_items_have_to_be_taken_out() -> None:
    """Nothing is begun while more than one lies there."""
    stage = BackStage(DROP)

    stage.drop(lent(1), lent(2))

    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, Trouble.ONE_AT_A_TIME)
    assert stage.rows == []


def test_an_item_that_is_not_read_has_to_be_taken_out() -> None:
    """After its time nothing was read: nothing is recorded."""
    stage = BackStage(DROP)
    stage.drop()
    assert stage.dropping.step is DropStep.READING
    assert next_due(stage.state) == stage.seconds + 8

    stage.pass_time(8)

    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, Trouble.UNREADABLE_TAG)
    assert stage.rows == []


def test_the_drop_is_ready_once_it_was_taken_out() -> None:
    """Whoever takes it out may try again."""
    stage = BackStage(DROP)
    stage.drop(EMPTY_TAG)
    stage.pass_time(8)
    assert stage.dropping.why is Trouble.EMPTY_TAG

    stage.happen(events.DropEmptied())
    assert stage.dropping.step is DropStep.READY
    stage.drop(lent(1))

    assert stage.begun() == [item(1)]


def test_another_librarys_item_is_taken_out() -> None:
    """It is not touched, and nobody is told."""
    stage = BackStage(DROP)

    stage.drop(lent(1, owner="DE-1"))

    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, Trouble.FOREIGN_LIBRARY)
    assert stage.rows == []


def test_another_librarys_item_has_a_bin_where_the_library_wants_it() -> None:
    """It goes there without a record: it is no promise of ours."""
    stage = BackStage(replace(SORTS, foreign_items=ForeignItems.OWN_PILE))
    stage.drop(lent(1, owner="DE-1"))
    assert [number for _, number in opened(stage)] == ["9"]

    stage.passes()

    assert stage.dropping.step is DropStep.DONE
    assert stage.rows == []


def test_an_item_the_server_does_not_know_is_put_back_as_it_was_and_taken_out() -> None:
    """It lies in front of the flap still, so its tag is what it was."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1, Refused(Reason.ITEM_UNKNOWN))
    assert stage.all(Restore)

    stage.restores(1)

    assert stage.dropping.step is DropStep.TAKE_OUT
    assert stage.ends() == [Settlement.REFUSED]
    assert opened(stage) == []


def test_an_item_taken_out_before_it_is_secured_was_not_given_back() -> None:
    """Nobody is told, and staff know."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.happen(events.DropEmptied())

    stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)

    assert stage.cases() == [CaseReason.RETURN_UNKNOWN]
    assert stage.told() == []
    assert stage.dropping.step is DropStep.READY


def test_a_tag_that_is_hard_to_reach_is_tried_again() -> None:
    """The item lies there still, by the light barrier: it is not given up at the first try."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.not_secured(1, ReleaseTrouble.TAKEN_AWAY)
    assert stage.dropping.step is DropStep.WORKING

    stage.lay(lent(1))
    stage.give_back(1)

    assert opened(stage) == [(stage.key(1), "")]


def test_an_item_taken_out_after_it_was_told_is_a_case() -> None:
    """Its loan is ended and it is not in the bin."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.happen(events.DropEmptied())

    stage.says(1, back())

    assert stage.cases() == [CaseReason.NOT_IN_BIN]
    assert stage.ends() == [Settlement.CASE]
    assert opened(stage) == []
    assert stage.dropping.step is DropStep.READY


@pytest.mark.parametrize("is_answered", [True, False])
def test_an_item_that_gets_stuck_is_a_case(is_answered: bool) -> None:
    """Nothing moves any more, and staff find the item by its case."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1, back() if is_answered else Silence("deadline"))

    stage.happen(events.DropStuck(stage.key(1), "not-passed"))

    assert (stage.dropping.step, stage.dropping.why) == (DropStep.STUCK, Trouble.STUCK_IN_DROP)
    assert stage.cases() == [CaseReason.NOT_IN_BIN]
    assert stage.ends() == ([Settlement.CASE] if is_answered else [])


def test_a_drop_that_was_stuck_serves_again_once_it_is_clear() -> None:
    """Taken out by staff, and after a while to be read."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)
    stage.happen(events.DropStuck(stage.key(1), "not-passed"))

    stage.pass_time(DROP.put_back_seconds)
    steps = [stage.dropping.step]
    stage.happen(events.DropEmptied())
    steps.append(stage.dropping.step)

    assert steps == [DropStep.STUCK, DropStep.READY]


def test_a_second_item_that_comes_beside_keeps_the_flap_shut() -> None:
    """It would fall into the bin without a record; once it is gone the first one goes on."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.lay(lent(1), lent(2))
    stage.says(1, back())
    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, Trouble.ONE_AT_A_TIME)
    assert opened(stage) == []

    stage.lay(lent(1))

    assert opened(stage) == [(stage.key(1), "")]


def test_something_else_put_there_instead_does_not_open_the_flap() -> None:
    """Else a piece of cardboard would fall into the bin for a book that the reader took along."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.happen(events.DropEmptied())
    stage.happen(events.DropCame())

    stage.says(1, back())
    before_it_was_read = opened(stage)
    stage.lay()

    assert before_it_was_read == opened(stage) == []
    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, Trouble.NOT_IN_BIN)
    stage.happen(events.DropEmptied())
    assert stage.cases() == [CaseReason.NOT_IN_BIN]
    assert stage.dropping.step is DropStep.READY


def test_an_item_out_of_the_pads_sight_does_not_open_the_flap() -> None:
    """Pulled away under a hand that keeps the light barrier dark; seen again, it goes on."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.lay()
    stage.says(1, back())
    before_it_came_back = opened(stage)

    stage.lay(lent(1))

    assert before_it_came_back == []
    assert opened(stage) == [(stage.key(1), "")]


def test_an_item_put_back_before_the_answer_goes_on() -> None:
    """A hand in the light barrier is no harm, where the item is seen again."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.happen(events.DropEmptied())
    stage.happen(events.DropCame())
    stage.lay(lent(1))

    stage.says(1, back())

    assert opened(stage) == [(stage.key(1), "")]
    assert stage.cases() == []


def test_an_item_without_a_tag_is_scanned_again_once_it_was_taken_out() -> None:
    """Nothing but its barcode tells that it is the same."""
    stage = BackStage(replace(DROP, has_pad=False))
    stage.drop()
    stage.scan(NUMBER)
    stage.happen(events.DropEmptied())
    stage.happen(events.DropCame())
    stage.says(1, back())
    before_it_was_scanned = opened(stage)

    stage.scan(NUMBER)

    assert before_it_was_scanned == []
    assert opened(stage) == [(stage.key(1), "")]


def test_a_part_that_is_seen_late_is_secured_before_the_flap_opens() -> None:
    """It would lie in the bin with its alarm off."""
    stage = BackStage(DROP)
    stage.drop(lent(1, 1, 2))
    first = stage.secured(1)
    stage.lay(lent(1, 1, 2), lent(1, 2, 2))
    stage.says(1, back())
    before = opened(stage)

    stage.give_back(1, back(was_on_loan=False, patron=None))
    second = stage.key(1)

    assert before == []
    assert set(stage.secures()[-1].uids) == {lent(1, 1, 2).uid, lent(1, 2, 2).uid}
    assert opened(stage) == [(second, "")]
    stage.passes()
    assert {row.key: row.how for row in stage.rows_of(Settled)} == {
        first: Settlement.CASE,
        second: Settlement.DONE,
    }


def test_an_unknown_item_that_is_falling_is_not_put_back_as_it_was() -> None:
    """It lies in our bin then: it stays secured, and staff see it."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.says(1, Silence("deadline"))

    stage.says(1, Refused(Reason.ITEM_UNKNOWN))
    stage.passes()

    assert stage.all(Restore) == []
    assert stage.cases() == [CaseReason.RETURN_REFUSED]
    assert stage.ends() == [Settlement.CASE]


def test_an_answer_while_the_flap_is_open_changes_no_bin() -> None:
    """The record names the bin that the item falls into."""
    stage = BackStage(SORTS)
    stage.drop(lent(1))
    stage.secured(1)
    stage.says(1, Silence("deadline"))

    stage.says(1, back(alert=Alert.HOLD_HERE))
    stage.passes()

    assert opened(stage) == [(stage.key(1), "9")]
    assert [row.bin for row in stage.rows_of(Dropped)] == ["9"]


def test_a_second_item_taken_out_with_the_first_is_a_case() -> None:
    """The first one was told of, and is gone."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.secured(1)
    stage.lay(lent(1), lent(2))
    stage.says(1, back())

    stage.happen(events.DropEmptied())

    assert stage.cases() == [CaseReason.NOT_IN_BIN]
    assert stage.dropping.step is DropStep.READY


def test_a_full_bin_takes_nothing() -> None:
    """What lies in front of the flap waits there, unread."""
    stage = BackStage(DROP)
    stage.happen(events.DropFull(is_full=True))
    stage.drop(lent(1))
    assert stage.dropping.step is DropStep.FULL
    assert stage.rows == []

    stage.happen(events.DropFull(is_full=False))
    stage.lay(lent(1))

    assert stage.begun() == [item(1)]


@pytest.mark.parametrize("devices", [(Device.BOOK_DROP,), (Device.PAD, Device.SCANNER)])
def test_a_drop_without_eyes_or_flap_is_away(devices: tuple[Device, ...]) -> None:
    """Nothing is begun that could not be finished."""
    stage = BackStage(DROP)
    for device in devices:
        stage.happen(events.DeviceDown(device))
    assert stage.dropping.step is DropStep.AWAY

    stage.drop(lent(1))

    assert stage.dropping.step is DropStep.AWAY
    assert stage.rows == []


def test_parts_missing_are_taken_as_they_are() -> None:
    """Nobody is there to look for the rest; staff are told."""
    stage = BackStage(DROP)
    stage.drop(lent(1, 1, 2))

    stage.give_back(1)

    assert stage.cases() == [CaseReason.PARTS_MISSING]
    assert opened(stage) == [(stage.key(1), "")]


def test_a_barcode_is_enough_where_no_tag_is_read() -> None:
    """With a pad it is taken at the end of the time to read, and secured by staff."""
    stage = BackStage(DROP)
    stage.drop()
    stage.scan(NUMBER)
    assert stage.begun() == []

    stage.pass_time(8)
    stage.says(1, back())

    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]
    assert opened(stage) == [(stage.key(1), "")]


def test_a_drop_with_a_scanner_alone_takes_items_by_their_barcodes() -> None:
    """There is nothing to secure, and no time to wait."""
    stage = BackStage(replace(DROP, has_pad=False))
    stage.drop()

    stage.scan(NUMBER)
    stage.says(1, back())

    assert stage.cases() == []
    assert opened(stage) == [(stage.key(1), "")]


@pytest.mark.parametrize(
    ("second", "why"),
    [("tag", Trouble.NOT_THE_SCANNED_ITEM), ("scan", Trouble.ONE_AT_A_TIME)],
)
def test_what_disagrees_has_to_be_taken_out(second: str, why: Trouble) -> None:
    """A tag of another number than the label, or two labels: it is not taken."""
    stage = BackStage(DROP)
    stage.drop()
    stage.scan(NUMBER)

    if second == "tag":
        stage.lay(lent(2))
    else:
        stage.scan("30000000000002")

    assert (stage.dropping.step, stage.dropping.why) == (DropStep.TAKE_OUT, why)
    assert stage.rows == []


def test_the_next_item_is_taken_while_the_last_one_is_told_of() -> None:
    """Nobody has to wait for the word about the one before."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)
    stage.passes()

    stage.drop(lent(2))
    stage.give_back(2)
    stage.passes()

    assert stage.dropping.done == 2
    assert stage.ends() == [Settlement.DONE, Settlement.DONE]


def test_what_lies_below_the_flap_is_not_read_again() -> None:
    """A bin in reach of the pad does not give back what fell into it."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)
    stage.happen(events.DropPassed(stage.key(1)))

    stage.lay(lent(1))
    stage.drop(lent(1), lent(2))

    assert stage.begun() == [item(1), item(2)]


def test_the_word_about_the_last_item_goes_after_a_while() -> None:
    """The drop is ready, and after a longer while it counts anew, in the house's own language."""
    stage = BackStage(DROP)
    stage.happen(events.Chosen("language:en"))
    stage.drop(lent(1))
    stage.give_back(1)
    stage.passes()

    stage.pass_time(4)
    assert (stage.dropping.step, stage.dropping.done) == (DropStep.READY, 1)
    assert stage.state.language is Language.ENGLISH
    stage.pass_time(DROP.idle_seconds)

    assert stage.dropping.done == 0
    assert stage.state.language is DROP.language


def test_a_flap_that_speaks_of_another_item_is_not_believed() -> None:
    """Only the item it was opened for counts as dropped."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)

    stage.happen(events.DropPassed(EntryKey("e1", 1, 999, 1)))

    assert stage.rows_of(Dropped) == []
    assert stage.dropping.step is DropStep.MOVING


def test_a_card_means_nothing_at_a_drop() -> None:
    """There is no session to begin."""
    stage = BackStage(DROP)

    stage.show_card()

    assert stage.dropping.step is DropStep.READY
    assert stage.all(Ask) == []


def test_the_line_of_what_is_taken_is_shown() -> None:
    """Whoever stands there sees what was read."""
    stage = BackStage(DROP)
    stage.drop(lent(1))
    stage.give_back(1)

    line = stage.dropping.line
    assert line is not None
    assert (line.item, line.status) == (item(1), BackStatus.BACK)
