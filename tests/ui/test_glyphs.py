"""Characters have the shapes Chinese readers know, and rare ones are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection, TTFont

from tests.ui.rig import ScreenRig
from ui import typeface
from ui.environment import ScreenUnusable

COLLECTION = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
DIFFERING = "直门骨"
RARE = "喆堃镕𠮷"


def pixels(text: str, **label: object) -> bytes:
    """What *text* looks like."""
    from kivy.core.text import Label

    one = Label(text=text, font_size=48, **label)
    one.refresh()
    return bytes(one.texture.pixels)


@pytest.mark.parametrize("character", DIFFERING)
def test_chinese_is_drawn_in_simplified_chinese_shapes(rig: ScreenRig, character: str) -> None:
    """A label draws the glyph of the Simplified Chinese face, where the collection's first face would be Japanese."""
    assert pixels(character) != pixels(character, font_name=str(COLLECTION))


def test_a_character_that_is_the_same_everywhere_is_drawn_the_same(rig: ScreenRig) -> None:
    """The comparison above sees shapes and nothing else: 一 is the same in both faces."""
    assert pixels("一") == pixels("一", font_name=str(COLLECTION))


@pytest.mark.parametrize("weight", [typeface.REGULAR, typeface.BOLD])
def test_the_face_is_the_one_for_simplified_chinese(weight: str) -> None:
    """Each character has the glyph that face 2 of the collection names for it."""
    source = COLLECTION if weight == typeface.REGULAR else COLLECTION.with_name("NotoSansCJK-Bold.ttc")
    with (
        TTCollection(str(source), lazy=True) as faces,
        TTFont(str(typeface.FONTS / weight), lazy=True) as font,
    ):
        simplified, japanese = faces[2].getBestCmap(), faces[0].getBestCmap()
        ours = font.getBestCmap()

    for character in DIFFERING + RARE:
        assert ours[ord(character)] == simplified[ord(character)]
    assert any(ours[ord(character)] != japanese[ord(character)] for character in DIFFERING)


@pytest.mark.parametrize("is_bold", [False, True])
@pytest.mark.parametrize("character", RARE)
def test_rare_characters_of_names_are_there(rig: ScreenRig, character: str, is_bold: bool) -> None:
    """喆, 堃, 镕 and 𠮷 are neither blank nor the box that stands for a missing character."""
    drawn = pixels(character, bold=is_bold)

    assert any(drawn)
    assert drawn != pixels("\U000e0fff", bold=is_bold)
    assert drawn != pixels(" ", bold=is_bold)


def test_a_missing_font_says_what_to_run(tmp_path: Path) -> None:
    """Without the fonts the kiosk does not start with boxes for letters: it says what is missing and what to do."""
    with pytest.raises(ScreenUnusable, match=r"NotoSansSC-Regular.*make setup"):
        typeface.register(tmp_path)
