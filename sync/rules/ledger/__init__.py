"""What readers owe and what became of it, as double entry: every sum leaves one account for another.

    ledger = Ledger("CNY").post(charge(origin, patron, FeeKind.OVERDUE, amount, item))
    shares = share_out(ledger.open_fees(patron), amount)
    ledger = ledger.post(payment(other_origin, patron, shares, Till.QR))

Start with `book.py` (the ledger, and what always holds of it).  `accounts.py` and `transactions.py` are its values,
`bookings.py` makes a transaction for each thing that can happen, `sharing.py` says which fees an amount settles,
`closing.py` sums up a day, `errors.py` is why something is refused.

| | debit (+) | credit (-) |
|---|---|---|
| charge | patron | income of the kind of fee |
| payment | a till, or the patron's deposit | patron, one leg for each fee |
| waiver | waiver | patron, one leg for each fee |
| deposit | a till | the patron's deposit |
| refund | patron, one leg for each fee; or the patron's deposit | a till |
| correction | the reverse of what it counters | |

All sums are whole minor units of one currency a ledger.  Nothing is ever changed, only countered.  Nothing here stores,
signs or sends: a transaction is a value that others keep, and none of its text but the patron's masked number points to
a person.
"""

from __future__ import annotations

from sync.rules.ledger.accounts import (
    ACCOUNT_NAMES,
    Account,
    Allowance,
    DepositAccount,
    Income,
    PatronAccount,
    Till,
    account_name,
)
from sync.rules.ledger.book import Fee, Ledger
from sync.rules.ledger.bookings import (
    Share,
    charge,
    counter,
    deposit,
    deposit_refund,
    payment,
    payment_from_deposit,
    refund,
    waiver,
)
from sync.rules.ledger.closing import AccountFigures, Closing, KindFigures, close_day
from sync.rules.ledger.errors import (
    AmountRefused,
    CannotCounter,
    CurrencyRefused,
    LedgerError,
    Malformed,
    NotAsChosen,
    NotInCredit,
    Overpaid,
    ReferenceTaken,
    ReferenceUnknown,
    Unbalanced,
)
from sync.rules.ledger.sharing import share_out, shares_to_give_back
from sync.rules.ledger.transactions import SELF, Countered, Kind, Leg, Origin, Transaction

__all__ = [
    "ACCOUNT_NAMES",
    "SELF",
    "Account",
    "AccountFigures",
    "Allowance",
    "AmountRefused",
    "CannotCounter",
    "Closing",
    "Countered",
    "CurrencyRefused",
    "DepositAccount",
    "Fee",
    "Income",
    "Kind",
    "KindFigures",
    "Ledger",
    "LedgerError",
    "Leg",
    "Malformed",
    "NotAsChosen",
    "NotInCredit",
    "Origin",
    "Overpaid",
    "PatronAccount",
    "ReferenceTaken",
    "ReferenceUnknown",
    "Share",
    "Till",
    "Transaction",
    "Unbalanced",
    "account_name",
    "charge",
    "close_day",
    "counter",
    "deposit",
    "deposit_refund",
    "payment",
    "payment_from_deposit",
    "refund",
    "share_out",
    "shares_to_give_back",
    "waiver",
]
