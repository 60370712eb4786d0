"""Entries, cases and reports as JSON can hold them.  Patrons are masks."""

from __future__ import annotations

import dataclasses
from typing import Any

from kiosk.engine.errands import NotDone
from sync.case_deeds import PaidMoney
from sync.case_ends import wish_of
from sync.cases import Case, CaseRefused
from sync.decimals import decimal_text
from sync.entries import (
    Due,
    Entry,
    EntryKey,
    Granted,
    Held,
    Money,
    Pay,
    Refused,
    Settled,
)
from sync.journal.care.export import ExportReport
from sync.journal.care.publishing import CareRefused
from sync.journal.care.salvage import Salvaged
from sync.journal.errors import JournalError, JournalFull, JournalLocked, RowRefused
from sync.journal.verification import ChainReport

Said = dict[str, Any]


def entry_said(entry: Entry) -> Said:
    """An entry: what was asked, for whom (masked), how it was answered and how it stands."""
    answer = entry.answer
    return {
        "reference": entry.key.reference,
        "key": str(entry.key),
        "at": entry.rows[0].at.isoformat(),
        "wish": wish_of(entry.promise).value,
        "item": entry.promise.item,
        "title": answer.title if isinstance(answer, Granted | Refused) else "",
        "patron": "" if entry.promise.patron is None else entry.promise.patron.mask(),
        "answer": _answer(answer),
        "reason": answer.reason.value if isinstance(answer, Refused) else "",
        "promised": None if entry.promised is None else due_said(entry.promised.due),
        "due": due_said(answer.due) if isinstance(answer, Granted) else None,
        "is_released": entry.is_released,
        "amount": money_said(entry.promise.amount) if isinstance(entry.promise, Pay) else None,
        "ended": next((row.how.value for row in entry.rows if isinstance(row, Settled)), ""),
        "has_open_case": entry.has_open_case,
    }


def case_said(case: Case) -> Said:
    """A case: both sides, and what can be done."""
    answer = case.server.answer
    return {
        "reference": case.reference,
        "key": str(case.key),
        "item": case.item,
        "title": case.title,
        "patron": case.patron,
        "reasons": [
            {"reason": note.reason.value, "at": note.at.isoformat(), "detail": note.detail}
            for note in case.reasons
        ],
        "ours": {
            "wish": case.ours.wish.value,
            "at": case.ours.at.isoformat(),
            "promised": None if case.ours.promised is None else due_said(case.ours.promised),
            "tags": case.ours.tags.value,
            "money": None if case.ours.money is None else _paid(case.ours.money),
            "flaws": [flaw.value for flaw in case.ours.flaws],
        },
        "server": {
            "answer": _answer(answer),
            "reason": answer.reason.value if isinstance(answer, Refused) else "",
            "at": None if case.server.at is None else case.server.at.isoformat(),
            "due": None if case.server.due is None else due_said(case.server.due),
        },
        "ends": [end.value for end in case.ends],
        "is_settled": case.is_settled,
    }


def report_said(report: ChainReport) -> Said:
    """What reading a whole journal found."""
    return {
        "is_whole": report.is_whole,
        "rows": report.rows,
        "entries": report.entries,
        "unsettled": report.unsettled,
        "faults": [{"row": fault.number, "what": fault.what} for fault in report.faults],
    }


def export_said(report: ExportReport) -> Said:
    """What reading an export found."""
    return {
        "is_whole": report.is_whole,
        "first": report.first,
        "rows": report.rows,
        "faults": list(report.faults),
    }


def salvaged_said(salvaged: Salvaged) -> Said:
    """What a salvage found and made."""
    said = dataclasses.asdict(salvaged)
    for name in ("cases", "nameless", "in_doubt"):
        said[name] = [EntryKey.parse(key).reference for key in said[name]]
    return {**said, "missing_count": salvaged.missing_count}


def due_said(due: Due) -> str:
    """The day, else the server's own text."""
    return due.day.isoformat() if due.day is not None else due.text


def money_said(money: Money) -> str:
    """*money* with its currency, as "12.50 CNY"."""
    return f"{decimal_text(money)} {money.currency}"


def _paid(money: PaidMoney) -> Said:
    return {
        "amount": money_said(money.amount),
        "means": money.means.value,
        "state": money.state.value,
        "voucher": money.voucher,
        "mark": money.mark,
    }


def not_done(error: Exception) -> NotDone:
    """What staff are told of *error*; for a mistake of ours only its kind."""
    match error:
        case NotDone():
            return error
        case CareRefused() | CaseRefused() | FileNotFoundError():
            return NotDone(str(error), is_call_wrong=True)
        case JournalFull():
            return NotDone(f"there is no room: {error}")
        case JournalLocked():
            return NotDone(f"{error}; if that is a running terminal, name its configuration instead")
        case JournalError():
            return NotDone(f"{_journal_kind(error)}: {error}")
        case RowRefused():
            return NotDone("the journal does not take it; it changed meanwhile")
        case OSError():
            return NotDone(f"{error.filename}: {error.strerror}")
        case _:
            return NotDone(f"failed by a mistake of ours ({type(error).__name__})")


def _journal_kind(error: JournalError) -> str:
    names = {
        "JournalDamaged": "damaged",
        "JournalKeyWrong": "of another key",
        "JournalBroken": "the disk failed",
        "OtherFormat": "not read",
    }
    return names.get(type(error).__name__, "the journal failed")


def _answer(answer: Granted | Refused | Held | None) -> str:
    return "none" if answer is None else type(answer).__name__.lower()
