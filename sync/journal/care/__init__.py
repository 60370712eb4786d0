"""What is done to keep a journal, beside writing it: backup, restore, export, salvage.

`backup.py` copies a journal that is in use, in slices; `restore.py` makes such a copy a journal of its own; `export.py`
gives it to other programs, with its proof; `salvage.py` saves what is left of a damaged file.  `reading_only.py` opens
a journal to look at it, `publishing.py` gives a finished file its name.

Nothing here is ever written over, and no damaged file is changed.  Nothing here starts a thread or knows a terminal.
"""
