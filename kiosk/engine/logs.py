"""One JSON object per line to stderr, for journald; nothing that points to a person gets out.

A value that is masked prints as its mask.  Of an exception only its type, the places in our source it went through
and, where its family promises texts without persons, its message are written: the text of any other exception may
hold whatever a stranger typed or a server sent.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Protocol, TextIO

import structlog

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.masked import Masked
from sync.entries import BadIdentifier
from sync.servers.ils import LoginRefused, ServerSilent

_SPEAKING = (DeviceLost, DeviceFault, SettingsError, BadIdentifier, LoginRefused, ServerSilent, OSError)
_TEXT_LENGTH_MAX = 500


class Log(Protocol):
    """What the rooms write to; every fact is a named value, the sentence is fixed."""

    def info(self, sentence: str, **facts: object) -> None:
        """Something that is good to know afterwards."""

    def warning(self, sentence: str, **facts: object) -> None:
        """Something staff may have to look at."""

    def error(self, sentence: str, **facts: object) -> None:
        """Something that has to be looked at."""

    def failure(self, sentence: str, mistake: BaseException, **facts: object) -> None:
        """A mistake of ours: where it happened is written with it."""


def plain(value: object) -> object:
    """*value* as JSON can hold it: masks for what is masked, lengths for bytes, texts cut at 500 characters."""
    match value:
        case None | bool() | int() | float():
            return value
        case Masked():
            return str(value)
        case bytes() | bytearray():
            return f"{len(value)} bytes"
        case Mapping():
            return {str(plain(key)): plain(one) for key, one in value.items()}
        case str():
            return value[:_TEXT_LENGTH_MAX]
        case Path():
            return str(value)
        case Iterable():
            return [plain(one) for one in value]
        case BaseException():
            return failure_facts(value)
        case _:
            return repr(value)[:_TEXT_LENGTH_MAX]


def failure_facts(mistake: BaseException) -> dict[str, object]:
    """Type, places and, where it is safe, the text of *mistake* and of what caused it."""
    facts: dict[str, object] = {"type": type(mistake).__name__}
    if isinstance(mistake, _SPEAKING):
        facts["text"] = str(mistake)[:_TEXT_LENGTH_MAX]
    facts["places"] = [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(mistake.__traceback__)
    ]
    cause = mistake.__cause__ or mistake.__context__
    if cause is not None and cause is not mistake:
        facts["caused_by"] = failure_facts(cause)
    return facts


def _plain_facts(_: Any, __: str, facts: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    exc_info = facts.pop("exc_info", None)
    if isinstance(exc_info, tuple) and exc_info[1] is not None:
        facts["failure"] = exc_info[1]
    elif isinstance(exc_info, BaseException):
        facts["failure"] = exc_info
    return {name: plain(value) for name, value in facts.items()}


class _StructLog:
    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def info(self, sentence: str, **facts: object) -> None:
        self._logger.info(sentence, **facts)

    def warning(self, sentence: str, **facts: object) -> None:
        self._logger.warning(sentence, **facts)

    def error(self, sentence: str, **facts: object) -> None:
        self._logger.error(sentence, **facts)

    def failure(self, sentence: str, mistake: BaseException, **facts: object) -> None:
        self._logger.error(sentence, failure=mistake, **facts)


_ENRICH: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _plain_facts,
]


def open_log(room: str, stream: TextIO | None = None) -> Log:
    """A log whose lines carry *room*, to *stream* (stderr as it is now, when not given)."""
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        processors=[*_ENRICH, structlog.processors.JSONRenderer(ensure_ascii=False)],
        room=room,
    )
    return _StructLog(logger)


def adopt_standard_logging(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Sends what libraries log through `logging` the same way: one JSON object a line, failures without texts."""
    out = logging.StreamHandler(stream or sys.stderr)
    out.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_ENRICH],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level)
