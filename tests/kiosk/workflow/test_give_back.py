"""Giving back from the first item to the summary: nobody logs in, nobody is refused, nobody's loans are mixed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.workflow import events, view
from kiosk.workflow.effects import Ask, Carry, Play, PrintSlip, Sound
from kiosk.workflow.patience import next_due
from kiosk.workflow.receipts import Receipt, ReceiptKind
from kiosk.workflow.settings import ForeignItems, ScannedItem, Service
from kiosk.workflow.slips import RoutingSlip
from kiosk.workflow.state import BackSumming, Identifying, Idle, Returning, owns
from kiosk.workflow.view import BackStatus, BackSummary, GivingBack, SlipState, Trouble
from sync.entries import (
    Alert,
    CaseReason,
    Intended,
    PatronId,
    Reason,
    Refused,
    ReportCare,
    Secured,
    SecureFailed,
    SecureIntended,
    Settlement,
    Silence,
)
from sync.questions import AboutItem, Standing
from sync.rules.sorting import Bin, Colour, Route, SortingRules
from tests.kit.back_stage import DROP, ONLY_BACK, TAKES_BACK, BackStage, back, lent
from tests.kit.stage import DUE, EMPTY_TAG, OTHER_READER, READER, SETTINGS, Stage, item

ASKS = replace(TAKES_BACK, ask_item_seconds=1.0)
SCANS = replace(TAKES_BACK, has_pad=False, scanned_item=ScannedItem.LEND)
NUMBER = "30000000000001"


# --- Beginning ----------------------------------------------------------------------------------------------------


def test_giving_back_is_offered_only_where_the_terminal_has_the_service() -> None:
    """A terminal that only lends does not offer it, and does not do it."""
    stage = Stage(SETTINGS)
    assert view.GIVE_BACK not in [offer.id for offer in stage.view.choices]

    stage.happen(events.Chosen(view.GIVE_BACK))

    stage.shows(view.Welcome)


def test_books_that_lie_there_already_are_given_back_at_once() -> None:
    """Whether books or touch come first makes no difference."""
    stage = BackStage()
    stage.lay(lent(1), lent(2))

    stage.begin()

    assert stage.begun() == [item(1), item(2)]


def test_no_card_and_no_patron_are_asked_for() -> None:
    """Nobody's number is asked of anybody, and none is promised."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1)

    assert stage.promise(1).patron is None
    assert stage.all(Ask) == []


def test_a_terminal_for_returns_alone_begins_by_itself() -> None:
    """Laying a book down is word enough where there is nothing else to do."""
    stage = BackStage(ONLY_BACK)

    stage.lay(lent(1))

    stage.shows(GivingBack)
    assert stage.begun() == [item(1)]


def test_a_terminal_for_returns_alone_begins_with_a_scan() -> None:
    """So is a scan, also while the last summary is still to be read."""
    stage = BackStage(replace(SCANS, services=(Service.RETURN,)))

    stage.scan(NUMBER)
    stage.choose("finish")
    stage.happen(events.Carried(stage.key(1), back()))
    stage.shows(BackSummary)
    stage.scan("30000000000002")

    assert stage.begun() == [item(1), item(2)]


def test_a_terminal_for_returns_alone_does_nothing_with_a_card() -> None:
    """There is nothing here for whoever shows one."""
    stage = BackStage(ONLY_BACK)

    stage.show_card()
    stage.scan(READER)

    assert isinstance(stage.state.phase, Idle)
    assert stage.all(Ask) == []


def test_a_terminal_for_returns_alone_ends_when_all_is_done_and_taken_away() -> None:
    """Nobody has to say that they are done: the pad is empty."""
    stage = BackStage(ONLY_BACK)
    stage.lay(lent(1))
    stage.give_back(1)
    stage.shows(GivingBack)

    stage.lay()

    assert stage.shows(BackSummary).done == 1


def test_a_terminal_for_returns_alone_does_not_end_under_way() -> None:
    """An empty pad ends nothing while the server is still to answer."""
    stage = BackStage(ONLY_BACK)
    stage.lay(lent(1))
    stage.secured(1)

    stage.lay()

    stage.shows(GivingBack)


