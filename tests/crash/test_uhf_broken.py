"""UHF pads that are broken on purpose: the judge of `uhf_play.py` sees each of them, and acquits the real one."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.link import Clock, Link
from drivers.masked import Secret
from drivers.rfid import TagGone, TagUid, WriteRefused, a0_commands
from drivers.rfid.a0_commands import Writing
from drivers.rfid.a0_exchange import A0Exchange
from drivers.rfid.a0_pad import A0Module, A0PadSettings
from drivers.rfid.fenced_exchange import AnswerLost
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf18_exchange import Uhf18Exchange
from drivers.rfid.uhf18_pad import Uhf18Module, Uhf18PadSettings
from drivers.rfid.uhf_bits import Change, Shown
from drivers.rfid.uhf_module import PC_WORD, Bank
from drivers.rfid.uhf_pad import UhfPad
from drivers.sim.a0_reader import A0Reader
from drivers.sim.uhf18_reader import Uhf18Reader
from tests.kit.effort import effort
from tests.kit.uhf_play import play
from tests.kit.uhf_wirings import UhfWiring

WAYS = [Security.UHF_AFI, Security.UHF_BIT]


class Trusting(UhfPad):
    """Believes a module that says "written"."""

    def _written(self, uid: TagUid, epc: bytes, change: Change) -> tuple[Shown, str]:
        shown, refusal = super()._written(uid, epc, change)
        return (shown if refusal else change.after), refusal


class Hasty(UhfPad):
    """Is content when the new EPC answers, whoever answers to the old one."""

    def _read_back(self, old: bytes, new: bytes, is_confirmed: bool) -> Shown:
        shown = self._reading.answering(new, 3)
        return shown if shown is not None else self._reading.bank(old)[1]


class Blind(UhfPad):
    """Takes one of two tags with one name."""

    def _named(self, uid: TagUid) -> tuple[bytes, ...]:
        return super()._named(uid)[-1:]

    def _check_alone(self, shown: Shown) -> None:
        return


class Nameless(A0Module):
    """Takes what was read for the tag's that was selected, whoever it names."""

    def _words(self, epc: bytes, bank: Bank, first: int, count: int) -> bytes | None:
        self._select(epc)
        answer = self._exchange.ask(a0_commands.read_words(bank, first, count))
        return None if answer.code is not None else answer.data[-3 - count * 2 : -3]


class Careless(A0Module):
    """Writes without selecting the tag anew: to whoever is selected, or to all."""

    def write_epc_word(self, epc: bytes, word: int, value: int, password: Secret) -> None:
        key = bytes.fromhex(password.reveal())
        try:
            self._exchange.ask_once(a0_commands.write_word(word, value, key, Writing.BLOCK))
        except AnswerLost as lost:
            raise TagGone("lost") from lost


class Slow(A0Module):
    """Proves the selection, however long ago that is when it writes."""

    def _prove_selection(self, epc: bytes) -> None:
        self._selected = b""
        if self._words(epc, Bank.EPC, PC_WORD, 1) is None:
            raise WriteRefused("weak")


def uhf18_with(kind: type[UhfPad]) -> UhfWiring:
    def opened(given: dict[str, Any], link: Link, clock: Clock) -> UhfPad:
        settings = Uhf18PadSettings(**given)
        exchange = Uhf18Exchange(
            link,
            clock,
            address=settings.bus_address,
            answer_seconds_max=settings.answer_seconds_max,
            retries=settings.retries,
        )
        module = Uhf18Module(settings, link, exchange)
        module.begin()
        return kind(settings, module)

    return UhfWiring(kind.__name__, lambda clock: Uhf18Reader(clock, tags_per_answer=2), opened)


def a0_with(kind: type[UhfPad], module_kind: type[A0Module] = A0Module) -> UhfWiring:
    def opened(given: dict[str, Any], link: Link, clock: Clock) -> UhfPad:
        settings = A0PadSettings(**given)
        exchange = A0Exchange(
            link,
            clock,
            address=settings.bus_address,
            answer_seconds_max=settings.answer_seconds_max,
            retries=settings.retries,
        )
        module = module_kind(settings, link, clock, exchange)
        module.begin()
        return kind(settings, module)

    return UhfWiring(kind.__name__, A0Reader, opened)


SOUND = {"uhf18": uhf18_with(UhfPad), "a0": a0_with(UhfPad)}
BROKEN = {
    "uhf18 trusting": uhf18_with(Trusting),
    "uhf18 hasty": uhf18_with(Hasty),
    "uhf18 blind": uhf18_with(Blind),
    "a0 trusting": a0_with(Trusting),
    "a0 hasty": a0_with(Hasty),
    "a0 blind": a0_with(Blind),
    "a0 nameless": a0_with(UhfPad, Nameless),
    "a0 slow": a0_with(UhfPad, Slow),
    "a0 careless": a0_with(UhfPad, Careless),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.value)
@pytest.mark.parametrize("name", SOUND)
def test_whatever_happens_the_pad_says_what_is_so(name: str, way: Security) -> None:
    """In hundreds of random days no tag counts as released that is not, and nothing but the security is written."""
    assert play(range(effort(200)), way, SOUND[name]) > 50


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_pad_is_seen(name: str) -> None:
    """A pad without one of the precautions is found out by the same days."""
    with pytest.raises(AssertionError):
        play(range(100), Security.UHF_BIT, BROKEN[name])
