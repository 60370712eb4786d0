"""What an installer can say about a 3M BookCheck; the keys of its section in the configuration."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.em import Abilities
from drivers.em.duty import DutyRules
from drivers.link import SettingsError

__all__ = ["BookCheckSettings"]


@dataclass(frozen=True, slots=True)
class BookCheckSettings:
    """A BookCheck; raises `SettingsError` for values out of range.

    *verifies*: what the verifier shows is believed; *active_clears_bit*: it shows an active strip by a clear bit.
    *unwatched_seconds_max* is less than the fastest item needs to cross; *crossing_seconds_max* more than the slowest.
    """

    verifies: bool = True
    active_clears_bit: bool = True
    poll_seconds: float = 0.05
    unwatched_seconds_max: float = 0.2
    crossing_seconds_max: float = 5.0
    transfer_seconds_max: float = 0.5
    min_interval_seconds: float = 1.0
    pulses_per_minute_max: int = 20

    def __post_init__(self) -> None:
        for name, least, most in (
            ("poll_seconds", 0.01, 0.1),
            ("unwatched_seconds_max", 0.12, 1),
            ("crossing_seconds_max", 1, 30),
            ("transfer_seconds_max", 0.05, 2),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise SettingsError(f"{name} = {value}: allowed is {least} to {most}")
        DutyRules(self.min_interval_seconds, self.pulses_per_minute_max)

    @property
    def abilities(self) -> Abilities:
        """It always senses, and treats what crosses it; it reads strips where the verifier is believed."""
        return Abilities(senses_items=True, reads_strips=self.verifies, treats_lying=False)
