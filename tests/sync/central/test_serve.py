"""Central as a whole: started, spoken to over both faces, stopped; what it refuses to start with; what it logs."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from drivers.link import SettingsError
from sync.central import demo
from sync.central.circulation.secrets import CHEAP
from sync.central.serve import CentralSettings, Ready, create_demo, serve

NOW = "20260302    090000"
TOKEN = "a-token-for-tests-only"


@pytest.fixture
def settings(tmp_path: Path) -> CentralSettings:
    for name, secret in (("sip2", "open sesame"), ("rest", TOKEN)):
        (tmp_path / name).write_text(f"{secret}\n")
        (tmp_path / name).chmod(0o600)
    return CentralSettings(
        f"sqlite:///{tmp_path / 'central.db'}",
        sip2_port=0,
        rest_port=0,
        terminals={"kiosk1": tmp_path / "sip2"},
        tokens={"kiosk1": tmp_path / "rest"},
        institution=demo.INSTITUTION,
        library_name=demo.NAME,
        hash_cost=CHEAP,
    )


@pytest.fixture
def running(settings: CentralSettings) -> Iterator[Ready]:
    create_demo(settings.database_url)
    is_ready, stop = threading.Event(), threading.Event()
    where: list[Ready] = []

    def tell(ready: Ready) -> None:
        where.append(ready)
        is_ready.set()

    thread = threading.Thread(target=serve, args=(settings, tell, stop))
    thread.start()
    assert is_ready.wait(30)
    yield where[0]
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def say(port: int | None, *requests_: str) -> list[str]:
    assert port is not None
    answers = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as terminal:
        for request in requests_:
            terminal.sendall(f"{request}\r".encode())
            received = b""
            while not received.endswith(b"\r"):
                received += terminal.recv(4096)
            answers.append(received.decode())
    return answers


def test_both_faces_serve_one_store(running: Ready) -> None:
    """What is lent over SIP2 is on the account over REST."""
    item = demo.ITEMS_FREE[0]
    login, lent = say(
        running.sip2_port,
        "9300CNkiosk1|COopen sesame|",
        f"11NN{NOW}{NOW}AO|AA{demo.READER}|AB{item}|AC|",
    )
    account = requests.get(
        f"http://127.0.0.1:{running.rest_port}/v1/patrons/{demo.READER}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=20,
    ).json()

    assert login == "941\r"
    assert lent.startswith("121")
    assert [loan["item"] for loan in account["loans"]] == [item]


def test_no_log_line_names_a_patron_or_a_secret(running: Ready, caplog: pytest.LogCaptureFixture) -> None:
    """Good, refused and broken requests over both faces leave no card, name, PIN or token in any log."""
    caplog.set_level(logging.DEBUG)
    say(
        running.sip2_port,
        "9300CNkiosk1|COopen sesame|",
        f"63019{NOW}  Y       AO|AA{demo.READER}|AD{demo.PIN}77|AC|",
        f"63019{NOW}  Y       AO|AA{demo.READER}|AD{demo.PIN}|AC|",
        f"11NN{NOW}{NOW}AO|AA{demo.READER_BLOCKED}|AB{demo.ITEM_CD}|AC|",
        f"XX{demo.READER}",
    )
    base = f"http://127.0.0.1:{running.rest_port}/v1"
    headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "key-00000001"}
    requests.get(f"{base}/patrons/{demo.READER}", headers=headers, timeout=20)
    requests.post(f"{base}/loans", headers=headers, json={"patron": demo.READER, "item": "x|"}, timeout=20)
    requests.post(
        f"{base}/patrons/{demo.READER}/pin-check", headers=headers, json={"pin": "123477"}, timeout=20
    )

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
    for secret in (demo.READER, demo.READER_BLOCKED, "测试读者", "123477", TOKEN, "open sesame"):
        assert not any(secret in line for line in ours)


def test_the_demo_library_is_made_once(settings: CentralSettings) -> None:
    """A second call leaves what has happened since alone."""
    first = create_demo(settings.database_url)
    second = create_demo(settings.database_url)

    assert first["items"] >= 300
    assert second == {}


PROGRAM = """
import sys
from pathlib import Path
from sync.central.serve import CentralSettings, main
main(CentralSettings(sys.argv[1], sip2_port=0, rest_port=0, tokens={"kiosk1": Path(sys.argv[2])}))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_says_when_it_is_ready_and_ends_when_told(
    settings: CentralSettings, number: signal.Signals
) -> None:
    """One line of JSON names the ports; SIGTERM and SIGINT end it with code 0."""
    arguments = [sys.executable, "-c", PROGRAM, settings.database_url, str(settings.tokens["kiosk1"])]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        health = requests.get(f"http://127.0.0.1:{ready['rest_port']}/v1/health", timeout=20)
        process.send_signal(number)
        code = process.wait(30)

    assert (ready["ready"], health.status_code, code) == (True, 200, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sip2_port": 70_000}, "sip2_port must be from 0 to 65535"),
        ({"charset": "ebcdic"}, "charset must be one of"),
        ({"currency": "yuan"}, "currency must be an ISO 4217 code"),
        ({"zone": "Mars/Olympus"}, "zone must be an IANA name"),
        ({"zone": "../../etc/passwd"}, "zone must be an IANA name"),
        ({"bind": "0.0.0.0"}, "not loopback"),
        ({"bind": "localhost"}, "bind must be an IP address"),
        ({"tls_certificate": Path("/x")}, "belong together"),
        ({"tls_certificate": Path(__file__), "tls_key": Path(__file__)}, "cannot be used"),
        ({"terminals": {"a|b": Path("/x")}}, "a terminal is named by"),
        ({"terminals": {"kiosk1": Path("/nowhere/secret")}}, "cannot be read"),
        ({"institution": "a|b"}, "must not contain"),
        ({"sip2_idle_seconds": 0.0}, "sip2_idle_seconds"),
        ({"database_url": "mysql://x"}, "SQLite or PostgreSQL"),
    ],
)
def test_central_does_not_start_with_a_setting_that_cannot_be(
    settings: CentralSettings, change: dict[str, object], sentence: str
) -> None:
    """A wrong setting is told by name with what is allowed, before anything listens."""
    with pytest.raises(SettingsError, match=sentence):
        serve(replace(settings, **change), lambda ready: None, threading.Event())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content", [b"", b"short", b"x" * 129, "中文秘密中文秘密中文秘密".encode(), b"a|b" * 8]
)
def test_a_token_that_is_none_is_refused(settings: CentralSettings, content: bytes) -> None:
    """An empty, short, endless or unsendable token file stops the start without its content in the sentence."""
    settings.tokens["kiosk1"].write_bytes(content)
    with pytest.raises(SettingsError, match="the secret in") as caught:
        serve(settings, lambda ready: None, threading.Event())

    assert not content or content.decode() not in str(caught.value)


def test_a_port_that_is_taken_is_a_settings_error(settings: CentralSettings) -> None:
    """Central says which port it could not have."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1 port {port}"):
            serve(replace(settings, sip2_port=port), lambda ready: None, threading.Event())
