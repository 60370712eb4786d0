"""3M 210 and 810, later sold as Bibliotheca M210: RFID readers for ISO 15693 tags in libraries.

    models     3M RFID Reader 210 and 810; Bibliotheca M210 (USB 0d2c:032a, an FTDI bridge inside)
    line       serial:/dev/...?baud=19200 (8 data bits, no parity, 1 stop bit).  The M210's USB number is not among
               those that the FTDI module knows: it has to be told (new_id), or udev does it.  DTR and RTS low are
               what other drivers use; a bridge that needs them is not known, so the line is opened as any other.
               The bridge's latency timer (16 ms) is part of every answer; lowering it speeds up a stack of books.
    supported  inventory, addressed reading, AFI and EAS with read-back, lock state of blocks
    wrong      bytes of an earlier conversation may wait in the bridge: they are drained before the first question.
               A tag at the edge of the pad is "no transponder" most of the time: asked again, often.
               EAS off is told as "no transponder": believed the second time, and only of a tag that then answers.
               The reply to a written AFI may hold the UID alone, so only the read-back says what is in the tag.
               A tag's size cannot be asked for: it is read until its memory ends.
    not        the EAS/AFI password of NXP chips: the layout of the pass-through (14) is not public, so tags that
               are protected by it are refused as too weak to be written.  No lamp, no buzzer, no way to switch the
               field off.
    unverified the meaning of the start-up commands and of errors 21 to 23; whether an EAS reply begins with the UID;
               that switching EAS off is confirmed by error 00 (only then is a tag released by it)
    source     device reference 1.1, 1.3, 15

A book costs as many questions as on other pads: AFI, one read of 32 bytes, the check of docs/decisions/0103; later
the write and the AFI again.  The DSFID is asked for only where the memory made no sense without it.
"""

from __future__ import annotations

from drivers.link import Clock, DeviceFault, DeviceLost, Link
from drivers.probing import Identity
from drivers.rfid import m210_commands
from drivers.rfid.iso15693_pad import Iso15693Pad
from drivers.rfid.m210 import Error, Frame
from drivers.rfid.m210_exchange import M210Exchange
from drivers.rfid.m210_field import M210Field
from drivers.rfid.m210_settings import M210PadSettings, StartUp

__all__ = ["M210Pad", "M210PadSettings", "open", "probe"]

_QUIET_SECONDS = 0.02
_DRAINED_BYTES_MAX = 1024
_PROBE_SECONDS = 0.3


class M210Pad(Iso15693Pad):
    """`Pad` on a 3M 210/810 or M210; made by `open`."""


def open(settings: M210PadSettings, link: Link, clock: Clock) -> M210Pad:
    """Finds the reader behind *link* and starts it up.  Raises `DeviceLost` and `DeviceFault`."""
    clock.wait(settings.settle_seconds)
    _drain(link)
    exchange = M210Exchange(
        link,
        clock,
        answer_seconds_max=settings.answer_seconds_max,
        retries=settings.retries,
        pause_seconds=settings.pause_seconds,
    )
    exchange.find_reader()
    answer = exchange.ask(m210_commands.start_up())
    if answer.error != Error.OK:
        raise DeviceFault(f"the reader does not start up (error {answer.error:02X})")
    if settings.start_up is StartUp.BIBLIOTHECA:
        for request in m210_commands.start_up_of_bibliotheca():
            exchange.ask(request)
    return M210Pad(settings, link, M210Field(exchange))


def probe(link: Link, clock: Clock) -> Identity | None:
    """As promised in `drivers/probing.py`, by the hardware version."""
    exchange = M210Exchange(link, clock, answer_seconds_max=_PROBE_SECONDS)
    try:
        _drain(link)
        frame = exchange.fenced()
    except DeviceLost:
        return None
    return Identity("3M 210/810 or Bibliotheca M210", firmware=_version(frame))


def _version(frame: Frame) -> str:
    asked = len(m210_commands.hardware_version().payload)
    return ".".join(str(number) for number in frame.payload[asked:])


def _drain(link: Link) -> None:
    """Reads until nothing comes any more, bounded where something never stops."""
    drained = link.discard_input()
    while drained < _DRAINED_BYTES_MAX and (data := link.read(4096, _QUIET_SECONDS)):
        drained += len(data)
