"""Runs a template in Jinja2's sandbox: it sees what it is told and can call, change and reach nothing else.

A template may be a library's own, so whatever is wrong with it is told as a sentence with file and line
(`TemplateMistake`); what it writes is bounded, and so is how often it may repeat itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import TemplateNotFound
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kiosk.wording.paper.markup import sealed

OURS = Path(__file__).with_name("templates")
TEXT_CHARACTERS_MAX = 20_000
"""Of what a template may write: some three metres of paper."""
FILE_BYTES_MAX = 65_536
_REPEATS_MAX = 200
_OF_SOMEBODY = frozenset(
    ("title", "item", "reference", "voucher", "terminal_lines", "hold", "total", "amount")
)
"""Facts that are about one reader's business, not about the template."""


class TemplateMistake(Exception):
    """A template cannot be used.  The message names the file, where it can the line, and what is wrong."""


class Templates:
    """The templates of one folder; those that it lacks are ours.  *folder* None: all are ours."""

    def __init__(self, folder: Path | None = None) -> None:
        self._own = None if folder is None else _environment(FileSystemLoader(folder))
        self._folder = folder
        self._ours = _environment(FileSystemLoader(OURS))

    def has_own(self, name: str) -> bool:
        """Whether the folder has a template *name*."""
        return self._folder is not None and (self._folder / name).exists()

    def text(self, name: str, facts: Mapping[str, object]) -> str:
        """What template *name* makes of *facts*.  Raises `TemplateMistake`."""
        if self._own is None or not self.has_own(name):
            return self.our_text(name, facts)
        path = Path(self._folder or ".") / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise TemplateMistake(f"{path}: cannot be read ({error.strerror})") from error
        if size > FILE_BYTES_MAX:
            raise TemplateMistake(f"{path}: is larger than {FILE_BYTES_MAX} bytes")
        return _rendered(self._own, name, facts, str(path))

    def text_or_ours(self, name: str, facts: Mapping[str, object], failed: Callable[[str], None]) -> str:
        """As `text`, or by our own template where the library's fails; *failed* is told why."""
        try:
            return self.text(name, facts)
        except TemplateMistake as mistake:
            failed(str(mistake))
            return self.our_text(name, facts)

    def our_text(self, name: str, facts: Mapping[str, object]) -> str:
        """What our own template *name* makes of *facts*."""
        return _rendered(self._ours, name, facts, name)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reckons with numbers alone, and raises none to a power: a short formula could keep the printer for hours."""

    intercepted_binops = frozenset(("*", "**", "%"))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """What Jinja2 asks for each of these operators."""
        if operator == "**" or not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise TemplateError(f"{operator} is not for this")
        return super().call_binop(context, operator, left, right)


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    environment = _Sandbox(
        loader=loader,
        undefined=StrictUndefined,
        finalize=_finalized,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=True,
    )
    environment.globals.clear()
    environment.globals["range"] = _short_range
    return environment


def _finalized(value: object) -> object:
    """What is put in stands there as words; a value that is not told prints as nothing."""
    return "" if value is None else sealed(str(value))


def _short_range(*limits: int) -> range:
    wanted = range(*limits)
    if len(wanted) > _REPEATS_MAX:
        raise TemplateError(f"range may repeat {_REPEATS_MAX} times at most")
    return wanted


def _rendered(
    environment: ImmutableSandboxedEnvironment, name: str, facts: Mapping[str, object], shown_as: str
) -> str:
    pieces: list[str] = []
    length = 0
    try:
        for piece in environment.get_template(name).generate(dict(facts)):
            pieces.append(piece)
            length += len(piece)
            if length > TEXT_CHARACTERS_MAX:
                raise TemplateMistake(f"{shown_as}: writes more than {TEXT_CHARACTERS_MAX} characters")
    except TemplateSyntaxError as error:
        raise TemplateMistake(f"{shown_as}, line {error.lineno}: {error.message}") from error
    except TemplateNotFound as error:
        wanted = "that it wants" if _quotes(str(error.name), facts) else repr(error.name)
        raise TemplateMistake(f"{shown_as}: there is no template {wanted}") from error
    except TemplateMistake:
        raise
    except (UnicodeDecodeError, OSError) as error:
        raise TemplateMistake(f"{shown_as}: cannot be read as UTF-8 text") from error
    except RecursionError as error:
        raise TemplateMistake(f"{shown_as}: calls itself without end") from error
    except Exception as error:
        # A template is a program of somebody else's: it can raise anything, and its text may quote what it was told.
        raise TemplateMistake(f"{shown_as}{_line_of(error, name)}: {_reason(error, facts)}") from error
    return "".join(pieces)


def _reason(error: Exception, facts: Mapping[str, object]) -> str:
    text = error.message if isinstance(error, TemplateError) else None
    return text if text and not _quotes(text, facts) else f"fails with {type(error).__name__}"


def _quotes(text: str, facts: Mapping[str, object]) -> bool:
    """Whether *text* holds something of what the receipt is about: no log is told that."""
    return any(value in text or repr(value)[1:-1] in text for value in _values_of(facts))


def _values_of(value: object, name: str = "") -> Iterator[str]:
    match value:
        case str() if name in _OF_SOMEBODY and value.strip():
            yield value
        case Mapping():
            for key, one in value.items():
                yield from _values_of(one, str(key))
        case tuple():
            for one in value:
                yield from _values_of(one, name)


def _line_of(error: Exception, name: str) -> str:
    """Where in the template it failed: Jinja2 rewrites tracebacks so that they name the template's own lines."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).name == name:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f", line {line}" if line else ""
