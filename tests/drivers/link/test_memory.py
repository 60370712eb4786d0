"""The memory link and the virtual clock: the tests' own ground."""

from __future__ import annotations

from datetime import UTC

import pytest

from drivers.link import DeviceLost
from drivers.link.memory import (
    AnswerFault,
    Corrupted,
    Cut,
    Late,
    Lost,
    MemoryLink,
    Noise,
    Repeated,
    Sound,
    VirtualClock,
)


class Echo:
    """Answers every write with the same bytes; says *unasked* once when it is asked for nothing."""

    def __init__(self, unasked: bytes = b"") -> None:
        self.unasked = unasked
        self.heard = b""

    def receive(self, data: bytes) -> bytes:
        self.heard += data
        if not data:
            data, self.unasked = self.unasked, b""
        return data


def linked(unasked: bytes = b"", chunk_bytes: int = 0) -> tuple[MemoryLink, VirtualClock, Echo]:
    clock, far_end = VirtualClock(), Echo(unasked)
    return MemoryLink(far_end, clock, chunk_bytes=chunk_bytes), clock, far_end


def all_of(link: MemoryLink, timeout_seconds: float = 1.0) -> list[bytes]:
    pieces = []
    while piece := link.read(100, timeout_seconds):
        pieces.append(piece)
    return pieces


def test_virtual_time_passes_only_by_waiting() -> None:
    """Both times move by what is waited, not at all by zero or less, and a jump moves the wall alone."""
    clock = VirtualClock()
    wall = clock.now()
    clock.wait(1.5)
    clock.wait(0)
    clock.wait(-3)
    clock.jump_wall(-60)

    assert clock.monotonic() == 1.5
    assert (clock.now() - wall).total_seconds() == 1.5 - 60
    assert clock.now().tzinfo is UTC


def test_an_answer_is_there_at_once_and_costs_no_time() -> None:
    """A sound answer is read without the clock moving."""
    link, clock, _ = linked()
    link.write(b"abc", 1.0)

    assert link.read(100, 1.0) == b"abc"
    assert clock.monotonic() == 0


def test_an_empty_read_costs_its_timeout() -> None:
    """Nothing to read moves the clock by the whole timeout, and a look costs nothing."""
    link, clock, _ = linked()

    assert (link.read(1, 0.0), clock.monotonic()) == (b"", 0.0)
    assert (link.read(1, 2.5), clock.monotonic()) == (b"", 2.5)


@pytest.mark.parametrize(
    ("chunk", "pieces"),
    [(0, [b"abcdefg"]), (1, [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]), (3, [b"abc", b"def", b"g"])],
)
def test_pieces_are_as_small_as_wanted(chunk: int, pieces: list[bytes]) -> None:
    """The same bytes can arrive whole, one by one, or in threes."""
    link, _, _ = linked(chunk_bytes=chunk)
    link.write(b"abcdefg", 1.0)

    assert all_of(link) == pieces


def test_a_read_never_gives_more_than_asked_for() -> None:
    """What does not fit into one read stays for the next."""
    link, _, _ = linked()
    link.write(b"abcdef", 1.0)

    assert [link.read(4, 0.0), link.read(4, 0.0)] == [b"abcd", b"ef"]


@pytest.mark.parametrize(
    ("fault", "arrives"),
    [
        (Sound(), b"abcd"),
        (Lost(), b""),
        (Corrupted(), b"abce"),
        (Corrupted(0, 0x20), b"Abcd"),
        (Cut(2), b"ab"),
        (Repeated(), b"abcdabcd"),
        (Noise(b"??"), b"??abcd"),
    ],
    ids=repr,
)
def test_faults_hit_one_answer_only(fault: AnswerFault, arrives: bytes) -> None:
    """An injected fault changes the next answer as it says, and the one after it is sound."""
    link, _, _ = linked()
    link.inject(fault)
    link.write(b"abcd", 1.0)

    assert b"".join(all_of(link)) == arrives
    link.write(b"next", 1.0)
    assert link.read(100, 0.0) == b"next"


def test_a_late_answer_arrives_when_it_is_due() -> None:
    """It is not there before, a long enough read waits just for it, and discarding does not reach it."""
    link, clock, _ = linked()
    link.inject(Late(2.0))
    link.write(b"abc", 1.0)

    assert link.read(100, 1.5) == b""
    assert link.discard_input() == 0
    assert link.read(100, 5.0) == b"abc"
    assert clock.monotonic() == 2.0


def test_what_a_far_end_says_unasked_is_read() -> None:
    """A far end that speaks first is heard."""
    link, _, _ = linked(unasked=b"scan")

    assert link.read(100, 1.0) == b"scan"


def test_discarding_counts_what_it_throws_away() -> None:
    """What arrived unread is gone, and its length is told."""
    link, _, _ = linked()
    link.write(b"abc", 1.0)

    assert link.discard_input() == 3
    assert link.read(100, 0.0) == b""


def test_an_unplugged_link_raises_everywhere_until_it_is_plugged_in() -> None:
    """Every call but close raises; what was under way is lost; afterwards it works again."""
    link, _, _ = linked()
    link.write(b"abc", 1.0)
    link.unplug()
    for call in (lambda: link.read(1, 0.0), lambda: link.write(b"x", 1.0), link.discard_input):
        with pytest.raises(DeviceLost):
            call()
    link.replug()

    assert link.read(100, 0.0) == b""
    link.write(b"new", 1.0)
    assert link.read(100, 0.0) == b"new"


def test_a_refused_write_raises_after_its_timeout() -> None:
    """A line that takes nothing costs the write's timeout and is a lost device."""
    link, clock, far_end = linked()
    link.refuses_writes = True

    with pytest.raises(DeviceLost):
        link.write(b"abc", 0.7)
    assert (clock.monotonic(), far_end.heard) == (0.7, b"")


def test_a_silent_link_swallows_both_directions() -> None:
    """Nothing written arrives and nothing is heard."""
    link, _, far_end = linked(unasked=b"scan")
    link.silent = True
    link.write(b"abc", 1.0)

    assert (link.read(100, 1.0), far_end.heard) == (b"", b"")


def test_a_closed_link_stays_closed() -> None:
    """Closing twice is harmless, and every other call raises."""
    link, _, _ = linked()
    link.close()
    link.close()

    with pytest.raises(DeviceLost):
        link.read(1, 0.0)
