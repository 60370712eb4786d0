"""What the patron sees of a state: `view_of` picks the view, the functions below it fill it."""

from __future__ import annotations

import math
from typing import assert_never

from kiosk.workflow import (
    account,
    account_views,
    back_views,
    care,
    give_back,
    payments,
    receipt_making,
    strip_orders,
    strips,
    view,
)
from kiosk.workflow.borrow import waits_for_word
from kiosk.workflow.closing import books_seen
from kiosk.workflow.events import Device
from kiosk.workflow.greeting import greeting_of
from kiosk.workflow.line import BUSY, LENT, LineState
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.provisional import would_be
from kiosk.workflow.settings import Service, SessionSettings, Strips
from kiosk.workflow.state import (
    BackSumming,
    Broken,
    Dialog,
    Identifying,
    Idle,
    Returning,
    Serving,
    Session,
    Starting,
    State,
    Summing,
    TurnedAway,
    TypingNumber,
    TypingPin,
    books_left_to_borrow,
)
from kiosk.workflow.strip_orders import may_be_ready
from kiosk.workflow.view import Choice, Notice, Shown, Status, Trouble, Way

_NOTICES = (
    (Device.PAD, Notice.PAD_AWAY),
    (Device.SCANNER, Notice.SCANNER_AWAY),
    (Device.CARD_READER, Notice.CARD_READER_AWAY),
    (Device.PRINTER, Notice.PRINTER_AWAY),
    (Device.STRIP_UNIT, Notice.STRIP_UNIT_AWAY),
    (Device.PAYMENT_TERMINAL, Notice.PAYMENT_TERMINAL_AWAY),
    (Device.QR_PAYMENT, Notice.QR_PAYMENT_AWAY),
    (Device.BOOK_DROP, Notice.BOOK_DROP_AWAY),
)
_NEEDS_ATTENTION = (Status.NOT_LENT, Status.LENT_NOT_VERIFIED, Status.LENT_STAYS_SECURED)


def view_of(state: State) -> Shown:
    """*state* as it goes to the screen."""
    return Shown(_view(state), state.language, tuple(_notices(state)), state.settings.library)


def _notices(state: State) -> list[Notice]:
    notices = []
    if state.is_room_low:
        notices.append(Notice.STORAGE_FULL)
    if _lends_provisionally(state):
        notices.append(Notice.LENDING_PROVISIONALLY)
    elif state.is_server_away:
        notices.append(Notice.SERVER_AWAY)
    unused: tuple[Device, ...] = () if state.settings.has_printer else (Device.PRINTER,)
    unused = unused if state.settings.strips is not Strips.NONE else (*unused, Device.STRIP_UNIT)
    unused += tuple(device for means, device in payments.DEVICES.items() if means not in state.settings.means)
    away = [device for device in state.down if device not in unused]
    return notices + [notice for device, notice in _NOTICES if device in away]


def _lends_provisionally(state: State) -> bool:
    if state.is_room_low:
        return False
    return state.phase.session.is_provisional if isinstance(state.phase, Serving) else would_be(state)


def _view(state: State) -> view.View:
    if state.warned_at is not None:
        left = _seconds_left(state, state.warned_at + state.settings.warning_seconds)
        offered = (Choice(view.MORE_TIME), Choice(view.FINISH))
        return view.StillThere(left, state.settings.warning_seconds, offered)
    codes = receipt_making.code_view(state)
    if codes is not None:
        return codes
    match state.phase:
        case Starting():
            return view.OneMoment()
        case Broken(why):
            return view.OutOfService(why)
        case Idle() if state.settings.drop is not None:
            return back_views.drop_at_rest(state)
        case Idle():
            return _welcome(state, state.phase)
        case TypingNumber(is_wrong):
            return view.EnterNumber(is_wrong, choices=(Choice(view.CANCEL),))
        case TypingPin(_, tries_left):
            choices = (Choice(view.CANCEL),)
            return view.EnterPin(tries_left, state.settings.pin_length_max, _books_waiting(state), choices)
        case Identifying():
            return view.LookingUp()
        case TurnedAway(reasons, until, fee, messages):
            return view.NotServed(reasons, fee, messages, _seconds_left(state, until), (Choice(view.DONE),))
        case Serving(session):
            return _serving(state, session)
        case Summing(lines, until):
            return _summary(state, lines, until)
        case Returning(batch):
            return back_views.returning(state, batch)
        case BackSumming():
            return back_views.summary(state, state.phase)
        case _:
            assert_never(state.phase)


