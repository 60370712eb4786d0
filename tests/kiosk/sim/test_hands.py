"""What a person does to a far end that is served alone."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.link.memory import VirtualClock
from drivers.rfid.tagdata.rules import Model
from drivers.sim import FAR_ENDS, far_end_class
from drivers.sim.tag_field import TagField
from drivers.sim.uhf_tag import UhfField
from kiosk.sim.control import CannotBeDone
from kiosk.sim.hands import HF_TAGS, UHF_TAGS, Hands


def at(name: str) -> tuple[Any, Hands]:
    far_end = far_end_class(name)(VirtualClock())
    return far_end, Hands(far_end)


def test_every_far_end_that_is_served_alone_can_be_used() -> None:
    """Whatever is served has something that a person can do to it."""
    useless = [
        one.name for one in FAR_ENDS if one.speaks != "apdu" and "nothing" in at(one.name)[1].do("help")
    ]

    assert useless == []


def test_books_are_laid_on_a_pad_and_taken_away() -> None:
    """A book lies on the pad from the word on, until it is taken, and is not there afterwards."""
    reader, hands = at("obid-reader")

    assert hands.do("lay 10000001") == "10000001 lies there"
    assert hands.do("lay 10000002 iso28560-2") == "10000002 lies there"
    assert len(reader.tags()) == 2
    assert hands.do("take 10000001") == "1 taken away"
    assert hands.do("take") == "1 taken away"
    assert hands.do("look") == "nothing lies there"


def pads() -> list[str]:
    """The far ends on which tags are laid."""
    classes = {one.name: far_end_class(one.name) for one in FAR_ENDS}
    return [name for name, made in classes.items() if issubclass(made, TagField | UhfField)]


@pytest.mark.parametrize("name", pads())
def test_a_pad_takes_tags_of_every_model_of_its_kind(name: str) -> None:
    """Each data model that such a tag can have is laid down by its name."""
    pad, hands = at(name)
    models = UHF_TAGS if isinstance(pad, UhfField) else HF_TAGS

    assert [hands.do(f"lay 10000001 {model}") for model in models] == ["10000001 lies there"] * len(models)


def test_every_data_model_can_be_laid_down() -> None:
    """No model of the product is missing, but the one in which the tag says nothing."""
    assert {*HF_TAGS, *UHF_TAGS} == {model.value for model in Model if model is not Model.UID} | {"blank"}


def test_an_item_slides_over_a_strip_unit() -> None:
    """What became of its strip, or of a tape, is told."""
    _, hands = at("bookcheck")

    assert hands.do("slide book") == "book slides over it"
    assert hands.do("slide film tape") == "film slides over it"
    assert hands.do("look") == "book active; film active"


@pytest.mark.parametrize(
    "line",
    [
        "dance",
        "lay",
        "lay 1 2 3",
        "lay 10000001 klingon",
        "take 99",
        "lay " + "9" * 400,
        "\x00",
    ],
)
def test_what_makes_no_sense_is_refused_in_words(line: str) -> None:
    """Nothing anybody types breaks the far end."""
    _, hands = at("obid-reader")

    with pytest.raises(CannotBeDone):
        hands.do(line)


def test_a_blank_uhf_tag_is_told_apart_by_a_number() -> None:
    """Another word is refused in our words."""
    with pytest.raises(CannotBeDone, match="'x' has to be a whole number here"):
        at("uhf18-reader")[1].do("lay x blank")


def test_an_item_is_put_into_a_drop_and_taken_out_again() -> None:
    """One thing lies in front of the flap; a second one is refused, and the bin below can be full."""
    drop, hands = at("book-drop")

    assert hands.do("insert 10000001") == "10000001 lies in front of the flap"
    with pytest.raises(CannotBeDone, match="lies there already"):
        hands.do("insert 10000002")
    assert hands.do("look") == "in front of the flap: 10000001; nothing fell"
    assert hands.do("pull-out") == "10000001 taken out"
    hands.do("full")
    assert drop.is_full
    hands.do("emptied")
    assert not drop.is_full
