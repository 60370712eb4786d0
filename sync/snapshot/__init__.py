"""What a terminal knows of the library while the server is away: a dated, signed, sealed copy of what lending needs.

Start with `content.py` (what is in it) and `lending.py` (what is decided by it).  `extract.py` holds what a library
has, in plain; `drawing.py` makes one terminal's snapshot of it, and `plain_file.py` reads it from a file for libraries
without central.  `box.py` signs, seals and opens, `keeping.py` keeps the file at the terminal and never goes back to an
older one, `keys.py` reads the secrets it takes.  docs/guides/snapshot.md documents both layouts.

No name, no address and no card number comes in here: a patron is a token that means nothing without the terminal's
pepper, and a PIN is an encrypted hash.  Nothing here talks to a server or knows a screen.
"""
