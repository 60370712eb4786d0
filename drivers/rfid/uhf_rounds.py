"""How often a UHF field is asked who is there: tags that one round misses are no proof that a book was taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drivers.link import DeviceLost
from drivers.rfid.fenced_exchange import AnswerLost
from drivers.rfid.uhf_module import Heard

__all__ = ["Round", "gathered"]


@dataclass(frozen=True, slots=True)
class Round:
    """One inventory: who was *heard*, whether it ended undamaged, and whether the module says that it lacks some.

    None among those heard is a tag without an EPC, which cannot be named.
    """

    heard: Iterable[Heard | None]
    is_whole: bool
    may_lack: bool = False


def gathered(ask: Callable[[], Round], tries: int) -> tuple[Heard, ...]:
    """All tags heard in up to *tries* rounds, each EPC once.

    Another round is asked for while one was damaged, or may lack some and told of tags not heard before.  *ask* may
    raise `AnswerLost`.  Raises `DeviceLost` when no round arrives at all.
    """
    heard: dict[bytes, Heard] = {}
    has_answered = False
    for _ in range(tries):
        try:
            one = ask()
        except AnswerLost:
            continue
        has_answered = True
        found = {tag.epc: tag for tag in one.heard if tag is not None}
        has_news = bool(found.keys() - heard.keys())
        heard |= found
        if one.is_whole and not (one.may_lack and has_news):
            break
    if not has_answered:
        raise DeviceLost("no inventory arrived undamaged")
    return tuple(heard.values())
