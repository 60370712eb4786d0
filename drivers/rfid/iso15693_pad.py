"""Pads for ISO 15693 tags, the part that is the same for every reader: inventories, checks, release and read-back.

How often the air is used is what a reader of books waits for, so each question here has a reason: a tag is read by
what it says about itself (AFI, where the reader knows it DSFID and size) and one read of 32 bytes, and by another one
only where those do not suffice; the check whether it can be released writes the state that it has
(docs/decisions/0103); releasing is one write and one read-back.

EAS is asked for first: a tag that left looks like one whose EAS is off, and only the questions after it tell.  Since
silence is all that "off" ever says, it is never the reason to leave a tag as it is or to write "off" again as a check,
and only a tag that confirms the write is released.

Where the gate asks the server (`Security.LOOKUP`) nothing of a tag is its security state: nothing is checked or
written, `release` and `secure` answer at once without the air, and `is_released` is always true.
"""

from __future__ import annotations

from collections.abc import Callable

from drivers.link import Link
from drivers.rfid import LibraryItem, PadSignal, SecurityState, Tag, TagGone, TagUid, WriteRefused, in_order
from drivers.rfid.iso15693 import Iso15693Reader, TagFacts, Written
from drivers.rfid.iso15693_memory import Iso15693Memory
from drivers.rfid.iso15693_password import TagPassword
from drivers.rfid.iso15693_settings import Iso15693Settings, ReleaseCheck
from drivers.rfid.tag_settings import shows

__all__ = ["Iso15693Pad"]

_NO_INFORMATION = "information"
_STATUS_BLOCKS = 8


