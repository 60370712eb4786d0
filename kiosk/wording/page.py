"""The top of a screen in words."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.wording.explanations import Explanation


@dataclass(frozen=True, slots=True)
class Page:
    """*title* is the one thing to know, *lead* the one thing to do; *greeting* stands small above them.

    *note* is good to know and stands small below.  *remarks* explain what is not going well, the gravest first;
    *quotes* are the server's own words.
    """

    title: str
    lead: str = ""
    greeting: str = ""
    note: str = ""
    remarks: tuple[Explanation, ...] = ()
    quotes: tuple[str, ...] = ()
