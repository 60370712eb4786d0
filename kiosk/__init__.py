"""The kiosk: the session, its wording, the machinery, the wiring.

`workflow/` is the session as a pure function, `wording/` turns its values into sentences, `engine/` owns the threads,
`runtime/` puts real devices and servers together, `cli.py` is the way in from outside.
"""
