"""FEIG OBID pads that speak ISO-Host: RFID readers for ISO 15693 tags in libraries.

models     ID CPR.M02, CPR.02, CPR40, CPR44; ISC.PR101, PRH101; ISC.MR101, MR102, MR200
line       serial:/dev/...?baud=38400&parity=E (8 data bits, even parity, 1 stop bit), standard frames
           tcp://HOST:10001, advanced frames
supported  inventory with "more data", addressed reading, AFI and EAS (NXP) with read-back, lamps and buzzer of
           the CPR family
wrong      "only new tags" (ONT) reports a tag once and then hides it: the field is reset before each inventory.
           Blocks travel reversed.  Small buffers: few tags per reply, at most 8 blocks per read.
           A tag at the edge fails to be written before it fails to be read.
           EAS off is silence: a tag is released by it only when it confirmed the write and is silent afterwards.
not        buzzer and relay of the bare CPR.M02; the outputs of long-range readers; USB HID models
unverified the EAS alarm asked of one tag (captures ask all); get random and set password (B2, B3) and the order of
           their bytes, which follow the chip's manual: no frame of theirs was seen on a device of ours
source     device reference 1.1, 1.2, 15
"""

from __future__ import annotations

from pathlib import Path

from drivers.link import Clock, DeviceLost, Link
from drivers.probing import Identity
from drivers.rfid import obid_commands
from drivers.rfid.iso15693_pad import Iso15693Pad
from drivers.rfid.iso15693_password import TagPassword
from drivers.rfid.obid import FrameType
from drivers.rfid.obid_commands import redact
from drivers.rfid.obid_exchange import ObidExchange
from drivers.rfid.obid_field import ObidField
from drivers.rfid.obid_settings import ObidPadSettings
from drivers.rfid.password import read_password

__all__ = ["ObidPad", "ObidPadSettings", "open", "probe", "redact"]

_PROBE_SECONDS = 0.3
_VERSION_BYTES = 7
"""SW-REV (2), D-REV, HW-TYPE, SW-TYPE, TR-TYPE (2)."""


class ObidPad(Iso15693Pad):
    """`Pad` on a FEIG reader; made by `open`."""


def open(settings: ObidPadSettings, link: Link, clock: Clock) -> ObidPad:
    """Finds the reader behind *link* and switches its field on.  Raises `DeviceLost` and `DeviceFault`."""
    password = read_password(Path(settings.password_file)) if settings.password_file else None
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
    field = ObidField(settings, exchange)
    return ObidPad(settings, link, field, None if password is None else TagPassword(field, password))


def probe(link: Link, clock: Clock) -> Identity | None:
    """As promised in `drivers/probing.py`, by the software version, in frames of either type."""
    for frame_type in FrameType:
        exchange = ObidExchange(link, clock, frame_type=frame_type, answer_seconds_max=_PROBE_SECONDS)
        try:
            told = exchange.fenced().payload[1:]
        except DeviceLost:
            continue
        if len(told) >= _VERSION_BYTES:
            return Identity(f"FEIG OBID, type {told[4]}", firmware=f"{told[0]}.{told[1]}")
    return None
