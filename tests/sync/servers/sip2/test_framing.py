"""Frames, however they arrive; checksums, right and wrong."""

from __future__ import annotations

import pytest

from sync.servers.sip2.framing import Checksum, Framer, FrameTooLong, byte_sum, checksum, deframe, enframe

CHINESE = "09N20260101    12000020260101    120000APkiosk1|AOLIB|AB张三|AC|AY2AZ"
VECTORS = [
    ("9900302.00AY1AZ", "ascii", b"FCA5"),
    ("97AZ", "ascii", b"FEF5"),
    ("96AZ", "ascii", b"FEF6"),
    ("941AY0AZ", "ascii", b"FDFD"),
    ("990 402.00AY1AZ", "ascii", b"FCB4"),
    ("9900302.0E|AY1AZ", "ascii", b"FC14"),
    ("9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZ", "ascii", b"EC7B"),
    (CHINESE, "utf-8", b"EBDD"),
    (CHINESE, "gbk", b"ECE4"),
]
WRONG = [
    b"9300CNLoginUserID|COLoginPassword|CPLocationCode|AY5AZEC78",
    CHINESE.encode() + b"431A",
    b"941AY0AZFDFE",
    b"941AY0AZ-001",
    b"941AY0AZ 0x1",
    b"941AY0AZZZZZ",
]
ARRIVALS = [0, 1, 3]


def arriving(data: bytes, piece: int) -> list[bytes]:
    return [data[n : n + piece] for n in range(0, len(data), piece)] if piece else [data]


@pytest.mark.parametrize(("text", "charset", "digits"), VECTORS)
def test_the_checksum_is_that_of_the_definition(text: str, charset: str, digits: bytes) -> None:
    """The checksum is summed over the bytes of the wire's charset, and a frame that bears it is good."""
    data = text.encode(charset)
    assert checksum(data) == digits
    assert deframe(data + digits, charset).checksum is Checksum.GOOD
    assert deframe(data + digits.lower(), charset).checksum is Checksum.GOOD


@pytest.mark.parametrize("data", WRONG)
def test_a_wrong_checksum_is_told(data: bytes) -> None:
    """A checksum that is often copied but wrong, that sums characters, or that is no number, is bad."""
    assert deframe(data, "utf-8").checksum is Checksum.BAD


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 511, 512, 513, 70_000])
@pytest.mark.parametrize("byte", [0, 1, 0x7F, 0xFF])
def test_the_fast_sum_is_the_sum(length: int, byte: int) -> None:
    """The sum is exact for every length, also where the fast one alone would overflow."""
    data = bytes([byte]) * length
    assert byte_sum(data) == sum(data) & 0xFFFF


def test_text_sequence_and_checksum_are_taken_apart() -> None:
    """A frame gives its text without AY and AZ, the digit, and all its bytes."""
    frame = deframe(enframe("121NNY|AB1|", "ascii", "7", error_detection=True)[:-1])
    assert (frame.text, frame.sequence, frame.checksum) == ("121NNY|AB1|", "7", Checksum.GOOD)
    assert frame.raw.startswith(b"121NNY|AB1|AY7AZ")


@pytest.mark.parametrize(
    ("data", "text", "sequence", "state"),
    [
        (b"941", "941", "", Checksum.ABSENT),
        (b"941AY3", "941", "3", Checksum.ABSENT),
        (b"96AZFEF6", "96", "", Checksum.GOOD),
        (b"96", "96", "", Checksum.ABSENT),
        (b"12...|AFsee BAZAAR", "12...|AFsee BAZAAR", "", Checksum.ABSENT),
        (b"941AY0AZFDFD|", "941", "0", Checksum.GOOD),
        (b"", "", "", Checksum.ABSENT),
        (b"AZ", "AZ", "", Checksum.ABSENT),
        (b"AY1", "AY1", "", Checksum.ABSENT),
    ],
)
def test_what_servers_leave_out_or_add_is_accepted(
    data: bytes, text: str, sequence: str, state: Checksum
) -> None:
    """Frames without checksum or digit, and with a delimiter behind the checksum, are read."""
    frame = deframe(data)
    assert (frame.text, frame.sequence, frame.checksum) == (text, sequence, state)


