"""What the pad's pump does: sees what lies there, and releases, secures or restores it when told to.

Inventories follow one another at once until the same tags were seen *stable_readings* times in a row; then the pad
rests between them, because an inventory under way keeps a release waiting.  Orders go before inventories, one entry a
turn, and each is answered as soon as it is done; lamp and buzzer come when nothing else waits.  A tag's memory is
read once while it lies there, and again when it was absent from two inventories in a row.  Every inventory that
finds something is told; an empty pad is told until that is certain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from drivers.link import Clock
from drivers.rfid import Pad, PadSignal, SecurityState, Tag, TagGone, TagUid, UnknownTag, WriteRefused
from kiosk.engine.inbox import Inbox
from kiosk.engine.logs import Log
from kiosk.engine.pump import SLICE_SECONDS
from kiosk.workflow.effects import Release, Restore, Secure, ShowOnPad
from kiosk.workflow.events import (
    PadRead,
    ReleaseTrouble,
    TagsNotReleased,
    TagsReleased,
    TagsRestored,
    TagsSecured,
)
from sync.entries import TagBits

TagOrder = Release | Secure | Restore
Order = TagOrder | ShowOnPad
PadEvent = PadRead | TagsReleased | TagsNotReleased | TagsSecured | TagsRestored

READINGS_TOLD = 3
READ_TRIES_MAX = 3
SILENT = "silent"
REST_SECONDS = 0.3
BUSY_SECONDS_MAX = 2.0
"""How long orders may keep inventories from happening: a book taken away must be noticed."""


@dataclass(slots=True)
class _Known:
    """A tag that lies there: *tag* once it was read, *tries* that failed, *absences* in a row."""

    tag: Tag | None = None
    tries: int = 0
    absences: int = 0


class PadWork:
    """`Work` for a pad; *orders* are taken from, *post* gets what is seen and done."""

    def __init__(
        self,
        orders: Inbox[Order],
        post: Callable[[PadEvent], None],
        *,
        stable_readings: int,
        clock: Clock,
        log: Log,
    ) -> None:
        self._orders = orders
        self._post = post
        self._stable_readings = stable_readings
        self._clock = clock
        self._log = log
        self._waiting: deque[TagOrder] = deque()
        self._signal: PadSignal | None = None
        self._doing: TagOrder | None = None
        self._known: dict[TagUid, _Known] = {}
        self._present: tuple[TagUid, ...] | None = None
        self._readings = 0
        self._told: PadRead | None = None
        self._next_inventory = 0.0
        self._last_inventory = 0.0

    def begin(self, device: Pad) -> None:
        """Forgets what lay there: it is read anew."""
        self._known.clear()
        self._present = None
        self._readings = 0
        self._told = None
        self._next_inventory = self._last_inventory = self._clock.monotonic()

    def turn(self, device: Pad) -> None:
        """One entry's orders, or one inventory, or a rest that an order ends."""
        self._take_orders(0)
        now = self._clock.monotonic()
        is_overdue = now - self._last_inventory >= BUSY_SECONDS_MAX
        if self._waiting and not is_overdue:
            self._do(device, self._waiting.popleft())
            self._next_inventory = max(self._next_inventory, self._clock.monotonic() + REST_SECONDS)
        elif self._signal is not None:
            signal, self._signal = self._signal, None
            device.signal(signal)
        elif now >= self._next_inventory or is_overdue:
            self._look(device)
        else:
            self._take_orders(min(SLICE_SECONDS, self._next_inventory - now))

    def lost(self) -> None:
        """Answers every order, the one under way included: nobody can tell what became of its tags."""
        self._take_orders(0)
        self._signal = None
        doing, self._doing = self._doing, None
        orders = [*([doing] if doing is not None else []), *self._waiting]
        self._waiting.clear()
        for order in orders:
            match order:
                case Release(key, uids):
                    self._post(TagsNotReleased(key, (), ReleaseTrouble.PAD_LOST, uids))
                case Secure(key, uids):
                    self._post(TagsSecured(key, (), False, ReleaseTrouble.PAD_LOST, uids))
                case Restore(key):
                    self._post(TagsRestored(key, (), False))

    def _take_orders(self, timeout_seconds: float) -> None:
        for order in self._orders.take(timeout_seconds):
            if isinstance(order, ShowOnPad):
                self._signal = order.signal
            else:
                self._waiting.append(order)

    def _do(self, pad: Pad, order: TagOrder) -> None:
        self._doing = order
        done: PadEvent
        match order:
            case Release():
                done = self._release(pad, order)
            case Secure():
                done = self._secure(pad, order)
            case Restore():
                done = self._restore(pad, order)
        self._doing = None
        self._post(done)

    def _release(self, pad: Pad, order: Release) -> TagsReleased | TagsNotReleased:
        """Releases all tags of one entry; tags that cannot be are left, the others go on being tried."""
        after: list[TagBits] = []
        missing: list[TagUid] = []
        is_refused = False
        for uid in order.uids:
            try:
                _, state = pad.release(uid)
            except TagGone:
                missing.append(uid)
            except WriteRefused:
                is_refused = True
            else:
                after.append(self._remember(uid, state))
        if missing:
            return TagsNotReleased(order.key, tuple(after), ReleaseTrouble.TAKEN_AWAY, tuple(missing))
        if is_refused:
            return TagsNotReleased(order.key, tuple(after), ReleaseTrouble.WRITE_REFUSED)
        return TagsReleased(order.key, tuple(after))

    def _secure(self, pad: Pad, order: Secure) -> TagsSecured:
        """Secures all tags of one entry, each as far as it lies there."""
        after: list[TagBits] = []
        missing: list[TagUid] = []
        trouble: ReleaseTrouble | None = None
        for uid in order.uids:
            try:
                _, state = pad.secure(uid)
            except TagGone:
                missing.append(uid)
            except WriteRefused:
                trouble = ReleaseTrouble.WRITE_REFUSED
            else:
                after.append(self._remember(uid, state))
        trouble = ReleaseTrouble.TAKEN_AWAY if missing else trouble
        if trouble is not None:
            self._log.warning("not every tag could be secured", why=trouble.value)
        return TagsSecured(order.key, tuple(after), trouble is None, trouble, tuple(missing))

    def _restore(self, pad: Pad, order: Restore) -> TagsRestored:
        """Puts the tags of one entry back as they were, each as far as it lies there."""
        after: list[TagBits] = []
        for bits in order.before:
            uid = TagUid(bits.uid)
            try:
                state = pad.restore(uid, SecurityState(bits.afi, bits.eas, bits.bit))
            except (TagGone, WriteRefused) as trouble:
                self._log.warning("a tag could not be put back as it was", why=type(trouble).__name__)
            else:
                after.append(self._remember(uid, state))
        return TagsRestored(order.key, tuple(after), len(after) == len(order.before))

    def _remember(self, uid: TagUid, state: SecurityState) -> TagBits:
        known = self._known.get(uid)
        if known is not None and known.tag is not None:
            known.tag = replace(known.tag, security=state)
        return TagBits(uid, state.afi, state.eas, state.bit)

    def _look(self, pad: Pad) -> None:
        """One inventory; what is new is read, and the desk hears of it where it has to."""
        present = pad.inventory()
        self._last_inventory = self._clock.monotonic()
        for uid in present:
            self._known.setdefault(uid, _Known()).absences = 0
        for uid in [uid for uid in self._known if uid not in present]:
            self._known[uid].absences += 1
            if self._known[uid].absences >= 2:
                del self._known[uid]
        unread = [uid for uid in present if not self._is_read(pad, uid)]
        is_whole = not unread
        self._readings = self._readings + 1 if present == self._present and is_whole else 1
        self._present = present
        is_settled = is_whole and self._readings >= self._stable_readings
        self._next_inventory = self._clock.monotonic() + (REST_SECONDS if is_settled else 0.0)
        if is_whole:
            self._tell(present)

    def _is_read(self, pad: Pad, uid: TagUid) -> bool:
        """Whether *uid* is understood by now; one that never answers counts as unknown after three inventories."""
        known = self._known[uid]
        if known.tag is None or known.tag.why_not == SILENT:
            try:
                known.tag = pad.read(uid)
            except TagGone:
                known.tries += 1
                if known.tries >= READ_TRIES_MAX:
                    known.tag = Tag(
                        uid, UnknownTag(SILENT), SecurityState(0), releasable=False, why_not=SILENT
                    )
        return known.tag is not None

    def _tell(self, present: tuple[TagUid, ...]) -> None:
        tags = tuple(tag for uid in present if (tag := self._known[uid].tag) is not None)
        seen = PadRead(tags, min(self._readings, max(READINGS_TOLD, self._stable_readings)))
        # A session that begins has to know what lies there now, not what lay there when it last changed.
        if tags or seen != self._told:
            self._told = seen
            self._post(seen)