def test_a_terminal_for_returns_alone_ends_when_nobody_is_there() -> None:
    """Books left on the pad do not keep it from the next reader, who is not asked anything."""
    stage = BackStage(ONLY_BACK)
    stage.lay(lent(1))
    stage.give_back(1)

    stage.pass_time(ONLY_BACK.idle_seconds)

    stage.shows(BackSummary)


def test_books_left_on_the_pad_do_not_begin_the_next_batch() -> None:
    """What lies there after the end belongs to nobody until it was taken off."""
    stage = BackStage(ONLY_BACK)
    stage.lay(lent(1))
    stage.give_back(1)
    stage.pass_time(ONLY_BACK.idle_seconds + ONLY_BACK.summary_seconds)

    stage.lay(lent(1))

    stage.shows(view.Welcome)
    assert stage.begun() == [item(1)]


def test_the_next_book_begins_a_batch_while_the_summary_is_shown() -> None:
    """A terminal for returns alone is there for the next reader at once."""
    stage = BackStage(ONLY_BACK)
    stage.lay(lent(1))
    stage.give_back(1)
    stage.lay()
    stage.shows(BackSummary)

    stage.lay(lent(2))

    assert set(stage.back_lines) == {item(2)}


# --- Asking before ------------------------------------------------------------------------------------------------


def test_an_item_is_asked_about_before_its_intent() -> None:
    """What the server says of the loan goes into the promise, so that a newer loan can be told from it later."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))
    assert stage.begun() == []

    stage.about(1)

    assert (stage.promise(1).was_on_loan, stage.promise(1).due_before) == (True, DUE)
    assert stage.back_line(1).title == "Title 1"


@pytest.mark.parametrize(
    ("standing", "was_on_loan"),
    [
        (Standing.ON_LOAN, True),
        (Standing.AVAILABLE, False),
        (Standing.ON_HOLD_SHELF, False),
        (Standing.IN_TRANSIT, False),
        (Standing.LOST, None),
        (Standing.OTHER, None),
    ],
)
def test_what_an_item_stands_like_is_understood_with_care(
    standing: Standing, was_on_loan: bool | None
) -> None:
    """A lost item may be on loan or not: that is not known."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))

    stage.about(1, standing)

    assert stage.promise(1).was_on_loan is was_on_loan


def test_a_slow_server_does_not_keep_a_book_from_being_secured() -> None:
    """After a second it is given back without knowing more."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))
    due = next_due(stage.state)
    assert due is not None
    assert due <= stage.seconds + 1.0

    stage.pass_time(1)

    assert stage.promise(1).was_on_loan is None


def test_a_question_that_fails_is_not_waited_for() -> None:
    """What cannot be told is not asked again."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))

    stage.happen(events.NotTold(stage.question(1).token))

    assert stage.begun() == [item(1)]
    assert len(stage.all(Ask)) == 1


def test_a_server_that_is_away_is_not_asked() -> None:
    """Without a server a return is recorded at once, and told later."""
    stage = BackStage(ASKS)
    stage.happen(events.ServerWent())
    stage.begin(lent(1))

    stage.secured(1)

    assert stage.all(Ask) == []
    assert stage.back_line(1).status is BackStatus.BACK_RECORDED
    assert stage.shows(GivingBack).is_recorded_only


def test_a_title_that_comes_late_is_shown_all_the_same() -> None:
    """An answer behind the intent changes nothing but what is read."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))
    stage.pass_time(1)
    promised = stage.promise(1)

    stage.about(1)

    assert stage.back_line(1).title == "Title 1"
    assert stage.promise(1) == promised


def test_an_answer_about_another_item_is_not_believed() -> None:
    """A server that mixes up its answers puts nothing into a promise."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))

    stage.about(1, item=item(2))

    assert stage.promise(1).was_on_loan is None


# --- On the way ---------------------------------------------------------------------------------------------------


def test_a_server_that_goes_in_the_middle_refuses_nobody() -> None:
    """What was being told is told later; what was asked about is begun."""
    stage = BackStage(ASKS)
    stage.begin(lent(1), lent(2))
    stage.about(1)
    stage.secured(1)

    stage.happen(events.ServerWent())
    stage.secured(2)

    assert stage.back_line(1).status is BackStatus.BACK_RECORDED
    assert stage.back_line(2).status is BackStatus.BACK_RECORDED


