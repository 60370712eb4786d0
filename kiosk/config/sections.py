"""What may be set, section by section: names, kinds, limits, defaults.  Times are in seconds unless the name says more.

All sections are frozen and strict: no unknown key, no text where a number belongs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from kiosk.config.sorting import Sorting
from kiosk.config.values import Code, LanguageCode, Name, Pattern, Section, ServiceName, TimeZone

SNAPSHOT_FILES = ("snapshot_file", "snapshot_key_file", "pin_pepper_file", "central_public_key_file")


class Terminal(Section):
    """Who this terminal is.  *owners* are the beginnings of the ISILs whose tags are ours; empty: every owner's.

    *time_zone* is that of the library's calendar, by which a loan is overdue; empty: that of [server], else the
    machine's own.
    """

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]
    library: Name
    languages: Annotated[tuple[LanguageCode, ...], Field(min_length=1, max_length=2)] = ("zh_CN", "en")
    language: LanguageCode = "zh_CN"
    owners: Annotated[tuple[Name, ...], Field(max_length=20)] = ()
    time_zone: TimeZone = ""

    @model_validator(mode="after")
    def _default_is_offered(self) -> Self:
        if self.language not in self.languages:
            raise ValueError(
                f"language: {self.language!r} is not among languages ({', '.join(self.languages)})"
            )
        return self


class Session(Section):
    """What the terminal is for (*services*), and how a reader's time at it goes.

    *foreign_items*: what becomes of another library's item that is given back.  The server is asked about an item for
    *ask_item_seconds* before it is made secure.  *payment_max_minor* smallest units of the currency are the most that
    is taken at once.
    """

    services: Annotated[tuple[ServiceName, ...], Field(min_length=1, max_length=5)] = ("borrow",)
    foreign_items: Literal["to-reader", "own-pile"] = "to-reader"
    ask_item_seconds: Annotated[float, Field(ge=0, le=10)] = 1.0
    payment_max_minor: Annotated[int, Field(ge=1, le=1_000_000_000)] = 10_000_000
    pin: Literal["required", "off"] = "required"
    pin_length_max: Annotated[int, Field(ge=4, le=16)] = 8
    pin_tries_max: Annotated[int, Field(ge=1, le=10)] = 3
    pin_window_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    number_pad: bool = True
    greeting: Literal["full", "initial", "none"] = "initial"
    patron_number_pattern: Pattern = r"[0-9A-Za-z]{4,20}"
    item_number_pattern: Pattern = r"[0-9A-Za-z]{4,32}"
    scanned_item: Literal["lend", "needs-tag"] = "needs-tag"
    strips: Literal["none", "untagged", "all"] = "none"
    strip_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    lend_incomplete: bool = False
    confirms_list: bool = False
    stable_readings: Annotated[int, Field(ge=2, le=10)] = 2
    count_max: Annotated[int, Field(ge=1, le=40)] = 12
    lines_max: Annotated[int, Field(ge=5, le=200)] = 60
    release_tries_max: Annotated[int, Field(ge=1, le=5)] = 2
    idle_seconds: Annotated[int, Field(ge=10, le=600)] = 45
    warning_seconds: Annotated[int, Field(ge=5, le=120)] = 20
    answer_seconds: Annotated[int, Field(ge=3, le=120)] = 15
    put_back_seconds: Annotated[int, Field(ge=5, le=300)] = 30
    refusal_seconds: Annotated[int, Field(ge=5, le=120)] = 20
    summary_seconds: Annotated[int, Field(ge=5, le=120)] = 20
    start_seconds: Annotated[int, Field(ge=2, le=120)] = 4
    drop_read_seconds: Annotated[int, Field(ge=2, le=60)] = 8
    drop_done_seconds: Annotated[int, Field(ge=1, le=60)] = 4
    code_seconds: Annotated[int, Field(ge=10, le=600)] = 60

    @model_validator(mode="after")
    def _paying_needs_the_account(self) -> Self:
        if "pay" in self.services and "account" not in self.services:
            raise ValueError("services: 'pay' needs 'account', where fees are shown and chosen")
        return self


class Device(Section):
    """A device: *driver* as the catalogue names it, *link* the URL of its line, *settings* the driver's own."""

    driver: Name
    link: Annotated[str, Field(min_length=3, max_length=300)]
    settings: dict[str, Any] = Field(default_factory=dict)


