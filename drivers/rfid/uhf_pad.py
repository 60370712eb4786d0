"""The pad that every UHF reader module becomes: one set of rules for what is read, written and believed.

A driver gives `UhfPad` its settings and a `UhfModule`; everything below is the same for all makers (device reference
3.1, docs/decisions/0110 and 0111):

- A tag's uid is its EPC with the security bit at zero, so it survives a release although the EPC does not.
- One word is written, once, under the EPC that the tag has; whatever the module says of it, the state that counts is
  what the tag shows afterwards under its new EPC, with the whole EPC bank read, while nothing answers to the old one.
- Two tags whose EPCs differ only in the security bit, or where one's EPC begins with the other's, cannot be told apart
  by any command: neither is released or secured ("ambiguous").  Two with the very same EPC disturb each other.
- Whether a tag can be released is not tried by writing: the word holds the tag's own name, and a write that is torn
  by a tag lifted at that moment would leave a book that nobody can name.  What can be known without is asked: that
  the tag has a place for the security state, and that it accepts the library's password.
- A bit that is part of the item's number (a tag of another layout, or a wrong setting) is no security bit: where the
  change would make the tag say something else, nothing is written ("layout").
- A StoredCRC that does not fit PC and EPC is a damaged tag, unless this pad has just changed it: a tag computes its
  StoredCRC when the field comes up.
"""

from __future__ import annotations

from drivers.rfid import (
    Content,
    LibraryItem,
    PadSignal,
    SecurityState,
    Tag,
    TagGone,
    TagUid,
    UnknownTag,
    WriteRefused,
    in_order,
)
from drivers.rfid.tag_settings import Security
from drivers.rfid.uhf_bits import Change, Shown, UhfBits, stored_crc
from drivers.rfid.uhf_module import NO_PASSWORD, UhfModule
from drivers.rfid.uhf_reading import UhfReading
from drivers.rfid.uhf_settings import UhfPadSettings

__all__ = ["UhfPad"]

_NOT_HEARD = "not heard"
_AMBIGUOUS = "ambiguous"


