"""The promise book: what the terminal intends and what became of it, written down before anything happens.

Start with `journal.py` (`Journal.open`, `append`, `unsettled`).  `automaton.py` says which row may follow
which, in the states of `stages.py`; `codec.py` turns rows into bytes and back, with `intents.py` (what an entry asks
for) and `values.py`; `seal.py` hides who they are about and chains them,
`register.py` finds an entry by its key, `segments.py` closes rows off and lets old ones go, `room.py` keeps a
reserve for the day the disk is full, `settings.py` is what a library sets.  `file.py` is the one place that
opens a file, `standing.py` rebuilds from it what `memory.py` holds, `writing.py` commits, `tidying.py` is for
idle times, `verification.py` reads a whole file and says whether it is what was written.  `schema.sql` is the
file format; `migrations/` leads every older format to it.  `care/` is for staff: backup, restore, export,
salvage.

One process, one connection, one thread.  Nothing here knows a server, a lane's delays or a device.
"""
