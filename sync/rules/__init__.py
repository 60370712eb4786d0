"""The library's circulation rules as pure functions, shared by the terminal and by central.

Start with `lending.py` (may this item be lent to this patron, and if not, exactly why).  `terms.py` holds
the values every rule speaks of, `limits.py` counts, `due.py` finds the day an item has to be back,
`renewing.py` lengthens, `offline.py` is what still holds while the server is away, `strips.py` which
magnetic strip is left alone, `sorting.py` where what came back goes.

Money: `overdue.py` is what a late return costs, `compensation.py` what a damaged or lost item costs, and
`ledger/` keeps what is owed as double entry.  `amounts.py` says what a sum has to be, `days.py` counts open
days.  docs/guides/fees.md has each rule with figures, and a test reckons them.

Nothing here knows a clock, a database or a wire: the day is always given, and only `sync.entries` is
imported.
"""
