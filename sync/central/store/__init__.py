"""What central keeps: SQLAlchemy Core tables in SQLite (default) or PostgreSQL, one transaction per request.

`store.py` opens a database and hands out transactions, `tables.py` is the one description of what is in
it (the migrations in `../migrations/` lead there), `queries.py` reads and locks rows.

Nothing here decides whether something may be lent.
"""
