"""Turns values into sentences: what is so, why, and what to do next, in the reader's language.

Start with `catalogue.py` (`words_in(language)`), then `pages.py` (what stands on top of each screen),
`lines.py` (one item in the list), `choices.py` (what is written on a button), `explanations.py` (every trouble,
refusal, outage and notice), `reasons.py` (every reason of a server), `strips.py` (what to do at the strip unit),
`provisional.py` (what was lent without the server, and what became of it) and `slips.py` (what is printed).  English
is the source; `locale/` holds the other languages, compiled at set-up.

Pure functions of views: no screen, device or session comes in here.  Titles, names and the server's own
messages are data: they stand beside our sentences and are never translated.
"""
