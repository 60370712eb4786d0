"""The files under `tests/wire` that hold conversations of UHF modules, and streams made worse from them."""

from __future__ import annotations

import random
from pathlib import Path

from drivers.rfid.uhf_frames import Frame, FrameFinder

FOLDER = Path(__file__).parents[1] / "wire"


def golden(name: str) -> dict[tuple[str, str], bytes]:
    """The frames of *name*: direction and name lead to the bytes."""
    frames = {}
    for line in (FOLDER / name).read_text().splitlines():
        if line and not line.startswith("#"):
            direction, about, _, data = line.split(maxsplit=3)
            frames[direction, about] = bytes.fromhex(data)
    return frames


def frames_of(reader: FrameFinder, data: bytes, piece: int) -> list[Frame]:
    """What *reader* finds in *data* that arrives in pieces."""
    found = []
    for at in range(0, len(data), piece):
        reader.feed(data[at : at + piece])
        while (frame := reader.next_frame()) is not None:
            found.append(frame)
    return found


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """Random bytes, or one of *seeds* cut off, changed, or changed behind another."""
    kind = chance.randrange(4)
    data = bytearray(chance.choice(seeds))
    if kind == 0:
        return chance.randbytes(chance.randrange(300))
    if kind == 1:
        return bytes(data[: chance.randrange(len(data) + 1)])
    for _ in range(chance.randrange(1, 4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data) if kind == 2 else bytes(chance.choice(seeds) + data)
