"""The card reader on an APDU link: spelling, rules, and cards that leave too early."""

from __future__ import annotations

import random

import ndef
import pytest

from drivers.card import CardReader, CardShown, CardTaken, CardUnreadable, pcsc_card
from drivers.card.ndef_text import NdefRecord
from drivers.card.pcsc_card import NumberSource, PcscCardSettings, UidFormat
from drivers.link import DeviceLost, SettingsError
from drivers.link.memory import VirtualClock
from drivers.link.memory_card import MemoryApduLink
from drivers.masked import Masked
from drivers.sim.card import Type2Tag, Type4Tag, VirtualCard
from tests.kit.effort import effort

URI_SETTINGS = PcscCardSettings(
    NumberSource.NDEF, ndef_record=NdefRecord.URI, ndef_prefix="https://lib.example/card/"
)
TEXT_SETTINGS = PcscCardSettings(NumberSource.NDEF, ndef_prefix="patron:")


def message(*records: ndef.Record) -> bytes:
    return b"".join(ndef.message_encoder(records))


class Bench:
    """A reader on a memory link."""

    def __init__(self, settings: PcscCardSettings | None = None) -> None:
        self.clock = VirtualClock()
        self.link = MemoryApduLink(self.clock)
        self.reader: CardReader = pcsc_card.open(settings or PcscCardSettings(), self.link, self.clock)

    def show(self, card: VirtualCard) -> object:
        self.link.put(card)
        told = self.reader.poll(1)
        return told.number.reveal() if isinstance(told, CardShown) else told


UID_4 = bytes.fromhex("04A1B2C3")
UID_7 = bytes.fromhex("04A1B2C3D4E5F6")

SPELLINGS = [
    (UID_4, UidFormat.HEX, "04A1B2C3"),
    (UID_4, UidFormat.HEX_REVERSED, "C3B2A104"),
    (UID_4, UidFormat.DECIMAL_BE, "77705923"),
    (UID_4, UidFormat.DECIMAL_LE, "3283263748"),
    (UID_4, UidFormat.TEN_DIGITS_BE, "0077705923"),
    (UID_4, UidFormat.TEN_DIGITS_LE, "3283263748"),
    (UID_7, UidFormat.HEX, "04A1B2C3D4E5F6"),
    (UID_7, UidFormat.DECIMAL_BE, "1303689068602870"),
]


@pytest.mark.parametrize(("uid", "uid_format", "number"), SPELLINGS)
def test_a_uid_is_spelt_as_the_library_does(uid: bytes, uid_format: UidFormat, number: str) -> None:
    """One UID is hexadecimal, decimal in either byte order, or ten digits with leading zeros."""
    bench = Bench(PcscCardSettings(uid_format=uid_format))
    assert bench.show(VirtualCard(bench.clock, uid)) == number


REFUSED_UIDS = [
    (UID_7, UidFormat.TEN_DIGITS_BE),
    (bytes.fromhex("08A1B2C3"), UidFormat.HEX),
    (b"", UidFormat.HEX),
    (b"\x04\xa1", UidFormat.HEX),
    (bytes(250), UidFormat.HEX),
]


@pytest.mark.parametrize(("uid", "uid_format"), REFUSED_UIDS)
def test_a_uid_that_is_nobodys_is_unreadable(uid: bytes, uid_format: UidFormat) -> None:
    """A random UID, one of no known size and one that does not fit the spelling name nobody."""
    bench = Bench(PcscCardSettings(uid_format=uid_format))
    assert bench.show(VirtualCard(bench.clock, uid)) == CardUnreadable("uid")


@pytest.mark.parametrize("tag", [Type2Tag, Type4Tag])
def test_a_number_is_read_from_text_and_uri(tag: type[Type2Tag] | type[Type4Tag]) -> None:
    """A text or a URI gives the number behind its prefix, from tags and from phones."""
    content = tag(
        message(ndef.TextRecord("patron:21234000123455"), ndef.UriRecord("https://lib.example/card/42-A"))
    )
    text, uri = Bench(TEXT_SETTINGS), Bench(URI_SETTINGS)
    assert text.show(VirtualCard(text.clock, content=content)) == "21234000123455"
    assert uri.show(VirtualCard(uri.clock, content=content)) == "42-A"


