"""The machinery any of our processes needs: one inbox, pumps with a thread each, and what reports about them.

Start with `pump.py`: a pump is an object with `turn()`; `threads.py` gives it a thread, a test cranks it by hand.
`inbox.py` is the only queue into the desk, `journal_pump.py` writes what it hands over, `uplink_pump.py` talks to the
server.  `control.py` answers staff and tools on a Unix socket; what they may ask is given by who builds the process.
`work_pump.py` is for what takes long.
`logs.py` and `notify.py` tell journald and systemd how it goes.

Threads start in `threads.py` and nowhere else.  Nothing here knows what an event means, and nothing here knows a
screen, a device or a server by name.
"""
