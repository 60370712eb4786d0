"""From tags to things: what lies on the pad, part by part, and what of it is odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drivers.rfid import EmptyTag, LibraryItem, PatronCard, Tag, TagUid, UnknownTag
from kiosk.workflow.state import PadState
from kiosk.workflow.view import Trouble
from sync.entries import BadIdentifier, ItemId, TagBits, item_id


@dataclass(frozen=True, slots=True)
class Found:
    """An item of ours on the pad, with all of its tags that lie there.

    *trouble* is what keeps it from being lent whatever the server says; parts missing is no trouble here, see
    `is_complete`.  *media_formats* are those its tags name (ISO 28560-3), None for one that does not say.
    """

    item: ItemId
    uids: tuple[TagUid, ...]
    parts: int
    parts_present: int
    trouble: Trouble | None = None
    media_formats: tuple[int | None, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every part lies on the pad."""
        return self.parts_present == self.parts


@dataclass(frozen=True, slots=True)
class Odd:
    """A tag on the pad that is no item of ours."""

    uid: TagUid
    trouble: Trouble


def survey(tags: Sequence[Tag], owners: Sequence[str]) -> tuple[tuple[Found, ...], tuple[Odd, ...]]:
    """The items and the odd things among *tags*, both in the order of their first tag."""
    groups: dict[ItemId, list[tuple[Tag, LibraryItem]]] = {}
    odd: list[Odd] = []
    for tag in tags:
        match tag.content:
            case LibraryItem() as content:
                if _is_foreign(content.owner, owners):
                    odd.append(Odd(tag.uid, Trouble.FOREIGN_LIBRARY))
                    continue
                try:
                    item = item_id(content.identifier)
                except BadIdentifier:
                    odd.append(Odd(tag.uid, Trouble.UNREADABLE_TAG))
                    continue
                groups.setdefault(item, []).append((tag, content))
            case PatronCard():
                odd.append(Odd(tag.uid, Trouble.PATRON_CARD))
            case EmptyTag():
                odd.append(Odd(tag.uid, Trouble.EMPTY_TAG))
            case UnknownTag():
                odd.append(Odd(tag.uid, Trouble.UNREADABLE_TAG))
    return tuple(_found(item, group) for item, group in groups.items()), tuple(odd)


def _is_foreign(owner: str, owners: Sequence[str]) -> bool:
    return bool(owners) and bool(owner) and not any(owner.startswith(ours) for ours in owners)


def _found(item: ItemId, group: Sequence[tuple[Tag, LibraryItem]]) -> Found:
    parts = max(content.parts for _, content in group)
    seen = [content.part for _, content in group]
    trouble = None
    if len(set(seen)) != len(seen) or len({content.parts for _, content in group}) > 1 or len(group) > parts:
        trouble = Trouble.SAME_NUMBER_TWICE
    elif not all(tag.releasable for tag, _ in group):
        trouble = Trouble.TAG_CANNOT_BE_RELEASED
    formats = tuple(content.media_format for _, content in group)
    return Found(item, tuple(tag.uid for tag, _ in group), parts, min(len(group), parts), trouble, formats)


def free_tags(pad: PadState) -> tuple[Tag, ...]:
    """The tags on the pad that may belong to whoever is here now."""
    return tuple(tag for tag in pad.tags if tag.uid not in pad.quarantined)


def bits_of(pad: PadState, uids: Sequence[TagUid]) -> tuple[TagBits, ...]:
    """The security state of *uids*, all of them, as last read: without one where a tag does not lie on the pad."""
    states = ((tag.uid, tag.security) for tag in pad.tags)
    seen = {uid: TagBits(uid, state.afi, state.eas, state.bit) for uid, state in states}
    return tuple(seen.get(uid, TagBits(uid, None)) for uid in uids)


def usage_of(pad: PadState, uids: Sequence[TagUid]) -> int | None:
    """The type of usage that the tags *uids* name (ISO 28560-1, OID 5), None without a tag.

    Where the parts of an item disagree, the highest counts: circulating items have the lowest.
    """
    seen = [tag.content.usage for tag in pad.tags if tag.uid in uids and isinstance(tag.content, LibraryItem)]
    return max(seen, default=None)
