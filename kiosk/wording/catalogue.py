"""The message catalogues, and the one object that looks a sentence up and fills it in.

Sentences are extracted by the names of three calls: `say("...")`, `say_many("one ...", "{n} ...", n)` and,
where a sentence stands in a table, `mark("...")`.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kiosk.workflow.view import Language

LOCALE = Path(__file__).with_name("locale")
DOMAIN = "kiosk"
SOURCE = Language.ENGLISH


class CatalogueMissing(Exception):
    """A language has no compiled catalogue; the installer runs set-up again."""


@dataclass(frozen=True, slots=True)
class Words:
    """Sentences in one language."""

    language: Language
    translations: gettext.NullTranslations

    def say(self, sentence: str, /, **values: object) -> str:
        """*sentence* in this language with *values* at their places; braces in a value stay as they are."""
        return self.translations.gettext(sentence).format(**values)

    def say_many(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form that fits *n*, which the sentence may show as {n}."""
        return self.translations.ngettext(one, many, n).format(n=n, **values)

    def join(self, *sentences: str) -> str:
        """Whole sentences behind each other: Chinese leaves no space between them."""
        return ("" if self.language is Language.CHINESE else " ").join(filter(None, sentences))


def mark(sentence: str) -> str:
    """Says of a sentence in a table that it belongs into the catalogue; gives it back as it is."""
    return sentence


@cache
def words_in(language: Language) -> Words:
    """The words of *language*.  Raises `CatalogueMissing` when its catalogue was not compiled."""
    if language is SOURCE:
        return Words(language, gettext.NullTranslations())
    try:
        return Words(language, gettext.translation(DOMAIN, LOCALE, [language.value]))
    except FileNotFoundError as error:
        raise CatalogueMissing(
            f"there is no compiled catalogue for {language.value} below {LOCALE}: run make setup"
        ) from error
