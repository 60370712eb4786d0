"""What a library sets about its journal's size."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

RETENTION_MIN: Final = timedelta(days=2)
"""Shorter than this nothing is kept: refused PINs of a day may still be needed."""


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """*segment_rows* close a segment, as does a new month; a closed segment is purged *retention* later.

    *reserve_bytes* of the disk are kept for what was begun and for returns (0: none); with less than *margin_bytes*
    free nothing new is to begin.  Raises `ValueError` for what cannot work.
    """

    segment_rows: int = 50_000
    retention: timedelta = timedelta(days=365)
    reserve_bytes: int = 8 * 2**20
    margin_bytes: int = 16 * 2**20

    def __post_init__(self) -> None:
        if self.segment_rows < 1 or self.reserve_bytes < 0 or self.margin_bytes < 0:
            raise ValueError("a segment has at least one row; reserve and margin are not negative")
        if self.retention < RETENTION_MIN:
            raise ValueError(f"the journal is kept for {RETENTION_MIN.days} days at least")