def _welcome(state: State, phase: Idle) -> view.View:
    settings = state.settings
    ways = ways_in(settings, state.down) if give_back.is_for_cards(settings) else ()
    may_give_back = give_back.is_offered(settings) and _sees_items(state)
    if not (ways or may_give_back):
        return view.OutOfService(view.Outage.NO_WAY_IN)
    _, odd = survey(free_tags(state.pad), settings.owners)
    troubles = [thing.trouble for thing in odd]
    if phase.trouble is not None:
        troubles.insert(0, phase.trouble)
    choices = [Choice(view.NUMBER)] if Way.NUMBER in ways else []
    if may_give_back:
        choices.append(Choice(view.GIVE_BACK))
    if state.wants_account:
        choices.append(Choice(view.CANCEL))
    elif account.is_offered(settings):
        choices.append(Choice(view.ACCOUNT, not state.is_server_away))
    choices += [Choice(f"language:{language.value}") for language in settings.languages]
    return view.Welcome(
        ways=ways,
        books=_books_waiting(state),
        left=len(state.pad.quarantined),
        troubles=tuple(dict.fromkeys(troubles)),
        card_not_read=phase.card_not_read,
        is_for_account=state.wants_account,
        choices=tuple(choices),
        is_lending=Service.BORROW in settings.services,
    )


def _sees_items(state: State) -> bool:
    """Whether a device works that sees what is given back."""
    settings = state.settings
    has_pad = settings.has_pad and Device.PAD not in state.down
    return has_pad or (settings.has_scanner and Device.SCANNER not in state.down)


def ways_in(settings: SessionSettings, down: tuple[Device, ...]) -> tuple[Way, ...]:
    """How a reader can say who they are with the devices that work."""
    ways = []
    if settings.has_card_reader and Device.CARD_READER not in down:
        ways.append(Way.CARD)
    if settings.has_scanner and Device.SCANNER not in down:
        ways.append(Way.BARCODE)
    if settings.has_number_pad:
        ways.append(Way.NUMBER)
    return tuple(ways)


def _books_waiting(state: State) -> int:
    found, _ = survey(free_tags(state.pad), state.settings.owners)
    return len(found)


def _serving(state: State, session: Session) -> view.View:
    for line in session.lines:
        if line.status is Status.PUT_BACK:
            left = _seconds_left(state, line.since + state.settings.put_back_seconds)
            return view.PutBack(line_view(line), left, (Choice(view.NO),))
    wanted = strips.in_process(session)
    if wanted is not None and wanted.status is Status.STRIP_WANTED:
        return _at_strip_unit(state, wanted)
    page = account_views.page_view(state, session, greeting_of(session.name, state.settings.greeting))
    if page is not None:
        return page
    marking = care.view_of(state)
    if not session.is_ending:
        if marking is not None:
            return marking
        for line in session.lines:
            if line.status is Status.NEEDS_CONSENT:
                return view.FeeConsent(line_view(line), (Choice(view.YES), Choice(view.NO)))
        seen = books_seen(session)
        if session.dialog is Dialog.HOW_MANY:
            counts = [Choice(f"count:{count}") for count in range(1, state.settings.count_max + 1)]
            return view.HowMany(seen, (*counts, Choice(view.CANCEL)))
        if session.dialog is Dialog.DIFFERS_AT_FINISH and session.declared is not None:
            return view.CountDiffers(session.declared, seen, (Choice(view.NO), Choice(view.YES)))
    return _borrowing(state, session)


