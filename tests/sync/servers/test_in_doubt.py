"""In doubt, over systems that behave as real ones: wherever the line breaks, nothing is done twice or renewed, and what
cannot be told is a case."""

from __future__ import annotations

import pytest

from tests.kit.sip2_systems import PERSONALITIES, Breaks, Deed, Fault, Loan, Personality
from tests.sync.servers.in_doubt import (
    AT,
    BOOK,
    KINDS,
    LENT,
    READER,
    STRANGER,
    TAKES,
    Terminal,
    broken_promises,
)

SYSTEMS = pytest.mark.parametrize("personality", PERSONALITIES, ids=lambda one: one.dialect)


def lengths(personality: Personality, kind: str, breaks: Breaks) -> range:
    """Every place where the request, or its reply, of a *kind* can be cut; a single one where nothing is."""
    terminal = Terminal(personality, kind, [])
    terminal.play()
    for request, reply in zip(terminal.system.frames, terminal.system.replies, strict=True):
        if request.startswith(KINDS[kind].encode()):
            if breaks is Breaks.REQUEST_CUT:
                return range(len(request) + 2)
            return range(len(reply) + 1) if breaks in (Breaks.REPLY_CUT, Breaks.REPLY_STOPS) else range(1)
    raise AssertionError(f"no {KINDS[kind]} was sent")


@pytest.mark.parametrize("breaks", Breaks, ids=lambda one: one.name.lower())
@pytest.mark.parametrize("kind", KINDS)
@SYSTEMS
def test_wherever_the_line_breaks_every_promise_holds(
    personality: Personality, kind: str, breaks: Breaks
) -> None:
    """At every byte of request and reply: what is asked for is done once at most, nothing is renewed by a loan, what
    the reader was told is so in the end, and another item that was lent in its place is a case that names it."""
    wrong = {}
    for length in lengths(personality, kind, breaks):
        ended = Terminal(personality, kind, [Fault(KINDS[kind], breaks, length)]).play()
        broken = broken_promises(kind, ended)
        if broken:
            wrong[length] = broken
    assert wrong == {}


@pytest.mark.parametrize("kind", [LENT, TAKES])
@SYSTEMS
def test_every_shorter_number_can_be_lent_and_is_found(personality: Personality, kind: str) -> None:
    """A request that is cut inside the number lends what the number begins with: each of them is found once."""
    found: list[str] = []
    for length in lengths(personality, kind, Breaks.REQUEST_CUT):
        ended = Terminal(personality, kind, [Fault("11", Breaks.REQUEST_CUT, length)]).play()
        found += sorted(ended.strangers)
    assert found == [BOOK[:length] for length in range(1, len(BOOK))]


@pytest.mark.parametrize("second", ["63", "17"])
@pytest.mark.parametrize("breaks", [Breaks.NO_REPLY, Breaks.NOTHING_ARRIVES, Breaks.LATE_REPLY])
@pytest.mark.parametrize("kind", KINDS)
@SYSTEMS
def test_the_question_may_meet_silence_too(
    personality: Personality, kind: str, breaks: Breaks, second: str
) -> None:
    """What is in doubt stays in doubt while asking about it fails, and is told apart afterwards."""
    faults = [Fault(KINDS[kind], Breaks.NO_REPLY), Fault(second, breaks)]
    assert broken_promises(kind, Terminal(personality, kind, faults).play()) == []


@SYSTEMS
def test_what_is_on_the_account_already_is_not_sent(personality: Personality) -> None:
    """A loan the terminal granted itself, and that staff have entered meanwhile, is never renewed by accident."""
    terminal = Terminal(personality, TAKES, [])
    terminal.system.loans[BOOK] = Loan(READER, AT)
    ended = terminal.play()
    assert (ended.done, ended.loans[BOOK]) == ((), READER)
    assert [case.reason.value for case in ended.cases] == ["due-differs"]


@SYSTEMS
def test_what_somebody_else_has_is_a_case(personality: Personality) -> None:
    """The server has the last word on what the terminal granted: its refusal is for staff, and touches nobody."""
    terminal = Terminal(personality, TAKES, [])
    terminal.system.loans[BOOK] = Loan(STRANGER, AT)
    ended = terminal.play()
    assert (ended.done, ended.loans[BOOK]) == ((), STRANGER)
    assert [case.reason.value for case in ended.cases] == ["loan-refused"]


@SYSTEMS
def test_on_a_good_line_nothing_is_in_doubt(personality: Personality) -> None:
    """Each system understands what it is asked, and does it once."""
    for kind, deed in zip(KINDS, (Deed.LENT, Deed.LENT, Deed.RENEWED, Deed.RETURNED), strict=True):
        ended = Terminal(personality, kind, []).play()
        assert ended.done == ((deed, BOOK, READER),), kind
        assert broken_promises(kind, ended) == []


@SYSTEMS
def test_these_systems_do_twice_what_is_sent_twice(personality: Personality) -> None:
    """The danger is real: the same bytes again renew the loan, and a request without its end is executed."""
    terminal = Terminal(personality, LENT, [])
    terminal.play()
    (request,) = (frame for frame in terminal.system.frames if frame.startswith(b"11"))

    terminal.system.receive(request + b"\r")
    terminal.system.receive(request.replace(b"AB" + BOOK.encode(), b"AB1")[: request.index(b"AB") + 3])
    terminal.system.hang_up()

    assert [deed for deed, _, _ in terminal.system.done] == [Deed.LENT, Deed.RENEWED, Deed.LENT]
    assert terminal.system.loans["1"].patron == READER
