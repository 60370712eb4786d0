"""The circulation server that ships with the project: for libraries without another one, for the demo and
for tests.

Start with `serve.py` (one process, two faces).  `faces/` speak SIP2 and REST, `circulation/` decides and
does, `store/` keeps, `snapshot_office/` enrols terminals and issues the snapshots they lend by while central is
away, `stocking.py` takes a library's own lists in, `demo/` is a small library to try everything with.
`policy_file.py` reads the library's conflict rules; `exceptions_desk.py`, `events_desk.py`, `fees_desk.py` and
`care_desk.py` are what staff do about exceptions, about what terminals told, about money and about items that need
care, `closing_tables.py` a day's money as CSV (docs/guides/central.md), `audit.py` what one terminal told.

Every request is one transaction: what was answered is in the store, and what failed left nothing behind.
A face never touches a table, a service never sees a wire, and nothing above `sync` may come in.
"""
