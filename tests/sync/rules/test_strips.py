"""Which strips may be switched off: every combination of what is known of an item."""

from __future__ import annotations

from itertools import product

import pytest

from sync.rules.strips import MAGNETIC_TAPE, Interlock, StripFacts, interlock

BOOK = 1
FORMATS = [(), (None,), (BOOK,), (BOOK, None), (MAGNETIC_TAPE,), (BOOK, MAGNETIC_TAPE), (None, MAGNETIC_TAPE)]
WORLD = [StripFacts(*known) for known in product([True, False], [True, False, None], FORMATS, [True, False])]


@pytest.mark.parametrize("facts", WORLD, ids=repr)
def test_a_strip_is_switched_off_only_where_nothing_speaks_against_it(facts: StripFacts) -> None:
    """Magnetic media by anybody's word never; what stays in the house never; offline only what is known to be none."""
    says_magnetic = facts.magnetic is True or 3 in facts.media_formats
    is_known = facts.is_server_word or facts.magnetic is False

    found = interlock(facts)

    assert (found is None) == (facts.release and not says_magnetic and is_known)
    assert (found is Interlock.MAGNETIC_MEDIA) == says_magnetic


@pytest.mark.parametrize("magnetic", [True, False, None])
@pytest.mark.parametrize("is_server_word", [True, False])
def test_a_tape_stays_a_tape_whatever_else_is_said(magnetic: bool | None, is_server_word: bool) -> None:
    """A tag that says tape wins over a server that says none, and over "not to be released"."""
    for release in (True, False):
        facts = StripFacts(release, magnetic, (BOOK, MAGNETIC_TAPE), is_server_word)
        assert interlock(facts) is Interlock.MAGNETIC_MEDIA


def test_what_stays_in_the_house_is_permanent_also_when_its_media_are_not_known() -> None:
    """The reader is told the reason that will not change."""
    assert interlock(StripFacts(False, None, (), is_server_word=False)) is Interlock.PERMANENT


def test_only_the_servers_grant_stands_for_media_nobody_named() -> None:
    """SIP2's unknown is enough with a grant; the terminal's own books have to say that there are none."""
    assert interlock(StripFacts(True, None)) is None
    assert interlock(StripFacts(True, None, (BOOK,), is_server_word=False)) is Interlock.MEDIA_UNKNOWN
    assert interlock(StripFacts(True, False, (None,), is_server_word=False)) is None
