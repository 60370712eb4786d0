"""Decides and does: lending, renewing, checking in, and what there is to know about an item or a patron.

`lending.py` and `returning.py` change the store, `facts.py` only reads it, `secrets.py` judges PINs and
terminals' secrets, `library.py` is what every one of them is told about the library.  Each function works
within the transaction it is given, takes its locks in the order patron, item, and judges by `sync.rules`.

Nothing here knows SIP2, HTTP or a wording.
"""