class UhfPad:
    """`Pad` on a UHF reader module; made by a driver's `open`.  Raises `SettingsError` for a wrong password file."""

    def __init__(self, settings: UhfPadSettings, module: UhfModule) -> None:
        self._settings = settings
        self._module = module
        self._bits = UhfBits(settings)
        self._reading = UhfReading(settings, module)
        self._tries = settings.retries + 1
        self._password = settings.password()
        # The EPCs that the last inventory heard under each name: more than one is more than one tag.
        self._heard: dict[TagUid, tuple[bytes, ...]] = {}
        # What was last read of each tag that has not been missing in an inventory since.
        self._shown: dict[TagUid, Shown] = {}
        # Tags that this pad changed and that have been in the field ever since.
        self._changed: set[TagUid] = set()

    def inventory(self) -> tuple[TagUid, ...]:
        """As promised by `Pad`."""
        heard: dict[TagUid, set[bytes]] = {}
        for _, epc in self._module.inventory():
            heard.setdefault(self._bits.uid(epc), set()).add(epc)
        self._heard = {uid: tuple(sorted(epcs)) for uid, epcs in heard.items()}
        self._shown = {
            uid: shown for uid, shown in self._shown.items() if self._heard.get(uid) == (shown.epc,)
        }
        self._changed &= self._heard.keys()
        return in_order(tuple(self._heard))

    def read(self, uid: TagUid) -> Tag:
        """As promised by `Pad`; *why_not* "unsupported", "ambiguous", "password", "crc" or "layout"."""
        try:
            epcs = self._named(uid)
            seen = [self._reading.bank(epc) for epc in epcs]
            crc, shown = seen[0]
            if len(seen) > 1 or self._begins_others(shown.epc):
                self._shown.pop(uid, None)
                # Of two tags with one name the one that alarms is told of: nobody may count on the other.
                stopped = [one for _, one in seen if not self.is_released(self._bits.state(one))]
                told = stopped[0] if stopped else shown
                return Tag(
                    uid, self._reading.understood(uid, told)[0], self._bits.state(told), False, _AMBIGUOUS
                )
            if not shown.is_plain:
                return Tag(uid, UnknownTag("layout"), self._bits.state(shown), False, "layout")
            if crc != stored_crc(shown) and uid not in self._changed:
                return Tag(uid, UnknownTag("crc"), self._bits.state(shown), False, "crc")
            content, user = self._reading.understood(uid, shown)
            if not self._is_safe(uid, shown, content, user):
                return Tag(uid, content, self._bits.state(shown), False, "layout")
            why_not = self._obstacle(shown) if isinstance(content, LibraryItem) else ""
        except TagGone:
            self._forget(uid)
            raise
        self._shown[uid] = shown
        return Tag(uid, content, self._bits.state(shown), not why_not, why_not)

    def release(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`.

        The state before is what this pad last read of the tag, where the tag has not been missing in an inventory
        since; otherwise it is read now.  `TagGone` also when tags answer to the old and to the new EPC.
        """
        return self._change(uid, self._settings.target(released=True))

    def secure(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`; otherwise as `release`."""
        return self._change(uid, self._settings.target(released=False))

    def restore(self, uid: TagUid, before: SecurityState) -> SecurityState:
        """As promised by `Pad`; otherwise as `release`."""
        return self._change(uid, self._settings.used_of(before))[1]

    def is_released(self, state: SecurityState) -> bool:
        """As promised by `Pad`: exactly the released value, so a tag without a place for it counts as secured."""
        return self._settings.is_at(state, released=True)

    def signal(self, signal: PadSignal) -> None:
        """As promised by `Pad`."""
        self._module.signal(signal)

    def close(self) -> None:
        """As promised by `Pad`."""
        self._module.close()

    def _named(self, uid: TagUid) -> tuple[bytes, ...]:
        """The EPCs that are called *uid* now.  Raises `TagGone` when there is none.

        Where an inventory heard more than one, each is asked for by itself: a later inventory that misses a tag is no
        proof that it left, and one that tells of an EPC is no proof that somebody still has it.
        """
        if not self._heard.get(uid):
            self.inventory()
        epcs = self._heard.get(uid, ())
        if len(epcs) > 1:
            epcs = tuple(epc for epc in epcs if self._reading.answering(epc) is not None)
            self._heard[uid] = epcs
        if not epcs:
            raise TagGone(f"{uid}: {_NOT_HEARD}")
        return epcs

    def _begins_others(self, epc: bytes) -> bool:
        """Whether the EPC of another tag begins with *epc*: selecting the one would select the other too."""
        return any(other != epc and other.startswith(epc) for epcs in self._heard.values() for other in epcs)

    def _forget(self, uid: TagUid) -> None:
        self._heard.pop(uid, None)
        self._shown.pop(uid, None)

    def _is_safe(self, uid: TagUid, shown: Shown, content: Content, user: bytes | None) -> bool:
        """Whether an item stays the same item in either security state: a bit of its number is no security bit."""
        targets = (self._settings.target(released=released) for released in (True, False))
        changes = [self._bits.change(shown, target) for target in targets]
        said = [self._reading.decoded(uid, change.after, user) for change in changes if change is not None]
        return not isinstance(content, LibraryItem) or all(after == content for after in said)

    def _obstacle(self, shown: Shown) -> str:
        """One word for why the security state cannot be changed, empty as far as nothing is known against it."""
        if self._bits.change(shown, self._settings.target(released=True)) is None:
            return "unsupported"
        if self._settings.security is Security.LOOKUP or self._password == NO_PASSWORD:
            return ""
        for _ in range(self._tries):
            try:
                return "password" if self._module.accepts_password(shown.epc, self._password) is False else ""
            except TagGone:
                continue
        # A tag falls silent when it hears a wrong password, and not every module says so: does it answer without?
        self._reading.bank(shown.epc)
        return "password"

    def _change(self, uid: TagUid, target: SecurityState) -> tuple[SecurityState, SecurityState]:
        try:
            before, after = self._done(uid, target)
        except WriteRefused as refused:
            raise WriteRefused(f"{uid}: {refused}") from refused
        except TagGone:
            self._forget(uid)
            raise
        self._heard[uid] = (after.epc,)
        self._shown[uid] = after
        return self._bits.state(before), self._bits.state(after)

    def _done(self, uid: TagUid, target: SecurityState) -> tuple[Shown, Shown]:
        epcs = self._named(uid)
        epc = epcs[0]
        if len(epcs) > 1 or self._begins_others(epc):
            raise WriteRefused(_AMBIGUOUS)
        before = self._shown.pop(uid, None)
        if before is None:
            before = self._reading.bank(epc)[1]
            if not before.is_plain or not self._is_safe(uid, before, *self._reading.understood(uid, before)):
                raise WriteRefused("layout")
        change = self._wanted(before, target)
        if change.after == before:
            now = self._reading.bank(epc)[1]
            if now == before:
                self._check_alone(now)
                return before, now
            before, change = now, self._wanted(now, target)
        refusal = ""
        for _ in range(self._tries):
            after, refusal = self._written(uid, epc, change)
            if after == change.after:
                return before, after
            if refusal and refusal != "weak":
                raise WriteRefused(refusal)
        raise WriteRefused(refusal or "not as written")

    def _check_alone(self, shown: Shown) -> None:
        """Raises `WriteRefused` when a tag answers that differs from *shown* in the security bit alone."""
        bit = self._bits.state(shown).bit
        if bit is None:
            return
        other = self._wanted(shown, SecurityState(None, bit=not bit)).after.epc
        if other != shown.epc and self._reading.answering(other) is not None:
            raise WriteRefused(_AMBIGUOUS)

    def _wanted(self, shown: Shown, target: SecurityState) -> Change:
        change = self._bits.change(shown, target)
        if change is None:
            raise WriteRefused("unsupported")
        return change

    def _written(self, uid: TagUid, epc: bytes, change: Change) -> tuple[Shown, str]:
        """What the tag shows after one try to write *change*, and in one word what the module had against it."""
        refusal, is_confirmed = "", False
        self._changed.add(uid)
        try:
            self._module.write_epc_word(epc, change.word, change.value, self._password)
            is_confirmed = True
        except WriteRefused as refused:
            refusal = str(refused)
        except TagGone:
            pass  # whether it was done, the tag itself will tell
        return self._read_back(epc, change.after.epc, is_confirmed), refusal

    def _read_back(self, old: bytes, new: bytes, is_confirmed: bool) -> Shown:
        """What the one tag shows that had *old* and was to have *new*.  Raises `TagGone` when none or both answer."""
        if old == new:
            return self._reading.bank(new)[1]
        at_new = self._reading.answering(new)
        # A write that the module confirmed and the tag shows leaves nobody at the old name: once is enough to ask.
        at_old = self._reading.answering(old, 1 if is_confirmed and at_new is not None else 0)
        if at_new is not None and at_old is not None:
            raise TagGone(f"{self._bits.uid(old)}: answers with the old and with the new EPC")
        shown = at_new if at_new is not None else at_old
        if shown is None:
            raise TagGone(f"{self._bits.uid(old)}: {_NOT_HEARD} after it was written")
        return shown
