"""Which entry goes to the server next, which is asked about first, and what an unclear answer means.

`lane.py` (what happens to entries) and `order.py` (who goes next, kept in `queues.py` and `timetable.py`; its steps are
in `steps.py`) make the lane; `doubt.py` judges what became of an entry nobody answered, or of one the terminal granted
itself and is about to send (what was given back and paid in `doubt_returns.py`); `aftermath.py` says what is written
when no session waits, `start_up.py` what becomes of what start-up finds; `promised.py` how a loan the terminal granted
itself ends; `unsent.py` knows what surely was never sent, and `times.py` what the server's clock said: all without
time, chance or wire of their own.  `courier.py` performs one exchange with a server (`asking.py`: what it asks about an
entry in doubt) and reports it in the words of `reports.py`; whoever owns the thread cranks it.

`lane.py` is longer than a module should be because all that can happen to an entry in its lane is one machine, and
`courier.py` because whatever an exchange may meet changes the same few things about the way to the server.

No clock, no thread, no file, and no wire but through the `Server` it is given.
"""
