"""The house plan as data, and the eyes that compare the source with it.

Start with `plan.py` (who may import whom), then `imports.py` and `names.py` (what a module does against it),
`sizes.py` (names and lengths of files) and `probe.py` (what importing a module does to a process).

Every check takes source text and answers with sentences, so it is tested with bad source.
"""
