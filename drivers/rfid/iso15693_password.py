"""The password that guards EAS bit and AFI of NXP chips: when it is presented to a tag, and when never again.

A chip does not say that it is protected, and a wrong password makes it mute until the field was off.  So it is
presented only to a tag that refused to be written, and from then on before its first write in each field; a tag that
refuses it is not asked again while it lies there.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from drivers.masked import Secret
from drivers.rfid import TagGone, TagUid, WriteRefused

__all__ = ["PasswordReader", "Presented", "TagPassword"]

_TRIES_MAX = 3


class Presented(Enum):
    """What became of a password."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """It was wrong: the tag is mute now."""
    UNSUPPORTED = "unsupported"
    """The chip has none."""
    UNANSWERED = "unanswered"
    """Not heard by the tag, or heard and the tag is mute, or done and its answer was lost."""


class PasswordReader(Protocol):
    """A reader that can present a password; otherwise as `Iso15693Reader`."""

    def present(self, uid: TagUid, password: Secret) -> Presented:
        """Asks *uid* for a random number and presents *password* (eight hex digits) covered by it, once."""

    def is_there(self, uid: TagUid) -> bool:
        """Whether *uid* answers a question."""

    def reset_field(self) -> None:
        """Switches the field off and on: nothing is mute or opened any more."""


class TagPassword:
    """One password for all tags of a library."""

    def __init__(self, reader: PasswordReader, password: Secret) -> None:
        self._reader = reader
        self._password = password
        self._protected: set[TagUid] = set()
        self._opened: set[TagUid] = set()
        self._hopeless: set[TagUid] = set()

    def field_was_off(self, present: Iterable[TagUid]) -> None:
        """An inventory has reset the field and seen *present*: nothing is opened, and who left is forgotten."""
        self._opened.clear()
        self._protected.intersection_update(present)
        self._hopeless.intersection_update(present)

    def before_write(self, uid: TagUid) -> None:
        """Opens *uid* where it is known to be protected.  Raises `WriteRefused("password")`, `TagGone`."""
        if uid in self._protected and uid not in self._opened:
            self._present(uid)

    def opens(self, uid: TagUid) -> bool:
        """Whether *uid*, which refused a write, was opened now, so that writing again may help.  Raises as above."""
        if uid in self._opened or uid in self._hopeless:
            return False
        return self._present(uid)

    def _present(self, uid: TagUid) -> bool:
        if uid in self._hopeless:
            raise WriteRefused("password")
        for _ in range(_TRIES_MAX):
            match self._reader.present(uid, self._password):
                case Presented.ACCEPTED:
                    self._opened.add(uid)
                    self._protected.add(uid)
                    return True
                case Presented.UNSUPPORTED:
                    self._hopeless.add(uid)
                    return False
                case Presented.REFUSED:
                    self._reset()
                    self._give_up(uid)
                case Presented.UNANSWERED:
                    if self._reader.is_there(uid):
                        continue
                    self._reset()
                    if self._reader.is_there(uid):
                        self._give_up(uid)
                    raise TagGone(f"{uid}: gone while its password was presented")
        raise WriteRefused("weak")

    def _reset(self) -> None:
        self._reader.reset_field()
        self._opened.clear()

    def _give_up(self, uid: TagUid) -> None:
        self._hopeless.add(uid)
        self._protected.add(uid)
        raise WriteRefused("password")
