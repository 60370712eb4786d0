"""The field of a simulated reader: the tags that lie in it, and what an answer can suffer on its way out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from drivers.rfid import TagUid
from drivers.sim.tag import SimulatedTag
from drivers.sim.tag_answers import AirAnswer, answer_of

__all__ = ["ReaderFault", "TagField"]


class ReaderFault(Enum):
    """What one answer can suffer."""

    WRONG_CRC = "wrong crc"
    SILENCE = "silence"
    OTHER_COMMAND = "other command"
    OTHER_UID = "other uid"
    IMPOSSIBLE_LENGTH = "impossible length"
    OTHER_FRAME_TYPE = "other frame type"
    REPEATED = "repeated"
    HARDWARE_WARNING = "hardware warning"
    DISTURBED_AIR = "disturbed air"
    """Noise, or two tags that answered at once."""
    UNHEARD_TAG = "unheard tag"
    UNWRITTEN = "unwritten"
    """What was to be written is not, and the reader says that it is."""
    TWICE = "twice"
    """An inventory tells each of its tags two times."""


class TagField:
    """Tags in a field; `lay`, `take`, `tags` and `inject` may be called by any thread."""

    def __init__(self) -> None:
        self.commands_heard: list[bytes] = []
        self.field_is_on = True
        self._lock = threading.Lock()
        self._field: dict[TagUid, SimulatedTag] = {}
        self._faults: deque[ReaderFault | None] = deque()

    def lay(self, *tags: SimulatedTag) -> None:
        """Puts *tags* into the field; one with a UID that is there already replaces it."""
        with self._lock:
            for tag in tags:
                tag.power_up()
                self._field[tag.uid] = tag

    def take(self, *uids: TagUid) -> None:
        """Takes tags out of the field; those that are not there are ignored."""
        with self._lock:
            for uid in uids:
                self._field.pop(uid, None)

    def tags(self) -> tuple[SimulatedTag, ...]:
        """The tags in the field, in the order they were laid down."""
        with self._lock:
            return tuple(self._field.values())

    def inject(self, *faults: ReaderFault | None) -> None:
        """Queues one fault for each of the next answers, None for a sound one."""
        with self._lock:
            self._faults.extend(faults)

    def _next_fault(self) -> ReaderFault | None:
        return self._faults.popleft() if self._faults else None

    def _heard(self) -> dict[TagUid, SimulatedTag]:
        """The tags that answer an inventory."""
        field = self._field if self.field_is_on else {}
        return {uid: tag for uid, tag in field.items() if not tag.is_mute}

    def _asked(self, uid: TagUid, command: int, parameters: bytes) -> AirAnswer | None:
        """What the tag *uid* answers; one that leaves by it is taken out."""
        answer = answer_of(self._field.get(uid) if self.field_is_on else None, command, parameters)
        for gone in [uid for uid, tag in self._field.items() if tag.leaves_after == 0]:
            del self._field[gone]
        return answer

    def _power_up(self) -> None:
        for tag in self._field.values():
            tag.power_up()

    @contextmanager
    def _as_with(self, fault: ReaderFault | None) -> Iterator[None]:
        """Carries out what is done inside, and takes it back where *fault* is that it was not written."""
        kept = [(tag, tag.afi, tag.eas, bytes(tag.memory)) for tag in self._field.values()]
        yield
        if fault is ReaderFault.UNWRITTEN:
            for tag, afi, eas, memory in kept:
                tag.afi, tag.eas, tag.memory[:] = afi, eas, memory
