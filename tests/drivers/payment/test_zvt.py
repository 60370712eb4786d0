"""ZVT messages and blocks: golden bytes both ways, arrival in any pieces, and what each message means."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.masked import Secret
from drivers.payment import Amount, IntermediateStatus, PaymentMark, Step, zvt_commands
from drivers.payment.zvt import ACKNOWLEDGED, Apdu, ApduCutter, Control, ZvtError, decode, encode
from drivers.payment.zvt_fields import Encoding, bcd, digits_of, fields_of, text_of, tlv_of
from drivers.payment.zvt_hearing import completion_of, intermediate_of, lines_of, status_of
from drivers.payment.zvt_serial import BlockReader, Sign, block, checksum

WIRE = Path(__file__).parents[2] / "wire" / "zvt.txt"
PASSWORD = Secret("123456")


def golden() -> dict[tuple[str, str, str], bytes]:
    frames = {}
    for line in WIRE.read_text().splitlines():
        if not line.startswith("#"):
            way, direction, name, _, data = line.split(maxsplit=4)
            frames[way, direction, name] = bytes.fromhex(data)
    return frames


GOLDEN = golden()
MESSAGES = {name: data for (way, _, name), data in GOLDEN.items() if way == "tcp"}
COMMANDS = {
    "registration": zvt_commands.registration(PASSWORD, 0xBA, "EUR"),
    "110-euro": zvt_commands.authorisation(Amount(11_000, "EUR")),
    "diagnosis": zvt_commands.DIAGNOSIS,
    "abort": zvt_commands.ABORT,
    "log-off": zvt_commands.LOG_OFF,
    "status-enquiry": zvt_commands.STATUS_ENQUIRY,
    "repeat-receipt": zvt_commands.repeat_receipt(PASSWORD),
    "end-of-day": zvt_commands.end_of_day(PASSWORD),
    "reversal-of-receipt-42": zvt_commands.reversal(PASSWORD, 42),
}
# A kiosk neither takes an amount in an unnamed currency nor initialises a terminal.
NEVER_SENT = {"1-euro-any-currency", "initialisation"}


def parts_of(data: bytes, piece: int) -> list[bytes | Sign]:
    reader = BlockReader()
    found = []
    for at in range(0, len(data), piece):
        reader.feed(data[at : at + piece])
        while (part := reader.next_part()) is not None:
            found.append(part)
    return found


def apdus_of(data: bytes, piece: int) -> list[Apdu]:
    cutter = ApduCutter()
    found = []
    for at in range(0, len(data), piece):
        cutter.feed(data[at : at + piece])
        while (apdu := cutter.next_apdu()) is not None:
            found.append(apdu)
    return found


def data_of(name: str) -> bytes:
    return decode(MESSAGES[name]).data


def test_checksum_has_the_catalogue_check_value() -> None:
    """The CRC of the digits 1 to 9 is 2189, as for every CRC-16/KERMIT."""
    assert checksum(b"123456789") == 0x2189


def test_every_golden_command_is_built_or_never_sent() -> None:
    """No command of the reference is left out by oversight."""
    assert {name for _, direction, name in GOLDEN if direction == ">"} == set(COMMANDS) | NEVER_SENT


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_the_golden_bytes(name: str) -> None:
    """Each command is, byte for byte, what public tests show, in its block where it is shown in one."""
    message = encode(COMMANDS[name])

    if ("serial", ">", name) in GOLDEN:
        assert block(message) == GOLDEN["serial", ">", name]
    else:
        assert message == GOLDEN["tcp", ">", name]


@pytest.mark.parametrize("piece", [1, 3, 4096])
@pytest.mark.parametrize("key", GOLDEN, ids=" ".join)
def test_golden_frames_are_read_and_written_back(key: tuple[str, str, str], piece: int) -> None:
    """Every golden frame, in whatever pieces it arrives, is read as one message that is written as the same bytes."""
    if key[0] == "serial":
        (part,) = parts_of(GOLDEN[key], piece)
        assert isinstance(part, bytes)
        assert block(encode(decode(part))) == GOLDEN[key]
    else:
        (apdu,) = apdus_of(GOLDEN[key], piece)
        assert encode(apdu) == GOLDEN[key]


@pytest.mark.parametrize("piece", [1, 3, 4096])
def test_blocks_and_signs_in_a_row_are_cut_apart(piece: int) -> None:
    """Blocks and signs that follow each other without a gap are told apart, whatever stands between them."""
    blocks = [data for (way, _, _), data in GOLDEN.items() if way == "serial"]
    stream = b"".join(b"\x06\x00\xff" + data + b"\x15" for data in blocks)

    parts = parts_of(stream, piece)

    assert parts[::3] == [Sign.ACK] * len(blocks)
    assert parts[2::3] == [Sign.NAK] * len(blocks)
    assert [block(part) for part in parts[1::3] if isinstance(part, bytes)] == blocks


@given(
    control=st.sampled_from([0x0601, 0x040F, 0x06D3]), data=st.binary(max_size=600), piece=st.integers(1, 700)
)
def test_any_message_survives_both_lines(control: int, data: bytes, piece: int) -> None:
    """Whatever is said is heard the same, short or long, in a block or bare, in pieces of any size."""
    apdu = Apdu(control, data)

    assert apdus_of(encode(apdu), piece) == [apdu]
    assert parts_of(block(encode(apdu)), piece) == [encode(apdu)]


@pytest.mark.parametrize("place", range(2, 15))
def test_a_changed_byte_makes_a_block_no_message(place: int) -> None:
    """A block with any one byte changed is an error, or not finished, and never another message."""
    good = GOLDEN["serial", ">", "registration"]
    for mask in (0x01, 0x10, 0x80, 0xFF):
        bad = bytearray(good)
        bad[place] ^= mask
        try:
            parts = parts_of(bytes(bad), 64)
        except ZvtError:
            continue
        assert not [part for part in parts if isinstance(part, bytes)]


def test_a_block_that_begins_inside_another_is_read() -> None:
    """When the end of a block was lost, the next one is understood."""
    good = GOLDEN["serial", "<", "acknowledged"]

    assert parts_of(GOLDEN["serial", ">", "110-euro"][:-4] + good, 4096) == [encode(ACKNOWLEDGED)]


def test_an_approval_is_understood_whole() -> None:
    """Result, amount, numbers, day and time, brand and text are read; the card's number is masked at once."""
    told = status_of(data_of("approved"), Encoding.CP437)

    assert (told.result, told.amount("EUR"), told.text) == (0, Amount(100, "EUR"), "OK")
    assert told.mark == PaymentMark(470001, 42, "52001233", "1123", "123456")
    assert (told.card, told.card_name) == ("···40", "girocard")


