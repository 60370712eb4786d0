"""All that can happen to a session: touches, device readings, answers, time.  Nothing else moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from drivers.barcode import Scan
from drivers.em import StripState
from drivers.masked import Masked, Secret
from drivers.payment import Step
from drivers.rfid import Tag, TagUid
from sync.entries import Answer, EntryKey, ItemId, Means, TagBits
from sync.questions import Facts, LocalFacts


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: *seconds* of the monotonic clock measure, *wall* (UTC) is only written down."""

    seconds: float
    wall: datetime


# --- Touches ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """The reader chose what the view offered under this id (see `view.Choice`)."""

    choice: str


@dataclass(frozen=True, slots=True)
class NumberEntered:
    """A card number typed on the number pad."""

    number: Masked


@dataclass(frozen=True, slots=True)
class PinEntered:
    """A PIN typed on the number pad; in no recorded event."""

    pin: Secret


@dataclass(frozen=True, slots=True)
class Touched:
    """The screen was touched anywhere: somebody is there."""


# --- Devices ----------------------------------------------------------------------------------------------------


class Device(Enum):
    """The devices a session knows, by role."""

    PAD = "pad"
    SCANNER = "scanner"
    CARD_READER = "card-reader"
    PRINTER = "printer"
    STRIP_UNIT = "strip-unit"
    PAYMENT_TERMINAL = "payment-terminal"
    QR_PAYMENT = "qr-payment"
    BOOK_DROP = "book-drop"


@dataclass(frozen=True, slots=True)
class PadRead:
    """All tags in the field; *readings* inventories in a row, this one included, gave this same set."""

    tags: tuple[Tag, ...]
    readings: int


@dataclass(frozen=True, slots=True)
class TagsReleased:
    """The pad released every tag it was asked to and read each back; *after* is what was read."""

    key: EntryKey
    after: tuple[TagBits, ...]


class ReleaseTrouble(Enum):
    """Why a release did not happen as far as the pad can tell."""

    TAKEN_AWAY = "taken-away"
    WRITE_REFUSED = "write-refused"
    PAD_LOST = "pad-lost"


@dataclass(frozen=True, slots=True)
class TagsNotReleased:
    """At least one tag is not known to be released; *after* are the states that could be read, *trouble* the worst."""

    key: EntryKey
    after: tuple[TagBits, ...]
    trouble: ReleaseTrouble
    missing: tuple[TagUid, ...] = ()


@dataclass(frozen=True, slots=True)
class TagsSecured:
    """The end of a `Secure` effect; *is_complete* when every tag was read back as secured.

    Else *trouble* is the worst that happened, and *missing* are the tags that had left.
    """

    key: EntryKey
    after: tuple[TagBits, ...]
    is_complete: bool
    trouble: ReleaseTrouble | None = None
    missing: tuple[TagUid, ...] = ()


