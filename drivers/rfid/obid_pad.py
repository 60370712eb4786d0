"""FEIG OBID pads that speak ISO-Host: RFID readers for ISO 15693 tags in libraries.

    models     ID CPR.M02, CPR.02, CPR40, CPR44; ISC.PR101, PRH101; ISC.MR101, MR102, MR200
    line       serial:/dev/...?baud=38400&parity=E (8 data bits, even parity, 1 stop bit), standard frames
               tcp://HOST:10001, advanced frames
    supported  inventory with "more data", addressed reading, AFI and EAS (NXP) with read-back, lamps and
    buzzer of
               the CPR family
    wrong      "only new tags" (ONT) reports a tag once and then hides it: the field is reset before each
    inventory.
               Blocks travel reversed.  Small buffers: few tags per reply, at most 8 blocks per read.
               A tag at the edge fails to be written before it fails to be read.
    not        buzzer and relay of the bare CPR.M02; the outputs of long-range readers; USB HID models
    source     device reference 1.1, 1.2, 15

How often the air is used is what a reader of books waits for, so each question here has a reason:
an inventory is a field reset and as many pages as there are; a tag is read by its system information (AFI,
DSFID, size) and one read of 32 bytes, and by another one only where those do not suffice; the check whether
it can be released writes the AFI byte that it has (docs/decisions/0103); releasing is one write and one
system information.
"""

from __future__ import annotations

import contextlib

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.rfid import (
    LibraryItem,
    PadSignal,
    SecurityState,
    Tag,
    TagGone,
    TagUid,
    WriteRefused,
    in_order,
    obid_commands,
)
from drivers.rfid.obid import (
    FrameError,
    Status,
    SystemInformation,
    parse_inventory,
    parse_security,
    parse_system_information,
)
from drivers.rfid.obid_exchange import AnswerLost, ObidExchange
from drivers.rfid.obid_memory import ObidMemory
from drivers.rfid.obid_settings import ObidPadSettings, Outputs, ReleaseCheck

__all__ = ["ObidPad", "ObidPadSettings", "open"]

_PAGES_MAX = 64
_NO_INFORMATION = "information"

_SIGNALS = {
    # state, flash frequency, duration in 100 ms: see `obid_commands.control_output`.
    PadSignal.READY: (0b10_10_01, 0, 0xFFFF),
    PadSignal.WORKING: (0b10_10_11, 0b01, 0xFFFF),
    PadSignal.DONE: (0b01_10_01, 0, 2),
    PadSignal.ATTENTION: (0b01_11_10, 0b01_00, 10),
}


def open(settings: ObidPadSettings, link: Link, clock: Clock) -> ObidPad:
    """Finds the reader behind *link* and switches its field on.  Raises `DeviceLost` and `DeviceFault`."""
    exchange = ObidExchange(
        link,
        clock,
        frame_type=settings.frame,
        bus_address=settings.bus_address,
        answer_seconds_max=settings.answer_seconds_max,
        retries=settings.retries,
        pause_seconds=settings.pause_seconds,
    )
    exchange.find_reader()
    exchange.ask(obid_commands.control_field(True))
    return ObidPad(settings, link, exchange)


