"""What readers do: choose, type, scan, show a card.  Each means something in some phases and nothing in the others."""

from __future__ import annotations

import re
from dataclasses import replace

from drivers.barcode import Scan
from drivers.masked import Masked, Secret
from kiosk.workflow import (
    account,
    account_touches,
    back_pad,
    borrow,
    care,
    closing,
    drop_reading,
    give_back,
    identify,
    lines,
    paying,
    receipt_making,
    release,
    renewals,
    strip_orders,
    strips,
    view,
)
from kiosk.workflow.account_state import Page
from kiosk.workflow.effects import Sound
from kiosk.workflow.pad import free_tags, survey
from kiosk.workflow.state import (
    BackSumming,
    Dialog,
    Idle,
    Returning,
    Serving,
    Session,
    State,
    Summing,
    TurnedAway,
    TypingNumber,
    TypingPin,
)
from kiosk.workflow.turn import Turn
from kiosk.workflow.view import Language, Status, Trouble
from sync.entries import BadIdentifier, item_id, patron_id


def active(state: State, turn: Turn) -> State:
    """*state* in which somebody was there just now."""
    return replace(state, active_at=turn.seconds)


def chosen(state: State, choice: str, turn: Turn) -> State:
    """*state* after the reader chose *choice*; one that is not offered there changes nothing."""
    name, _, argument = choice.partition(":")
    if name == "language":
        return _language(state, argument)
    if state.warned_at is not None:
        return _after_warning(replace(state, warned_at=None), choice, turn)
    if receipt_making.is_code_shown(state):
        return receipt_making.without_code(state) if choice == view.DONE else state
    match state.phase, choice:
        case Idle(), view.ACCOUNT if account.is_offered(state.settings):
            return replace(state, phase=Idle(), wants_account=True)
        case Idle(), view.GIVE_BACK if give_back.is_offered(state.settings):
            return give_back.begin(state, turn)
        case Idle(), view.CANCEL if state.wants_account:
            return closing.go_idle(state)
        case ((Summing() | BackSumming()), (view.PRINT | view.CODE)) if state.on_hand is not None:
            return receipt_making.chosen(state, name, state.on_hand.receipts, turn)
        case Idle(), view.NUMBER if state.settings.has_number_pad and give_back.is_for_cards(state.settings):
            return replace(state, phase=TypingNumber())
        case ((TypingNumber() | TypingPin()), view.CANCEL):
            return closing.go_idle(state)
        case ((TurnedAway() | Summing() | BackSumming()), view.DONE):
            return closing.go_idle(state)
        case Returning(batch), _ if batch.drop is None:
            return give_back.chosen(state, batch, name, argument, turn)
        case Serving(session), _:
            state, session = _in_session(state, session, name, argument, turn)
            return replace(state, phase=Serving(session))
        case _:
            return state


def _language(state: State, locale: str) -> State:
    for language in state.settings.languages:
        if language.value == locale:
            return replace(state, language=Language(locale))
    return state


def _after_warning(state: State, choice: str, turn: Turn) -> State:
    if choice == view.FINISH:
        return give_up_phase(state, turn)
    return state


def give_up_phase(state: State, turn: Turn) -> State:
    """*state* after the reader left, or said so: a session ends, a half-typed number is forgotten."""
    match state.phase:
        case Serving(session):
            return replace(state, phase=Serving(closing.end(session)), warned_at=None)
        case Returning(batch):
            return replace(state, phase=Returning(give_back.end(batch)), warned_at=None)
        case TypingNumber() | TypingPin():
            return closing.go_idle(state)
        case _:
            return replace(state, warned_at=None)


def _in_session(
    state: State, session: Session, name: str, argument: str, turn: Turn
) -> tuple[State, Session]:
    for line in session.lines:
        if line.status is Status.PUT_BACK:
            is_no = name == view.NO
            return release.not_put_back(state, session, line, turn) if is_no else (state, session)
    wanted = strips.in_process(session)
    if wanted is not None and wanted.status is Status.STRIP_WANTED:
        return state, strip_orders.chosen(state, session, wanted, name)
    if session.page is not Page.BOOKS:
        return account_touches.chosen(state, session, name, argument, turn)
    if session.is_ending:
        return state, session
    if state.care is not None:
        return care.chosen(state, name, argument, turn), session
    is_asked = session.dialog is not None or any(
        line.status is Status.NEEDS_CONSENT for line in session.lines
    )
    if name == view.ACCOUNT and not is_asked and account.is_offered(state.settings):
        return (
            account.opened(state, session, turn)
            if account.may_be_opened(state, session)
            else (state, session)
        )
    if name == "care" and not is_asked:
        marked = next((line for line in session.lines if line.item == argument), None)
        return (state if marked is None else care.begin(state, marked.item, marked.title)), session
    return state, _in_list(state, session, name, argument, turn)


def _in_list(state: State, session: Session, name: str, argument: str, turn: Turn) -> Session:
    if any(line.status is Status.NEEDS_CONSENT for line in session.lines):
        return borrow.consented(session, name == view.YES, turn) if name in (view.YES, view.NO) else session
    if session.dialog is not None:
        return _in_dialog(state, session, name, argument)
    match name:
        case view.FINISH:
            return closing.finish_chosen(session)
        case view.COUNT if not argument:
            return replace(session, dialog=Dialog.HOW_MANY)
        case view.BORROW:
            return borrow.confirm(session)
        case "leave-out":
            return borrow.leave_out(session, argument, turn)
        case "renew":
            return renewals.renew_line(state, session, argument, turn)
        case "lend-incomplete":
            return lines.accept_missing_parts(session, argument, turn)
        case _:
            return session