UNREADABLE = {
    "no NDEF": None,
    "no text": Type2Tag(message(ndef.UriRecord("tel:1"))),
    "other prefix": Type2Tag(message(ndef.TextRecord("visitor:21234000123455"))),
    "nothing behind the prefix": Type2Tag(message(ndef.TextRecord("patron:"))),
    "too long": Type2Tag(message(ndef.TextRecord("patron:" + "1" * 400)), size=872),
    "other alphabet": Type2Tag(message(ndef.TextRecord("patron:2123 4000"))),
    "control characters": Type2Tag(message(ndef.TextRecord("patron:21234000\n"))),
    "other digits": Type2Tag(message(ndef.TextRecord("patron:٢١٢٣٤"))),
    "not NDEF": Type2Tag(b"\xff" * 20),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_tag_without_an_allowed_number_is_unreadable(content: Type2Tag | None) -> None:
    """What the settings do not allow gives no number, and the reader goes on."""
    bench = Bench(TEXT_SETTINGS)
    assert bench.show(VirtualCard(bench.clock, content=content)) == CardUnreadable("ndef")
    bench.link.take()
    assert bench.reader.poll(1) == CardTaken()


def test_only_allowed_numbers_are_shown() -> None:
    """The whole number has to match the pattern of the settings."""
    bench = Bench(PcscCardSettings(number_pattern="04[0-9A-F]{6}"))
    assert bench.show(VirtualCard(bench.clock, UID_4)) == "04A1B2C3"
    assert Bench(PcscCardSettings(number_pattern="04[0-9A-F]{6}")).show(
        VirtualCard(bench.clock, UID_7)
    ) == CardUnreadable("uid")


def test_a_number_of_the_card_is_masked() -> None:
    """What the reader tells does not show the number."""
    bench = Bench()
    bench.link.put(VirtualCard(bench.clock))
    told = bench.reader.poll(1)
    assert told == CardShown(Masked("04A1B2C3D4E5F6"))
    assert "04A1" not in repr(told)


@pytest.mark.parametrize("commands", range(8))
def test_a_card_pulled_half_way_is_moved_then_taken(commands: int) -> None:
    """Before whichever command the card leaves, it is told as moved, then as taken; the next card is read."""
    bench = Bench(TEXT_SETTINGS)
    content = Type4Tag(message(ndef.TextRecord("patron:21234000123455")))
    card = VirtualCard(bench.clock, content=content)
    card.inject(None, after=commands)
    assert bench.show(card) == CardUnreadable("moved")
    assert bench.reader.poll(1) == CardTaken()
    assert bench.reader.poll(1) is None
    assert bench.show(VirtualCard(bench.clock, content=content)) == "21234000123455"


@pytest.mark.parametrize("commands", range(8))
def test_a_reader_unplugged_at_any_moment_is_lost(commands: int) -> None:
    """Before whichever command the reader is pulled, the poll says so, and no card is told moved or taken."""
    bench = Bench(TEXT_SETTINGS)

    class Pulled(VirtualCard):
        def answer(self, command: bytes) -> bytes | None:
            if len(self.heard) == commands:
                bench.link.unplug()
            return super().answer(command)

    bench.link.put(Pulled(bench.clock, content=Type4Tag(message(ndef.TextRecord("patron:21234000123455")))))
    with pytest.raises(DeviceLost):
        bench.reader.poll(1)
    with pytest.raises(DeviceLost):
        bench.reader.poll(1)
    bench.reader.close()


def test_a_card_that_falters_once_is_read() -> None:
    """An answer without status is asked for again, once; a card that keeps failing is told as moved."""
    bench = Bench()
    card = VirtualCard(bench.clock)
    card.inject(b"\x90")
    assert bench.show(card) == "04A1B2C3D4E5F6"
    bench.link.take()
    assert bench.reader.poll(1) == CardTaken()
    card.inject(b"\x90", b"")
    assert bench.show(card) == CardUnreadable("moved")


def test_a_slow_card_does_not_hold_the_reader() -> None:
    """A card that answers too slowly is given up within the time set for a whole card."""
    bench = Bench(TEXT_SETTINGS)
    bench.link.answer_seconds = 0.9
    content = Type4Tag(message(ndef.TextRecord("patron:21234000123455")))
    assert bench.show(VirtualCard(bench.clock, content=content)) == CardUnreadable("moved")
    assert bench.clock.monotonic() <= 3.0 + 1e-6


WRONG = [
    (PcscCardSettings(number_pattern="["), "number_pattern"),
    (PcscCardSettings(answer_seconds_max=0), "answer_seconds_max is 0"),
    (PcscCardSettings(answer_seconds_max=4.0), "read_seconds_max"),
    (PcscCardSettings(read_seconds_max=60.0), "read_seconds_max"),
]


@pytest.mark.parametrize(("settings", "named"), WRONG)
def test_a_setting_that_cannot_be_is_named(settings: PcscCardSettings, named: str) -> None:
    """Opening with a wrong setting says which one, and closes the link."""
    clock = VirtualClock()
    link = MemoryApduLink(clock)
    with pytest.raises(SettingsError, match=named):
        pcsc_card.open(settings, link, clock)
    with pytest.raises(DeviceLost):
        link.wait_for_change(0)


def test_no_answers_of_a_card_break_the_reader() -> None:
    """20 000 seeded cards that answer anything are shown with an allowed number, or unreadable."""
    chance = random.Random(23)
    benches = [Bench(PcscCardSettings()), Bench(TEXT_SETTINGS), Bench(URI_SETTINGS)]
    content = Type2Tag(message(ndef.TextRecord("patron:21234000123455")))
    shown = 0
    for _ in range(effort(20_000)):
        bench = chance.choice(benches)
        card = VirtualCard(bench.clock, content=content)
        for _ in range(chance.randrange(4)):
            answer = chance.randbytes(chance.randrange(20)) + chance.choice((b"\x90\x00", b"", b"\x61\x08"))
            card.inject(chance.choice((answer, answer, None)), after=chance.randrange(5))
        bench.link.put(card)
        told = bench.reader.poll(0)
        assert isinstance(told, CardShown | CardUnreadable)
        if isinstance(told, CardShown):
            shown += 1
            assert 4 <= len(told.number.reveal()) <= 32
        bench.link.take()
        assert bench.reader.poll(0) == CardTaken()
    assert shown > 1_000
