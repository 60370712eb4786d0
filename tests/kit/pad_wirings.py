"""Every pad that the contract tests ask, each with its far end and the tags it reads: a line of `WIRINGS` each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drivers.link import Clock, Link
from drivers.rfid import Pad, SecurityState, m210_pad, obid_pad
from drivers.rfid.m210_settings import M210PadSettings, StartUp
from drivers.rfid.obid import BlockOrder, FrameType
from drivers.rfid.obid_settings import ObidPadSettings, OrderPolicy, Outputs
from drivers.sim import shelf
from drivers.sim.m210_reader import M210Reader
from drivers.sim.obid_reader import ObidReader
from tests.kit.hf_bench import more_than_the_security_state

SECURED, RELEASED, NEITHER = SecurityState(0x07), SecurityState(0xC2), SecurityState(0x00)


@dataclass(frozen=True)
class PadWiring:
    """One driver, set up in one way.

    *reader* makes the far end (`lay`, `take`, `receive`, `commands_heard`), *open* the pad on a link to it.  *tags* is
    the shelf its tags come from (`item_tag` and its neighbours), *state* what a tag shows now.  *secured* and
    *released* are the states that the settings mean.  *shown* tells what the pad's lamps show, where it has any.
    *forbidden* names what the far end heard that no kiosk may say.
    """

    name: str
    reader: Callable[[Clock], Any]
    open: Callable[[Link, Clock], Pad]
    tags: Any = shelf
    secured: SecurityState = SECURED
    released: SecurityState = RELEASED
    neither: SecurityState = NEITHER
    state: Callable[[Any], SecurityState] = lambda tag: SecurityState(tag.afi)
    make_released: Callable[[Any], None] = lambda tag: setattr(tag, "afi", 0xC2)
    shown: Callable[[Any], object] | None = None
    forbidden: Callable[[Any], list[str]] = more_than_the_security_state


def _obid(frame_type: FrameType, order: BlockOrder) -> PadWiring:
    settings = ObidPadSettings(
        frame=frame_type,
        block_order=OrderPolicy(order.value),
        outputs=Outputs.CPR,
        answer_seconds_max=5,
        pause_seconds=0,
    )
    return PadWiring(
        f"obid-{frame_type.value}-{order.value}",
        lambda clock: ObidReader(clock, block_order=order),
        lambda link, clock: obid_pad.open(settings, link, clock),
        shown=lambda reader: (reader.lamp.state, reader.lamp.frequency),
    )


def _m210(start_up: StartUp, *, says_afi: bool) -> PadWiring:
    settings = M210PadSettings(start_up=start_up, settle_seconds=0, answer_seconds_max=5)
    return PadWiring(
        f"m210-{start_up.value}",
        lambda clock: M210Reader(clock, says_afi=says_afi),
        lambda link, clock: m210_pad.open(settings, link, clock),
    )


WIRINGS = (
    *(_obid(frame_type, order) for frame_type in FrameType for order in BlockOrder),
    _m210(StartUp.THREE_M, says_afi=True),
    _m210(StartUp.BIBLIOTHECA, says_afi=False),
)
