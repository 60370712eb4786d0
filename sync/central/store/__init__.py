"""What central keeps: SQLAlchemy Core tables in SQLite (default) or PostgreSQL, one transaction per request.

`store.py` opens a database and hands out transactions, `tables.py` is the one description of what is in
it (the migrations in `../migrations/` lead there), `queries.py` reads and locks rows.

`event_tables.py` has those of what terminals tell, `machine_tables.py` those of enrolled terminals,
`ledger_tables.py` those of money and `care_tables.py` those of branches and of items that need care.
`ledger_rows.py` keeps and reads transactions of the ledger, `term_queries.py` reads what a library grants.
`sheet.py` is what a transaction works on: rows read and locked at once, changed as values, written at once.
`locking.py` makes one for returns, `loan_charges.py` books what loans cost.

Nothing here decides whether something may be lent.
"""

from __future__ import annotations

# Whoever opens a store has every table.
from sync.central.store import care_tables, event_tables, ledger_tables, machine_tables, tables

__all__ = ["care_tables", "event_tables", "ledger_tables", "machine_tables", "tables"]
