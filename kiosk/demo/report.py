"""What the demo prints at its end, for people."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.demo.findings import lines_of
from kiosk.demo.running import Outcome


def lines(outcome: Outcome) -> Iterator[str]:
    """The report, line by line."""
    findings = outcome.findings
    for picture in outcome.pictures:
        yield f"picture  {picture}"
    for line in lines_of(findings.journal):
        yield f"journal  {line}"
    for item, afis in findings.tags.items():
        yield f"tags     {item}  AFI {' '.join(afis)}"
    for item, strip in findings.strips.items():
        yield f"strip    {item}  {strip}"
    for loan in findings.loans:
        yield f"server   {loan}  on loan"
    for item, flaws in findings.care:
        yield f"care     {item}  {', '.join(flaws)}"
    for means, minor in findings.money["far_ends"].items():
        yield f"money    {means:4} {minor / 100:.2f} taken"
    for whose in ("machine", "central"):
        ledger = findings.money[whose]
        payments = ", ".join(f"{minor / 100:.2f} ({key})" for key, minor in ledger["payments"].items())
        yield f"ledger   {whose:7}  {payments or 'no payments'}; all legs come to {ledger['sum']}"
    for line in filter(str.strip, findings.paper):
        yield f"paper    {line}"
    for disagreement in findings.disagreements:
        yield f"DISAGREE {disagreement}"
    if outcome.problem:
        yield f"FAILED   {outcome.problem}"
    verdict = "journal, tags, money and server agree" if outcome.is_good else "the demo did not go well"
    yield f"{verdict}; {outcome.seconds:.1f} s"
