"""What a reader sees who gives items back, at the pad or at a book drop."""

from __future__ import annotations

import math
from dataclasses import replace

from kiosk.workflow import back_strip, care, drop, receipt_making, view
from kiosk.workflow.back_line import (
    RID_OF,
    BackLineState,
    Batch,
    DropWork,
    is_under_way,
)
from kiosk.workflow.state import BackSumming, State
from kiosk.workflow.view import BackStatus, Choice, DropStep, Trouble

_NEEDS_ATTENTION = (BackStatus.NOT_TAKEN, BackStatus.HANDED_BACK, BackStatus.BACK_TO_STAFF)


def returning(state: State, batch: Batch) -> view.View:
    """What is seen while *batch* is given back."""
    if batch.drop is not None:
        return dropping(state, batch, batch.drop)
    wanted = back_strip.wanted(batch)
    if wanted is not None and not _is_put_back_asked(batch):
        return _at_strip_unit(state, wanted)
    marking = care.view_of(state)
    if marking is not None and not batch.is_ending and not _is_put_back_asked(batch):
        return marking
    return view.GivingBack(
        lines=tuple(line_view(state, line, is_open=not batch.is_ending) for line in batch.lines),
        done=batch.forgotten + sum(line.status in RID_OF for line in batch.lines),
        is_busy=any(is_under_way(line) for line in batch.lines),
        is_recorded_only=state.is_server_away,
        choices=_choices(batch),
    )


def _is_put_back_asked(batch: Batch) -> bool:
    return any(line.status is BackStatus.PUT_BACK for line in batch.lines)


def _choices(batch: Batch) -> tuple[Choice, ...]:
    if _is_put_back_asked(batch):
        return (Choice(view.NO),)
    return (Choice(view.FINISH, not batch.is_leaving),)


def _at_strip_unit(state: State, line: BackLineState) -> view.UseStripUnitBack:
    ready = (
        ()
        if state.settings.strip_unit_senses
        else (Choice(view.STRIP_READY, back_strip.may_be_ready(state)),)
    )
    is_open = line.strip is not None and not line.strip.is_over
    shown = line_view(state, line, is_open=False)
    if back_strip.is_anothers(state, line):
        shown = replace(shown, why=Trouble.ONE_AT_A_TIME)
    return view.UseStripUnitBack(
        line=shown,
        seconds_left=_seconds_left(state, line.since + state.settings.strip_seconds),
        is_working=back_strip.is_working(state, line),
        choices=(*ready, Choice(view.NO, is_open)),
    )


def summary(state: State, phase: BackSumming) -> view.BackSummary:
    """What is seen when giving back is over."""
    lines = phase.lines
    receipts = receipt_making.choices(state) if state.on_hand is not None else ()
    attention_first = sorted(
        lines,
        key=lambda line: line.status not in _NEEDS_ATTENTION and not line.days_overdue,
    )
    return view.BackSummary(
        lines=tuple(line_view(state, line, is_open=False) for line in attention_first),
        done=phase.forgotten + sum(line.status in RID_OF for line in lines),
        to_staff=sum(line.status is BackStatus.BACK_TO_STAFF for line in lines),
        not_taken=sum(line.status in (BackStatus.NOT_TAKEN, BackStatus.HANDED_BACK) for line in lines),
        seconds_left=_seconds_left(state, phase.until),
        readers=len({line.reader for line in lines if line.reader}),
        is_recorded_only=any(line.status is BackStatus.BACK_RECORDED for line in lines),
        receipt=receipt_making.slip_of(state),
        choices=(Choice(view.DONE), *receipts),
    )


def dropping(state: State, batch: Batch, work: DropWork) -> view.BookDropping:
    """What is seen at the book drop while an item is in it."""
    line = batch.lines[0] if batch.lines else None
    return view.BookDropping(
        step=work.step,
        line=None if line is None else line_view(state, line, is_open=False),
        why=work.why,
        done=state.drop_unit.done,
        is_recorded_only=state.is_server_away,
        choices=_languages(state),
    )


def drop_at_rest(state: State) -> view.BookDropping:
    """What is seen at the book drop while nothing is in it, or nothing can be taken."""
    step = DropStep.READY
    if drop.is_away(state):
        step = DropStep.AWAY
    elif state.drop_unit.is_full:
        step = DropStep.FULL
    return view.BookDropping(
        step,
        done=state.drop_unit.done,
        is_recorded_only=state.is_server_away,
        choices=_languages(state),
    )


def _languages(state: State) -> tuple[Choice, ...]:
    return tuple(Choice(f"language:{language.value}") for language in state.settings.languages)


def line_view(state: State, line: BackLineState, *, is_open: bool) -> view.BackLine:
    """*line* as it is shown, with what can be chosen in it while *is_open*."""
    choices: list[Choice] = []
    waits = line.status is BackStatus.PARTS_MISSING or (
        line.status is BackStatus.WAITING and line.why is Trouble.NOT_ON_PAD
    )
    if waits and is_open:
        choices.append(Choice(f"{view.GIVE_BACK}:{line.id}"))
    if is_open and not is_under_way(line):
        choices += care.choices(state, line.item)
    return view.BackLine(
        id=line.id,
        status=line.status,
        item=line.item,
        title=line.title,
        was_due=line.was_due,
        days_overdue=line.days_overdue,
        fee=line.fee,
        why=line.why,
        message=line.message,
        parts=line.parts,
        parts_present=line.parts_present,
        bin=line.bin,
        route=line.route,
        reader=line.reader,
        reference=line.reference,
        slip=line.slip,
        choices=tuple(choices),
    )


def _seconds_left(state: State, until: float) -> int:
    return max(0, math.ceil(until - state.now.seconds))
