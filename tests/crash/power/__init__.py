"""Every power cut: a disk that remembers each write and sync, and rebuilds what a cut could have left of it.

`disk.py` is the disk, `play.py` the scenario and what the world held at each moment, `verdict.py` the start after the
cut and the promises held against it, `run.py` all of it over many images on all processors.
"""
