"""Dialects as data: reads `profiles.toml`, where each table is one system that speaks SIP2.

A profile says how bytes look on the line, what its answers mean, and what must not be asked.  Adding a system
means adding a table.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any, Literal

from drivers.link import SettingsError
from sync.entries import Reason

STANDARD = "standard"
MESSAGES = frozenset({"93", "99", "63", "23", "11", "09", "17", "29", "35", "37", "19"})
LISTS = frozenset({"charged", "overdue", "holds", "unavailable", "fines"})
OfflineReplay = Literal["yes", "no", "unknown"]
_CHOICES = {
    "terminator": ("CR", "CRLF"),
    "sequence": ("strict", "ignored"),
    "success": ("flag", "words"),
    "release": ("flag", "when-granted"),
    "offline_replay": ("yes", "no", "unknown"),
    "overdue_list": ("unasked", "marks", "apart"),
    "loans_list": ("one", "commas"),
    "due_order": ("", "dmy", "mdy"),
    "item_status": ("sip2", "interlib"),
    "offline_return": ("yes", "no", "unknown"),
    "fee_details": ("", "gossip"),
}
_PAYMENT_CODE = re.compile(r"[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Profile:
    """One dialect.

    The line: *charset*; *terminator* of what we send; *error_detection*, whether we send AY and AZ;
    *verify_checksum*, whether a wrong AZ in a reply counts; *accept_unchecked*, whether a reply without AZ is
    good although we sent one; *sequence*, whether its digit must be ours; *echoes_ids*, whether replies name
    the patron and the item they answer for; *unterminated_after_seconds*, after which silence an unfinished
    reply counts as whole (0: never); *idle_seconds*, after which the server may have left.

    Asking: *supports*, the messages it answers (37 and 19 are sent only where its own list, BX, has them too); *lists*,
    those of 63 it fills; *login_algorithm* and *protocol_version* as in 93 and 99;
    *operator_field*, whether the login user goes into 11, 09 and 29 as CN; *pages_loans*, whether it obeys BP
    and BQ; *overdue_list*, whether the list of overdue
    loans is asked for too, because it marks what the charged list has or because it has what is missing
    there.

    Understanding: *success* by the ok flag or by *success_words* without *failure_words* in AF; *release* by
    the desensitize flag or always *when-granted*; *loans_list*, whether an AU holds one loan or several
    between commas; *limit_from_remaining*, whether BZ counts the loans still allowed; *owed_field*;
    *expiry_field* ("" where none); *due_order* of dates with the year last; *item_status*, the code list of
    18; *reason_field* and *parts_told*, the extra fields of our own server; *reason_words*, error codes
    inside AF.

    Telling what happened: *offline_replay*, whether a loan sent with no block Y is taken as made, until the date the
    reader was told; *offline_return*, whether no block Y in a 09 says that the item came in at the return date, so that
    no newer loan is closed; *honours_cancel*, whether BI in a 09 says that a loan never came about.  BI is never sent
    in 11.  *names_borrower*, whether AA in 10 is there exactly when a loan ended; *care_form*, what 19 says of an item
    that needs care, with {flaws} for what is wrong.

    Money: *holds_are_ready*, whether AS has only holds that wait on the shelf; *fee_details*, where each fee is told
    with its number; *pays_several*, whether a sum is taken that is not for one fee or for all; *checks_payments*,
    whether the server itself refuses more than is owed; *repeats_payments*, whether a payment that is told again under
    its number (BK) is answered as the first time; *payment_card* and *payment_qr*, its codes for the two means.
    """

    name: str
    charset: str
    terminator: str
    error_detection: bool
    verify_checksum: bool
    accept_unchecked: bool
    sequence: str
    echoes_ids: bool
    supports: tuple[str, ...]
    login_algorithm: str
    protocol_version: str
    operator_field: bool
    unterminated_after_seconds: float
    idle_seconds: float
    success: str
    success_words: tuple[str, ...]
    failure_words: tuple[str, ...]
    release: str
    offline_replay: OfflineReplay
    offline_return: OfflineReplay
    honours_cancel: bool
    names_borrower: bool
    care_form: str
    lists: tuple[str, ...]
    holds_are_ready: bool
    fee_details: str
    pays_several: bool
    checks_payments: bool
    repeats_payments: bool
    payment_card: str
    payment_qr: str
    pages_loans: bool
    overdue_list: str
    loans_list: str
    limit_from_remaining: bool
    owed_field: str
    expiry_field: str
    due_order: str
    item_status: str
    reason_field: str
    parts_told: bool
    reason_words: tuple[tuple[str, Reason], ...]

    @property
    def terminator_bytes(self) -> bytes:
        """The bytes that end a frame of ours."""
        return b"\r\n" if self.terminator == "CRLF" else b"\r"


_KEYS = {spot.name: spot.type for spot in fields(Profile) if spot.name != "name"}


def profile_names() -> tuple[str, ...]:
    """The names of all profiles that come with the product, sorted."""
    return tuple(sorted(_shipped()))


def profile(name: str) -> Profile:
    """The profile *name*.  Raises `SettingsError`, which lists the names there are."""
    tables = _shipped()
    if name not in tables:
        raise SettingsError(f"SIP2 profile {name!r} is not known; there are: {', '.join(sorted(tables))}")
    return make_profile(name, tables[name], tables[STANDARD])


def make_profile(name: str, table: Mapping[str, Any], standard: Mapping[str, Any]) -> Profile:
    """A profile from its table, completed by *standard*.  Raises `SettingsError` naming table and key."""
    for key in table:
        if key not in _KEYS:
            raise SettingsError(
                f"[{name}] {key}: not a key of a profile; allowed: {', '.join(sorted(_KEYS))}"
            )
    values: dict[str, Any] = {}
    for key, wanted in _KEYS.items():
        if key not in table and key not in standard:
            raise SettingsError(f"[{name}] {key}: missing")
        values[key] = _value(name, key, str(wanted), table.get(key, standard.get(key)))
    return Profile(name, **values)


def _shipped() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("sync.servers").joinpath("profiles.toml").read_text(encoding="utf-8"))


def _value(name: str, key: str, wanted: str, value: Any) -> Any:
    def wrong(allowed: str) -> SettingsError:
        return SettingsError(f"[{name}] {key} = {value!r}: has to be {allowed}")

    if key == "reason_words":
        return _reason_words(name, value)
    if wanted == "bool":
        if not isinstance(value, bool):
            raise wrong("true or false")
    elif wanted == "float":
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 3600:
            raise wrong("a number of seconds from 0 to 3600")
        return float(value)
    elif wanted in ("str", "OfflineReplay"):
        if not isinstance(value, str):
            raise wrong("a text")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise wrong("one of " + ", ".join(repr(choice) for choice in _CHOICES[key]))
        if key.startswith("payment_") and not _PAYMENT_CODE.fullmatch(value):
            raise wrong("a code of two digits, as 02 for a credit card")
        if key == "care_form" and ("{flaws}" not in value or "|" in value or not value.isprintable()):
            raise wrong("a text with {flaws} in it and without |")
        if key == "charset":
            return _charset(
                value, wrong("a charset that Python knows, as utf-8, gb18030, cp850, latin-1, ascii")
            )
    else:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise wrong("a list of texts")
        allowed = {"supports": MESSAGES, "lists": LISTS}.get(key)
        if allowed is not None and not set(value) <= allowed:
            raise wrong(f"a list out of {', '.join(sorted(allowed))}")
        return tuple(value)
    return value


def _charset(value: str, wrong: SettingsError) -> str:
    try:
        codec = codecs.lookup(value)
        # What is no charset for text, and what is not ASCII below 128, cannot frame SIP2.
        if "AO|\r".encode(value) != b"AO|\r":
            raise wrong
    except (LookupError, ValueError):
        raise wrong from None
    return codec.name


def _reason_words(name: str, value: Any) -> tuple[tuple[str, Reason], ...]:
    reasons = {reason.value: reason for reason in Reason}
    if not isinstance(value, dict):
        raise SettingsError(f"[{name}] reason_words = {value!r}: has to be a table of words and reasons")
    for word, reason in value.items():
        if not isinstance(reason, str) or reason not in reasons:
            raise SettingsError(
                f"[{name}.reason_words] {word} = {reason!r}: has to be one of {', '.join(reasons)}"
            )
    return tuple((word, reasons[reason]) for word, reason in value.items())
