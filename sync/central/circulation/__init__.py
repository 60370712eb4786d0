"""Decides and does: lending, renewing, checking in, and what there is to know about an item or a patron.

`lending.py` and `returning.py` change the store, `facts.py` only reads it, `secrets.py` judges PINs and
terminals' secrets, `library.py` is what every one of them is told about the library.  Each function works
within the transaction it is given, takes its locks in the order patron, item, and judges by `sync.rules`.

What terminals tell afterwards comes in by `receiving.py` (numbers, repeats, gaps) and `judging.py` (one event after
another).  `made.py` records loans that are facts, where `timeline.py` says they belong and as `policy.py` says they
are treated; `event_log.py` keeps what was told for ever (`event_chain.py` proves it), `conflicts.py` is what staff have
to look at, `deciding.py` what they decide about what was held.

What comes back goes where `routing.py` says and costs what `overdue_fees.py` makes of `sync.rules.overdue`.  Money is
the ledger of `sync.rules.ledger`: `accounts.py` reads a patron's part and adds to it, `paying.py` books what was paid
at terminals, `desk_bookings.py` what staff book.  `caring.py` lists items that need care.

Nothing here knows SIP2, HTTP or a wording.
"""