def test_a_server_that_says_nothing_is_not_waited_for_without_end() -> None:
    """After the library's own time the reader may go."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.secured(1)

    stage.pass_time(TAKES_BACK.answer_seconds)

    assert stage.back_line(1).status is BackStatus.BACK_RECORDED


def test_a_server_at_work_on_a_stack_is_waited_for() -> None:
    """The time runs from its last answer."""
    stage = BackStage()
    stage.begin(lent(1), lent(2))
    stage.secured(1)
    stage.secured(2)
    stage.pass_time(TAKES_BACK.answer_seconds - 2)
    stage.says(1, back())

    stage.pass_time(TAKES_BACK.answer_seconds - 2)

    assert stage.back_line(2).status is BackStatus.TELLING


def test_a_reader_may_go_while_answers_are_out() -> None:
    """Finishing once more does not wait; what comes later is settled without the session."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.secured(1)
    stage.choose("finish")
    stage.shows(GivingBack)

    stage.choose("finish")

    assert stage.back_line(1).status is BackStatus.BACK_RECORDED
    assert isinstance(stage.state.phase, BackSumming)
    assert not owns(stage.state, stage.key(1))
    assert stage.ends() == []


def test_finishing_waits_for_the_answers_that_come() -> None:
    """The reader sees what is overdue, and where it goes, also after a quick touch."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.secured(1)
    stage.choose("finish")

    stage.says(1, back())

    assert stage.shows(BackSummary).lines[0].status is BackStatus.BACK


def test_a_late_answer_finds_the_summary_as_it_was() -> None:
    """What the session no longer waits for changes nothing there."""
    stage = BackStage()
    stage.happen(events.ServerWent())
    stage.begin(lent(1))
    stage.secured(1)
    stage.choose("finish")
    rows = len(stage.rows)

    stage.says(1, back())

    assert stage.back_line(1).status is BackStatus.BACK_RECORDED
    assert len(stage.rows) == rows


def test_a_nearly_full_disk_takes_returns() -> None:
    """What the journal keeps its reserve for is done."""
    stage = BackStage()
    stage.happen(events.RoomChanged(is_low=True))

    stage.begin(lent(1))
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK


def test_a_journal_that_fails_ends_everything() -> None:
    """Nothing more is promised, and nothing that was said before is shown."""
    stage = BackStage()
    stage.begin(lent(1))

    stage.happen(events.JournalFailed())
    stage.happen(events.TagsSecured(stage.key(1), (), True))

    stage.shows(view.OutOfService)
    assert stage.told() == []


def test_an_item_laid_there_again_is_not_returned_twice() -> None:
    """It says that it is back already, and nothing is done again."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1)
    stage.lay()

    stage.lay(lent(1))

    line = stage.back_line(1)
    assert (line.status, line.why) == (BackStatus.BACK, Trouble.ALREADY_BACK)
    assert stage.begun() == [item(1)]


def test_what_was_not_taken_may_be_tried_again() -> None:
    """An item handed back is given back anew once it was lifted."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.not_secured(1, events.ReleaseTrouble.TAKEN_AWAY)
    stage.lay()
    stage.choose("no")

    stage.lay(lent(1))
    stage.give_back(1)

    assert stage.begun() == [item(1), item(1)]
    assert stage.back_line(1).status is BackStatus.BACK


def test_an_item_lifted_before_anything_was_written_vanishes() -> None:
    """Whoever changes their mind leaves no trace."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))

    stage.lay()

    assert stage.back_lines == {}
    assert stage.rows == []


def test_missing_parts_are_asked_for_and_may_come() -> None:
    """Laid there, the rest makes it whole: no case."""
    stage = BackStage()
    stage.begin(lent(1, 1, 2))
    assert stage.back_line(1).status is BackStatus.PARTS_MISSING
    assert stage.begun() == []

    stage.lay(lent(1, 1, 2), lent(1, 2, 2))
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK
    assert stage.cases() == []


def test_whoever_leaves_without_the_missing_part_has_returned_what_there_is() -> None:
    """Finishing takes it as it is; staff look for the rest."""
    stage = BackStage()
    stage.begin(lent(1, 1, 2))

    stage.choose("finish")
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.PARTS_MISSING]


