"""An entry of the journal, as its rows tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.entries.answers import NEVER_SENT, Granted, Held, Refused, Silence
from sync.entries.identifiers import EntryKey
from sync.entries.promises import GiveBack, IfGrantedLate, Pay, Promise
from sync.entries.rows import (
    Answered,
    CaseClosed,
    CaseOpened,
    EntryRow,
    PaymentApproved,
    PaymentNotMade,
    Promised,
    Released,
    ReleaseFailed,
    ReleaseIntended,
    Restored,
    Secured,
    SecureFailed,
    SecureIntended,
    Settled,
    Strip,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its rows tell it, oldest first; `rows[0]` is its `Intended`.

    *position* is its number in its lane, counted from 1 without gaps within an epoch; 0 until it is committed.
    *offset_seconds* is what has to be added to its times to have the server's, as far as was known when it was last
    sent; None: not known.  *is_never_sent* is said of what start-up found, where the journal shows it.
    """

    key: EntryKey
    promise: Promise
    rows: tuple[EntryRow, ...] = field(default=())
    position: int = 0
    offset_seconds: float | None = None
    is_never_sent: bool = False

    @property
    def promised(self) -> Promised | None:
        """The row by which the terminal itself granted it; None where it waits for the server's word."""
        return next((row for row in self.rows if isinstance(row, Promised)), None)

    @property
    def is_kept(self) -> bool:
        """Whether it is to come true however late: it happened already, or is a correction."""
        return self.promise.if_granted_late is IfGrantedLate.KEEP or self.promised is not None

    @property
    def has_open_case(self) -> bool:
        """Whether a human still has to look."""
        is_open = False
        for row in self.rows:
            if isinstance(row, CaseOpened):
                is_open = True
            elif isinstance(row, CaseClosed):
                is_open = False
        return is_open

    @property
    def answer(self) -> Granted | Refused | Held | None:
        """The last answer that is not silence; None while there is none."""
        for row in reversed(self.rows):
            if isinstance(row, Answered) and not isinstance(row.answer, Silence):
                return row.answer
        return None

    @property
    def is_noted_unsent(self) -> bool:
        """Whether the last that was heard of it is that it was never sent."""
        answers = (row.answer for row in reversed(self.rows) if isinstance(row, Answered))
        return next(answers, None) == Silence(NEVER_SENT)

    @property
    def is_settled(self) -> bool:
        """Whether a `Settled` row ended it."""
        return any(isinstance(row, Settled) for row in self.rows)

    @property
    def is_release_open(self) -> bool:
        """Whether a release was intended and its result was never recorded."""
        is_open = False
        for row in self.rows:
            if isinstance(row, ReleaseIntended):
                is_open = True
            elif isinstance(row, Released | ReleaseFailed):
                is_open = False
        return is_open

    @property
    def secure_intended(self) -> SecureIntended | None:
        """The row by which securing began; None where it did not."""
        return next((row for row in self.rows if isinstance(row, SecureIntended)), None)

    @property
    def is_secure_open(self) -> bool:
        """Whether securing was intended and its result was never recorded."""
        is_open = False
        for row in self.rows:
            if isinstance(row, SecureIntended):
                is_open = True
            elif isinstance(row, Secured | SecureFailed | Restored):
                is_open = False
        return is_open

    @property
    def approved(self) -> PaymentApproved | None:
        """The row by which the money of a payment was taken; None where it was not."""
        return next((row for row in self.rows if isinstance(row, PaymentApproved)), None)

    @property
    def is_payment_open(self) -> bool:
        """Whether a payment was begun and nobody wrote down whether the money was taken."""
        told = (PaymentApproved, PaymentNotMade)
        return isinstance(self.promise, Pay) and not any(isinstance(row, told) for row in self.rows)

    @property
    def may_be_carried(self) -> bool:
        """Whether what has to come first has happened: an item is secured as far as it goes, money was taken."""
        match self.promise:
            case GiveBack():
                told = (Secured, SecureFailed)
                return self.secure_intended is None or any(isinstance(row, told) for row in self.rows)
            case Pay():
                return self.approved is not None
            case _:
                return True

    @property
    def strip_before(self) -> Strip | None:
        """The strip that the last release was to treat, as it was before; None where no strip was to be touched."""
        for row in reversed(self.rows):
            if isinstance(row, ReleaseIntended):
                return row.strip
        return None

    @property
    def is_released(self) -> bool:
        """Whether the last release that was recorded succeeded."""
        for row in reversed(self.rows):
            if isinstance(row, Released | ReleaseFailed):
                return isinstance(row, Released)
        return False
