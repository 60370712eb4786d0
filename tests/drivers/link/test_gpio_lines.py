"""The adapter to GPIO chips: what it asks gpiod for, and what it makes of answers and errors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from gpiod import RequestReleasedError
from gpiod.line import Direction, Edge, Value

from drivers.link import DeviceFault, DeviceLost, SettingsError
from drivers.link.gpio_lines import CONSUMER, Config, GpioLines, open_gpio_lines
from drivers.link.memory import VirtualClock
from drivers.link.urls import check_line_link, open_line_link

CHIP = "/dev/gpiochip0"


class Chip:
    """A chip as gpiod shows one: it gives out its lines once, and remembers what is done with them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Config, str]] = []
        self.refuses: Callable[[Config], None] = lambda config: None
        self.values: dict[int, Value] = {}
        self.done: list[str] = []
        self.edges = 0
        self.error: Exception | None = None

    def request(self, path: str, config: Config, consumer: str) -> Chip:
        self.asked.append((path, config, consumer))
        self.refuses(config)
        for line, settings in config.items():
            assert isinstance(line, int)
            assert settings is not None
            self.values[line] = settings.output_value
        return self

    def get_value(self, line: int) -> Value:
        self._check()
        return self.values[line]

    def set_value(self, line: int, value: Value) -> None:
        self._check()
        self.done.append(f"{line} {value.name}")
        self.values[line] = value

    def wait_edge_events(self, timeout: timedelta) -> bool:
        self._check()
        assert timeout == timedelta(0)
        return self.edges > 0

    def read_edge_events(self) -> list[object]:
        events = [object()] * self.edges
        self.edges = 0
        return events

    def release(self) -> None:
        self._check()
        self.done.append("release")

    def _check(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def chip() -> Chip:
    return Chip()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def lines(chip: Chip, clock: VirtualClock) -> GpioLines:
    link = open_gpio_lines(CHIP, clock, request=chip.request)
    link.claim([22, 24], [17, 18], [18, 24])
    return link


def test_all_lines_are_asked_for_at_once(lines: GpioLines, chip: Chip) -> None:
    """One request names every line; outputs begin inactive, inputs report both edges, inverted lines are so."""
    ((path, config, consumer),) = chip.asked

    assert (path, consumer) == (CHIP, CONSUMER)
    shown = {line: settings for line, settings in config.items() if settings is not None}
    assert {line: settings.direction for line, settings in shown.items()} == {
        22: Direction.INPUT,
        24: Direction.INPUT,
        17: Direction.OUTPUT,
        18: Direction.OUTPUT,
    }
    assert {line for line, settings in shown.items() if settings.active_low} == {18, 24}
    assert {line for line, settings in shown.items() if settings.edge_detection is Edge.BOTH} == {22, 24}
    assert all(settings.output_value is Value.INACTIVE for settings in shown.values())


def test_lines_are_read_and_written_by_their_numbers(lines: GpioLines, chip: Chip) -> None:
    """Active is what gpiod calls active; it has turned inverted lines round already."""
    chip.values[22] = Value.ACTIVE
    lines.write(17, True)
    lines.write(17, False)

    assert (lines.read(22), lines.read(24)) == (True, False)
    assert chip.done == ["17 ACTIVE", "17 INACTIVE"]


def test_only_claimed_lines_can_be_used(lines: GpioLines) -> None:
    """An output is not read, an input not written, and a second claim is a mistake."""
    with pytest.raises(ValueError, match="17"):
        lines.read(17)
    with pytest.raises(ValueError, match="22"):
        lines.write(22, True)
    with pytest.raises(ValueError, match="once"):
        lines.claim([1], [])


def test_a_line_is_named_once(chip: Chip, clock: VirtualClock) -> None:
    """A line cannot be an input and an output."""
    with pytest.raises(ValueError, match="once"):
        open_gpio_lines(CHIP, clock, request=chip.request).claim([17], [17])


def test_closing_brings_outputs_to_rest_before_it_gives_them_back(lines: GpioLines, chip: Chip) -> None:
    """Both outputs are inactive, then the lines are released, once; everything else raises afterwards."""
    lines.write(17, True)
    lines.close()
    lines.close()

    assert chip.done == ["17 ACTIVE", "17 INACTIVE", "18 INACTIVE", "release"]
    with pytest.raises(DeviceLost):
        lines.read(22)
    with pytest.raises(DeviceLost):
        lines.write(17, True)


@pytest.mark.parametrize("error", [OSError(19, "No such device"), RequestReleasedError()])
def test_a_chip_that_goes_is_lost(lines: GpioLines, chip: Chip, error: Exception) -> None:
    """Every call raises `DeviceLost`; closing does not raise."""
    chip.error = error
    for call in (lambda: lines.read(22), lambda: lines.write(17, True), lambda: lines.wait_for_edge(0.1)):
        with pytest.raises(DeviceLost):
            call()
    lines.close()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (FileNotFoundError(2, "no chip"), DeviceLost),
        (PermissionError(13, "not allowed"), DeviceLost),
        (OSError(16, "Device or resource busy"), DeviceFault),
        (OSError(22, "Invalid argument"), DeviceFault),
        (ValueError("no such line"), DeviceFault),
    ],
)
def test_lines_that_cannot_be_had_say_why(
    chip: Chip, clock: VirtualClock, error: Exception, raised: type[Exception]
) -> None:
    """A chip that is away may come; a line that is missing or taken is a fault that names the lines."""

    def refuse(config: Config) -> None:
        raise error

    chip.refuses = refuse
    with pytest.raises(raised, match="gpiochip0"):
        open_gpio_lines(CHIP, clock, request=chip.request).claim([22], [17])


def test_a_chip_without_edges_is_used_all_the_same(chip: Chip, clock: VirtualClock) -> None:
    """Where edges are refused the lines are asked for without, and a change is seen by looking."""

    def refuse(config: Config) -> None:
        if any(one is not None and one.edge_detection is Edge.BOTH for one in config.values()):
            raise OSError(95, "Operation not supported")

    chip.refuses = refuse
    link = open_gpio_lines(CHIP, clock, request=chip.request)
    link.claim([22], [])
    assert link.wait_for_edge(0.05) is False
    chip.values[22] = Value.ACTIVE

    assert link.wait_for_edge(0.05) is True
    assert link.wait_for_edge(0.05) is False


def test_an_edge_ends_the_wait_at_once(lines: GpioLines, chip: Chip, clock: VirtualClock) -> None:
    """A change that was over before anybody looked is seen by its edge; without one the wait takes its time."""
    chip.edges = 2
    assert lines.wait_for_edge(5.0) is True
    assert clock.monotonic() == 0
    assert lines.wait_for_edge(0.25) is False
    assert clock.monotonic() == pytest.approx(0.25)


def test_a_gpio_url_names_a_chip_by_its_path() -> None:
    """A relative path and an option are refused; a right URL touches the chip only when lines are claimed."""
    for url, named in (
        ("gpio:gpiochip0", "whole path"),
        (f"gpio:{CHIP}?x=1", "allowed: none"),
        ("tcp://a:1", "gpio"),
    ):
        with pytest.raises(SettingsError, match=named):
            check_line_link(url)
    link = open_line_link("gpio:/dev/no-such-chip", VirtualClock())
    with pytest.raises(DeviceLost, match="no such chip"):
        link.claim([1], [])
