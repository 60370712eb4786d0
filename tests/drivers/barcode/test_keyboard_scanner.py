"""The scanner that types: every country's keys, Alt numbers, silence, slow hands, faults and loss."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from drivers.barcode import Scan, Symbology, keyboard_scanner
from drivers.barcode.framing import FrameRules
from drivers.barcode.keyboard_scanner import KeyboardScanner, KeyboardScannerSettings, Layout
from drivers.barcode.symbology import DIGITS, LIBRARY_CODABAR, PRINTABLE, CodeRule
from drivers.link import DeviceLost, SettingsError
from drivers.link.key_events import EV_KEY, EV_SYN, SYN_DROPPED, InputEvent
from drivers.link.memory import VirtualClock
from drivers.link.memory_keys import MemoryKeysLink
from drivers.masked import Masked
from drivers.sim.keyboard_scanner import (
    BrokenOff,
    GapInside,
    KeyboardScannerFarEnd,
    KeyFault,
    Manner,
    OtherKeyInside,
    ReleaseLost,
    Repeating,
    Slow,
)
from tests.kit.effort import effort

CODE, NEXT = "30234000517861", "33191000105864"
ANYTHING = KeyboardScannerSettings(rules=(CodeRule(Symbology.UNKNOWN, 1, 120),), text_length_max=120)
SHORT = replace(KeyboardScannerSettings(), rules=(CodeRule(Symbology.UNKNOWN, 4, 14, DIGITS),))
SILENT = replace(SHORT, frames=FrameRules(ends_by_silence=True), end_keys=())


class Bench:
    """A scanner on a link in memory, its far end and its clock."""

    def __init__(
        self,
        settings: KeyboardScannerSettings | None = None,
        manner: Manner = Manner.US,
        *,
        end_key: int | None = 28,
    ) -> None:
        self.settings = settings or KeyboardScannerSettings()
        self.clock = VirtualClock()
        self.far_end = KeyboardScannerFarEnd(self.clock, manner, end_key)
        self.open()

    def open(self, *held: int) -> None:
        self.link = MemoryKeysLink(self.far_end, self.clock, held=held)
        self.scanner: KeyboardScanner = keyboard_scanner.open(self.settings, self.link, self.clock)

    def read(self, timeout_seconds: float = 5.0) -> str:
        scan = self.scanner.read(timeout_seconds)
        return "nothing" if scan is None else scan.text.reveal() or f"!{scan.flaw}"


TYPED = [
    (Manner.US, Layout.US),
    (Manner.DE, Layout.DE),
    (Manner.FR, Layout.FR),
    (Manner.KEYPAD, Layout.DE),
    *((manner, layout) for manner in (Manner.ALT, Manner.ALT_ZERO) for layout in Layout),
]


@pytest.mark.parametrize(("manner", "layout"), TYPED, ids=[f"{one.name} on {two.name}" for one, two in TYPED])
def test_every_character_of_a_code_arrives_however_it_is_typed(manner: Manner, layout: Layout) -> None:
    """All of printable ASCII, typed in the country's way or by numbers, is read as it was scanned."""
    missing = {Manner.KEYPAD: set(PRINTABLE) - set(DIGITS)}.get(manner, set())
    text = "".join(character for character in PRINTABLE.strip() if character not in missing)
    bench = Bench(replace(ANYTHING, layout=layout), manner)
    bench.far_end.scan(text)
    assert bench.read() == text


def test_the_wrong_country_is_never_taken_for_a_library_number() -> None:
    """A French scanner on a terminal set to US keys gives a flaw and no number, as its digits need shift."""
    bench = Bench(manner=Manner.FR)
    bench.far_end.scan(CODE)
    assert bench.read() == "!alphabet"


