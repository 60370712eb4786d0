"""The client over real TCP and TLS, through a proxy that does what bad networks do."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from drivers.link import SettingsError
from drivers.link.clock import RealClock
from drivers.masked import Secret
from sync.entries import Entry, Granted, Intended, Silence
from sync.questions import AboutItem, AboutServer, ItemFacts, ServerFacts
from sync.servers.ils import ServerSilent
from sync.servers.sip2.client import Sip2Server, is_protected, open_sip2
from sync.servers.sip2.profile import profile
from sync.servers.sip2.settings import Sip2Settings
from tests.kit.fault_proxy import Fault, FaultProxy
from tests.kit.loopback_server import LoopbackServer
from tests.kit.sip2_server import ScriptedServer
from tests.sync.servers.sip2.conftest import AT, ITEM, KEY, LEND, reply_12, reply_18

LIMIT_SECONDS = 1.0
ENTRY = Entry(KEY, LEND, (Intended(KEY, AT, LEND),))
HARMLESS = [Fault.NONE, Fault.ONE_BYTE_SEGMENTS, Fault.TWICE]
SILENT = [
    (Fault.CORRUPT, {"garbled"}),
    (Fault.LATE, {"deadline"}),
    (Fault.CUT, {"closed"}),
    (Fault.BLACK_HOLE, {"deadline"}),
    (Fault.RESET, {"closed"}),
    (Fault.WRONG_CHECKSUM, {"garbled"}),
    (Fault.PLAIN_TEXT, {"garbled"}),
    (Fault.EMPTY_LINE, {"garbled"}),
]


def settings(request_seconds: float = 5.0) -> Sip2Settings:
    return Sip2Settings(
        profile=profile("standard"),
        institution="BIB",
        user="term",
        password=Secret("open!"),
        request_seconds=request_seconds,
        login_seconds=5.0,
    )


class Shelf:
    """The servers of all connections, so that a test sees what each was asked."""

    def __init__(self) -> None:
        self.servers: list[ScriptedServer] = []

    def make(self) -> ScriptedServer:
        self.servers.append(ScriptedServer({"11": reply_12(), "17": reply_18()}, terminator=b"\r\n"))
        return self.servers[-1]

    def asked(self, message_id: str) -> list[str]:
        return [request for server in self.servers for request in server.asked(message_id)]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def proxy(shelf: Shelf) -> Iterator[FaultProxy]:
    with LoopbackServer(shelf.make) as server, FaultProxy(server.address) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[Sip2Server]:
    client = open_sip2("tcp://{}:{}".format(*proxy.address), settings(), RealClock())
    yield client
    client.close()


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_only_looks_bad_is_understood(client: Sip2Server, proxy: FaultProxy, fault: Fault) -> None:
    """Replies in one-byte segments or twice change no answer."""
    proxy.set_fault(fault)
    assert isinstance(client.ask(AboutServer()), ServerFacts)
    for _ in range(3):
        assert isinstance(client.carry([ENTRY])[0], Granted)
    assert proxy.connection_count == 1


@pytest.mark.parametrize(("fault", "whys"), SILENT)
def test_a_bad_line_is_silence_in_time_and_mends(
    proxy: FaultProxy, shelf: Shelf, fault: Fault, whys: set[str]
) -> None:
    """On a bad line a loan is in doubt within the limit and is asked for once; on a good one the client goes
    on.
    """
    client = open_sip2("tcp://{}:{}".format(*proxy.address), settings(LIMIT_SECONDS), RealClock())
    client.ask(AboutServer())
    clock = RealClock()
    proxy.set_fault(fault)
    begun = clock.monotonic()
    (answer,) = client.carry([ENTRY])
    spent = clock.monotonic() - begun
    assert isinstance(answer, Silence)
    assert answer.why in whys
    assert spent < LIMIT_SECONDS + 1.0
    assert len(shelf.asked("11")) <= 1
    proxy.set_fault(Fault.NONE)
    assert isinstance(client.ask(AboutItem(ITEM)), ItemFacts)
    assert proxy.connection_count == 2
    client.close()


@pytest.mark.parametrize(("fault", "whys"), SILENT)
def test_a_bad_line_at_login_is_silence(proxy: FaultProxy, fault: Fault, whys: set[str]) -> None:
    """A line that is bad from the start never gets further than the login."""
    proxy.set_fault(fault)
    short = Sip2Settings(profile=profile("standard"), institution="BIB", user="term", login_seconds=0.6)
    client = open_sip2("tcp://{}:{}".format(*proxy.address), short, RealClock())
    with pytest.raises(ServerSilent, match="login"):
        client.ask(AboutItem(ITEM))
    assert whys


def test_another_charset_on_the_line_is_no_other_number() -> None:
    """Bytes of another charset cost a title its characters and nothing else."""

    def make() -> ScriptedServer:
        return ScriptedServer({"11": reply_12().replace("Emma", "红楼梦")}, charset="gb18030")

    with LoopbackServer(make) as server:
        client = open_sip2("tcp://{}:{}".format(*server.address), settings(), RealClock())
        (answer,) = client.carry([ENTRY])
        client.close()
    assert isinstance(answer, Granted)
    assert "\ufffd" in answer.title


def test_a_port_where_nobody_listens_is_silence() -> None:
    """A server that is not there is silent, and says so for an entry too."""
    with LoopbackServer(ScriptedServer) as server:
        url = "tcp://{}:{}".format(*server.address)
    client = open_sip2(url, settings(), RealClock())
    assert client.carry([ENTRY]) == (Silence("connect"),)
    with pytest.raises(ServerSilent, match="connect"):
        client.ask(AboutServer())


# --- TLS ------------------------------------------------------------------------------------------


def tls_server(authority: trustme.CA, name: str, shelf: Shelf) -> LoopbackServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return LoopbackServer(shelf.make, context)


def test_a_server_that_proves_its_name_is_spoken_to(tmp_path: Path, shelf: Shelf) -> None:
    """Over TLS, with a certificate of the right authority and name, a book is lent."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(authority, "localhost", shelf) as server:
        url = f"tls://localhost:{server.address[1]}?ca={tmp_path / 'ca.pem'}"
        client = open_sip2(url, settings(), RealClock())
        (answer,) = client.carry([ENTRY])
        client.close()
    assert isinstance(answer, Granted)


