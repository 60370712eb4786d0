"""What the configuration says about sessions, in the session's own words."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from drivers.em import Abilities, StripUnitSettings
from kiosk.config.loading import Configuration
from kiosk.workflow.settings import (
    DropSettings,
    ForeignItems,
    Greeting,
    ScannedItem,
    Service,
    SessionSettings,
    Strips,
)
from kiosk.workflow.view import Language
from sync.entries import Means
from sync.rules.offline import OfflineLending, OfflinePolicy
from sync.rules.sorting import Bin, Colour, Route, SortingRules

MACHINES_ZONE = Path("/etc/localtime")
"""Where a machine says in which time zone it stands (tzfile(5)); without it, it keeps UTC."""


def session_settings(configuration: Configuration) -> SessionSettings:
    """The settings of every session under *configuration*."""
    terminal, session, offline = configuration.terminal, configuration.session, configuration.offline
    abilities = _abilities(configuration)
    return SessionSettings(
        library=terminal.library,
        patron_number_pattern=session.patron_number_pattern,
        item_number_pattern=session.item_number_pattern,
        owners=terminal.owners,
        languages=tuple(Language(code) for code in terminal.languages),
        language=Language(terminal.language),
        greeting=Greeting(session.greeting),
        has_pad=configuration.pad is not None,
        has_scanner=configuration.scanner is not None,
        has_card_reader=configuration.card_reader is not None,
        has_number_pad=session.number_pad,
        needs_pin=session.pin == "required",
        pin_length_max=session.pin_length_max,
        pin_tries_max=session.pin_tries_max,
        pin_window_seconds=session.pin_window_seconds,
        scanned_item=ScannedItem(session.scanned_item),
        lend_incomplete=session.lend_incomplete,
        confirms_list=session.confirms_list,
        stable_readings=session.stable_readings,
        count_max=session.count_max,
        lines_max=session.lines_max,
        release_tries_max=session.release_tries_max,
        idle_seconds=session.idle_seconds,
        warning_seconds=session.warning_seconds,
        answer_seconds=session.answer_seconds,
        put_back_seconds=session.put_back_seconds,
        refusal_seconds=session.refusal_seconds,
        summary_seconds=session.summary_seconds,
        start_seconds=session.start_seconds,
        has_printer=configuration.printer is not None,
        strips=Strips(session.strips),
        strip_unit_senses=abilities.senses_items,
        strip_unit_treats_lying=abilities.treats_lying,
        strip_seconds=session.strip_seconds,
        drop=_drop(configuration),
        currency=configuration.server.currency,
        means=_means(configuration),
        pays_at_counter=configuration.payment.pays_at_counter,
        payment_max=session.payment_max_minor,
        pay_seconds=configuration.payment.pay_seconds,
        terminal=terminal.name,
        services=tuple(Service(name) for name in session.services),
        foreign_items=ForeignItems(session.foreign_items),
        sorting=_sorting(configuration),
        ask_item_seconds=session.ask_item_seconds,
        has_receipts=configuration.receipts.offered,
        code_seconds=session.code_seconds,
        zone=_zone(configuration),
        offline=OfflinePolicy(
            OfflineLending(offline.lend),
            offline.snapshot_hours_max,
            offline.loans_max,
        ),
    )


def _sorting(configuration: Configuration) -> SortingRules:
    """Where what came back goes."""
    said = configuration.sorting
    return SortingRules(
        bins={
            number: Bin(number, one.place, None if one.colour is None else Colour(one.colour))
            for number, one in said.bins.items()
        },
        by_code=dict(said.by_code),
        by_route={Route(name): number for name, number in said.by_route.items()},
        branch=said.branch,
    )


def _zone(configuration: Configuration) -> tzinfo:
    """The zone of the library's calendar."""
    name = configuration.terminal.time_zone or configuration.server.time_zone
    if name:
        return ZoneInfo(name)
    try:
        with MACHINES_ZONE.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def _means(configuration: Configuration) -> tuple[Means, ...]:
    """The ways to pay that this terminal has."""
    card = (Means.CARD,) if configuration.payment_terminal is not None else ()
    return (*card, Means.QR) if configuration.payment.qr_url else card


def _drop(configuration: Configuration) -> DropSettings | None:
    """A terminal with a book drop is one, and nothing else."""
    if configuration.book_drop is None:
        return None
    return DropSettings(configuration.session.drop_read_seconds, configuration.session.drop_done_seconds)


def _abilities(configuration: Configuration) -> Abilities:
    """What the strip unit can do; where there is none, nothing asks."""
    if configuration.strip_unit is None:
        return Abilities(senses_items=True, reads_strips=True)
    return cast(StripUnitSettings, configuration.strip_unit.settings).abilities
