"""How the tables came to be what `store/tables.py` says: one module per change, applied in order by
`Store.migrate`.

A change that has landed is never edited.  Nothing here imports the tables, for they go on changing.
"""
