"""Where a journal is, who has its key, and who is asked: the terminal that runs, else the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import typer

from kiosk.cli.application import UNUSABLE, WRONG, refuse

Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A journal, the file with its key, and the folder of the control socket of the *terminal* it belongs to."""

    journal: Path
    key_file: Path
    control: Path
    terminal: str = "kiosk"


def place_of(file: Path, key_file: Path | None) -> Place:
    """The journal that *file* is, or that the configuration *file* names; ends the command when it cannot be known."""
    if file.suffix == ".toml":
        from kiosk.config.complaints import ConfigurationWrong
        from kiosk.config.loading import load

        try:
            configuration = load(file)
        except ConfigurationWrong as wrong:
            refuse("\n".join(wrong.complaints))
        journal = configuration.journal
        key = key_file or journal.key_file
        return Place(journal.path, key, configuration.control.folder, configuration.terminal.name)
    beside = file.with_suffix(".key")
    if key_file is None and not beside.exists():
        refuse(
            f"{file}: there is no key beside it; name one by --key, or the terminal's configuration instead"
        )
    return Place(file, key_file or beside, file.parent / "control")


def keys_of(place: Place) -> Any:
    """The journal's keys; ends the command when there are none."""
    from sync.journal.errors import KeyFileError
    from sync.journal.keys import JournalKeys

    try:
        return JournalKeys.from_file(place.key_file)
    except KeyFileError as error:
        refuse(str(error))


def asked(place: Place, request: Said) -> Said:
    """The answer of the terminal that has the journal open, else of the file; ends the command when there is none."""
    from drivers.link.clock import RealClock
    from kiosk.engine.control_call import NobodyServes, call
    from kiosk.engine.errands import NotDone
    from kiosk.journal_desk import on_file
    from kiosk.journal_desk.ledger import LedgerPlace
    from sync.identity import LEDGER_KEY

    ledger = LedgerPlace(place.key_file.with_name(LEDGER_KEY), place.terminal)
    try:
        if is_running(place):
            return call(place.control, request)
        return on_file.answer(place.journal, keys_of(place), request, RealClock().now, ledger)
    except NobodyServes:
        fail("the terminal stopped before it answered", WRONG)
    except NotDone as refusal:
        fail(str(refusal), UNUSABLE if refusal.is_call_wrong else WRONG)


def is_running(place: Place) -> bool:
    """Whether a terminal runs that has this very journal open.  Raises `NotDone`."""
    from kiosk.engine.control_call import NobodyServes, call

    try:
        return call(place.control, {"do": "journal.where"}).get("journal") == str(place.journal.resolve())
    except NobodyServes:
        return False


def fail(sentence: str, code: int) -> NoReturn:
    """Ends the command with *sentence* on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def tell(said: Said, as_json: bool, lines: Callable[[Said], Iterable[str]]) -> None:
    """Prints *said*: as one JSON object, or as *lines* to read."""
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in lines(said):
            typer.echo(line)
