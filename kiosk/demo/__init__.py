"""The demo: a whole library on this machine, without any hardware.

`world.py` starts central and the table as processes of its own and ends them; `settings_file.py` writes the terminal's
configuration, for a stand with every service or for a book drop.  `story.py` is what readers do when nobody is there to
do it: `borrowing.py`, `giving_back.py` and `settling.py` are its chapters, `visit.py` what they share.  `witnesses.py`
asks journal, table, server and ledgers afterwards, `findings.py` and `disagreements.py` say whether they agree, and
`report.py` prints it.  The terminal itself runs in this process, as anywhere else (`running.py`).

No screen comes in here: the window is handed in by the command line.
"""
