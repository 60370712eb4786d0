"""The configuration: one TOML file that becomes typed settings, or a list of everything that is wrong with it.

`loading.py` is the way in (`load`).  `sections.py` says what may be set and within which limits (`sorting.py` for bins,
`values.py` for what sections share), `together.py` what sections ask of one another, `ways.py` whether files and
addresses can be used; `complaints.py` turns what does not fit into sentences that name section, key, what was found and
what is allowed, `secret_files.py` reads what must not stand in the file itself.  `screen.py` gives the size of the
window before anything else is known.
`systemd/kiosk.example.toml` shows every setting.

Nothing here touches a device, a server or a wire.  pydantic is imported here and nowhere else in the kiosk, so this
front page imports nothing: whoever wants a first frame soon imports `loading` later.
"""