class ObidPad:
    """`Pad` on a FEIG reader; made by `open`."""

    def __init__(self, settings: ObidPadSettings, link: Link, exchange: ObidExchange) -> None:
        self._settings = settings
        self._link = link
        self._exchange = exchange
        self._memory = ObidMemory(settings, exchange)
        self._target = {
            True: SecurityState(settings.released_afi, False if settings.uses_eas else None),
            False: SecurityState(settings.secured_afi, True if settings.uses_eas else None),
        }
        # What was last read of each tag that has not been missing in an inventory since.
        self._states: dict[TagUid, SecurityState] = {}

    def inventory(self) -> tuple[TagUid, ...]:
        """As promised by `Pad`; repeated when the air or the line was disturbed, and everything seen is
        merged.
        """
        seen: set[TagUid] = set()
        for _ in range(self._settings.retries + 1):
            if self._collect(seen):
                break
        uids = in_order(tuple(seen))
        self._states = {uid: self._states[uid] for uid in uids if uid in self._states}
        return uids

    def read(self, uid: TagUid) -> Tag:
        """As promised by `Pad`."""
        try:
            information = self._information(uid)
            content = self._memory.read(uid, information)
            if information is None:
                return Tag(uid, content, SecurityState(0), False, _NO_INFORMATION)
            state = SecurityState(information.afi, self._eas(uid))
            why_not = (
                self._obstacle(uid, state, information.block_count)
                if isinstance(content, LibraryItem)
                else ""
            )
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
        return self._change(uid, to_released=True)

    def secure(self, uid: TagUid) -> tuple[SecurityState, SecurityState]:
        """As promised by `Pad`; the state before as in `release`."""
        return self._change(uid, to_released=False)

    def is_released(self, state: SecurityState) -> bool:
        """As promised by `Pad`: exactly the released values, so an AFI of neither value counts as secured."""
        return self._is_at(self._target[True], state)

    def signal(self, signal: PadSignal) -> None:
        """As promised by `Pad`."""
        if self._settings.outputs is Outputs.CPR:
            state, frequency, duration = _SIGNALS[signal]
            self._exchange.ask(obid_commands.control_output(state, frequency, duration, 0))

    def close(self) -> None:
        """As promised by `Pad`; does not wait for the reader's answer."""
        with contextlib.suppress(DeviceLost, DeviceFault):
            self._exchange.tell(obid_commands.control_field(False))
        self._link.close()

    def _collect(self, seen: set[TagUid]) -> bool:
        """Adds the tags of one full inventory to *seen*; false when it was disturbed and should be done
        again.
        """
        try:
            self._exchange.ask(obid_commands.reset_field())
            for page in range(_PAGES_MAX):
                answer = self._exchange.ask_once(obid_commands.inventory(more=page > 0))
                if answer.status == Status.NO_TRANSPONDER:
                    return True
                if answer.is_unheard:
                    return False
                if answer.status not in (Status.OK, Status.MORE_DATA, Status.BUFFER_OVERFLOW):
                    raise DeviceFault(f"inventory ended with status {answer.status:02X}")
                seen.update(TagUid(tag.uid) for tag in parse_inventory(answer.data).tags)
                if answer.status == Status.OK:
                    return True
        except AnswerLost:
            # The tags of the lost page are silenced now: only after a field reset they answer again.
            return False
        except FrameError as error:
            raise DeviceFault(f"inventory: {error}") from error
        raise DeviceFault(f"inventory did not end after {_PAGES_MAX} pages")

    def _information(self, uid: TagUid) -> SystemInformation | None:
        """What *uid* says about itself; None when it does not know the question."""
        answer = self._exchange.ask(obid_commands.system_information(uid))
        if answer.is_unsupported:
            return None
        if answer.status != Status.OK:
            raise TagGone(f"{uid}: status {answer.status:02X}")
        try:
            information = parse_system_information(answer.data)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        if information.uid != uid:
            raise DeviceFault(f"{uid} was asked and {information.uid} answered")
        return information

    def _eas(self, uid: TagUid) -> bool | None:
        """Whether the EAS bit of *uid* is on; None where the settings do not use it or the chip has none."""
        if not self._settings.uses_eas:
            return None
        # "Off" is the absence of an answer, so it is believed the second time only.
        for _ in range(2):
            answer = self._exchange.ask(obid_commands.eas_alarm(uid))
            if answer.status == Status.OK:
                return True
            if answer.is_unsupported:
                return None
            if answer.status != Status.NO_TRANSPONDER:
                raise TagGone(f"{uid}: status {answer.status:02X}")
        return False

    def _state(self, uid: TagUid) -> SecurityState:
        # EAS first: a tag that left looks like one whose EAS is off, and only the question after it tells.
        eas = self._eas(uid)
        information = self._information(uid)
        if information is None:
            raise WriteRefused(_NO_INFORMATION)
        return SecurityState(information.afi, eas)

    def _is_at(self, target: SecurityState, state: SecurityState) -> bool:
        return (not self._settings.uses_afi or state.afi == target.afi) and state.eas == target.eas

    def _obstacle(self, uid: TagUid, state: SecurityState, block_count: int) -> str:
        """One word for why the security state of *uid* cannot be changed, empty when it can."""
        if self._settings.uses_eas and state.eas is None:
            return "unsupported"
        match self._settings.release_check:
            case ReleaseCheck.NONE:
                return ""
            case ReleaseCheck.LOCK_STATE:
                return self._locked_as_a_whole(uid, block_count)
            case ReleaseCheck.REWRITE:
                try:
                    self._write(uid, state, is_check=True)
                except WriteRefused as refused:
                    return str(refused)
                return ""

    def _locked_as_a_whole(self, uid: TagUid, block_count: int) -> str:
        count = min(obid_commands.BLOCKS_PER_READ_MAX, block_count)
        answer = self._exchange.ask(obid_commands.security_status(uid, 0, count))
        if answer.status != Status.OK:
            return "status"
        try:
            security = parse_security(answer.data, count)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        return "locked" if all(byte & 1 for byte in security) else ""

    def _change(self, uid: TagUid, *, to_released: bool) -> tuple[SecurityState, SecurityState]:
        target = self._target[to_released]
        try:
            before = self._states.pop(uid, None) or self._state(uid)
            if self._is_at(target, before):
                after = self._state(uid)
                if self._is_at(target, after):
                    self._states[uid] = after
                    return before, after
            for _ in range(self._settings.retries + 1):
                self._write(uid, target)
                after = self._state(uid)
                if self._is_at(target, after):
                    self._states[uid] = after
                    return before, after
        except WriteRefused as refused:
            raise WriteRefused(f"{uid}: {refused}") from refused
        raise WriteRefused(f"{uid}: not as written")

    def _write(self, uid: TagUid, state: SecurityState, *, is_check: bool = False) -> None:
        """Writes *state* where the settings use it; raises `WriteRefused` with one word, `TagGone`."""
        if self._settings.uses_afi and state.afi is not None:
            self._write_one(uid, obid_commands.write_afi(uid, state.afi), state, is_check)
        if state.eas is not None:
            self._write_one(uid, obid_commands.set_eas(uid, state.eas), state, is_check)

    def _write_one(
        self, uid: TagUid, request: obid_commands.Request, state: SecurityState, is_check: bool
    ) -> None:
        """Writes until the tag confirms, or shows *state* where that is not what it showed before anyway."""
        is_eas = request.command == obid_commands.MANUFACTURER_COMMAND
        for _ in range(self._settings.retries + 1):
            answer = self._exchange.ask(request)
            if answer.status == Status.OK:
                return
            if answer.is_locked:
                raise WriteRefused("locked")
            if answer.is_unsupported:
                raise WriteRefused("unsupported")
            now = self._state(uid)
            if not is_check and (now.eas == state.eas if is_eas else now.afi == state.afi):
                return
        raise WriteRefused("weak")