@pytest.mark.parametrize("piece", ARRIVALS)
@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\n\r"])
def test_frames_are_cut_however_they_arrive(piece: int, end: bytes) -> None:
    """Three frames in one stream are three frames, whole, byte by byte and in threes, with every line end
    seen.
    """
    framer = Framer()
    stream = end.join([b"941AY0AZFDFD", b"96", b"64  YY|AFline\nbreak|", b""])
    frames = [frame for data in arriving(stream, piece) for frame in framer.feed(data)]
    assert frames == [b"941AY0AZFDFD", b"96", b"64  YY|AFline\nbreak|"]
    assert framer.pending == 0


def test_koha_mixes_its_line_ends() -> None:
    """CR LF frames and a bare CR frame in one stream are told apart."""
    assert Framer().feed(b"941\r\n96\r98YY\r\n") == [b"941", b"96", b"98YY"]


def test_an_empty_frame_is_told() -> None:
    """Two ends in a row are an empty frame, which is an answer of its own kind."""
    assert Framer().feed(b"\r941\r\r\n") == [b"", b"941", b""]


def test_start_of_text_and_blanks_at_the_edges_are_dropped() -> None:
    """STX, ETX, NUL and blanks around a frame are not part of it."""
    assert Framer().feed(b"\x02941 \x03\r\x00 96\r") == [b"941", b"96"]


@pytest.mark.parametrize("piece", [0, 7, 4096])
def test_a_reply_without_end_is_given_up(piece: int) -> None:
    """More than the largest frame without an end is refused, and the framer starts afresh."""
    framer = Framer(size_max=1000)
    with pytest.raises(FrameTooLong):
        _feed_all(framer, arriving(b"9" * 5000, piece))
    assert framer.pending == 0
    assert framer.feed(b"941\r") == [b"941"]


def _feed_all(framer: Framer, pieces: list[bytes]) -> None:
    for data in pieces:
        framer.feed(data)


def test_a_frame_that_ends_too_late_is_given_up() -> None:
    """A frame above the limit is refused although it ends."""
    with pytest.raises(FrameTooLong):
        Framer(size_max=10).feed(b"9" * 11 + b"\r")


def test_an_unfinished_frame_can_be_taken() -> None:
    """What came without an end is there for servers that never send one."""
    framer = Framer()
    assert framer.feed(b"941") == []
    assert framer.take_unfinished() == b"941"
    assert framer.pending == 0


def test_a_chinese_character_that_ends_in_the_delimiter_byte_survives() -> None:
    """A GBK character whose second byte is that of | stays one character, because decoding comes first."""
    text = "101YNN|AJ億万|AB1|"
    data = enframe(text, "gbk", "1", error_detection=True)
    assert data.count(b"|") > text.count("|")
    assert deframe(data[:-1], "gbk").text == text


def test_bytes_of_another_charset_become_replacement_characters() -> None:
    """Undecodable bytes cost only themselves; the raw bytes stay."""
    frame = deframe(b"64|AE\xd5\xc5\xc8\xfd|AB1|", "utf-8")
    assert "\ufffd" in frame.text
    assert frame.text.endswith("|AB1|")
    assert b"\xd5\xc5" in frame.raw


def test_what_a_charset_has_not_is_refused_or_replaced_as_asked() -> None:
    """The terminal refuses to send a number it cannot write; the server may send a question mark to people."""
    with pytest.raises(UnicodeEncodeError):
        enframe("64|AE张|", "ascii")
    assert enframe("64|AE张|", "ascii", errors="replace") == b"64|AE?|\r"


def test_a_frame_prints_no_content() -> None:
    """The printed form of a frame says how long it is, not what is in it."""
    assert "DOE" not in repr(deframe(b"64|AEJANE DOE|"))