def _at_strip_unit(state: State, line: LineState) -> view.UseStripUnit:
    is_working = strip_orders.is_working(state, line)
    ready = () if state.settings.strip_unit_senses else (Choice(view.STRIP_READY, may_be_ready(state, line)),)
    return view.UseStripUnit(
        line=line_view(line),
        step=strips.step_of(state, line),
        seconds_left=_seconds_left(state, line.since + state.settings.strip_seconds),
        is_working=is_working,
        choices=(*ready, Choice(view.NO, not strips.work_of(line).is_over)),
    )


def _borrowing(state: State, session: Session) -> view.Borrowing:
    is_open = not session.is_ending
    to_confirm = sum(waits_for_word(state.settings, line) for line in session.lines) if is_open else 0
    borrow = (Choice(view.BORROW),) if to_confirm else ()
    may_look = account.may_be_opened(state, session)
    to_account = (Choice(view.ACCOUNT, may_look),) if account.is_offered(state.settings) else ()
    return view.Borrowing(
        greeting=greeting_of(session.name, state.settings.greeting),
        lines=tuple(line_view(line, _care(state, session, line)) for line in session.lines),
        books=books_seen(session),
        lent=sum(line.status in LENT for line in session.lines),
        declared=session.declared,
        quota=session.loan_limit,
        quota_left=books_left_to_borrow(session),
        is_busy=any(line.status in BUSY for line in session.lines),
        to_confirm=to_confirm,
        is_provisional=session.is_provisional,
        news=session.news,
        choices=(*borrow, *to_account, Choice(view.COUNT, is_open), Choice(view.FINISH, is_open)),
    )


def _care(state: State, session: Session, line: LineState) -> tuple[Choice, ...]:
    is_at_rest = line.status not in BUSY and not session.is_ending
    return care.choices(state, line.item) if is_at_rest else ()


def line_view(line: LineState, more: tuple[Choice, ...] = ()) -> view.Line:
    """*line* as it is shown, with what can be chosen in it, and *more*."""
    choices: tuple[Choice, ...] = ()
    if line.status is Status.ALREADY_YOURS and line.may_renew:
        choices = (Choice(f"renew:{line.id}"),)
    elif line.status is Status.WAITING:
        choices = (Choice(f"leave-out:{line.id}"),)
    elif line.status is Status.INCOMPLETE and line.may_lack_parts:
        choices = (Choice(f"lend-incomplete:{line.id}"),)
    return view.Line(
        id=line.id,
        status=line.status,
        item=line.item,
        title=line.title,
        due=line.due,
        why=line.why,
        fee=line.fee,
        parts=line.parts,
        parts_present=line.parts_present,
        message=line.message,
        is_provisional=line.is_provisional,
        reference=line.reference,
        slip=line.slip,
        choices=(*choices, *more),
    )


def _summary(state: State, lines: tuple[LineState, ...], until: float) -> view.Summary:
    attention_first = sorted(
        lines,
        key=lambda line: line.status not in _NEEDS_ATTENTION and line.why is not Trouble.STRIP_NOT_CHECKED,
    )
    return view.Summary(
        lines=tuple(line_view(line) for line in attention_first),
        lent=sum(line.status in LENT for line in lines),
        renewed=sum(line.status is Status.RENEWED for line in lines),
        not_lent=sum(line.status is Status.NOT_LENT for line in lines if line.why is not Trouble.PATRON_CARD),
        seconds_left=_seconds_left(state, until),
        is_provisional=any(line.is_provisional for line in lines),
        receipt=receipt_making.slip_of(state),
        choices=(Choice(view.DONE), *(receipt_making.choices(state) if state.on_hand is not None else ())),
    )


def _seconds_left(state: State, until: float) -> int:
    return max(0, math.ceil(until - state.now.seconds))
