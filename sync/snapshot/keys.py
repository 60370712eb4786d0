"""The secrets a terminal needs for its snapshots."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SnapshotKeys:
    """*key* opens what is sealed for *terminal*, *pepper* explains the patrons in it, *issuer* is the public key of
    whoever may issue: 32 bytes each.
    """

    terminal: str
    key: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    issuer: bytes

    def __post_init__(self) -> None:
        if {len(self.key), len(self.pepper), len(self.issuer)} != {KEY_BYTES}:
            raise ValueError(f"a snapshot's keys have {KEY_BYTES} bytes each")
