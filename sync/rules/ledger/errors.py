"""Why a ledger refuses: one family, `LedgerError`.  After each of them the ledger is as it was.

No message contains the number of a card; references and amounts in minor units are told.
"""

from __future__ import annotations


class LedgerError(ValueError):
    """The ledger was not changed.  The message says what it would not take."""


class Malformed(LedgerError):
    """A transaction that cannot be one: legs that its kind does not have, or a reference that cannot be read."""


class Unbalanced(Malformed):
    """The legs of a transaction do not sum to zero."""


class AmountRefused(LedgerError):
    """An amount that is zero, negative where it must not be, of more than twelve digits or no whole number."""


class CurrencyRefused(AmountRefused):
    """An amount of another currency than the ledger's."""


class ReferenceTaken(LedgerError):
    """The reference belongs to a transaction with another content."""


class ReferenceUnknown(LedgerError):
    """There is no such fee of this patron, or no such transaction to counter."""


class Overpaid(LedgerError):
    """More would be paid or waived than is owed."""


class NotInCredit(LedgerError):
    """More would be given back than was paid and is not owed."""


class NotAsChosen(LedgerError):
    """The amount is not what the chosen fees come to."""


class CannotCounter(LedgerError):
    """The transaction was countered already, is itself a correction, or something that rests on it must go first."""
