"""The catalogues hold exactly what the source says, and nothing half-done."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from kiosk.wording import catalogue
from kiosk.wording.catalogue import CatalogueMissing, words_in
from kiosk.workflow.view import Language

ROOM = Path(catalogue.__file__).parent
KEYWORDS = {"say": None, "say_many": (1, 2), "mark": None}
TRANSLATED = [language for language in Language if language is not catalogue.SOURCE]

Sentence = str | tuple[str, ...]


def sentences_in_source() -> set[Sentence]:
    """Every sentence that the room's modules hand to a catalogue."""
    found = extract_from_dir(ROOM, keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def read(path: Path) -> Catalog:
    """The catalogue file *path*."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def po(language: Language) -> Catalog:
    """The catalogue of *language*."""
    return read(ROOM / "locale" / language.value / "LC_MESSAGES" / "kiosk.po")


def ids(one: Catalog) -> set[Sentence]:
    """The sentences of a catalogue, without its header."""
    every = (message.id for message in one if message.id)
    return {one if isinstance(one, str) else tuple(one) for one in every}


def forms(text: object) -> tuple[str, ...]:
    """All forms of a sentence."""
    if isinstance(text, str):
        return (text,)
    assert isinstance(text, list | tuple)
    return tuple(text)


def places(sentence: str) -> set[str | None]:
    """The names of the places that *sentence* fills in."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_the_source_has_sentences() -> None:
    """The extraction that the other tests lean on finds single and plural sentences."""
    found = sentences_in_source()

    assert "One moment, please" in found
    assert ("{n} book is on the pad", "{n} books are on the pad") in found


def test_the_template_is_what_the_source_says() -> None:
    """The template for translators holds every sentence of the source and no other."""
    assert ids(read(ROOM / "locale" / "kiosk.pot")) == sentences_in_source()


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_unread_or_left_over(language: Language) -> None:
    """Every language has every sentence, none of them marked as a guess, and none that nobody says."""
    translated = po(language)

    assert ids(translated) == sentences_in_source()
    for message in translated:
        assert all(forms(message.string)), message.id
        assert not message.fuzzy, message.id
    assert not translated.obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_what_its_source_fills_in(language: Language) -> None:
    """No translation loses a value or asks for one that is not given."""
    for message in po(language):
        wanted = set().union(*(places(form) for form in forms(message.id)))
        for form in forms(message.string):
            assert places(form) == wanted, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_the_written_one(language: Language) -> None:
    """What the terminal says is what stands in the catalogue file: set-up compiled the newest one."""
    words = words_in(language)

    for message in po(language):
        if isinstance(message.id, str) and message.id:
            assert words.translations.gettext(message.id) == message.string


def test_a_missing_catalogue_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its compiled catalogue a language is an error that says what to run."""
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    words_in.cache_clear()

    with pytest.raises(CatalogueMissing, match="make setup"):
        words_in(Language.CHINESE)

    words_in.cache_clear()
