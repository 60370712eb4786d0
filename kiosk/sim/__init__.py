"""The process of the far ends: simulated devices on ptys and TCP ports, and the table on which things are laid.

`kiosk sim NAME` serves one device of `drivers/sim/` alone, worked by what is typed (`words.py`, `hands.py`).  `kiosk
sim shelf` serves the whole place: a pad, a scanner, a strip unit, a card reader, a wire to the server that can be
cut, and a control socket (`control.py`) through which books and cards are moved.  The drivers of the terminal open
these as they open real devices; nothing of the product sees a difference.

Start with `table.py` (what lies where, and what can be done with it); `loop.py` waits for everything at once.
"""
