"""The circulation servers promises are carried to, each behind the one Protocol in `ils.py`.

`sip2/` is the client of every system that speaks SIP2; what they do differently is data in `profiles.toml`.
`central/` is the client of our own central over REST: batches, in order, repeated at will.
`central_office.py` asks it for what a terminal gets beside the Protocol: its identity and its snapshots.
`pay.py` is the client of the library's own payment back end, whose interface is `payment_backend.openapi.json`;
`pay_trial.py` tries one that somebody writes.

Nothing here retries on its own: what is asked again, and when, is decided in `sync/uplink/`.
"""
