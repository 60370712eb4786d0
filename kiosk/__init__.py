"""The kiosk: the session, its wording, the machinery, the wiring.

`workflow/` is the session as a pure function, `wording/` turns its values into sentences, `engine/` owns the threads,
`runtime/` puts real devices and servers together, `cli.py` is the way in from outside; it is longer than a module
should be because a command's options are its documentation, and all commands are read side by side.
"""
