"""Tags without a data model: numbers in clear and UIDs, only where the settings name them, and never verified."""

from __future__ import annotations

import random

import pytest

from drivers.rfid import Content, EmptyTag, LibraryItem, UhfMemory, UnknownTag
from drivers.rfid.tagdata.decode import decode, decode_uhf
from drivers.rfid.tagdata.meaning import NO_INFORMATION
from drivers.rfid.tagdata.rules import DEFAULT_MODELS, AsciiRule, DecodeRules, Model
from drivers.sim import shelf
from drivers.sim.hf_content import in_clear, iso28560_3
from tests.drivers.rfid.tagdata.examples import UHF_UID, UID, hf_memory
from tests.kit.effort import effort

ASCII = DecodeRules(models=(*DEFAULT_MODELS, Model.ASCII), ascii=AsciiRule(r"3[0-9]{7}", offset=8, length=12))
BY_UID = DecodeRules(models=(*DEFAULT_MODELS, Model.UID))
ONLY_UID = DecodeRules(models=(Model.UID,))


def item(number: str) -> LibraryItem:
    return LibraryItem(number, 1, 1, "", NO_INFORMATION, None, is_verified=False)


def decoded(data: bytes, rules: DecodeRules, *, is_whole: bool = True) -> Content:
    return decode(hf_memory(data, is_whole=is_whole), rules)


def test_a_number_in_clear_is_read_where_the_rule_says() -> None:
    """The number stands at its offset without what fills it up, and is marked as not verified."""
    assert decoded(in_clear("30123456", offset=8), ASCII) == item("30123456")
    assert decoded(in_clear("30123456  ", offset=8), ASCII) == item("30123456")
    tag = shelf.clear_item_tag("30123456", offset=8)
    assert decoded(bytes(tag.memory), ASCII) == item("30123456")


@pytest.mark.parametrize("text", ["40123456", "3012345", "301234567", "30123456\x01", "30 23456", ""])
def test_what_does_not_match_the_pattern_is_no_item(text: str) -> None:
    """The pattern has to match as a whole, since nothing else proves the number."""
    assert not isinstance(decoded(in_clear(text, offset=8), ASCII), LibraryItem)


def test_control_characters_are_no_number_whatever_the_pattern_lets_pass() -> None:
    """A careless pattern does not make an item of bytes that cannot be shown."""
    rules = DecodeRules(models=(Model.ASCII,), ascii=AsciiRule(r"[\x01-z]+"))

    assert decoded(in_clear("30123456"), rules) == item("30123456")
    assert decoded(in_clear("3012\x07456"), rules) == UnknownTag("layout")


def test_a_number_in_clear_is_read_only_by_the_rule() -> None:
    """Without the setting the same tag is unknown, and so it is at another offset."""
    assert decoded(in_clear("30123456", offset=8), DecodeRules()) == UnknownTag("crc")
    assert decoded(in_clear("30123456", offset=4), ASCII) == UnknownTag("crc")
    assert decoded(b"\xe9" * 4 + in_clear("30123456"), ASCII) == UnknownTag("crc")


def test_a_number_in_clear_behind_what_was_read_is_read_on_for() -> None:
    """Memory that ends before the number, or is still blank there, asks for more; the whole of it gives an answer."""
    rules = DecodeRules(models=(Model.ASCII,), ascii=AsciiRule(r"[0-9]{8}", offset=40, length=8))

    assert decoded(bytes(32), rules, is_whole=False) == UnknownTag("more")
    assert decoded(bytes(40) + b"30123456", rules, is_whole=False) == item("30123456")
    assert decoded(bytes(32), rules) == EmptyTag()


def test_a_uhf_tags_epc_may_be_a_number_in_clear() -> None:
    """The rule counts bytes of a UHF tag's EPC."""
    rules = DecodeRules(
        models=(*DEFAULT_MODELS, Model.ASCII), ascii=AsciiRule(r"[0-9]{8}", offset=4, length=8)
    )

    assert decode_uhf(UhfMemory(UHF_UID, 0x3000, b"\xa5LIB30123456"), rules) == item("30123456")
    assert decode_uhf(UhfMemory(UHF_UID, 0x3000, b"\xa5LIB3012345X"), rules) == UnknownTag("layout")


def test_a_tag_may_be_known_by_its_uid_alone() -> None:
    """Where the settings say so, a tag that no model explains is the item with its UID as number, blank or not."""
    for data in (bytes(112), b"\x55" * 112, bytes(range(64)), b""):
        assert decoded(data, BY_UID) == item(UID)
        assert decoded(data, ONLY_UID) == item(UID)
    assert decode_uhf(UhfMemory(UHF_UID, 0x3000, bytes.fromhex("E2003412012345678900ABCD")), BY_UID) == item(
        UHF_UID
    )


def test_a_tag_with_a_model_is_not_known_by_its_uid() -> None:
    """What proves itself goes first; with the UID alone nothing else is looked at."""
    data = iso28560_3("30123456", owner="CN-110108")

    assert decoded(data, BY_UID) == LibraryItem("30123456", 1, 1, "CN-110108", 0x11)
    assert decoded(data, ONLY_UID) == item(UID)


def test_a_tag_that_was_not_read_far_enough_is_not_known_by_its_uid() -> None:
    """Memory that may still prove a model is read on before the UID counts."""
    assert decoded(bytes.fromhex("9100051CBE991A14") * 2, BY_UID, is_whole=False) == UnknownTag("more")


def test_hostile_memory_never_raises() -> None:
    """Twenty thousand random and changed memories each give some content under every rule."""
    chance = random.Random(1252)
    for _ in range(effort(20_000)):
        data = bytearray(in_clear("30123456", offset=8, size_bytes=40))
        for _ in range(chance.randrange(3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data)[: chance.randrange(41)] if chance.random() < 0.3 else bytes(data)
        content = decoded(cut, chance.choice([ASCII, BY_UID, ONLY_UID]), is_whole=chance.random() < 0.5)
        assert isinstance(content, LibraryItem | UnknownTag | EmptyTag)
