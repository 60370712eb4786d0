"""What is plugged in, what it is taken for, and whether it works: for the installer, without the terminal.

Start with `findings.py` (what each thing on a line turns out to be) and `trials.py` (a configured device, opened and
tried as the terminal would).  `report.py` puts both into lines.

Nothing is asked that could harm: no tag's security changes (a pad may write once more what a tag has, as it does
before a loan: docs/decisions/0103), no page is printed, no money is asked for, and no strip unit acts unless it was
ordered by name (`pulse`). A device that the running terminal holds is not touched.
"""
