"""The kiosk's wiring: the loop that owns the session, and the one place that knows real classes.

Start with `desk.py` (the loop; `traffic.py` is what comes and goes, `outbox.py` what waits for the disk), then
`build.py` (what is connected to what; `opening.py`, `servers.py` and `session_settings.py` make it of a configuration)
and `running.py` (behind a window).  `devices.py`, `pads.py`, `strips.py`, `drops.py`, `scanners.py` and `printers.py`
are what the pumps do with their devices, `dispatch.py` brings effects to them, `recovery.py` is what start-up settles
and `open_entries.py` follows from there; `late_payments.py` is how money ends that no session waits for,
`payment_guard.py` why nobody pays twice, `day_closing.py` when a machine's days are closed.

How money is taken: `tills.py` sets up what there is, `payments.py` brings orders to it; `card_till.py` works a card
terminal (its parts are `card_payment.py`, `card_doubts.py`, `card_returns.py` and `card_day.py`), `qr_till.py` the
library's payment back end (`qr_paying.py` is one payment there).

desk.py is longer than other modules because all that one loop owns has to be seen in one place.

What the terminal knows without asking its server is in `local_books.py` (`own_returns.py`: what came back here,
`own_payments.py`: who paid here and is not at the end of it): `books_pump.py` answers from it in a thread of its own,
`snapshots.py` keeps it new.  `health.py` tells staff how all of it stands.

Nothing leaves the desk that is not on disk: not a light, not a command to a tag, not a line on the screen.
No thread starts here, and no screen and no simulator may come in.
"""
