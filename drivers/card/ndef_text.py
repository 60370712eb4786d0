"""Finds a card number in an NDEF message: the first text or URI record (NFC Forum NDEF 1.0, RTD Text, RTD
URI).

Anybody can write an NDEF tag, so what is read here is as trustworthy as a number typed in; where that is not
enough the library asks for a PIN.
"""

from __future__ import annotations

from enum import Enum
from itertools import islice

import ndef

__all__ = ["NdefError", "NdefRecord", "ndef_value"]

MESSAGE_SIZE_MAX = 1024
RECORDS_MAX = 16


class NdefError(Exception):
    """The message has no such record, or is not NDEF.  The text never repeats what the tag says."""


class NdefRecord(Enum):
    """The kind of record that holds the number."""

    TEXT = "text"
    URI = "uri"


_KNOWN_TYPES = {"urn:nfc:wkt:T": ndef.TextRecord, "urn:nfc:wkt:U": ndef.UriRecord}


def ndef_value(message: bytes, record_kind: NdefRecord) -> str:
    """The text, or the whole URI, of the first record of *record_kind* among the first 16.

    *message* is at most 1024 bytes.  Raises `NdefError`, and nothing else whatever the bytes.
    """
    if len(message) > MESSAGE_SIZE_MAX:
        raise NdefError(f"a message of {len(message)} bytes, allowed are {MESSAGE_SIZE_MAX}")
    try:
        for record in islice(ndef.message_decoder(message, known_types=_KNOWN_TYPES), RECORDS_MAX):
            if record_kind is NdefRecord.TEXT and isinstance(record, ndef.TextRecord):
                return str(record.text)
            if record_kind is NdefRecord.URI and isinstance(record, ndef.UriRecord):
                return str(record.iri)
    except Exception as error:
        # The decoder raises what its parts raise (ValueError, UnicodeError, AssertionError, ...), with the
        # bytes
        # of the tag in the text.
        raise NdefError(f"not an NDEF message: {type(error).__name__}") from None
    raise NdefError(f"no {record_kind.value} record")
