"""The demo's table: a second window and process, where books and cards are laid on far ends and cables are pulled.

    python -m ui.table PATH [--language zh_CN]

Start with `control.py` (what the table can do, as a Protocol and values), then `client.py` (the control socket of
`kiosk sim shelf`), `board.py` (what is seen), `window.py` (the application).  The table knows nothing of the terminal:
it only moves things, as hands would.
"""
