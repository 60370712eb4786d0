"""Hardware, wires and time: one blocking, callback-free module per device.

Start with `link/` (what a driver talks through), then the front page of a kind (`rfid/`, `barcode/`, `card/`,
`printer/`, `em/`, `gpio/`, `payment/`) for what such a device promises.  `sim/` holds the far ends that speak the
devices' bytes at the other end of a link.

Nothing here knows about loans, patrons' accounts, sessions or screens, and nothing here starts a thread except a
far end that serves a link of its own.
"""
