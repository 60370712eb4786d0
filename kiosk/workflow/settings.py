"""How a library wants its sessions: plain values, checked where the configuration is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum

from kiosk.workflow.view import Language
from sync.entries import Means
from sync.rules.offline import OfflinePolicy
from sync.rules.sorting import SortingRules


class ScannedItem(Enum):
    """What becomes of an item that was scanned and does not lie on the pad."""

    LEND = "lend"
    NEEDS_TAG = "needs-tag"


class Strips(Enum):
    """Which items have a magnetic strip that has to be desensitised.

    UNTAGGED: those that were scanned and have no tag on the pad; ALL: every item, those with a tag too.
    """

    NONE = "none"
    UNTAGGED = "untagged"
    ALL = "all"


class Service(Enum):
    """What a terminal is for.  A reader finds those that it has on the first screen."""

    BORROW = "borrow"
    RETURN = "return"
    ACCOUNT = "account"
    PAY = "pay"
    CARE = "care"


class ForeignItems(Enum):
    """What becomes of another library's item that is given back."""

    TO_READER = "to-reader"
    OWN_PILE = "own-pile"


class Greeting(Enum):
    """How much of a patron's name the screen shows to whoever looks over a shoulder."""

    FULL = "full"
    INITIAL = "initial"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class DropSettings:
    """An unattended book drop: an item that is not read within *read_seconds* has to be taken out again; what was done
    is shown for *done_seconds*.
    """

    read_seconds: int = 8
    done_seconds: int = 4


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How this library wants its sessions.  Times in seconds; patterns are full-match regular expressions.

    *owners* are the beginnings of the ISILs whose tags are ours; empty accepts every owner.  *lend_incomplete* is what
    holds for items with missing parts where the server has no rule of its own.  With *confirms_list* nothing on the
    pad is asked for before the reader has seen the list and said so; without, the pad's reading is enough.
    *strip_unit_senses* false: the reader says when the item lies on the strip unit; *strip_unit_treats_lying* false: it
    has to be moved over it, and is scanned again when it lay there too early; *strip_seconds* it is waited for.
    *services* are offered on the first screen; a terminal that only takes returns begins one by itself.  With *drop*
    it is an unattended book drop.  Before an item that is given back is made secure, the server is asked about it for
    *ask_item_seconds* at most.  *means* are the ways to pay at this terminal.
    *payment_max* smallest units of *currency* are the most that is taken at once: more is a mistake.  *zone* is that of
    the library's calendar: whether a loan is overdue today.  A receipt stays on the screen, as a code, for
    *code_seconds*.  Readers are told that they have *pay_seconds* to pay; whoever takes the money says when it is over.
    *pin_tries_max* wrong PINs for one card within *pin_window_seconds* close the terminal to that card, across
    restarts.
    """

    library: str
    patron_number_pattern: str
    item_number_pattern: str
    owners: tuple[str, ...] = ()
    languages: tuple[Language, ...] = (Language.CHINESE, Language.ENGLISH)
    language: Language = Language.CHINESE
    greeting: Greeting = Greeting.INITIAL
    has_pad: bool = True
    has_scanner: bool = True
    has_card_reader: bool = True
    has_number_pad: bool = True
    needs_pin: bool = True
    pin_length_max: int = 8
    pin_tries_max: int = 3
    pin_window_seconds: int = 3600
    scanned_item: ScannedItem = ScannedItem.NEEDS_TAG
    lend_incomplete: bool = False
    stable_readings: int = 2
    confirms_list: bool = False
    count_max: int = 12
    lines_max: int = 60
    release_tries_max: int = 2
    idle_seconds: int = 45
    warning_seconds: int = 20
    answer_seconds: int = 15
    put_back_seconds: int = 30
    refusal_seconds: int = 20
    summary_seconds: int = 20
    start_seconds: int = 4
    has_printer: bool = False
    strips: Strips = Strips.NONE
    strip_unit_senses: bool = True
    strip_unit_treats_lying: bool = True
    strip_seconds: int = 30
    offline: OfflinePolicy = field(default_factory=OfflinePolicy)
    terminal: str = ""
    currency: str = "CNY"
    services: tuple[Service, ...] = (Service.BORROW,)
    foreign_items: ForeignItems = ForeignItems.TO_READER
    sorting: SortingRules = field(default_factory=SortingRules)
    ask_item_seconds: float = 1.0
    drop: DropSettings | None = None
    means: tuple[Means, ...] = ()
    pays_at_counter: bool = True
    has_receipts: bool = True
    payment_max: int = 10_000_000
    pay_seconds: int = 180
    zone: tzinfo = UTC
    code_seconds: int = 60
