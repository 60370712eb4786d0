"""The kiosk: the session, its wording, the machinery, the wiring.

`workflow/` is the session as a pure function, `wording/` turns its values into sentences, `engine/` owns the threads,
`config/` reads what an installer set, `runtime/` puts real devices and servers together, `journal_desk/` serves staff
who ask about a journal, `cli/` is the way in from outside.  `demo/` and `sim/` show all of it without hardware.
"""