@dataclass(frozen=True, slots=True)
class TagsRestored:
    """The end of a `Restore` effect; *is_complete* when every tag was read back as it was before."""

    key: EntryKey
    after: tuple[TagBits, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class StripSensed:
    """An item came to the strip unit while that was safe: no strip was touched.  *stays*: it lies there now.

    *was_there*: it lay there when the unit was opened, so that nobody saw it come and it may be anybody's.
    """

    stays: bool
    was_there: bool = False


@dataclass(frozen=True, slots=True)
class StripLifted:
    """The item that lay on the strip unit was taken away while the unit was safe."""


@dataclass(frozen=True, slots=True)
class StripTreated:
    """The strip unit did what it was told to, to one item; *strip* is how it was read back, whatever was wanted.

    *stays*: the item lies on the unit still, and its `StripLifted` will follow.
    """

    key: EntryKey
    strip: StripState
    stays: bool = False


class StripTrouble(Enum):
    """Why a strip unit surely did nothing to any strip."""

    FAULT = "fault"
    LEFT = "left"
    UNIT_LOST = "unit-lost"


@dataclass(frozen=True, slots=True)
class StripNotTreated:
    """The strip unit surely did nothing: it says so (FAULT), it was made safe before (LEFT), or was not there."""

    key: EntryKey
    trouble: StripTrouble


@dataclass(frozen=True, slots=True)
class StripSpoilt:
    """Nobody can tell what the strip unit did: a second item came, or it was lost while armed.  *why*: one word."""

    key: EntryKey
    why: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A barcode was scanned."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class CardCame:
    """A card was laid on the card reader."""

    number: Masked


@dataclass(frozen=True, slots=True)
class CardNotRead:
    """Something was laid on the card reader that gives no number; *why* is one word."""

    why: str


@dataclass(frozen=True, slots=True)
class CardLeft:
    """The card was taken away."""


@dataclass(frozen=True, slots=True)
class DeviceDown:
    """The device cannot be used for now."""

    device: Device


@dataclass(frozen=True, slots=True)
class DeviceUp:
    """The device can be used."""

    device: Device


@dataclass(frozen=True, slots=True)
class SlipPrinted:
    """Slip *token* is on paper, as far as the printer can tell."""

    token: int


@dataclass(frozen=True, slots=True)
class SlipNotPrinted:
    """Slip *token* did not come out; *why* is one word for the log."""

    token: int
    why: str


# --- Book drop ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DropCame:
    """An item was put into the book drop, in front of its flap, which is shut."""


@dataclass(frozen=True, slots=True)
class DropEmptied:
    """The item in front of the flap was taken out again."""


@dataclass(frozen=True, slots=True)
class DropPassed:
    """The item of `OpenDrop` passed the barrier behind the flap, which is shut again."""

    key: EntryKey


@dataclass(frozen=True, slots=True)
class DropStuck:
    """The item of `OpenDrop` did not pass in time, or the flap did not shut; nothing moves.  *why*: one word."""

    key: EntryKey
    why: str


@dataclass(frozen=True, slots=True)
class DropFull:
    """Whether the bin below the drop is full."""

    is_full: bool


# --- Money ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaymentReady:
    """Money can be taken by *means*; *mark* is that of the last payment, as `Pay.mark_before` wants it."""

    means: Means
    mark: str = ""


@dataclass(frozen=True, slots=True)
class PaymentStepped:
    """How far a payment is: *step* in the terminal's *text*, or the *code* of the QR code that is to be shown.

    Without a code none is shown, nor any more one that was: it is being withdrawn.
    """

    key: EntryKey
    step: Step
    text: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class PaymentTaken:
    """The money was taken, exactly the amount asked for; fields as in `PaymentApproved`."""

    key: EntryKey
    voucher: str
    mark: str = ""
    card: str = ""
    receipt: tuple[str, ...] = ()


class PaymentFailure(Enum):
    """Why surely no money was taken."""

    DECLINED = "declined"
    ABORTED = "aborted"
    TIME_OVER = "time-over"
    DEVICE_AWAY = "device-away"
    NEVER_ASKED = "never-asked"


@dataclass(frozen=True, slots=True)
class PaymentNotTaken:
    """Surely no money was taken; *text* is what the other side says about it."""

    key: EntryKey
    failure: PaymentFailure
    text: str = ""


@dataclass(frozen=True, slots=True)
class PaymentUnclear:
    """Nobody here can tell whether money was taken, also after asking; *why*: one word for staff.

    *seen* is what the other side calls a payment that it tells of instead, empty where it tells of none.
    """

    key: EntryKey
    why: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class PaymentGivenBack:
    """The money that was taken has been given back, as *voucher*."""

    key: EntryKey
    voucher: str
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentNotGivenBack:
    """The money could not be given back, or nobody can tell; *why*: one word for staff."""

    key: EntryKey
    why: str


# --- Server and journal -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Carried:
    """What the server answered to an entry of this session, or that it stayed silent.

    *is_found*: its answer was lost, and *answer* is what asking afterwards showed.
    """

    key: EntryKey
    answer: Answer
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Entry *key*, of no session, is on its way: until its outcome is known nobody can tell how *item* stands."""

    key: EntryKey
    item: ItemId


@dataclass(frozen=True, slots=True)
class LeftToStaff:
    """What became of an entry that the session gave up can be told by nobody: it is a case now."""

    key: EntryKey


@dataclass(frozen=True, slots=True)
class Told:
    """The answer to a question, by the question's token."""

    token: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class NotTold:
    """A question stayed unanswered."""

    token: int


@dataclass(frozen=True, slots=True)
class ToldHere:
    """The answer of the terminal's own books to a question, by the question's token."""

    token: int
    facts: LocalFacts


@dataclass(frozen=True, slots=True)
class ServerCame:
    """The server answers.

    *is_current*: it also has all that this terminal did, so that what it says may be relied on for new loans.
    """

    is_current: bool = True


@dataclass(frozen=True, slots=True)
class ServerWent:
    """The server does not answer."""


@dataclass(frozen=True, slots=True)
class SnapshotCame:
    """The terminal's own books were renewed; *made_at* is when central made the snapshot, None: there is none."""

    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """How the journal's disk stands: *is_low* when only what was begun, and returns, may still be written."""

    is_low: bool


@dataclass(frozen=True, slots=True)
class JournalFailed:
    """Rows could not be written: what depended on them was not done, and nothing more may be promised."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passed; posted at least once a second, and whenever a time limit of the session is due."""


Event = (
    Chosen
    | NumberEntered
    | PinEntered
    | Touched
    | PadRead
    | TagsReleased
    | TagsNotReleased
    | TagsSecured
    | TagsRestored
    | DropCame
    | DropEmptied
    | DropPassed
    | DropStuck
    | DropFull
    | PaymentReady
    | PaymentStepped
    | PaymentTaken
    | PaymentNotTaken
    | PaymentUnclear
    | PaymentGivenBack
    | PaymentNotGivenBack
    | StripSensed
    | StripLifted
    | StripTreated
    | StripNotTreated
    | StripSpoilt
    | Scanned
    | CardCame
    | CardNotRead
    | CardLeft
    | DeviceDown
    | DeviceUp
    | Carried
    | LeftOpen
    | LeftToStaff
    | Told
    | NotTold
    | ToldHere
    | SlipPrinted
    | SlipNotPrinted
    | ServerCame
    | ServerWent
    | SnapshotCame
    | RoomChanged
    | JournalFailed
    | Tick
)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its moment and its number since boot, from 1 without gaps; the number makes the keys of entries."""

    event: Event
    at: Moment
    number: int
