"""What can go wrong with the promise book, by who has to act."""

from __future__ import annotations

from drivers.link import SettingsError

__all__ = [
    "BadRow",
    "JournalBroken",
    "JournalDamaged",
    "JournalError",
    "JournalFull",
    "JournalKeyWrong",
    "JournalLocked",
    "KeyFileError",
    "RowRefused",
]


class JournalError(Exception):
    """The journal cannot do what it is for; without it the terminal serves nobody."""


class JournalLocked(JournalError):
    """Another process has the file; end that one.  Nothing was changed."""


class JournalDamaged(JournalError):
    """The file is not a journal, or not the one that was written.  Keep it for salvage."""


class JournalKeyWrong(JournalError):
    """The file was written with another key.  Nothing was changed; bring the right key."""


class JournalFull(JournalError):
    """There is no room for these rows.  None of them was written; try again with room."""


class JournalBroken(JournalError):
    """The disk failed.  Whether these rows were written is unknown; close the journal and open it again."""


class RowRefused(ValueError):
    """These rows contradict what is written: a fault of the program.  None of them was written."""


class BadRow(ValueError):
    """A row cannot be put into bytes, or bytes are no row.  The text never contains the bytes."""


class KeyFileError(SettingsError):
    """The key file is missing, unreadable, open to others or no key file.  Never quotes the key."""
