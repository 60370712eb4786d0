"""An independent implementation reads what we write, and we read what it writes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pysip2.codec import decode_message, encode_message

from sync.servers.sip2.framing import Checksum, deframe, enframe
from sync.servers.sip2.messages import Message, decode
from tests.sync.servers.sip2.test_messages import BOTH_WAYS

# Fields of usual extensions, and AF in 94, which the other implementation leaves out.
EXTENDED = {"940AFno such account|"}
CONFORMANT = [(text, message) for text, message in BOTH_WAYS if text not in EXTENDED and "|CV" not in text]


@pytest.mark.parametrize(("text", "message"), CONFORMANT, ids=lambda value: str(value)[:2])
def test_another_implementation_reads_and_writes_the_same(text: str, message: Message) -> None:
    """Every message goes to pysip2 and comes back with the same meaning, digit and a good checksum."""
    sequence = "" if message.id in ("96", "97") else "3"
    theirs = decode_message(enframe(text, "utf-8", sequence, error_detection=True), encoding="utf-8")
    assert theirs.sequence_number == (3 if sequence else None)
    back = encode_message(
        theirs.message, sequence_number=theirs.sequence_number, checksum=True, encoding="utf-8"
    )
    frame = deframe(back.rstrip(b"\r\n"), "utf-8")
    assert (frame.sequence, frame.checksum) == (sequence, Checksum.GOOD)
    value: Any = message
    assert decode(frame.text) == replace(value, extra=())