@pytest.mark.parametrize(("trusted", "name"), [(False, "localhost"), (True, "elsewhere.example")])
def test_a_server_that_cannot_prove_its_name_is_told_nothing(
    tmp_path: Path, shelf: Shelf, trusted: bool, name: str
) -> None:
    """With a certificate of a foreign authority, or for another name, not one byte of ours is sent."""
    authority = trustme.CA()
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(tmp_path / "ca.pem")
    with tls_server(authority, name, shelf) as server:
        url = f"tls://localhost:{server.address[1]}?ca={tmp_path / 'ca.pem'}"
        client = open_sip2(url, settings(), RealClock())
        assert client.carry([ENTRY]) == (Silence("connect"),)
    assert [server.requests for server in shelf.servers if server.requests] == []


def test_an_unreadable_certificate_file_is_silence(tmp_path: Path) -> None:
    """A certificate file that vanished stops no kiosk; the server is silent."""
    client = open_sip2(f"tls://localhost:1?ca={tmp_path / 'none.pem'}", settings(), RealClock())
    assert client.carry([ENTRY]) == (Silence("connect"),)


@pytest.mark.parametrize(
    ("url", "protected"),
    [
        ("tls://sip.library.example:6001?ca=/etc/ca.pem", True),
        ("trace+tls://sip.library.example:6001", True),
        ("tcp://127.0.0.1:6001", True),
        ("tcp://127.9.9.9:6001", True),
        ("tcp://[::1]:6001", True),
        ("tcp://localhost:6001", True),
        ("trace+tcp://localhost:6001", True),
        ("tcp://10.0.0.5:6001", False),
        ("tcp://0.0.0.0:6001", False),
        ("tcp://localhost.library.example:6001", False),
        ("tcp://127.0.0.1.library.example:6001", False),
        ("tcp://[2001:db8::1]:6001", False),
        ("tcp://", False),
        ("serial:/dev/ttyUSB0", False),
        ("", False),
    ],
)
def test_clear_text_stays_on_this_machine(url: str, protected: bool) -> None:
    """Clear text to another machine is refused unless the library has decided for it in so many words."""
    assert is_protected(url) is protected
    if not protected:
        with pytest.raises(SettingsError, match="clear_text_allowed"):
            open_sip2(url, settings(), RealClock())
    open_sip2(url, settings(), RealClock(), clear_text_allowed=True)