def test_a_part_that_comes_after_the_rest_was_taken_is_secured_too() -> None:
    """However it was left out before: its alarm must not stay off in the library.  Staff still see the first entry."""
    stage = BackStage()
    stage.begin(lent(1, 1, 2))
    stage.choose(f"give-back:{item(1)}")
    stage.give_back(1)

    stage.lay(lent(1, 1, 2), lent(1, 2, 2))
    stage.give_back(1, back(was_on_loan=False, patron=None))
    stage.lay(lent(1, 1, 2), lent(1, 2, 2))

    assert lent(1, 2, 2).uid in stage.secures()[-1].uids
    assert len(stage.secures()) == 2
    line = stage.back_line(1)
    assert (line.status, line.was_due, line.reader) == (BackStatus.BACK, DUE, 1)
    assert stage.cases() == [CaseReason.PARTS_MISSING]


def test_another_copy_with_the_same_number_is_secured_too() -> None:
    """Each of them once, however often they take turns on the pad."""
    other = replace(lent(1), uid=lent(2).uid)
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1)
    stage.lay()

    stage.lay(other)
    stage.give_back(1, back(was_on_loan=False, patron=None))
    for tag in (lent(1), other):
        stage.lay()
        stage.lay(tag)

    assert [order.uids for order in stage.secures()] == [(lent(1).uid,), (other.uid,)]
    assert stage.back_line(1).why is Trouble.ALREADY_BACK


def test_another_librarys_item_is_not_touched_and_nobody_is_told() -> None:
    """Its tag is not written, the server does not hear of it, and the reader takes it along."""
    stage = BackStage()

    stage.begin(lent(1, owner="DE-1"))

    line = next(iter(stage.back_lines.values()))
    assert (line.status, line.why, line.route) == (BackStatus.HANDED_BACK, Trouble.FOREIGN_LIBRARY, None)
    assert stage.rows == []
    assert stage.secures() == []


def test_another_librarys_item_goes_on_its_own_pile_where_that_is_wanted() -> None:
    """The reader is told which; nothing else is done."""
    rules = SortingRules({"9": Bin("9", "left of the desk", Colour.GREY)}, by_route={Route.FOREIGN: "9"})
    stage = BackStage(replace(TAKES_BACK, foreign_items=ForeignItems.OWN_PILE, sorting=rules))

    stage.begin(lent(1, owner="DE-1"))

    line = next(iter(stage.back_lines.values()))
    assert (line.route, line.bin) == (Route.FOREIGN, rules.bins["9"])
    assert stage.rows == []


def test_a_tag_that_says_nothing_is_told_of() -> None:
    """An empty tag is not taken for an item."""
    stage = BackStage()

    stage.begin(EMPTY_TAG)

    line = next(iter(stage.back_lines.values()))
    assert (line.status, line.why) == (BackStatus.NOT_TAKEN, Trouble.EMPTY_TAG)


# --- Scanning -----------------------------------------------------------------------------------------------------


def test_an_item_without_a_tag_is_given_back_by_its_barcode() -> None:
    """There is nothing to secure: it is recorded as it is, and the server told at once."""
    stage = BackStage(SCANS)
    stage.begin()

    stage.scan(NUMBER)

    assert [type(row) for row in stage.rows] == [Intended, Secured]
    assert not stage.carry(1).is_held
    stage.says(1, back())
    assert stage.back_line(1).status is BackStatus.BACK


def test_the_barcode_of_an_item_on_the_pad_is_the_same_item() -> None:
    """Scanned while its tag lies there, it is one line and one entry."""
    stage = BackStage()
    stage.begin(lent(1))

    stage.scan(NUMBER)

    assert stage.begun() == [item(1)]
    assert len(stage.back_lines) == 1


def test_a_scanned_item_is_asked_to_the_pad_where_items_have_tags() -> None:
    """Its tag has to be secured, so it is waited for."""
    stage = BackStage()
    stage.begin()

    stage.scan(NUMBER)
    assert (stage.back_line(1).status, stage.back_line(1).why) == (BackStatus.WAITING, Trouble.NOT_ON_PAD)
    assert stage.begun() == []
    stage.lay(lent(1))
    stage.give_back(1)

    assert stage.back_line(1).status is BackStatus.BACK
    assert stage.cases() == []


@pytest.mark.parametrize("by", ["choice", "finish", "time"])
def test_an_item_whose_tag_never_shows_is_taken_for_staff_to_see(by: str) -> None:
    """A torn-off tag is no reason to refuse a return: the loan ends, and staff make the item secure."""
    stage = BackStage()
    stage.begin()
    stage.scan(NUMBER)

    match by:
        case "choice":
            stage.choose(f"give-back:{item(1)}")
        case "finish":
            stage.choose("finish")
        case _:
            stage.pass_time(TAKES_BACK.put_back_seconds)
    stage.says(1, back())

    assert [type(row) for row in stage.rows[:3]] == [Intended, SecureIntended, SecureFailed]
    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]


