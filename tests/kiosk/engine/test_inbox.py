"""The only queue into the desk: in order, bounded, and nothing is lost but what a newer thing replaces."""

from __future__ import annotations

import threading

from kiosk.engine.inbox import Inbox


def pad_or_none(thing: str) -> str | None:
    return "pad" if thing.startswith("pad") else None


def test_what_is_posted_is_taken_in_order() -> None:
    """The taker gets all that waits, oldest first, and then nothing."""
    inbox: Inbox[str] = Inbox()
    for thing in ("touch", "scan", "answer"):
        inbox.post(thing)

    assert inbox.take(0) == ("touch", "scan", "answer")
    assert inbox.take(0) == ()


def test_only_the_newest_reading_of_the_pad_waits() -> None:
    """A newer reading replaces the older one and stands where the newer came; touches around it stay."""
    inbox: Inbox[str] = Inbox(replaces=pad_or_none)
    for thing in ("pad 1", "touch", "pad 2", "answer", "pad 3", "touch"):
        inbox.post(thing)

    assert inbox.take(0) == ("touch", "answer", "pad 3", "touch")


def test_a_reading_taken_is_not_replaced_afterwards() -> None:
    """What the desk has taken cannot be called back by a newer reading."""
    inbox: Inbox[str] = Inbox(replaces=pad_or_none)
    inbox.post("pad 1")
    assert inbox.take(0) == ("pad 1",)

    inbox.post("pad 2")
    inbox.post("pad 3")

    assert inbox.take(0) == ("pad 3",)


def test_a_full_inbox_makes_the_poster_wait_and_drops_nothing() -> None:
    """A thread that posts into a full inbox goes on when the desk has taken; all things arrive in order."""
    inbox: Inbox[int] = Inbox(size_max=3)

    def post_all() -> None:
        for number in range(100):
            inbox.post(number)

    poster = threading.Thread(target=post_all)
    poster.start()
    taken: list[int] = []

    while len(taken) < 100:
        some = inbox.take(5)
        assert 0 < len(some) <= 3
        taken += some
    poster.join(5)

    assert taken == list(range(100))


def test_a_reading_replaces_its_elder_even_in_a_full_inbox() -> None:
    """The pad never has to wait behind its own older reading."""
    inbox: Inbox[str] = Inbox(size_max=2, replaces=pad_or_none)
    inbox.post("touch")
    inbox.post("pad 1")

    inbox.post("pad 2")

    assert inbox.take(0) == ("touch", "pad 2")


def test_waiting_ends_when_something_is_posted() -> None:
    """The desk does not sleep through a touch: a long wait ends at once."""
    inbox: Inbox[str] = Inbox()
    poster = threading.Timer(0.02, inbox.post, ["touch"])
    poster.start()

    assert inbox.take(60) == ("touch",)
    poster.join()


def test_a_hand_cranked_inbox_moves_the_clock_instead_of_waiting() -> None:
    """Where no other thread can post, waiting is told to whoever moves the time."""
    waited: list[float] = []
    inbox: Inbox[str] = Inbox(idle=waited.append)

    assert inbox.take(0.5) == ()
    inbox.post("touch")
    assert inbox.take(0.5) == ("touch",)

    assert waited == [0.5]