def _in_dialog(state: State, session: Session, name: str, argument: str) -> Session:
    match session.dialog, name:
        case Dialog.HOW_MANY, view.COUNT if argument.isascii() and argument.isdigit():
            if 1 <= int(argument) <= state.settings.count_max:
                return replace(session, dialog=None, declared=int(argument))
            return session
        case Dialog.HOW_MANY, view.CANCEL:
            return replace(session, dialog=None)
        case Dialog.DIFFERS_AT_FINISH, view.YES:
            return closing.end(session)
        case Dialog.DIFFERS_AT_FINISH, view.NO:
            return replace(session, dialog=None)
        case _:
            return session


def number_entered(state: State, number: Masked, turn: Turn) -> State:
    """*state* after a card number was typed."""
    if not isinstance(state.phase, TypingNumber):
        return state
    if not re.fullmatch(state.settings.patron_number_pattern, number.reveal()):
        return replace(state, phase=TypingNumber(is_wrong=True))
    return identify.number_given(state, number, turn)


def pin_entered(state: State, pin: Secret, turn: Turn) -> State:
    """*state* after a PIN was typed."""
    if not isinstance(state.phase, TypingPin):
        return state
    return identify.pin_given(state, state.phase, pin, turn)


def card_came(state: State, number: Masked, turn: Turn) -> State:
    """*state* after a card gave *number*: it begins a session, or ends the one that runs."""
    if not give_back.is_for_cards(state.settings):
        return state
    match state.phase:
        case Idle() | TypingNumber() | TypingPin() | TurnedAway() | Summing() | BackSumming():
            fresh = replace(
                closing.go_idle(state), language=state.language, wants_account=state.wants_account
            )
            return identify.number_given(fresh, number, turn)
        case Serving(session):
            state = replace(state, warned_at=None)
            return replace(state, phase=Serving(_card_in_session(state, session, number)))
        case Returning(batch):
            return replace(state, phase=Returning(give_back.end(batch, number)), warned_at=None)
        case _:
            return state


def _card_in_session(state: State, session: Session, number: Masked) -> Session:
    """The own card again finishes, unless money is under way; another card ends this session and begins the next, and
    nothing is mixed.
    """
    try:
        is_own = patron_id(number.reveal()) == session.patron
    except BadIdentifier:
        return session
    if is_own and paying.is_under_way(state, session):
        return session
    return closing.end(session, None if is_own else number)


def card_not_read(state: State, turn: Turn) -> State:
    """*state* after something was held to the card reader that gave no number."""
    if isinstance(state.phase, Idle):
        return replace(state, phase=Idle(card_not_read=True))
    return state


def scanned(state: State, scan: Scan, turn: Turn) -> State:
    """*state* after a barcode: an item where a session runs, else the number of a card."""
    if scan.flaw:
        is_other_kind = scan.flaw == "symbology"
        trouble = Trouble.NOT_THE_LIBRARYS_BARCODE if is_other_kind else Trouble.BARCODE_UNREADABLE
        return _bad_scan(state, trouble, turn)
    text = scan.text.reveal()
    is_patron = re.fullmatch(state.settings.patron_number_pattern, text) is not None
    is_item = re.fullmatch(state.settings.item_number_pattern, text) is not None
    if isinstance(state.phase, Serving) and is_item:
        return _item_scanned(state, state.phase.session, text, turn)
    if is_item and give_back.may_scan(state):
        return _item_given_back(state, text, turn)
    if is_patron and give_back.is_for_cards(state.settings):
        return card_came(state, scan.text, turn)
    return _bad_scan(state, Trouble.CARD_FIRST if is_item else Trouble.BARCODE_UNKNOWN, turn)


def _item_given_back(state: State, text: str, turn: Turn) -> State:
    try:
        item = item_id(text)
    except BadIdentifier:
        return _bad_scan(state, Trouble.BARCODE_UNKNOWN, turn)
    if state.settings.drop is not None:
        return drop_reading.scanned(state, item, turn)
    if not isinstance(state.phase, Returning):
        state = give_back.begin(state, turn, by_itself=True)
    if not isinstance(state.phase, Returning):
        return state
    return give_back.scanned(state, state.phase.batch, item, turn)


def _item_scanned(state: State, session: Session, text: str, turn: Turn) -> State:
    try:
        item = item_id(text)
    except BadIdentifier:
        return _bad_scan(state, Trouble.BARCODE_UNKNOWN, turn)
    state = strips.claimed(state, item)
    session = strips.scanned_again(state, session, item, turn)
    if session.page is Page.ACCOUNT and session.may_borrow and not session.is_ending:
        # A scan is a word of its own.
        session = replace(session, page=Page.BOOKS)
    if session.page is not Page.BOOKS:
        turn.play(Sound.REFUSED)
    elif not session.is_ending:
        found, _ = survey(free_tags(state.pad), state.settings.owners)
        session = lines.follow_scan(lines.without_scan_flaw(session), item, found, state.settings, turn)
    return replace(state, phase=Serving(session), warned_at=None)


def _bad_scan(state: State, trouble: Trouble, turn: Turn) -> State:
    match state.phase:
        case Serving(session) if session.page is Page.BOOKS and not session.is_ending:
            return replace(state, phase=Serving(lines.flawed_scan(session, trouble, turn)))
        case Returning(batch) if batch.drop is None and not batch.is_ending:
            batch = back_pad.flawed_scan(state, batch, trouble, turn)
            return replace(state, phase=Returning(batch), warned_at=None)
        case Idle():
            return replace(state, phase=Idle(trouble=trouble))
        case _:
            return state
