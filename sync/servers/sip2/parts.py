"""What every SIP2 message is made of: the base class, the marks of its attributes, and the table of all
messages.

Field ids and widths are those of SIP 2.00.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeVar

from drivers.masked import Secret
from sync.entries import Due, PatronId
from sync.servers.sip2 import fields as kind
from sync.servers.sip2.fields import PatronFlag
from sync.servers.sip2.layout import Layout, Pairs
from sync.servers.sip2.written_out import Fixed, Variable, initializer


class Message:
    """What every message can do."""

    __slots__ = ()
    layout: ClassVar[Layout]

    extra: Pairs

    @property
    def id(self) -> str:
        """The two digits of the message."""
        return self.layout.id

    def extra_value(self, field_id: str) -> str:
        """The first value of a field that has no attribute, "" when it did not come."""
        return next((value for name, value in self.extra if name == field_id), "")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            # Only asked for attributes that are not set: those that did not come (see `Layout`).
            try:
                return self.layout.absent[name]
            except KeyError:
                raise AttributeError(name) from None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


LAYOUTS: dict[str, Layout] = {}
MessageClass = TypeVar("MessageClass", bound=type[Message])


def message(message_id: str) -> Callable[[MessageClass], MessageClass]:
    """Enters a message class into the table under *message_id*."""

    def register(message_class: MessageClass) -> MessageClass:
        message_class.layout = LAYOUTS[message_id] = Layout(message_id, message_class)
        spots = fields(message_class)  # type: ignore[arg-type]
        keeps = [getattr(message_class, spot.name).__set__ for spot in spots]
        message_class.__init__ = initializer(spots, keeps)  # type: ignore[method-assign]
        return message_class

    return register


# The marks, named once: what an attribute of a message may be.
Ok = Annotated[bool, Fixed(kind.OK)]
Yes = Annotated[bool, Fixed(kind.YES)]
Alerted = Annotated[bool, Fixed(kind.ALERT)]
Accepted = Annotated[bool, Fixed(kind.ACCEPTED)]
YesNoUnknown = Annotated[bool | None, Fixed(kind.YES_NO_UNKNOWN)]
Moment = Annotated[datetime | None, Fixed(kind.DATE)]
Language = Annotated[str, Fixed(kind.THREE)]
Status = Annotated[PatronFlag, Fixed(kind.PATRON_STATUS)]
Count4 = Annotated[int | None, Fixed(kind.COUNT_4)]
Institution = Annotated[str, Variable("AO", kind.CODE, required=True)]
Patron = Annotated[PatronId, Variable("AA", kind.PATRON, required=True)]
Item = Annotated[str, Variable("AB", kind.CODE, required=True)]
Title = Annotated[str, Variable("AJ", kind.TEXT, required=True)]
DueDate = Annotated[Due, Variable("AH", kind.DUE, required=True)]
TerminalPassword = Annotated[Secret, Variable("AC", kind.SECRET, required=True)]
PatronPassword = Annotated[Secret, Variable("AD", kind.SECRET)]
Screen = Annotated[tuple[str, ...], Variable("AF", kind.TEXTS)]
Print = Annotated[tuple[str, ...], Variable("AG", kind.TEXTS)]
FeeAmount = Annotated[str, Variable("BV", kind.CODE)]
FeeType = Annotated[str, Variable("BT", kind.CODE)]
Currency = Annotated[str, Variable("BH", kind.CODE)]
FeeAcknowledged = Annotated[bool | None, Variable("BO", kind.FLAG)]
Cancel = Annotated[bool | None, Variable("BI", kind.FLAG)]
MediaType = Annotated[str, Variable("CK", kind.CODE)]
Properties = Annotated[str, Variable("CH", kind.TEXT)]
SecurityInhibit = Annotated[bool | None, Variable("CI", kind.FLAG)]
Transaction = Annotated[str, Variable("BK", kind.CODE)]
PermanentLocation = Annotated[str, Variable("AQ", kind.TEXT)]
ValidPatron = Annotated[bool | None, Variable("BL", kind.FLAG)]
ValidPassword = Annotated[bool | None, Variable("CQ", kind.FLAG)]
