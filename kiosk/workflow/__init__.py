"""The session: one patron's time at the terminal, as a pure function of what happened.

Start with `step.py`: `step(state, happened) -> (state, effects)`.  `events.py` is all that can happen, `effects.py`
all that can be asked to be done, `state.py` what is remembered, `view/` what the patron sees, `settings.py` what a
library may choose.  One module per service: `identify.py`, `borrow.py` with `lines.py`, `provisional.py` (lending
without the server), `closing.py`, `starting.py`; `touches.py` says what readers' doings mean, `answers.py` whose an
answer is, `patience.py` how long anything is waited for, `printing.py` when a slip goes with a book, `views.py` what is
seen of a state.  `events.py` and `state.py` are longer than a module should be because each is one vocabulary, read
as a whole.

The account: `account.py` is the page and what it asks, `renewals.py` one renewal and all, `choosing.py` which fees can
be paid and what they come to.  Money: `paying.py` is what readers choose and see of it, `payments.py` whose word is
whose, `pay_ends.py` the table of how a payment ends.  `account_state.py` is what is remembered of all that,
`account_touches.py` and `account_views.py` are its pages.  `care.py` is a book that needs care, `receipt_making.py`
what a reader takes home; both belong to no session.

Giving back: `give_back.py` is the way from the first item to the summary, `back_line.py` what is remembered of it.
`back_pad.py` says how lines come and go, `back_waiting.py` what is waited for, `back_secure.py` and `back_strip.py` how
items are made secure; `back_ends.py` has the table of how it ends, `back_answers.py` what the server's word makes of
it.  `drop.py` and `drop_reading.py` are the unattended book drop, `back_starting.py` what start-up finishes.
`back_slips.py`, `back_receipts.py` and `back_views.py` are what is printed and seen.

Magnetic strips: `strips.py` says whose turn it is and which strips stay as they are, `strip_orders.py` what the strip
unit is told, `strip_unit.py` what it says.

`two_phase.py` is the one mechanism for a promise and the deed of a device that must match it; `release.py` (with
`withdrawal.py`, which takes a loan back, and `footing.py`, which says what is written), `starting.py` and
`back_secure.py` use it.

No clock, thread, file, wire or wording comes in here, and nothing iterates over a set: the same events give the same
effects for ever.  Nothing an effect or a view says leaves the terminal before the records of its turn are on disk; that
is the desk's promise (`kiosk/runtime/desk.py`), so the session may say in one breath "write this down, then do that".
"""
