"""The library's circulation rules as pure functions, shared by the terminal and by central.

Start with `lending.py` (may this item be lent to this patron, and if not, exactly why).  `terms.py` holds
the values every rule speaks of, `limits.py` counts, `due.py` finds the day an item has to be back,
`renewing.py` lengthens, `offline.py` is what still holds while the server is away.

Nothing here knows a clock, a database or a wire: the day is always given, and only `sync.entries` is
imported.
"""
