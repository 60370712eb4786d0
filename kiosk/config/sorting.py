"""The section that says where goes what came back."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from kiosk.config.values import BINS_MAX, BinNumber, Code, ColourName, RouteName, Section


class SortingBin(Section):
    """A bin, trolley or shelf: its *place* in the library's own words, its *colour* beside number and words."""

    place: Annotated[str, Field(max_length=120)] = ""
    colour: ColourName | None = None


class Sorting(Section):
    """Where what came back goes: *bins* by the number that is written on them.

    *by_code* leads from the server's sort bin (SIP2 CL) to a bin, *by_route* from why an item goes there.  *branch* is
    this branch as the server calls it (SIP2 CT): what goes to another one is told apart.
    """

    branch: Code = ""
    bins: Annotated[dict[BinNumber, SortingBin], Field(max_length=BINS_MAX)] = Field(default_factory=dict)
    by_code: Annotated[dict[Code, BinNumber], Field(max_length=BINS_MAX)] = Field(default_factory=dict)
    by_route: dict[RouteName, BinNumber] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _bins_are_there(self) -> Self:
        missing = [
            f"{name}.{told} = {number!r}"
            for name, leads in (("by_code", self.by_code), ("by_route", self.by_route))
            for told, number in leads.items()
            if number not in self.bins
        ]
        if missing:
            raise ValueError(f"{', '.join(missing)}: there is no such bin in [sorting.bins]")
        return self
