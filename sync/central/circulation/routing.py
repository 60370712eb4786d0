"""Where an item goes that came back: to its shelf, to somebody who waits for it, to another branch, or to staff.

A branch that nobody named is this one: a library that has none sends nothing on its way.

| the item is                      | then                                                 | alert            |
| -------------------------------- | ---------------------------------------------------- | ---------------- |
| recorded as lost or missing      | it is found; staff see the case                      | other            |
| withdrawn or damaged             | staff look at it, whoever waits for it               | other            |
| waited for, to be fetched here   | it lies on the hold shelf                            | hold here        |
| waited for at another branch     | it is in transit                                     | hold at branch   |
| at home in another branch        | it is in transit                                     | other branch     |
| anything else                    | it goes to its shelf, by the bin of its kind         |                  |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sync.central.store.records import HoldRecord, ItemRecord
from sync.central.store.sheet import Sheet
from sync.entries import Alert
from sync.rules.terms import Condition

DAMAGED, NEW = "damaged", "new"


@dataclass(frozen=True, slots=True)
class Routed:
    """Where an item goes; as `TakenBack` has it.  *is_found*: it was recorded as lost or missing."""

    hold: HoldRecord | None = None
    alert: Alert | None = None
    destination: str = ""
    location: str = ""
    sort_bin: str = ""
    condition: str = ""
    is_found: bool = False


NOWHERE = Routed()


def route(sheet: Sheet, item: ItemRecord, here: str, today: date, *, is_shelved: bool = True) -> Routed:
    """Where *item* goes, which lies in branch *here*, and puts that down on *sheet*.

    Without *is_shelved* nothing is put on the hold shelf: it came back a while ago, and who knows where it lies.
    """
    if item.condition in (Condition.LOST, Condition.MISSING):
        sheet.change_item(item, Condition.IN_PLACE)
        return Routed(alert=Alert.OTHER, location=item.location, is_found=True)
    if item.condition in (Condition.WITHDRAWN, Condition.DAMAGED):
        condition = DAMAGED if item.condition is Condition.DAMAGED else ""
        return Routed(alert=Alert.OTHER, location=item.location, condition=condition)
    condition = NEW if item.new_until is not None and today <= item.new_until else ""
    hold = next(iter(sheet.holds(item.number)), None)
    if hold is not None and _is_here(hold.pickup_branch, here):
        _arrived(sheet, item)
        if is_shelved and not hold.is_on_shelf:
            hold = sheet.shelve(hold)
        return Routed(hold, Alert.HOLD_HERE, location=hold.pickup_location, condition=condition)
    if hold is not None:
        sheet.change_item(item, Condition.IN_TRANSIT)
        return Routed(
            hold, Alert.HOLD_AT_BRANCH, hold.pickup_branch, hold.pickup_location, condition=condition
        )
    if not _is_here(item.branch, here):
        sheet.change_item(item, Condition.IN_TRANSIT)
        return Routed(None, Alert.OTHER_BRANCH, item.branch, item.location, condition=condition)
    _arrived(sheet, item)
    # What is new has a place of its own, whatever its kind.
    return Routed(location=item.location, sort_bin="" if condition else item.sort_bin, condition=condition)


def _is_here(branch: str, here: str) -> bool:
    return not branch or not here or branch == here


def _arrived(sheet: Sheet, item: ItemRecord) -> None:
    if item.condition is Condition.IN_TRANSIT:
        sheet.change_item(item, Condition.IN_PLACE)
