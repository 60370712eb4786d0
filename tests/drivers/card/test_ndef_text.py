"""Card numbers in NDEF messages, and what hostile ones do."""

from __future__ import annotations

import random
from contextlib import suppress

import ndef
import pytest

from drivers.card.ndef_text import MESSAGE_SIZE_MAX, NdefError, NdefRecord, ndef_value
from tests.kit.effort import effort

TEXT = bytes.fromhex("D1010D5402656E32313233343030303132")
URI = bytes.fromhex("D1010D55046C69622E6578616D706C652F")

GOOD = [
    (TEXT, NdefRecord.TEXT, "2123400012"),
    (URI, NdefRecord.URI, "https://lib.example/"),
    (b"".join(ndef.message_encoder([ndef.UriRecord("tel:1"), ndef.TextRecord("42")])), NdefRecord.TEXT, "42"),
    (b"".join(ndef.message_encoder([ndef.TextRecord("读者")])), NdefRecord.TEXT, "读者"),
    (b"".join(ndef.message_encoder([ndef.TextRecord("42", "zh", "UTF-16")])), NdefRecord.TEXT, "42"),
    (b"".join(ndef.message_encoder([ndef.TextRecord("1"), ndef.TextRecord("2")])), NdefRecord.TEXT, "1"),
]


@pytest.mark.parametrize(("message", "kind", "value"), GOOD)
def test_the_first_record_of_the_kind_counts(message: bytes, kind: NdefRecord, value: str) -> None:
    """A text gives its text and a URI the whole address, whatever stands beside it."""
    assert ndef_value(message, kind) == value


BAD = {
    "empty": b"",
    "no such record": URI,
    "cut": TEXT[:-1],
    "first byte alone": TEXT[:1],
    "length beyond the end": bytes.fromhex("D101FF5402656E31"),
    "four byte length beyond memory": bytes.fromhex("C101FFFFFFFF5402656E31"),
    "reserved type": bytes.fromhex("D7010154"),
    "language longer than the text": bytes.fromhex("D10102543F65"),
    "not UTF-8": bytes.fromhex("D101055402656EFFFE"),
    "odd UTF-16": bytes.fromhex("D101045482656E31"),
    "language not ASCII": bytes.fromhex("D101045402C3A931"),
    "type not ASCII": bytes.fromhex("D20101FF31"),
    "end never said": bytes.fromhex("9101045502656E31"),
    "seventeen others first": b"".join(
        ndef.message_encoder([ndef.UriRecord("tel:1")] * 17 + [ndef.TextRecord("1")])
    ),
    "too long": b"\xc1" + bytes(MESSAGE_SIZE_MAX),
}


@pytest.mark.parametrize("message", BAD.values(), ids=BAD.keys())
def test_a_bad_message_is_refused_without_repeating_it(message: bytes) -> None:
    """Whatever is wrong, the room's own error says so, and its text holds nothing of the tag."""
    with pytest.raises(NdefError) as caught:
        ndef_value(message, NdefRecord.TEXT)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_no_bytes_raise_anything_else() -> None:
    """20 000 seeded messages, random or sound ones with bytes changed, give a text or the room's own error."""
    chance = random.Random(17)
    poster = ndef.SmartposterRecord("https://lib.example/1", "card")
    seeds = [TEXT, URI, b"".join(ndef.message_encoder([poster, ndef.TextRecord("7")]))]
    given = 0
    for _ in range(effort(20_000)):
        if chance.random() < 0.3:
            data = bytearray(chance.randbytes(chance.randrange(64)))
        else:
            data = bytearray(chance.choice(seeds))
            for _ in range(chance.randrange(4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            del data[chance.choice((len(data), chance.randrange(len(data)))) :]
        with suppress(NdefError):
            given += isinstance(ndef_value(bytes(data), chance.choice(list(NdefRecord))), str)
    assert 1_000 < given < 19_000
