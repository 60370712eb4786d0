"""The circulation servers promises are carried to, each behind the one Protocol in `ils.py`.

`sip2/` is the client of every system that speaks SIP2; what they do differently is data in `profiles.toml`.

Nothing here retries on its own: what is asked again, and when, is decided in `sync/uplink/`.
"""
