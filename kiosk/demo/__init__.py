"""The demo: a whole library on this machine, without any hardware.

`world.py` starts central and the table as processes of its own and ends them; `settings_file.py` writes the terminal's
configuration; `story.py` is what a reader does when nobody is there to do it; `findings.py` looks at journal, tags and
server afterwards and says whether they agree.  The terminal itself runs in this process, as anywhere else.

No screen comes in here: the window is handed in by the command line.
"""
