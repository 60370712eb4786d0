"""Returns and payments in doubt, over systems that behave as real ones: wherever the line breaks, no newer loan is
ended, money is posted once, and what cannot be told is a case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.entries import Promise, Settlement
from tests.kit.effort import effort
from tests.kit.sip2_personalities import EVERY_PERSONALITY, KOHA, Personality, Takes
from tests.kit.sip2_systems import Breaks, Fault, Fee, Loan
from tests.sync.servers.in_doubt import AT, BOOK, READER, STRANGER
from tests.sync.servers.in_doubt_returns import (
    OWED,
    PAID,
    Ended,
    Terminal,
    broken_payment,
    broken_return,
    give_back,
    pay,
)

STEP = effort(5, 1)

RETURNING = pytest.mark.parametrize("personality", EVERY_PERSONALITY, ids=lambda one: one.dialect)
PAYING = pytest.mark.parametrize(
    "personality",
    [one for one in EVERY_PERSONALITY if one.takes is not Takes.NOTHING],
    ids=lambda one: one.dialect,
)
BREAKING = pytest.mark.parametrize("breaks", Breaks, ids=lambda one: one.name.lower())


def lengths(personality: Personality, promise: Promise, message: str, breaks: Breaks) -> range:
    """Places where the request, or its reply, can be cut, in a soak run every one; a single one where nothing is."""
    terminal = Terminal(personality, promise, [])
    terminal.play()
    for request, reply in zip(terminal.system.frames, terminal.system.replies, strict=True):
        if request.startswith(message.encode()):
            if breaks is Breaks.REQUEST_CUT:
                return range(0, len(request) + 2, STEP)
            return (
                range(0, len(reply) + 1, STEP)
                if breaks in (Breaks.REPLY_CUT, Breaks.REPLY_STOPS)
                else range(1)
            )
    raise AssertionError(f"no {message} was sent")


@BREAKING
@RETURNING
def test_a_return_reaches_every_system_over_any_line(personality: Personality, breaks: Breaks) -> None:
    """Wherever request or reply is cut: the loan ends once, and the entry is done, or a case that says why not."""
    wrong = {}
    for length in lengths(personality, give_back(), "09", breaks):
        terminal = Terminal(personality, give_back(), [Fault("09", breaks, length)])
        ended = terminal.play()
        if broken_return(ended, terminal.system):
            wrong[length] = (ended, terminal.system.done)
    assert wrong == {}


@RETURNING
def test_a_newer_loan_is_never_ended(personality: Personality) -> None:
    """Somebody borrowed the item again before the terminal could ask: their loan stays theirs."""
    terminal = Terminal(personality, give_back(), [Fault("09", Breaks.NO_REPLY)])
    terminal.courier.enter([terminal.entry], is_of_session=False)
    terminal.courier.turn()
    assert terminal.system.loans == {}
    terminal.system.loans[BOOK] = Loan(STRANGER, AT + timedelta(days=28))
    for _ in range(20):
        turned = terminal.courier.turn()
        if turned.wait_seconds is None:
            break
        terminal.clock.wait(turned.wait_seconds)
    assert terminal.system.loans[BOOK].patron == STRANGER
    assert len(terminal.system.done) == 1


@BREAKING
@PAYING
def test_money_is_posted_once_over_any_line(personality: Personality, breaks: Breaks) -> None:
    """Wherever request or reply is cut: done means posted in full and once; what else happened is a case, and a card
    that is not the reader's is never credited with the reader's money."""
    wrong = {}
    promise = pay(personality)
    for length in lengths(personality, promise, "37", breaks):
        terminal = Terminal(personality, promise, [Fault("37", breaks, length)])
        ended = terminal.play()
        if broken_payment(ended, terminal.system, promise):
            wrong[length] = (ended, terminal.system.payments)
    assert wrong == {}


@PAYING
def test_a_lost_answer_to_a_payment_is_asked_about(personality: Personality) -> None:
    """Nothing is sent twice: the account shows that it was posted."""
    terminal = Terminal(personality, pay(personality), [Fault("37", Breaks.NO_REPLY)])
    assert terminal.play() == Ended(Settlement.DONE, ())
    assert sum(frame.startswith(b"37") for frame in terminal.system.frames) == 1


@PAYING
def test_these_systems_would_post_it_again(personality: Personality) -> None:
    """The danger is real: where enough is owed, the same bytes again are another payment."""
    system = Terminal(personality, pay(personality), []).system
    system.fees = [Fee("F1", READER, 5 * OWED, BOOK)]
    request = b"3720261122    0804510102CNYAOLIB|AA" + READER.encode() + b"|BV6.50|ACX\r"
    system.receive(request)
    system.receive(request)
    assert [units for _, units, _ in system.payments] == [PAID, PAID]


def test_a_sum_before_the_card_would_pay_for_a_shorter_number() -> None:
    """The danger is real: a request that is cut in the card's number is executed, so the sum comes behind it."""
    system = Terminal(KOHA, pay(KOHA), []).system
    system.receive(b"3720261122    0804510102CNYBV6.50|AOLIB|AA" + READER.encode()[:5])
    system.hang_up()
    assert system.payments == [(READER[:5], PAID, "")]