def test_a_pad_that_is_away_leaves_the_barcode() -> None:
    """What may have a tag is taken by its barcode, and secured by staff."""
    stage = BackStage()
    stage.happen(events.DeviceDown(events.Device.PAD))
    stage.begin()

    stage.scan(NUMBER)
    stage.says(1, back())

    assert stage.back_line(1).status is BackStatus.BACK_TO_STAFF
    assert stage.cases() == [CaseReason.RETURN_NOT_SECURED]


def test_a_tag_that_disagrees_with_the_scanned_number_stops_both() -> None:
    """Label and tag say two things: neither loan is ended before somebody looked."""
    stage = BackStage()
    stage.begin()
    stage.scan(NUMBER)

    stage.lay(lent(2))

    assert stage.back_line(1).why is Trouble.TAG_IS_OF_ANOTHER
    assert stage.back_line(2).why is Trouble.NOT_THE_SCANNED_ITEM
    assert stage.begun() == []


def test_an_item_that_disagreed_is_taken_by_its_tag_when_it_is_laid_down_again() -> None:
    """Lifted and laid down once more without a scan, it is what its tag says."""
    stage = BackStage()
    stage.begin()
    stage.scan(NUMBER)
    stage.lay(lent(2))

    stage.lay()
    stage.lay(lent(2))

    assert stage.begun() == [item(2)]


def test_an_item_scanned_first_and_laid_down_later_is_secured_too() -> None:
    """Its loan is ended once; that its tag is secured is an entry of its own, and the line keeps what was said."""
    stage = BackStage(replace(TAKES_BACK, scanned_item=ScannedItem.LEND))
    stage.begin()
    stage.scan(NUMBER)
    stage.says(1, back())

    stage.lay(lent(1))
    stage.give_back(1, back(was_on_loan=False, patron=None))

    line = stage.back_line(1)
    assert (line.status, line.was_due, line.reader) == (BackStatus.BACK, DUE, 1)
    assert len(stage.secures()) == 1


def test_a_scan_of_what_is_back_says_so() -> None:
    """Scanned once more, an item is not returned twice."""
    stage = BackStage(SCANS)
    stage.begin()
    stage.scan(NUMBER)
    stage.says(1, back())

    stage.scan(NUMBER)

    assert stage.back_line(1).why is Trouble.ALREADY_BACK
    assert stage.begun() == [item(1)]


def test_a_bad_scan_has_its_own_word_until_something_better_comes() -> None:
    """What could not be read is said, and forgotten with the next item."""
    stage = BackStage(SCANS)
    stage.begin()

    stage.scan("", flaw="check")
    assert next(iter(stage.back_lines.values())).why is Trouble.BARCODE_UNREADABLE
    stage.scan(NUMBER)

    assert set(stage.back_lines) == {item(1)}


# --- Readers, sorting, care ---------------------------------------------------------------------------------------


def test_several_readers_have_a_receipt_each() -> None:
    """Books of two readers in one batch are counted apart, and no receipt has both."""
    stage = BackStage()
    stage.begin(lent(1), lent(2), lent(3))
    stage.give_back(1)
    stage.give_back(2, back(patron=PatronId(OTHER_READER)))
    stage.give_back(3)
    stage.choose("finish")
    assert stage.shows(BackSummary).readers == 2

    stage.choose("print")

    receipts = [effect.slip for effect in stage.all(PrintSlip)]
    assert all(isinstance(receipt, Receipt) for receipt in receipts)
    items = [[line.item for line in one.lines] for one in receipts if isinstance(one, Receipt)]
    assert items == [[item(1), item(3)], [item(2)]]
    assert {one.kind for one in receipts if isinstance(one, Receipt)} == {ReceiptKind.RETURNS}
    assert OTHER_READER not in repr(receipts)