def test_nothing_is_none_after_exactly_the_time_given() -> None:
    """A read without a scan takes its time-out and no longer; a zero time-out only looks."""
    bench = Bench()
    assert bench.read(0.25) == "nothing"
    assert bench.clock.monotonic() == pytest.approx(0.25)
    assert bench.read(0) == "nothing"
    assert bench.clock.monotonic() == pytest.approx(0.25)


def test_prefix_and_kind_are_read_as_on_a_line() -> None:
    """The prefix is removed, the AIM identifier names the kind, and start and stop letters go."""
    bench = Bench(replace(KeyboardScannerSettings(), prefix="#1"))
    bench.far_end.prefix = "#1"
    bench.far_end.scan(f"A{CODE}B", aim="F0")
    assert bench.scanner.read(1) == Scan(Masked(CODE), Symbology.CODABAR)


def test_silence_closes_a_code_without_end_key() -> None:
    """A scanner that presses no key at the end gives its scan after the set silence, not after the time-out."""
    bench = Bench(SILENT, end_key=None)
    bench.far_end.scan(CODE)
    assert bench.read(5.0) == CODE
    assert bench.clock.monotonic() == pytest.approx((2 * len(CODE) - 2) * 0.004 + 0.1)


@pytest.mark.parametrize(
    ("settings", "end_key"), [(SHORT, 28), (SILENT, None)], ids=["with an end key", "by silence"]
)
def test_what_a_hand_types_is_never_a_code(settings: KeyboardScannerSettings, end_key: int | None) -> None:
    """Keys that go down more than the set silence apart are flaws one by one; Enter behind them changes nothing."""
    bench = Bench(settings, end_key=end_key)
    bench.far_end.scan(CODE, fault=Slow(0.06))
    seen = {bench.read(0.1) for _ in range(60)}
    assert seen == {"nothing", "!length"}


FAULTS: list[tuple[KeyFault, list[str]]] = [
    (Repeating(3), [CODE, NEXT]),
    (ReleaseLost(13), [CODE, NEXT]),
    (ReleaseLost(0), ["!control", NEXT]),
    (GapInside(3), ["!length", NEXT]),
    (GapInside(0, 14), ["!length", NEXT]),
    (OtherKeyInside(3, 63), ["!control", NEXT]),
    (OtherKeyInside(3, 30), ["!alphabet", NEXT]),
    (OtherKeyInside(3, 103), ["!control", NEXT]),
]


@pytest.mark.parametrize(("fault", "expected"), FAULTS, ids=[repr(fault) for fault, _ in FAULTS])
def test_a_bad_scan_is_told_and_the_next_one_counts(fault: KeyFault, expected: list[str]) -> None:
    """Repeats count once; lost keys, lost releases and keys of somebody else are flaws of one scan."""
    bench = Bench()
    bench.far_end.scan(CODE, fault=fault)
    bench.far_end.scan(NEXT)
    assert [bench.read(), bench.read()] == expected


def test_half_a_code_is_a_flaw_and_spoils_nothing() -> None:
    """A code that broke off is flawed in length once the keys rested, and the next scan is whole."""
    bench = Bench(SHORT)
    bench.far_end.scan(CODE, fault=BrokenOff(7))
    assert bench.read(5.0) == "!length"
    bench.far_end.scan(CODE)
    assert bench.read() == CODE


def test_what_comes_behind_a_gap_is_no_number_of_its_own() -> None:
    """The second half of a code whose first half the kernel dropped ends by Enter and is still a flaw."""
    bench = Bench(SHORT)
    bench.far_end.scan(CODE, fault=GapInside(0, 7))
    assert bench.read(5.0) == "!length"


