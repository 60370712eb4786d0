"""The REST face: items, patrons, loans, returns and events as JSON over HTTP, described at /v1/openapi.json.

`app.py` has the calls, `shapes.py` what goes in and out, `problems.py` how it says no (RFC 9457),
`enrolment_calls.py` has those of enrolment and snapshots, `events.py` takes batches of what terminals did, `once.py`
keeps any other write from happening twice, `office.py` is what every call works with, `tokens.py` knows who asks,
`server.py` gives it a socket.

Every write but a batch, whose events have keys of their own, needs an `Idempotency-Key`; what was answered is stored
with what was done, in one transaction.  No stored answer holds a patron's number, and nothing of a request is logged
but its kind and how it ended.
"""
