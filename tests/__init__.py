"""Proves what the product promises: every test's name and docstring is a sentence that is true of it.

The folders mirror the rooms.  `test_architecture.py` keeps the house plan, `conftest.py` the run itself.

No test waits for the clock of the wall, none reaches beyond this machine, and a skipped one fails.
"""