@pytest.mark.parametrize("key", [42, 54], ids=["left", "right"])
def test_a_shift_that_never_comes_up_spoils_one_code_at_most(key: int) -> None:
    """With shift stuck the code is a flaw; the next, typed after a rest or at once, is read as it is."""
    bench = Bench(replace(ANYTHING, frames=FrameRules()))
    bench.far_end.type([[(EV_KEY, key, 1)]])
    bench.far_end.scan("lib0001")
    bench.far_end.scan("lib0002")
    bench.far_end.type([[(EV_KEY, key, 0)], [(EV_KEY, key, 1)]])
    assert [bench.read(), bench.read(), bench.read(1.0)] == ["!control", "lib0002", "nothing"]
    bench.far_end.scan("lib0003")
    assert bench.read() == "lib0003"


@pytest.mark.parametrize("manner", [Manner.DE, Manner.ALT], ids=["a dead key", "a number"])
def test_a_code_that_ends_in_the_middle_of_a_character_is_a_flaw(manner: Manner) -> None:
    """By silence too: what was begun and not completed is a part of the code that is missing."""
    bench = Bench(replace(SILENT, layout=Layout.DE), manner, end_key=None)
    bench.far_end.scan("3023")
    begun: list[InputEvent] = [(EV_KEY, 41, 1), (EV_KEY, 41, 0)]
    if manner is Manner.ALT:
        begun = [(EV_KEY, 56, 1), (EV_KEY, 79, 1), (EV_KEY, 79, 0)]
    bench.far_end.type([begun])
    assert bench.read() == "!control"
    bench.far_end.scan("3023")
    assert bench.read() == "3023"


@pytest.mark.parametrize("held", [(42,), (3,), (42, 3)], ids=["shift", "a digit", "both"])
def test_keys_held_while_it_is_opened_spoil_what_follows_at_once(held: tuple[int, ...]) -> None:
    """Opened in the middle of a code, the rest of it is no number; the next code is read."""
    bench = Bench(SHORT)
    bench.open(*held)
    bench.far_end.type([[(EV_KEY, code, 0)] for code in held])
    bench.far_end.scan("0517861")
    bench.far_end.scan(CODE)
    assert [bench.read(), bench.read()] == ["!length", CODE]


def test_what_was_typed_before_opening_is_nobodys() -> None:
    """Keys that lay unread when the scanner was opened never become a scan, nor does the rest of their code."""
    clock = VirtualClock()
    far_end = KeyboardScannerFarEnd(clock)
    far_end.scan(CODE)
    clock.wait(0.03)
    scanner = keyboard_scanner.open(SHORT, MemoryKeysLink(far_end, clock), clock)
    scan = scanner.read(3)
    assert scan is not None
    assert (scan.flaw, scan.text.reveal()) == ("length", "")
    assert scanner.read(3) is None


def test_two_keyboards_are_never_mixed() -> None:
    """While one device types a code, another one types too: each reader gets its own keys only."""
    clock = VirtualClock()
    benches = []
    for _ in range(2):
        far_end = KeyboardScannerFarEnd(clock)
        link = MemoryKeysLink(far_end, clock)
        benches.append((far_end, keyboard_scanner.open(KeyboardScannerSettings(), link, clock)))
    benches[0][0].scan(CODE)
    benches[1][0].scan(NEXT)
    seen: list[list[str]] = [[], []]
    for _ in range(200):
        for (_, scanner), texts in zip(benches, seen, strict=True):
            scan = scanner.read(0.0)
            texts += [] if scan is None else [scan.text.reveal()]
        clock.wait(0.001)
    assert seen == [[CODE], [NEXT]]


@pytest.mark.parametrize("call", range(8))
def test_unplugging_at_any_moment_is_device_lost(call: int) -> None:
    """Whichever read the plug is pulled before, shift held or not, the next code on the new link is read."""
    settings = replace(ANYTHING, rules=(CodeRule(Symbology.UNKNOWN, 1, 32),))
    bench = Bench(settings)
    bench.far_end.scan("LIB-0001")
    for _ in range(call):
        bench.read(0.01)
    bench.link.unplug()
    bench.far_end.drop_typing()
    with pytest.raises(DeviceLost):
        bench.read(0.05)
    bench.scanner.close()
    bench.scanner.close()
    bench.open()
    bench.far_end.scan("lib-0002")
    assert bench.read() == "lib-0002"


