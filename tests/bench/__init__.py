"""How fast, as ratios in one run: `make bench` prints the table and writes `build/bench.json`.

A figure is ours divided by a floor that is measured in the same run, alternating pair by pair, so that a busy machine
slows both.  `figures.py` says what a figure is, `pairs.py` measures, one module per subject.  Nothing here asserts a
time: a goal that is missed is printed as GOAL MISSED.
"""
