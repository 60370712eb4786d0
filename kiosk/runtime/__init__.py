"""The kiosk's wiring: the loop that owns the session, and the one place that knows real classes.

Start with `desk.py` (the loop), then `build.py` (what is connected to what).  `pads.py` and `scanners.py`
are what the pumps do with their devices, `dispatch.py` brings effects to them, `recovery.py` is what start-up settles.

Nothing leaves the desk that is not on disk: not a light, not a command to a tag, not a line on the screen.
No thread starts here, and no screen and no simulator may come in.
"""
