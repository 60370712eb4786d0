"""Saves the whole Simplified Chinese face of Noto Sans CJK as fonts of one face each.

Kivy opens the first face of a collection, which draws Chinese in Japanese shapes.  No glyph is left
out: a reader's name may hold 喆, 堃, 镕 or 𠮷.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

FAMILY = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")
PROOF = "直门骨喆堃镕𠮷"


def simplified_chinese_face(collection: TTCollection) -> TTFont:
    """The face of *collection* whose family is Simplified Chinese; raises `LookupError` when none is."""
    for face in collection:
        if face["name"].getBestFamilyName() == FAMILY:
            return face
    raise LookupError(f"no face named {FAMILY!r}")


def extract(source: Path, target: Path) -> None:
    """Write the face to *target* at once or not at all; raises `LookupError` when it lacks a glyph."""
    # Without the recalculation every glyph would be drawn once, only to arrive at the same numbers.
    collection = TTCollection(source, lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    face = simplified_chinese_face(collection)
    drawn = face.getBestCmap()
    missing = [character for character in PROOF if ord(character) not in drawn]
    if missing:
        raise LookupError(f"{source} has no glyph for {''.join(missing)}")
    unfinished = target.with_suffix(".part")
    face.save(unfinished, reorderTables=False)
    unfinished.replace(target)


def main(collections: Path, fonts: Path) -> None:
    fonts.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        source = collections / f"NotoSansCJK-{weight}.ttc"
        target = fonts / f"NotoSansSC-{weight}.otf"
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            extract(source, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
