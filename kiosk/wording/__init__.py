"""Turns values into sentences: what is so, why, and what to do next, in the reader's language.

Start with `catalogue.py` (`words_in(language)`), then `pages.py` (`page_of`: what stands on top of each screen).  What
it says there comes from one module per service: `welcome.py`, `lending.py`, `giving_back.py`, `account.py`,
`paying.py`, `care.py`.  `lines.py` and `returns.py` word one item in a list, `bins.py` where it goes, `choices.py` what
is written on a button.  `explanations.py` (refusals, outages, notices, payments), `troubles.py` and `reasons.py` say of
everything that goes wrong what is so and what to do; `strips.py` what to do at the strip unit, `provisional.py` what
was lent without the server and what became of it.  `receipts.py` words receipts for paper and screen alike; `slips.py`
and `paper/` are what is printed.  English is the source; `locale/` holds the other languages, compiled at set-up.

Pure functions of views: no screen, device or session comes in here.  Titles, names and the server's own
messages are data: they stand beside our sentences and are never translated.
"""