class Server(Section):
    """The circulation server: tls:// and tcp:// speak SIP2, https:// is central.  Secrets stand in files, mode 0600.

    SIP2 logs in with *login_user* and *password_file*; central knows the terminal by the token in *token_file*, and
    *ca_file* holds the authorities that may vouch for it, where those of the machine do not.  *request_seconds* is the
    total for one question or loan, *login_seconds* that of connecting and logging in, *status_seconds* how often a
    quiet server is asked whether it is there.  *time_zone* is that of the server's clock, empty the terminal's own.
    """

    url: Annotated[str, Field(min_length=3, max_length=300)]
    profile: Name = "standard"
    institution: Code = ""
    location: Code = ""
    login_user: Code = ""
    password_file: Path | None = None
    terminal_password_file: Path | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    clear_text_allowed: bool = False
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    time_zone: TimeZone = ""
    login_seconds: Annotated[float, Field(ge=0.5, le=60)] = 8.0
    request_seconds: Annotated[float, Field(ge=4, le=60)] = 5.0
    status_seconds: Annotated[float, Field(ge=5, le=600)] = 30.0

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if bool(self.login_user) != (self.password_file is not None):
            raise ValueError("login_user and password_file: either both are set or neither")
        return self


class Payment(Section):
    """How readers pay beside a card terminal, which has a section of its own.

    *qr_url* is the library's own payment back end (https://, docs/guides/payments.md), which knows the terminal by
    the token in *token_file*; *ca_file* as in [server].  A reader has *pay_seconds*, by QR code and by card; the back
    end is asked every *poll_seconds*, and has *request_seconds* for one answer.  What became of a payment in doubt is
    asked for *settle_seconds*, after a restart for *find_seconds* (two minutes at most where central is the server,
    which takes all in order); then it is a case.  *pays_at_counter*: readers are told that they can pay there.
    """

    qr_url: Annotated[str, Field(max_length=300)] = ""
    token_file: Path | None = None
    ca_file: Path | None = None
    request_seconds: Annotated[float, Field(ge=1, le=8)] = 5.0
    poll_seconds: Annotated[float, Field(ge=0.5, le=10)] = 2.0
    pay_seconds: Annotated[int, Field(ge=30, le=240)] = 180
    settle_seconds: Annotated[int, Field(ge=30, le=300)] = 240
    find_seconds: Annotated[int, Field(ge=30, le=1700)] = 1500
    pays_at_counter: bool = True


class Journal(Section):
    """The promise book.  Both files are made at the first start when neither exists.

    Rows older than *retention_days* are purged, *segment_rows* at a time; *reserve_mib* of the disk are kept for what
    was begun, and for returns, when it is full.
    """

    path: Path
    key_file: Path
    segment_rows: Annotated[int, Field(ge=1000, le=1_000_000)] = 50_000
    retention_days: Annotated[int, Field(ge=2, le=3650)] = 365
    reserve_mib: Annotated[int, Field(ge=1, le=4096)] = 8


class Offline(Section):
    """What the terminal does by itself while the server is away; returns are always taken.

    *lend* within-limits needs a snapshot: *snapshot_file* is where it lies, *snapshot_key_file* opens it,
    *central_public_key_file* says whether central made it, *pin_pepper_file* finds patrons and judges PINs in it.  It
    is looked for every *refresh_minutes*, and asked of central where the server is central.
    """

    lend: Literal["never", "within-limits"] = "never"
    snapshot_hours_max: Annotated[int, Field(ge=1, le=720)] = 24
    loans_max: Annotated[int | None, Field(ge=1, le=500)] = None
    snapshot_file: Path | None = None
    snapshot_key_file: Path | None = None
    pin_pepper_file: Path | None = None
    central_public_key_file: Path | None = None
    refresh_minutes: Annotated[int, Field(ge=1, le=1440)] = 30

    @model_validator(mode="after")
    def _snapshot_is_whole(self) -> Self:
        missing = [name for name in SNAPSHOT_FILES if getattr(self, name) is None]
        if self.lend == "within-limits" and missing:
            raise ValueError(f'{missing[0]}: is needed for lend = "within-limits"')
        return self


class Receipts(Section):
    """What is printed.  *templates* is a folder with templates of the library's own; ours are used for the rest.

    *offered* false: readers get no receipts, on paper or as a code; slips for the gate and for sorting are printed.
    """

    offered: bool = True
    templates: Path | None = None


class Control(Section):
    """The control socket: health, journal and cases, for staff and tools.  *folder* is made, mode 0700."""

    folder: Path = Path("control")


class Screen(Section):
    """The window, in pixels."""

    width: Annotated[int, Field(ge=640, le=7680)] = 1080
    height: Annotated[int, Field(ge=640, le=7680)] = 1920
    fullscreen: bool = True


SECTIONS: dict[str, type[Section]] = {
    "terminal": Terminal,
    "session": Session,
    "pad": Device,
    "scanner": Device,
    "card_reader": Device,
    "printer": Device,
    "strip_unit": Device,
    "book_drop": Device,
    "payment_terminal": Device,
    "server": Server,
    "payment": Payment,
    "journal": Journal,
    "offline": Offline,
    "receipts": Receipts,
    "sorting": Sorting,
    "control": Control,
    "screen": Screen,
}
REQUIRED = ("terminal", "server", "journal")
DEVICES = ("pad", "scanner", "card_reader", "printer", "strip_unit", "book_drop", "payment_terminal")
