"""Makes a link from its URL; each kind's module is imported only when a URL asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, cast

from drivers.link import ApduLink, Clock, ControlLink, InputLink, LineLink, Link
from drivers.link.link_url import LinkUrl, parsed

__all__ = ["open_apdu_link", "open_control_link", "open_input_link", "open_line_link", "open_link"]

_USB_ID = re.compile(r"(?P<vendor>[0-9A-Fa-f]{4}):(?P<product>[0-9A-Fa-f]{4})\Z")


def open_link(text: str, clock: Clock, *, redact: Callable[[bytes], bytes] | None = None) -> Link:
    """The byte link that *text* names; the kinds are listed in this room's front page.

    *redact* blanks what must not land in a trace.  Raises `SettingsError` for a URL that is wrong, naming
    what is allowed, and `DeviceLost` when the other end is not there.
    """
    url = parsed(text)
    link = _opener(url)(clock)
    if url.is_traced:
        from drivers.link.trace import TraceLink

        return TraceLink(link, show_bytes=url.shows_bytes, redact=redact)
    return link


def open_apdu_link(text: str, clock: Clock, *, redact: Callable[[bytes], bytes] | None = None) -> ApduLink:
    """The link to a reader of smart cards that *text* names; otherwise as `open_link`."""
    url = parsed(text)
    link = _apdu_opener(url)(clock)
    if url.is_traced:
        from drivers.link.trace import TraceApduLink

        return TraceApduLink(link, show_bytes=url.shows_bytes, redact=redact)
    return link


def open_control_link(text: str, clock: Clock) -> ControlLink:
    """The USB device that *text* names; otherwise as `open_link`, without a trace."""
    return _control_opener(parsed(text))(clock)


def open_line_link(text: str, clock: Clock) -> LineLink:
    """The GPIO chip that *text* names; otherwise as `open_link`, without a trace."""
    return _line_opener(parsed(text))(clock)


def open_input_link(text: str, clock: Clock) -> InputLink:
    """The input device that *text* names; otherwise as `open_link`, without a trace."""
    return _input_opener(parsed(text))(clock)


def check_link(text: str) -> None:
    """Raises `SettingsError` where `open_link` would, and opens nothing."""
    _opener(parsed(text))


def check_apdu_link(text: str) -> None:
    """Raises `SettingsError` where `open_apdu_link` would, and opens nothing."""
    _apdu_opener(parsed(text))


def check_control_link(text: str) -> None:
    """Raises `SettingsError` where `open_control_link` would, and opens nothing."""
    _control_opener(parsed(text))


def check_line_link(text: str) -> None:
    """Raises `SettingsError` where `open_line_link` would, and opens nothing."""
    _line_opener(parsed(text))


def check_input_link(text: str) -> None:
    """Raises `SettingsError` where `open_input_link` would, and opens nothing."""
    _input_opener(parsed(text))


def _opener(url: LinkUrl) -> Callable[[Clock], Link]:
    """What opens *url*, which is judged now; the module of its kind is imported only when it is opened."""
    match url.scheme:
        case "serial":
            return _serial(url)
        case "tcp":
            return _tcp(url)
        case "tls":
            return _tls(url)
        case "file":
            return _file(url)
        case "usbprinter":
            return _usb_printer(url)
        case _:
            raise url.wrong(
                f"unknown kind {url.scheme!r}; allowed here: serial, tcp, tls, file, usbprinter, each also as "
                "trace+KIND"
            )


def _apdu_opener(url: LinkUrl) -> Callable[[Clock], ApduLink]:
    match url.scheme:
        case "pcsc":
            url.allow()
            return lambda clock: _open_pcsc(url.rest, clock)
        case "vpcd":
            url.allow()
            host, port = url.host_and_port()
            return lambda clock: _open_vpcd(host, port, clock)
        case _:
            raise url.wrong(f"unknown kind {url.scheme!r}; allowed here: pcsc, vpcd, each also as trace+KIND")


def _control_opener(url: LinkUrl) -> Callable[[Clock], ControlLink]:
    if url.scheme.startswith("usb+"):
        carrier = _opener(url.behind("usb+"))

        def at_far_end(clock: Clock) -> ControlLink:
            from drivers.link.remote import RemoteControl

            return RemoteControl(carrier(clock), clock)

        return at_far_end
    if url.scheme != "usb" or url.is_traced:
        raise url.wrong(f"unknown kind {url.scheme!r}; allowed here: usb, and usb+tcp at a far end")
    vendor, product, serial = _usb_ids(url)

    def opened(clock: Clock) -> ControlLink:
        from drivers.link.usb_control import open_usb_control

        return open_usb_control(vendor, product, serial, clock)

    return opened


def _usb_ids(url: LinkUrl) -> tuple[int, int, str | None]:
    """Vendor, product and serial number that *url* names."""
    url.allow("serial")
    match = _USB_ID.match(url.rest)
    if match is None:
        raise url.wrong(f"has to read {url.scheme}:VVVV:PPPP with the hex numbers of vendor and product")
    return int(match["vendor"], 16), int(match["product"], 16), url.options.get("serial")


def _line_opener(url: LinkUrl) -> Callable[[Clock], LineLink]:
    if url.scheme.startswith("gpio+"):
        carrier = _opener(url.behind("gpio+"))

        def at_far_end(clock: Clock) -> LineLink:
            from drivers.link.remote import RemoteLines

            return RemoteLines(carrier(clock), clock)

        return at_far_end
    if url.scheme != "gpio" or url.is_traced:
        raise url.wrong(f"unknown kind {url.scheme!r}; allowed here: gpio, and gpio+tcp at a far end")
    url.allow()
    if not url.rest.startswith("/"):
        raise url.wrong("has to name a chip by its whole path, as in gpio:/dev/gpiochip0")

    def opened(clock: Clock) -> LineLink:
        from drivers.link.gpio_lines import open_gpio_lines

        return open_gpio_lines(url.rest, clock)

    return opened


def _input_opener(url: LinkUrl) -> Callable[[Clock], InputLink]:
    if url.scheme.startswith("input+"):
        carrier = _opener(url.behind("input+"))

        def at_far_end(clock: Clock) -> InputLink:
            from drivers.link.remote import RemoteKeys

            return RemoteKeys(carrier(clock), clock)

        return at_far_end
    if url.scheme != "input" or url.is_traced:
        raise url.wrong(f"unknown kind {url.scheme!r}; allowed here: input, and input+tcp at a far end")
    url.allow()
    if not url.rest.startswith("/"):
        raise url.wrong("has to name a device by its whole path, as in input:/dev/input/by-id/NAME-event-kbd")

    def opened(clock: Clock) -> InputLink:
        from drivers.link.input_events import open_input_events

        return open_input_events(url.rest, clock)

    return opened


def _open_pcsc(name: str, clock: Clock) -> ApduLink:
    from drivers.link.pcsc import open_pcsc

    return open_pcsc(name, clock)


def _open_vpcd(host: str, port: int, clock: Clock) -> ApduLink:
    from drivers.link.vpcd import open_vpcd

    return open_vpcd(host, port, clock)


def _serial(url: LinkUrl) -> Callable[[Clock], Link]:
    url.allow("baud", "parity", "data", "stop")
    if not url.rest.startswith("/"):
        raise url.wrong("has to name a device by its whole path, as in serial:/dev/ttyUSB0")
    baud = url.whole("baud", 9600, 300, 4_000_000)
    parity = cast(Literal["N", "E", "O"], url.choice("parity", "N", "N", "E", "O"))
    data_bits = cast(Literal[7, 8], int(url.choice("data", "8", "7", "8")))
    stop_bits = cast(Literal[1, 2], int(url.choice("stop", "1", "1", "2")))

    def opened(clock: Clock) -> Link:
        from drivers.link.serial_line import open_serial

        return open_serial(
            url.rest, clock, baud=baud, parity=parity, data_bits=data_bits, stop_bits=stop_bits
        )

    return opened


def _tcp(url: LinkUrl) -> Callable[[Clock], Link]:
    url.allow("connect_seconds")
    host, port = url.host_and_port()
    connect_seconds = url.whole("connect_seconds", 5, 1, 60)

    def opened(clock: Clock) -> Link:
        from drivers.link.tcp import open_tcp

        return open_tcp(host, port, clock, connect_seconds=connect_seconds)

    return opened


def _tls(url: LinkUrl) -> Callable[[Clock], Link]:
    url.allow("connect_seconds", "ca", "server_name")
    host, port = url.host_and_port()
    connect_seconds = url.whole("connect_seconds", 5, 1, 60)

    def opened(clock: Clock) -> Link:
        from drivers.link.tcp import open_tls

        return open_tls(
            host,
            port,
            clock,
            ca=url.options.get("ca"),
            server_name=url.options.get("server_name"),
            connect_seconds=connect_seconds,
        )

    return opened


def _file(url: LinkUrl) -> Callable[[Clock], Link]:
    url.allow()
    if not url.rest.startswith("/"):
        raise url.wrong("has to name a file by its whole path, as in file:/dev/usb/lp0")

    def opened(clock: Clock) -> Link:
        from drivers.link.file_line import open_file

        return open_file(url.rest, clock)

    return opened


def _usb_printer(url: LinkUrl) -> Callable[[Clock], Link]:
    vendor, product, serial = _usb_ids(url)

    def opened(clock: Clock) -> Link:
        from drivers.link.usb_printer import open_usb_printer

        return open_usb_printer(vendor, product, serial, clock)

    return opened