class Iso15693Pad:
    """`Pad` on any `Iso15693Reader`."""

    def __init__(
        self,
        settings: Iso15693Settings,
        link: Link,
        reader: Iso15693Reader,
        password: TagPassword | None = None,
    ) -> None:
        self._settings = settings
        self._link = link
        self._reader = reader
        self._password = password
        self._memory = Iso15693Memory(settings, reader)
        self._needs_state = settings.uses_afi or settings.uses_eas
        # What was last read of each tag that has not been missing in an inventory since.
        self._states: dict[TagUid, SecurityState] = {}

    def inventory(self) -> tuple[TagUid, ...]:
        """As promised by `Pad`; repeated when the air or the line was disturbed, and everything seen is
        merged.
        """
        seen: set[TagUid] = set()
        for _ in range(self._settings.retries + 1):
            if self._reader.collect(seen):
                break
        uids = in_order(tuple(seen))
        self._states = {uid: self._states[uid] for uid in uids if uid in self._states}
        if self._password is not None:
            self._password.field_was_off(uids)
        return uids

    def read(self, uid: TagUid) -> Tag:
        """As promised by `Pad`."""
        try:
            eas = self._eas(uid)
            facts = self._reader.facts(uid, with_afi=self._settings.uses_afi)
            content = self._memory.read(uid, facts)
            if not self._needs_state:
                return Tag(uid, content, SecurityState(None))
            if facts is None:
                return Tag(uid, content, SecurityState(0), False, _NO_INFORMATION)
            state = self._as_used(facts, eas)
            why_not = self._obstacle(uid, state, facts) if isinstance(content, LibraryItem) else ""
        except TagGone:
            self._states.pop(uid, None)
            raise
        self._states[uid] = state
        return Tag(uid, content, state, not why_not, why_not)

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`.

        The state before is what this pad last read of the tag, where the tag has not been missing in an
        inventory since; otherwise it is read now.
        """
        return self._brought(uid, self._settings.target(released=True))

    def secure(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`; the state before as in `release`."""
        return self._brought(uid, self._settings.target(released=False))

    def restore(self, uid: TagUid, before: SecurityState) -> SecurityState:
        """As promised by `Pad`; an EAS that was off is written also where it is not heard, as in `release`."""
        return self._brought(uid, self._settings.used_of(before))[1]

    def is_released(self, state: SecurityState) -> bool:
        """As promised by `Pad`: exactly the released values, so an AFI of neither value counts as secured."""
        return self._settings.is_at(state, released=True)

    def signal(self, signal: PadSignal) -> None:
        """As promised by `Pad`."""
        self._reader.signal(signal)

    def close(self) -> None:
        """As promised by `Pad`; does not wait for the reader's answer."""
        self._reader.close()
        self._link.close()

    def _eas(self, uid: TagUid) -> bool | None:
        """Whether the EAS bit of *uid* is on; None where the settings do not use it or the chip has none."""
        if not self._settings.uses_eas:
            return None
        # "Off" is the absence of an answer, so it is believed the second time only.
        eas = self._reader.eas(uid)
        return self._reader.eas(uid) if eas is False else eas

    def _state(self, uid: TagUid) -> SecurityState:
        """The state of *uid* as it is now; the tag was there when it was read."""
        eas = self._eas(uid)
        facts = self._reader.facts(uid, with_afi=True)
        if facts is None:
            raise WriteRefused(_NO_INFORMATION)
        return self._as_used(facts, eas)

    def _as_used(self, facts: TagFacts, eas: bool | None) -> SecurityState:
        return SecurityState(facts.afi if self._settings.uses_afi else None, eas)

    def _obstacle(self, uid: TagUid, state: SecurityState, facts: TagFacts) -> str:
        """One word for why the security state of *uid* cannot be changed, empty when it can."""
        if self._settings.uses_eas and state.eas is None:
            return "unsupported"
        match self._settings.release_check:
            case ReleaseCheck.NONE:
                return ""
            case ReleaseCheck.LOCK_STATE:
                is_locked = self._reader.is_locked_as_a_whole(
                    uid, min(_STATUS_BLOCKS, facts.block_count or _STATUS_BLOCKS)
                )
                return "status" if is_locked is None else "locked" if is_locked else ""
            case ReleaseCheck.REWRITE:
                try:
                    self._write(uid, state, is_check=True)
                except WriteRefused as refused:
                    return str(refused)
                return ""

    def _brought(self, uid: TagUid, target: SecurityState) -> tuple[SecurityState, SecurityState]:
        if not self._needs_state:
            return SecurityState(None), SecurityState(None)
        try:
            before = self._states.pop(uid, None) or self._state(uid)
            if target.eas is not False and shows(before, target):
                after = self._state(uid)
                if shows(after, target):
                    self._states[uid] = after
                    return before, after
            for _ in range(self._settings.retries + 1):
                self._write(uid, target)
                after = self._state(uid)
                if shows(after, target):
                    self._states[uid] = after
                    return before, after
        except WriteRefused as refused:
            raise WriteRefused(f"{uid}: {refused}") from refused
        raise WriteRefused(f"{uid}: not as written")

    def _write(self, uid: TagUid, state: SecurityState, *, is_check: bool = False) -> None:
        """Writes *state* where the settings use it; raises `WriteRefused` with one word, `TagGone`.

        EAS is switched on also where the AFI cannot be written: half of it secured is better than none.
        """
        afi, eas = state.afi, state.eas
        refused: WriteRefused | None = None
        if self._settings.uses_afi and afi is not None:
            try:
                self._write_one(
                    uid,
                    lambda: self._reader.write_afi(uid, afi),
                    lambda now: not is_check and now.afi == afi,
                )
            except WriteRefused as error:
                refused = error
        if eas or (eas is not None and not is_check and refused is None):
            self._write_one(
                uid,
                lambda: self._reader.write_eas(uid, eas),
                lambda now: not is_check and eas and now.eas is True,
            )
        if refused is not None:
            raise refused

    def _write_one(
        self, uid: TagUid, write: Callable[[], Written], is_written: Callable[[SecurityState], bool]
    ) -> None:
        """Writes until the tag confirms, or shows what it should where that is not what it showed before anyway."""
        tries = 0
        while tries <= self._settings.retries:
            if self._password is not None:
                self._password.before_write(uid)
            written = write()
            if written is Written.DONE:
                return
            if written is Written.UNSUPPORTED:
                raise WriteRefused("unsupported")
            is_refused = written in (Written.LOCKED, Written.REFUSED)
            if self._password is not None and (is_refused or tries) and self._password.opens(uid):
                continue
            if written is Written.LOCKED:
                raise WriteRefused("locked")
            if is_written(self._state(uid)):
                return
            tries += 1
        raise WriteRefused("weak")
