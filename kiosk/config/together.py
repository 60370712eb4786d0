"""What sections ask of one another: who readers are, how items are seen, strips are treated, and bins reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.config.sections import Server, Session
from kiosk.config.sorting import Sorting


def missing(tables: Mapping[str, Any]) -> Iterator[str]:
    """What *tables*, the file as it was read, lack together; their own shapes are complained about elsewhere."""
    session = tables.get("session", {})
    said: Mapping[str, Any] = session if isinstance(session, dict) else {}
    if "scanner" not in tables and "card_reader" not in tables and said.get("number_pad", True) is False:
        yield (
            "[session] number_pad: false leaves readers no way to say who they are; allowed is true, or a "
            "section [card_reader] or [scanner]"
        )
    if "pad" not in tables and "scanner" not in tables:
        yield "[pad] or [scanner]: at least one is needed to see what is borrowed"
    yield from _strips(tables, said)
    yield from _services(tables, said)


def hidden_tapes(session: Session, pad_settings: object) -> Iterator[str]:
    """Complains where every item has a strip, and a pad that could read from its tag that it is a tape does not.

    *pad_settings* are those of the pad's driver, None without a pad.
    """
    if session.strips == "all" and getattr(pad_settings, "reads_extensions", True) is False:
        yield (
            '[pad.settings] reads_extensions: false hides from [session] strips = "all" which items are tapes; '
            "allowed is true"
        )


def other_currency(server: Server, terminal_settings: object) -> Iterator[str]:
    """Complains where the card terminal would take another currency than the library's.

    *terminal_settings* are those of the card terminal's driver.
    """
    currency = getattr(terminal_settings, "currency", server.currency)
    if currency != server.currency:
        yield (
            f"[payment_terminal.settings] currency: {currency!r} is not that of the library ([server] currency: "
            f"{server.currency!r})"
        )


def bins_out_of_reach(sorting: Sorting, drop_settings: object) -> Iterator[str]:
    """Complains where items would fall into another bin than they are recorded for, or never into one.

    *drop_settings* are those of the book drop's driver.  What no line leads to lies straight below, and only one can.
    """
    diverters: Mapping[str, int] = getattr(drop_settings, "diverters", {})
    wanted = {*sorting.by_code.values(), *sorting.by_route.values()}
    below = sorted(wanted - diverters.keys())
    if len(below) > 1:
        yield (
            f"[book_drop.settings] diverters: no line leads to bins {', '.join(below)} of [sorting]; allowed is one "
            "such bin, straight below"
        )
    unused = sorted(diverters.keys() - wanted)
    if unused:
        yield f"[book_drop.settings] diverters: nothing in [sorting] leads to {', '.join(unused)}"


def _services(tables: Mapping[str, Any], session: Mapping[str, Any]) -> Iterator[str]:
    services = session.get("services", ["borrow"])
    payment = tables.get("payment", {})
    is_paying = "payment_terminal" in tables or (isinstance(payment, dict) and bool(payment.get("qr_url")))
    if not isinstance(services, list):
        return
    if "book_drop" in tables and "services" in session:
        yield "[session] services: a terminal with a [book_drop] is one, and nothing else; leave services out"
    if is_paying and "pay" not in services:
        yield '[session] services: readers cannot pay here without "pay"; leave out how they would, or add it'


def _strips(tables: Mapping[str, Any], session: Mapping[str, Any]) -> Iterator[str]:
    strips = session.get("strips", "none")
    if strips == "none" and "strip_unit" in tables:
        yield '[strip_unit]: no item is said to have a strip; [session] strips may be "untagged" or "all"'
    if strips not in ("untagged", "all"):
        return
    if "strip_unit" not in tables:
        yield f"[session] strips: {strips!r} needs a section [strip_unit]"
    if strips == "untagged" and "scanner" not in tables:
        yield "[session] strips: 'untagged' needs a section [scanner]; without it no item without a tag is seen"