def test_a_step_is_told_with_the_terminals_own_words() -> None:
    """The reference's intermediate status wants a card, and says so in German."""
    assert intermediate_of(data_of("insert-card"), Encoding.CP437) == IntermediateStatus(
        0x0A, Step.INSERT_CARD, "Bitte Karte einstecken"
    )


def test_completions_tell_state_and_version_where_they_have_them() -> None:
    """After an enquiry a completion has a version and a state, after others it has fields."""
    reader = BlockReader()
    reader.feed(GOLDEN["serial", "<", "completion-version"])
    part = reader.next_part()
    assert isinstance(part, bytes)

    assert completion_of(decode(part).data) == (0, "2.14.15")
    assert completion_of(data_of("completion-registered")) == (None, "")
    assert completion_of(b"") == (None, "")


def test_receipts_come_as_lines_or_as_blocks() -> None:
    """A line, line feeds and a block of two lines are lines of text, in the letters that were agreed on."""
    line, feeds, lines = (decode(MESSAGES[name]) for name in ("line", "two-line-feeds", "block"))

    assert lines_of(line, Encoding.CP437) == ("Summe ä!",)
    assert lines_of(line, Encoding.LATIN_1) == ("Summe  !",)
    assert lines_of(feeds, Encoding.CP437) == ("", "")
    assert lines_of(lines, Encoding.CP437) == ("A", "B")


def test_reading_stops_at_a_field_that_is_not_known() -> None:
    """What stands before an unknown field is read, what stands behind it is not guessed."""
    fields = fields_of(bytes.fromhex("27 00 EF 04 00 00 00 00 01 00"))

    assert (dict(fields.values), fields.is_whole) == ({0x27: b"\0"}, False)


@pytest.mark.parametrize(
    "data",
    [
        "27",
        "04 00 00 01",
        "22 F1 F0 67",
        "22 F1",
        "22 0A 00",
        "3C F0 FA F2 41 42",
        "06",
        "06 80",
        "06 83 00 00 01 00",
        "06 05 27",
        "04 00 00 00 00 01 00 04 00 00 00 00 02 00",
    ],
)
def test_fields_that_cannot_be_are_refused(data: str) -> None:
    """A field that is cut off, a length that is none, and an amount that is told twice in two ways are errors."""
    with pytest.raises(ZvtError):
        fields_of(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["0A 00 00 00 00 01", "00 00 00 00 0F 00", "EE EE EE EE EE EE"])
def test_an_amount_that_is_no_number_is_refused(data: str) -> None:
    """Half bytes above 9 are no digits of money."""
    with pytest.raises(ZvtError):
        status_of(bytes.fromhex("27 00 04" + data), Encoding.CP437)


def test_digits_are_packed_two_a_byte() -> None:
    """Digits are packed and unpacked; an odd count, letters and foreign digits are refused."""
    assert digits_of(bcd("000000011010")) == "000000011010"
    for wrong in ("1", "12a4", "\u0661\u0662"):
        with pytest.raises(ZvtError):
            bcd(wrong)


def test_long_tags_and_lengths_of_a_container_are_read() -> None:
    """Tags of two bytes and lengths of one to three bytes are read."""
    data = b"\x1f\x07\x01\x02" + b"\x07\x81\x80" + b"A" * 128 + b"\x07\x82\x01\x00" + b"B" * 256

    assert tlv_of(data) == ((0x1F07, b"\x02"), (0x07, b"A" * 128), (0x07, b"B" * 256))


@pytest.mark.parametrize("data", ["1F", "1F 87 01 00", "07", "07 02 41", "07 84 00 00 00 01 41", "07 80"])
def test_a_container_that_cannot_be_is_refused(data: str) -> None:
    """Tags and lengths that are cut off, endless or too long are errors."""
    with pytest.raises(ZvtError):
        tlv_of(bytes.fromhex(data))


@pytest.mark.parametrize("data", ["00", "FF", "06 01 FF 01 40", "41"])
def test_a_stream_that_is_no_conversation_is_refused_at_its_head(data: str) -> None:
    """A first byte no message has, and a length no message has, are errors at once."""
    cutter = ApduCutter()
    cutter.feed(bytes.fromhex(data))

    with pytest.raises(ZvtError):
        cutter.next_apdu()
    assert not cutter.is_inside


def test_a_message_too_long_is_not_built() -> None:
    """More data than a message is allowed here is refused instead of cut."""
    with pytest.raises(ZvtError):
        encode(Apdu(Control.PRINT_TEXT_BLOCK, bytes(9000)))


def test_texts_are_one_line_without_control_characters() -> None:
    """What would move a printer's head or a screen's cursor becomes a blank; a zero ends the text."""
    assert text_of(b"A\x1b@B\r\nC \x00rest", Encoding.CP437) == "A @B  C"
