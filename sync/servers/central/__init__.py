"""The client of our own central over REST: questions as GETs, entries as batches of events.

A terminal starts with `client.py` (`open_central`).  `telling.py` turns entries into events and outcomes into answers,
`facts.py` reads what is told about patrons and items, `exchange.py` is one HTTP exchange within a deadline, and
`pace.py` keeps that deadline to the byte.

Central keeps every key: what is repeated is answered as the first time, so nothing here asks before it sends again.
Nothing here logs an address with its path, for paths hold patrons' numbers.
"""
