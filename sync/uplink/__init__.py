"""Which entry goes to the server next, which is asked about first, and what an unclear answer means.

`lane.py` (what happens to entries) and `order.py` (who goes next) make the lane; `doubt.py` judges what became of an
entry nobody answered; `aftermath.py` says what is written then when the session is gone, and what start-up finds: all
pure.  `courier.py` performs one exchange with a server and reports it in the words of `reports.py`; whoever owns the
thread cranks it.

No clock, no thread, no file, and no wire but through the `Server` it is given.
"""
