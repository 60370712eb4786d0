"""Receipt printers: a document of lines is put on paper, and the printer says how it is.

`escpos_printer.py` is the device on a line.  `layout.py` breaks a document into lines of the paper's width,
`escpos_commands.py` turns them into bytes, `escpos_status.py` reads what the printer says about itself and
`raster.py` draws a line for a printer that has no Chinese characters of its own.  `proof.py` shows a document without a
printer.

What is printed is data and sentences made elsewhere.  Nothing here is ever told who it is printed for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from drivers.link import DeviceFault

__all__ = [
    "Align",
    "Block",
    "Document",
    "Gap",
    "NotPrinted",
    "Obstacle",
    "Pair",
    "Paper",
    "Printed",
    "Printer",
    "PrinterStatus",
    "Rule",
    "Size",
    "Text",
]


class Size(Enum):
    """How large letters are: LARGE is twice as wide and twice as high, TALL twice as high."""

    NORMAL = "normal"
    TALL = "tall"
    LARGE = "large"


class Align(Enum):
    """Where a line stands."""

    LEFT = "left"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Text:
    """Words that break into as many lines as they need, *lines_max* at the most (0: any); the rest becomes "..."."""

    words: str
    size: Size = Size.NORMAL
    align: Align = Align.LEFT
    is_bold: bool = False
    lines_max: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """What something is called, and what it is: on one line with the value at the right, else on lines of its own."""

    label: str
    value: str
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Gap:
    """*lines* empty ones."""

    lines: int = 1


Block = Text | Pair | Rule | Gap


@dataclass(frozen=True, slots=True)
class Document:
    """One piece of paper, from top to bottom; cut off at the end where the printer can."""

    blocks: tuple[Block, ...]


class Paper(Enum):
    """How much paper there is, as far as the printer says."""

    ENOUGH = "enough"
    LOW = "low"
    OUT = "out"
    NOT_KNOWN = "not-known"


class Obstacle(Enum):
    """Why a printer does not print, as far as it says; OFFLINE where it says no more than that."""

    PAPER_OUT = "paper-out"
    COVER_OPEN = "cover-open"
    ERROR = "error"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """What the printer says about itself; None and NOT_KNOWN where it gave no answer that can be believed."""

    is_online: bool | None = None
    paper: Paper = Paper.NOT_KNOWN
    is_cover_open: bool | None = None
    has_error: bool | None = None

    @property
    def obstacle(self) -> Obstacle | None:
        """What keeps it from printing; None says only that it named nothing."""
        if self.paper is Paper.OUT:
            return Obstacle.PAPER_OUT
        if self.is_cover_open:
            return Obstacle.COVER_OPEN
        if self.has_error:
            return Obstacle.ERROR
        return Obstacle.OFFLINE if self.is_online is False else None

    @property
    def is_known(self) -> bool:
        """Whether it said everything; what is not known is never fine."""
        return (
            None not in (self.is_online, self.is_cover_open, self.has_error)
            and self.paper is not Paper.NOT_KNOWN
        )

    @property
    def is_fine(self) -> bool:
        """It said that it prints, and that nobody has to come: not even for paper."""
        return self.is_known and self.obstacle is None and self.paper is Paper.ENOUGH


class Printed(Enum):
    """How sure it is that a document is on paper.

    CONFIRMED: the printer said after the last line that it has worked off all and has paper.  NOT_CONFIRMED: the
    line took every byte, and the printer says nothing.
    """

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not-confirmed"


class NotPrinted(DeviceFault):
    """The printer is there and does not print, because of *obstacle*; a part may be on paper.  Staff act."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


class Printer(Protocol):
    """A printer of slips and receipts.

    Every call blocks for a bounded time and may raise `DeviceLost` (gone, or takes no bytes: open it again).
    """

    def print(self, document: Document) -> Printed:
        """Puts *document* on paper, and says how sure that is.

        Raises `NotPrinted` when the printer says that it cannot: before the first line where it says so in time,
        else in the middle, and then what it has not printed yet is thrown away and not printed later.
        """

    def status(self) -> PrinterStatus:
        """How the printer is now; all unknown when it does not say."""

    def close(self) -> None:
        """Frees the line.  Never raises."""