WRONG = [
    ({"rules": ()}, "rules"),
    ({"text_length_max": 300, "rules": (LIBRARY_CODABAR,)}, "text_length_max"),
    ({"silence_seconds": 0.0}, "silence_seconds is 0.0"),
    ({"prefix": "号"}, "prefix"),
    ({"end_keys": ()}, "end_keys"),
]


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[named for _, named in WRONG])
def test_a_setting_that_cannot_be_is_named(change: dict[str, object], named: str) -> None:
    """Opening with a wrong setting says which one, and closes the link."""
    clock = VirtualClock()
    link = MemoryKeysLink(KeyboardScannerFarEnd(clock), clock)
    settings = KeyboardScannerSettings(**change)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match=named):
        keyboard_scanner.open(settings, link, clock)
    with pytest.raises(DeviceLost):
        link.read(0)


def test_a_number_is_in_no_text_of_the_scanner() -> None:
    """Neither the scanner nor its scan nor what it holds half-way prints what was typed."""
    bench = Bench(manner=Manner.ALT)
    bench.far_end.scan(CODE, fault=BrokenOff(9))
    bench.read(0.2)
    bench.far_end.scan(CODE)
    scan = bench.scanner.read(5)
    held = [repr(vars(bench.scanner)), repr(vars(bench.scanner._codes)), repr(scan)]
    assert not any(CODE[:6] in text for text in held)


@pytest.mark.parametrize(
    "settings",
    [KeyboardScannerSettings(), replace(SILENT, rules=(LIBRARY_CODABAR,))],
    ids=["with an end key", "by silence"],
)
@pytest.mark.parametrize("layout", [Layout.US, Layout.FR], ids=["US", "FR"])
def test_no_keys_break_the_scanner(settings: KeyboardScannerSettings, layout: Layout) -> None:
    """20 000 seeded runs of keys, gaps and scans in all give known codes or flaws, and never an error."""
    chance = random.Random(13)
    bench = Bench(replace(settings, layout=layout), Manner[layout.name])
    codes = [*range(1, 128), 0x100, 0x2FF]
    for _ in range(effort(5_000)):
        if chance.random() < 0.2:
            bench.far_end.scan(CODE)
        else:
            reports: list[list[InputEvent]] = [
                [
                    (
                        chance.choice((EV_KEY, EV_KEY, EV_KEY, 4)),
                        chance.choice(codes),
                        chance.choice((0, 1, 1, 2)),
                    )
                ]
                for _ in range(chance.randrange(1, 12))
            ]
            if chance.random() < 0.1:
                reports.append([(EV_SYN, SYN_DROPPED, 0)])
            bench.far_end.type(reports, chance.choice((0.0, 0.004, 0.05)))
        scan = bench.scanner.read(0.15)
        if scan is not None:
            assert scan.flaw in ("", "control", "length", "check", "alphabet", "symbology")
            assert scan.text.reveal() == ("" if scan.flaw else CODE)


def test_endless_keys_do_not_hold_a_read_beyond_its_time() -> None:
    """A device that types without rest and never ends a code lets the read return in time, holding no more."""

    class Babbler:
        def __init__(self, clock: VirtualClock) -> None:
            self.clock = clock

        def due_at(self) -> float | None:
            return self.clock.monotonic()

        def events(self) -> tuple[InputEvent, ...]:
            self.clock.wait(0.01)
            return ((EV_KEY, 8, 1), (EV_KEY, 8, 0)) * 50

    clock = VirtualClock()
    scanner = keyboard_scanner.open(KeyboardScannerSettings(), MemoryKeysLink(Babbler(clock), clock), clock)
    started = clock.monotonic()
    assert scanner.read(0.5) is None
    assert clock.monotonic() - started < 0.6
