"""The doors: gates that watch for items nobody lent, and counters of who comes in.

Nothing is built here yet.  What a gate will be told about an alarm is written down already: the journal keeps for each
release which tags were touched and how they stood before and after (`sync/entries/rows.py`).

The room will know the engine, the configuration, the servers and the drivers, and nothing of sessions and screens.
"""
