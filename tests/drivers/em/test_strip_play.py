"""Strip units of every driver in random play."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from drivers.em.bookcheck_settings import BookCheckSettings
from tests.kit.effort import effort
from tests.kit.strip_bench import CONTACTS, TABLE, StripBench, bookcheck, contacts, serial
from tests.kit.strip_play import Play

MAKERS: dict[str, Callable[[], StripBench]] = {
    "bookcheck": lambda: bookcheck(BookCheckSettings()),
    "contacts": lambda: contacts(CONTACTS),
    "serial": lambda: serial(TABLE, 1),
}
ENDINGS = ("treated inactive", "treated active", "spoilt", "left", "DeviceLost")


@pytest.mark.parametrize("name", list(MAKERS))
def test_no_play_makes_a_coil_act_that_was_not_told_to(name: str) -> None:
    """Among items in a hurry, broken answers and pulled cables a coil acts only for its deed, and events are true."""
    seen: Counter[str] = Counter()
    for seed in range(effort(40)):
        play = Play(MAKERS[name](), seed)
        play.run(120)
        seen += play.seen

    assert not [ending for ending in ENDINGS if not seen[ending]]
