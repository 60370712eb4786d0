"""Gives terminals an identity, and the snapshots they lend by while central is away.

`enrolling.py` makes one-time codes and exchanges them for a terminal's secrets; `issuing.py` numbers, signs and seals,
`extracting.py` reads what goes in, in one transaction.  `office_key.py` keeps the secret all of it hangs on,
`attempts.py` slows down whoever guesses codes.

Nothing here knows HTTP; the calls are in `faces/rest/enrolment_calls.py`.
"""
