"""The tags in the field of a FEIG reader: each question of `Iso15693Reader` as one command of ISO-Host."""

from __future__ import annotations

import contextlib

from drivers.link import DeviceFault, DeviceLost
from drivers.masked import Secret
from drivers.rfid import PadSignal, TagGone, TagUid, obid_commands
from drivers.rfid.iso15693 import TagBlocks, TagFacts, Written
from drivers.rfid.iso15693_password import Presented
from drivers.rfid.obid import (
    FrameError,
    IsoError,
    Status,
    parse_blocks,
    parse_inventory,
    parse_random,
    parse_security,
    parse_system_information,
)
from drivers.rfid.obid_exchange import Answer, AnswerLost, ObidExchange
from drivers.rfid.obid_settings import ObidPadSettings, OrderPolicy, Outputs

__all__ = ["ObidField"]

_PAGES_MAX = 64

_SIGNALS = {
    # state, flash frequency, duration in 100 ms: see `obid_commands.control_output`.
    PadSignal.READY: (0b10_10_01, 0, 0xFFFF),
    PadSignal.WORKING: (0b10_10_11, 0b01, 0xFFFF),
    PadSignal.DONE: (0b01_10_01, 0, 2),
    PadSignal.ATTENTION: (0b01_11_10, 0b01_00, 10),
}


class ObidField:
    """`Iso15693Reader` and `PasswordReader` on a FEIG reader."""

    blocks_per_read = obid_commands.BLOCKS_PER_READ_MAX
    bytes_per_read = obid_commands.BYTES_PER_READ_MAX

    def __init__(self, settings: ObidPadSettings, exchange: ObidExchange) -> None:
        self._exchange = exchange
        self._order = settings.wire_order
        self._has_outputs = settings.outputs is Outputs.CPR
        self.tries_both_orders = settings.block_order is OrderPolicy.AUTO

    def collect(self, seen: set[TagUid]) -> bool:
        """As promised by `Iso15693Reader`: a field reset, then as many pages as there are."""
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

    def facts(self, uid: TagUid, *, with_afi: bool) -> TagFacts | None:
        """As promised by `Iso15693Reader`; the system information always holds the AFI."""
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
        return TagFacts(
            information.afi, information.dsfid, information.block_size_bytes, information.block_count
        )

    def dsfid(self, uid: TagUid) -> int | None:
        """Never: a tag that does not tell it in its facts cannot."""
        return None

    def blocks(self, uid: TagUid, first: int, count: int, block_size_bytes: int | None) -> TagBlocks | None:
        """As promised by `Iso15693Reader`."""
        answer = self._exchange.ask(obid_commands.read_blocks(uid, first, count))
        if answer.status == Status.ADDRESS_ERROR or answer.iso_error in (
            IsoError.UNKNOWN,
            IsoError.BLOCK_MISSING,
        ):
            return None
        if answer.status != Status.OK:
            raise TagGone(f"{uid}: status {answer.status:02X}")
        try:
            blocks = parse_blocks(answer.data, self._order, count)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        return TagBlocks(blocks.block_size_bytes, blocks.data)

    def is_locked_as_a_whole(self, uid: TagUid, count: int) -> bool | None:
        """As promised by `Iso15693Reader`."""
        answer = self._exchange.ask(obid_commands.security_status(uid, 0, count))
        if answer.status != Status.OK:
            return None
        try:
            security = parse_security(answer.data, count)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        return all(byte & 1 for byte in security)

    def eas(self, uid: TagUid) -> bool | None:
        """As promised by `Iso15693Reader`."""
        answer = self._exchange.ask(obid_commands.eas_alarm(uid))
        if answer.is_unsupported:
            return None
        if answer.status not in (Status.OK, Status.NO_TRANSPONDER):
            raise TagGone(f"{uid}: status {answer.status:02X}")
        return answer.status == Status.OK

    def write_afi(self, uid: TagUid, afi: int) -> Written:
        """As promised by `Iso15693Reader`."""
        return _written(uid, self._exchange.ask(obid_commands.write_afi(uid, afi)))

    def write_eas(self, uid: TagUid, is_on: bool) -> Written:
        """As promised by `Iso15693Reader`."""
        return _written(uid, self._exchange.ask(obid_commands.set_eas(uid, is_on)))

    def present(self, uid: TagUid, password: Secret) -> Presented:
        """As promised by `PasswordReader`."""
        answer = self._exchange.ask(obid_commands.get_random(uid))
        if answer.is_unsupported:
            return Presented.UNSUPPORTED
        if answer.status != Status.OK:
            return Presented.UNANSWERED
        try:
            random = parse_random(answer.data)
        except FrameError as error:
            raise DeviceFault(f"{uid}: {error}") from error
        request = obid_commands.set_password(uid, bytes.fromhex(password.reveal()), random)
        try:
            # Not asked again by itself: the random number is good for one password.
            answer = self._exchange.ask_once(request)
        except AnswerLost:
            return Presented.UNANSWERED
        if answer.status == Status.OK:
            return Presented.ACCEPTED
        if answer.is_unsupported:
            return Presented.UNSUPPORTED
        return Presented.REFUSED if answer.iso_error is not None else Presented.UNANSWERED

    def is_there(self, uid: TagUid) -> bool:
        """As promised by `PasswordReader`."""
        try:
            self.facts(uid, with_afi=True)
        except TagGone:
            return False
        return True

    def reset_field(self) -> None:
        """As promised by `PasswordReader`."""
        self._exchange.ask(obid_commands.reset_field())

    def signal(self, signal: PadSignal) -> None:
        """As promised by `Iso15693Reader`: lamps and buzzer of the CPR family."""
        if self._has_outputs:
            state, frequency, duration = _SIGNALS[signal]
            self._exchange.ask(obid_commands.control_output(state, frequency, duration, 0))

    def close(self) -> None:
        """Switches the field off and does not wait for the answer."""
        with contextlib.suppress(DeviceLost, DeviceFault):
            self._exchange.tell(obid_commands.control_field(False))


def _written(uid: TagUid, answer: Answer) -> Written:
    if answer.status == Status.OK:
        if answer.data:
            raise DeviceFault(f"{uid}: {len(answer.data)} bytes came where a write is only confirmed")
        return Written.DONE
    if answer.is_locked:
        return Written.LOCKED
    if answer.is_unsupported:
        return Written.UNSUPPORTED
    return Written.REFUSED if answer.iso_error is not None else Written.UNCERTAIN