def test_every_receipt_of_a_batch_has_its_own_number() -> None:
    """Also that of books of which nobody said whose they were."""
    stage = BackStage()
    stage.begin(lent(1), lent(2), lent(3))
    stage.give_back(1, back(patron=None))
    stage.give_back(2)
    stage.give_back(3, back(patron=PatronId(OTHER_READER)))
    stage.choose("finish")

    stage.choose("print")

    receipts = [effect.slip for effect in stage.all(PrintSlip) if isinstance(effect.slip, Receipt)]
    assert len({one.reference for one in receipts}) == len(receipts) == 3


def test_a_held_item_is_sorted_and_gets_its_slip() -> None:
    """Who waits for it is a mask on the slip, and nowhere else."""
    bins = {"2": Bin("2", "shelf of holds", Colour.BLUE)}
    stage = BackStage(replace(TAKES_BACK, sorting=SortingRules(bins, by_route={Route.HOLD_HERE: "2"})))
    stage.begin(lent(1))

    held = back(alert=Alert.HOLD_HERE, hold_patron=PatronId(OTHER_READER), destination="Main")
    assert held.back is not None
    stage.give_back(1, replace(held, back=replace(held.back, location="Shelf of holds", home="Stacks")))

    line = stage.back_line(1)
    assert (line.route, line.bin, line.slip) == (Route.HOLD_HERE, bins["2"], SlipState.PRINTING)
    slip = stage.last(PrintSlip).slip
    assert isinstance(slip, RoutingSlip)
    assert (slip.destination, slip.location, slip.bin) == ("Main", "Shelf of holds", bins["2"])
    assert slip.hold
    assert slip.hold != OTHER_READER


def test_a_slip_that_did_not_come_out_is_told_of_in_the_summary_too() -> None:
    """A printer never holds up a return."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1, back(alert=Alert.OTHER_BRANCH, destination="West"))
    token = stage.last(PrintSlip).token
    stage.choose("finish")

    stage.happen(events.SlipNotPrinted(token, "paper"))

    assert stage.back_line(1).slip is SlipState.NOT_PRINTED


def test_without_a_printer_a_routed_item_is_told_of_on_the_screen_alone() -> None:
    """No slip is asked for, and none is promised."""
    stage = BackStage(replace(TAKES_BACK, has_printer=False))
    stage.begin(lent(1))

    stage.give_back(1, back(alert=Alert.OTHER_BRANCH))

    assert stage.all(PrintSlip) == []
    assert stage.back_line(1).route is Route.OTHER_BRANCH


def test_what_was_only_recorded_goes_where_staff_sort_it() -> None:
    """Nobody can tell yet whether somebody waits for it, so it does not go to the shelf."""
    rules = SortingRules({"5": Bin("5")}, by_route={Route.STAFF: "5", Route.SHELF: "1"})
    stage = BackStage(replace(TAKES_BACK, sorting=rules))
    stage.happen(events.ServerWent())
    stage.begin(lent(1))

    stage.secured(1)

    assert stage.back_line(1).bin == Bin("5")


def test_care_can_be_asked_for_while_giving_back() -> None:
    """Whoever sees loose pages says so, and goes on."""
    stage = BackStage(replace(TAKES_BACK, services=(*TAKES_BACK.services, Service.CARE)))
    stage.begin(lent(1))
    stage.give_back(1)

    stage.choose(f"care:{item(1)}")
    stage.choose("flaw:loose-pages")
    stage.choose("yes")
    stage.choose("done")

    stage.shows(GivingBack)
    assert any(isinstance(carry.entry.promise, ReportCare) for carry in stage.all(Carry))


# --- The end ------------------------------------------------------------------------------------------------------


def test_a_card_ends_the_batch_and_begins_a_session() -> None:
    """Once all that is under way has ended; nothing of the one is seen in the other."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.secured(1)

    stage.show_card()
    stage.shows(GivingBack)
    stage.says(1, back())

    stage.shows(view.EnterPin)
    assert stage.ends() == [Settlement.DONE]


def test_items_given_back_do_not_lie_in_the_next_readers_list() -> None:
    """What is still on the pad when the card comes was given back, and is not lent again by accident."""
    stage = BackStage(replace(TAKES_BACK, needs_pin=False))
    stage.begin(lent(1))
    stage.give_back(1)
    stage.show_card()
    assert isinstance(stage.state.phase, Identifying)

    stage.tell(stage.facts())
    stage.lay(lent(1))

    assert stage.shows(view.Borrowing).lines == ()


