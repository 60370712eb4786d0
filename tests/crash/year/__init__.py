"""A year of a library in a minute: real sessions, journals, uplinks and central rules in virtual time.

`python -m tests.crash.year --seed 7 --days 30` lives through that, prints what happened and every broken promise; the
same seed gives the same days, bit by bit, whatever Python's hash seed.

`library.py` is central and its shelves, `devices.py` a pad that fails, `terminal.py` one terminal between power cuts,
`network.py` the way between them over SIP2 or REST, `session.py` one reader, `days.py` what happens to all of them.
`ledger.py` is who really has which book, `audit.py` holds all books against it, `run.py` lives through many seeds.
"""
