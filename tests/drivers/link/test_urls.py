"""Links by URL: what an installer writes, and what he is told when it is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drivers.link import DeviceLost, Link, SettingsError
from drivers.link.clock import RealClock
from drivers.link.trace import TraceLink
from drivers.link.urls import open_apdu_link, open_link
from drivers.sim.serve import serve_pty, serve_tcp

CLOCK = RealClock()


class Echo:
    """Answers with what it hears."""

    def receive(self, data: bytes) -> bytes:
        return data


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("", "kind"),
        ("/dev/ttyUSB0", "kind"),
        ("serial:", "kind"),
        ("usb:1234", "serial, tcp, tls"),
        ("pcsc:Reader", "serial, tcp, tls"),
        ("trace+usb:1", "serial, tcp, tls"),
        ("trace+trace+tcp://a:1", "unknown kind"),
        ("serial:ttyUSB0", "whole path"),
        ("serial:/dev/x?baud=fast", "baud"),
        ("serial:/dev/x?baud=0", "300 to 4000000"),
        ("serial:/dev/x?baud=٣٨٤٠٠", "baud"),
        ("serial:/dev/x?parity=X", "N, E, O"),
        ("serial:/dev/x?stop=3", "1, 2"),
        ("serial:/dev/x?data=9", "7, 8"),
        ("serial:/dev/x?speed=9600", "baud, parity, data, stop"),
        ("serial:/dev/x?baud=9600&baud=4800", "twice"),
        ("serial:/dev/x?baud", "name=value"),
        ("serial:/dev/x?bytes=yes", "bytes"),
        ("trace+serial:/dev/x?bytes=all", "no, yes"),
        ("tcp://host", "HOST:PORT"),
        ("tcp://host:0", "1 to 65535"),
        ("tcp://host:65536", "1 to 65535"),
        ("tcp://host:x", "HOST:PORT"),
        ("tcp:host:1", "HOST:PORT"),
        ("tcp://user@host:1", "HOST:PORT"),
        ("tcp://ho st:1", "HOST:PORT"),
        ("tcp://host:1/path", "HOST:PORT"),
        ("tcp://host:1?ca=/x", "connect_seconds"),
        ("tcp://host:1?connect_seconds=0", "1 to 60"),
        ("tls://host:1?verify=no", "connect_seconds, ca, server_name"),
    ],
)
def test_a_wrong_url_says_what_is_allowed(url: str, named: str) -> None:
    """Every mistake is a settings error that repeats the URL and names what may stand there."""
    with pytest.raises(SettingsError) as caught:
        open_link(url, CLOCK)
    assert named in str(caught.value)
    assert repr(url) in str(caught.value)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("serial:/dev/x", "pcsc, vpcd"),
        ("vpcd:35963", "HOST:PORT"),
        ("vpcd://localhost:1?x=1", "allowed: none"),
        ("pcsc:R?x=1", "allowed: none"),
    ],
)
def test_a_wrong_card_reader_url_says_what_is_allowed(url: str, named: str) -> None:
    """The same holds for readers of smart cards."""
    with pytest.raises(SettingsError) as caught:
        open_apdu_link(url, CLOCK)
    assert named in str(caught.value)


def talk(link: Link) -> bytes:
    link.write(b"hello", 10.0)
    data = b""
    while len(data) < 5:
        data += link.read(5, 10.0)
    link.close()
    return data


@pytest.mark.parametrize("prefix", ["", "trace+"])
@pytest.mark.parametrize("options", ["", "?baud=38400", "?baud=38400&parity=N&data=8&stop=1"])
def test_a_serial_url_opens_its_line(tmp_path: Path, prefix: str, options: str) -> None:
    """A serial URL with and without options leads to the line, also with a trace around it."""
    serving = serve_pty(Echo(), tmp_path / "line")
    link = open_link(f"{prefix}{serving.url}{options}", CLOCK)

    assert isinstance(link, TraceLink) == bool(prefix)
    assert talk(link) == b"hello"
    serving.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_tcp_url_opens_a_connection(host: str) -> None:
    """A host may be an address or a name."""
    serving = serve_tcp(Echo())

    assert talk(open_link(serving.url.replace("127.0.0.1", host), CLOCK)) == b"hello"
    serving.close()


def test_an_ipv6_address_stands_in_brackets() -> None:
    """A bracketed address is understood; nobody listening there is a lost device, not a wrong URL."""
    with pytest.raises(DeviceLost):
        open_link("tcp://[::1]:1", CLOCK)


def test_only_the_kind_that_is_asked_for_is_imported() -> None:
    """Opening by URL imports neither pyserial nor ssl nor pyscard before such a link is asked for."""
    code = (
        "import sys, drivers.link.urls as urls\n"
        "print([name for name in ('serial', 'ssl', 'smartcard') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )

    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("option", ["", "?bytes=no", "?bytes=yes"])
def test_a_trace_shows_bytes_only_where_the_url_asks_for_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, option: str
) -> None:
    """Only with bytes=yes is what was said in the log, and then what the redaction left of it."""
    serving = serve_pty(Echo(), tmp_path / "line")
    with caplog.at_level("DEBUG"):
        talk(open_link(f"trace+{serving.url}{option}", CLOCK, redact=lambda data: data.replace(b"l", b"*")))

    assert ("68 65 2a 2a 6f" in caplog.text) == (option == "?bytes=yes")
    assert "68 65 6c" not in caplog.text
    assert "> 5 bytes" in caplog.text
    serving.close()
