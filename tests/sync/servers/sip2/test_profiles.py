"""Dialects are data, and wrong data is refused with the place named."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.link import SettingsError
from drivers.masked import Secret
from sync.entries import Reason
from sync.servers.sip2.profile import make_profile, profile, profile_names
from sync.servers.sip2.settings import Sip2Settings


def standard() -> dict[str, Any]:
    shipped = profile("standard")
    table = {name: getattr(shipped, name) for name in shipped.__slots__ if name != "name"}
    lists = {name: list(value) for name, value in table.items() if isinstance(value, tuple)}
    return table | lists | {"reason_words": {}}


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_is_whole(name: str) -> None:
    """Every profile that comes with the product loads, and can log in, lend and tell what became of it."""
    loaded = profile(name)
    assert loaded.name == name
    assert {"93", "11", "09", "17"} <= set(loaded.supports)
    assert {"63", "23"} & set(loaded.supports)


def test_the_systems_of_the_reference_are_there() -> None:
    """The systems libraries use have their profiles."""
    expected = {
        "central",
        "koha",
        "evergreen",
        "edge-sip2",
        "alma",
        "dp2",
        "interlib-gbk",
        "sipserver",
        "aleph",
    }
    assert expected <= set(profile_names())


def test_what_a_profile_does_not_say_is_standard() -> None:
    """A profile changes what it names and nothing else."""
    assert profile("koha").reason_words == (
        ("NOT_FOR_LOAN", Reason.ITEM_NOT_FOR_LOAN),
        ("TOO_MANY", Reason.LIMIT_REACHED),
    )
    assert profile("koha").charset == "utf-8"
    assert profile("interlib-gbk").charset == "gb18030"
    assert profile("central").reason_field == "ZR"


def test_an_unknown_profile_names_the_known_ones() -> None:
    """The error for an unknown profile lists what there is."""
    with pytest.raises(SettingsError, match=r"'kohaa' is not known; there are: .*koha"):
        profile("kohaa")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("charset", "klingon", "charset"),
        ("charset", "utf-16", "charset"),
        ("charset", "hex", "charset"),
        ("terminator", "LF", "'CR', 'CRLF'"),
        ("error_detection", 1, "true or false"),
        ("unterminated_after_seconds", -1, "from 0 to 3600"),
        ("idle_seconds", True, "from 0 to 3600"),
        ("supports", ["65"], "a list out of"),
        ("lists", ["recalls"], "charged, fines, holds"),
        ("payment_card", "2", "two digits"),
        ("payment_qr", "٠٢", "two digits"),
        ("care_form", "see staff", "{flaws}"),
        ("care_form", "a|{flaws}", "without |"),
        ("fee_details", "folio", "'gossip'"),
        ("offline_return", "perhaps", "'yes', 'no', 'unknown'"),
        ("success_words", "成功", "a list of texts"),
        ("due_order", "ymd", "'dmy'"),
        ("reason_words", {"X": "nonsense"}, "item-not-for-loan"),
        ("reason_words", ["X"], "a table"),
        ("charzet", "utf-8", "not a key"),
    ],
)
def test_a_wrong_key_is_named(key: str, value: Any, said: str) -> None:
    """The error names table and key and says what is allowed."""
    with pytest.raises(SettingsError) as caught:
        make_profile("ours", {key: value}, standard())
    assert "[ours" in str(caught.value)
    assert key in str(caught.value) or "reason_words" in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_key_is_named() -> None:
    """A profile that lacks a key, with no standard to complete it, is refused."""
    table = standard()
    del table["sequence"]
    with pytest.raises(SettingsError, match=r"\[ours\] sequence: missing"):
        make_profile("ours", {}, table)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"institution": "A|B"}, "institution"),
        ({"location": "desk\r"}, "location"),
        ({"password": Secret("x|y")}, "password"),
        ({"user": "馆"}, "cp850 has not"),
        ({"language": "zh"}, "019 or 001"),
        ({"currency": "yuan"}, "ISO 4217"),
        ({"request_seconds": 0.0}, "request_seconds"),
        ({"login_seconds": 301.0}, "login_seconds"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], said: str) -> None:
    """A setting that SIP2 cannot carry or that is no time limit is refused by its name, secrets unseen."""
    fitting: dict[str, Any] = {"profile": profile("edge-sip2"), "institution": "BIB", **changes}
    with pytest.raises(SettingsError, match=said) as caught:
        Sip2Settings(**fitting)
    assert "x|y" not in str(caught.value)
