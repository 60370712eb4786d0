"""The REST face: items, patrons, loans and returns as JSON over HTTP, described at /v1/openapi.json.

`app.py` has the calls, `shapes.py` what goes in and out, `problems.py` how it says no (RFC 9457),
`enrolment_calls.py` has those of enrolment and snapshots,
`once.py` keeps a write from happening twice, `tokens.py` knows who asks, `server.py` gives it a socket.

Every write needs an `Idempotency-Key`; what was answered is stored with what was done, in one
transaction.  No stored answer holds a patron's number, and nothing of a request is logged but its kind
and how it ended.
"""
