"""Slips as plainly invented values: what pictures and tests of paper are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from kiosk.workflow.slips import Slip
from kiosk.workflow.view import Language, Trouble
from sync.entries import ItemId
from tests.look.samples import DUE, LIBRARY, LONG_CHINESE_TITLE, LONG_TITLE

SLIPS_ON_PAPER: Mapping[str, Slip] = {
    "unknown": Slip(
        "k7f2-31-213-1",
        ItemId("10000013"),
        Trouble.RELEASE_UNKNOWN_SHOW_AT_DESK,
        datetime(2027, 4, 14, 1, 5, tzinfo=UTC),
        Language.ENGLISH,
        "",
        LONG_CHINESE_TITLE,
        DUE,
    ),
    "not-secured": Slip(
        "k7f2-31-215-2",
        ItemId("10000025"),
        Trouble.NOT_SECURED_LOAN_UNDONE,
        datetime(2027, 4, 14, 1, 5, tzinfo=UTC),
        Language.ENGLISH,
        "",
        LONG_TITLE,
    ),
    "gate": Slip(
        "k7f2-31-216-1",
        ItemId("10000028"),
        Trouble.STRIP_NOT_CHECKED,
        datetime(2027, 4, 14, 1, 5, tzinfo=UTC),
        Language.ENGLISH,
        "",
        "城市的树",
        DUE,
    ),
    "ask-staff": Slip(
        "k7f2-31-214-1",
        ItemId("10000024"),
        Trouble.RELEASE_FAILED_ASK_STAFF,
        datetime(2027, 4, 14, 1, 5, tzinfo=UTC),
        Language.ENGLISH,
        "",
    ),
}


def slip(name: str, language: Language) -> Slip:
    """The slip *name* of a reader who reads *language*."""
    return replace(SLIPS_ON_PAPER[name], language=language, library=LIBRARY[language])
