"""The client of every circulation system that speaks SIP2, and the codec both ends of the line share.

A terminal starts with `client.py` (`open_sip2`), our central server with `messages.py` and `framing.py`.
From the wire inwards: `framing.py` cuts bytes into frames, `messages.py` makes them typed values (its table
is in `patron_messages.py`, `item_messages.py` and `fee_messages.py`), `conversation.py` matches a reply to
its request within a deadline, `line.py` connects and logs in, `asking.py` and `account.py` ask, `client.py`
carries, with `returns.py` and `payments.py`; `facts.py`, `fees.py`, `meaning.py` and `taken_back.py` say what
replies mean.  What systems do differently is data: `profile.py` reads it, docs/guides/sip2.md tells it.

Nothing here sends anything twice of its own accord, logs what a field holds, lends without both numbers, or tells of
money that is not owed.
"""