def test_an_absent_reader_is_asked_and_then_the_batch_ends() -> None:
    """As in any session that somebody chose."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1)

    stage.pass_time(TAKES_BACK.idle_seconds)
    stage.shows(view.StillThere)
    stage.pass_time(TAKES_BACK.warning_seconds)

    stage.shows(BackSummary)


def test_nobody_is_warned_while_something_is_under_way() -> None:
    """The reader waits for the terminal then."""
    stage = BackStage(replace(TAKES_BACK, answer_seconds=100))
    stage.begin(lent(1))
    stage.secured(1)

    stage.pass_time(TAKES_BACK.idle_seconds + 5)

    stage.shows(GivingBack)


def test_a_batch_of_nothing_ends_at_the_welcome() -> None:
    """There is nothing to sum up."""
    stage = BackStage()
    stage.begin()

    stage.choose("finish")

    stage.shows(view.Welcome)


def test_the_summary_says_first_what_needs_attention() -> None:
    """What is for staff, not taken or late stands above what went well."""
    stage = BackStage()
    stage.begin(lent(1), lent(2))
    stage.give_back(1)
    stage.refused_by_pad(2)
    stage.says(2, back())

    stage.choose("finish")

    shown = stage.shows(BackSummary)
    assert [line.item for line in shown.lines] == [item(2), item(1)]
    assert (shown.done, shown.to_staff) == (2, 1)
    assert shown.lines[0].reference


def test_after_the_summary_nobody_is_remembered() -> None:
    """Neither lines nor receipts are left when the welcome comes."""
    stage = BackStage()
    stage.begin(lent(1))
    stage.give_back(1)
    stage.choose("finish")

    stage.pass_time(TAKES_BACK.summary_seconds)

    stage.shows(view.Welcome)
    assert stage.state.on_hand is None


def test_a_long_batch_makes_room_for_what_comes_next() -> None:
    """Where the list is full, what ended well long ago is forgotten, but counted."""
    stage = BackStage(replace(TAKES_BACK, lines_max=5))
    stage.begin()

    for number in range(1, 9):
        stage.lay(lent(number))
        stage.give_back(number)
        stage.lay()

    assert stage.shows(GivingBack).done == 8
    assert len(stage.back_lines) == 5


@pytest.mark.parametrize("is_told", [True, False])
def test_a_long_batch_without_good_ends_refuses_no_book(is_told: bool) -> None:
    """A night without a network, or a crate of books for staff: the next book is taken all the same."""
    stage = BackStage(replace(TAKES_BACK, lines_max=5))
    stage.begin()
    if not is_told:
        stage.happen(events.ServerWent())

    for number in range(1, 9):
        stage.lay(lent(number))
        stage.secured(number)
        if is_told:
            stage.says(number, Refused(Reason.ITEM_LOST))
        stage.lay()

    assert stage.begun() == [item(number) for number in range(1, 9)]
    assert stage.shows(GivingBack).done == 8


def test_every_good_end_is_heard() -> None:
    """Done sounds different from what needs attention."""
    stage = BackStage()
    stage.begin(lent(1))

    stage.give_back(1)

    assert Play(Sound.DONE) in stage.effects


def test_a_batch_that_nobody_waits_for_leaves_no_entry_to_nobody() -> None:
    """Each entry is settled, or owned by the running batch, or in the lane as it has to be."""
    stage = BackStage()
    stage.begin(lent(1), lent(2))
    stage.give_back(1)
    stage.secured(2)
    stage.says(2, Silence("deadline"))
    assert owns(stage.state, stage.key(2))
    assert not owns(stage.state, stage.key(1))

    stage.choose("finish")

    assert not owns(stage.state, stage.key(2))
    assert isinstance(stage.state.phase, BackSumming)


def test_at_a_book_drop_nothing_is_chosen() -> None:
    """Nobody is there to choose: only the language is offered."""
    stage = BackStage(DROP)

    stage.happen(events.Chosen(view.GIVE_BACK))

    assert not isinstance(stage.state.phase, Returning)
    assert {offer.id.partition(":")[0] for offer in stage.view.choices} == {"language"}


def test_no_question_names_a_reader() -> None:
    """All that is asked while giving back is about items."""
    stage = BackStage(ASKS)
    stage.begin(lent(1))
    stage.about(1)
    stage.give_back(1)

    assert all(isinstance(asked.question, AboutItem) for asked in stage.all(Ask))
