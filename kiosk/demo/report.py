"""What the demo prints at its end, for people."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.demo.running import Outcome


def lines(outcome: Outcome) -> Iterator[str]:
    """The report, line by line."""
    findings = outcome.findings
    for picture in outcome.pictures:
        yield f"picture  {picture}"
    for entry in findings.journal:
        title = entry.get("title") or "-"
        answer = f"{entry['answer']} ({entry['reason']})" if "reason" in entry else entry["answer"]
        yield f"journal  {entry['promise']:5} {entry['item']}  {answer}, ended {entry['ended']}  {title}"
    for item, afis in findings.tags.items():
        yield f"tags     {item}  AFI {' '.join(afis)}"
    for item, strip in findings.strips.items():
        yield f"strip    {item}  {strip}"
    for loan in findings.loans:
        yield f"server   {loan}  on loan"
    for disagreement in findings.disagreements:
        yield f"DISAGREE {disagreement}"
    if outcome.problem:
        yield f"FAILED   {outcome.problem}"
    verdict = "journal, tags and server agree" if outcome.is_good else "the demo did not go well"
    yield f"{verdict}; {outcome.seconds:.1f} s"
