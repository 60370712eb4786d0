"""Keeps the kiosk's promises to the library: in order, once, never lost; and the central server it can keep them to.

Start with `entries/` (what can be promised), then `journal/` (how it is written), `uplink/` (what goes next, and what
is asked about first) and `servers/ils.py` (whom it is carried to).  `questions.py` is what may be asked without effect;
`snapshot/` answers while the server is away, by the `rules/` that `central/` shares.  `events/` is what terminals tell
central, `cases.py` what a human has to settle (`case_ends.py`: how it can be closed, `case_deeds.py`: what the terminal
did).  `machine_ledger/` is what a machine took.  `enrolment.py` and `identity.py` give a terminal the secrets all of it
needs, `private_files.py` keeps them.

Nothing here knows about screens, pads or readers.
"""
