"""The control socket: who may call, what is answered, and what strangers' bytes can do to it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from drivers.link import SettingsError
from drivers.link.memory import VirtualClock
from kiosk.engine import control, control_folder
from kiosk.engine.control import ControlSocket
from kiosk.engine.control_call import NobodyServes, call
from kiosk.engine.control_folder import connected
from kiosk.engine.errands import Answer, Command, Errand, NotDone
from kiosk.engine.threads import PumpThreads
from tests.kit.effort import effort
from tests.kit.recording import KeptLog


def refusing(request: Mapping[str, Any]) -> Answer:
    raise NotDone("not now")


def broken(request: Mapping[str, Any]) -> Answer:
    raise OverflowError("2300000042")


class Served:
    """A control socket that is cranked by hand, with callers."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.log = KeptLog()
        self.errands: list[Errand] = []
        self.folder = folder
        commands: dict[str, Command] = {
            "echo": lambda request: {"said": request.get("text")},
            "later": self._later,
            "refuse": refusing,
            "break": broken,
            "much": lambda _: {"text": "x" * 400_000},
        }
        self.control = ControlSocket(folder, commands, monotonic=self.clock.monotonic, log=self.log)
        self.callers: list[socket.socket] = []

    def _later(self, _: Mapping[str, Any]) -> Errand:
        self.errands.append(Errand())
        return self.errands[-1]

    def caller(self) -> socket.socket:
        self.callers.append(connected(self.folder, 10))
        self.callers[-1].setblocking(False)
        return self.callers[-1]

    def crank(self, turns: int = 4) -> None:
        for _ in range(turns):
            self.control.turn()

    def heard(self, caller: socket.socket) -> list[dict[str, Any]] | None:
        """What *caller* was told since; None when the call was ended, and nothing said."""
        said = bytearray()
        while True:
            self.crank()
            try:
                data = caller.recv(1 << 20)
            except BlockingIOError:
                break
            except ConnectionResetError:
                data = b""
            if not data:
                if not said:
                    return None
                break
            said += data
        return [json.loads(line) for line in said.splitlines()]

    def ask(self, caller: socket.socket, *requests: bytes) -> list[dict[str, Any]] | None:
        caller.sendall(b"".join(request + b"\n" for request in requests))
        return self.heard(caller)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(control, "SLICE_SECONDS", 0.0)
    served = Served(tmp_path / "control")
    served.control.open()
    yield served
    served.control.close()
    for caller in served.callers:
        caller.close()


def test_a_request_is_answered_in_a_line(served: Served) -> None:
    """What a command gives goes beside "ok", in the order in which a caller asked."""
    caller = served.caller()

    assert served.ask(caller, b'{"do":"echo","text":"\xe6\xb4\xbb\xe7\x9d\x80"}', b'{"do":"refuse"}') == [
        {"ok": True, "said": "活着"},
        {"ok": False, "error": "not now", "is_call_wrong": False},
    ]


def test_only_the_owner_can_come_near_it(served: Served) -> None:
    """The folder is mode 0700 and made where it was missing."""
    assert served.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """No socket is made where somebody else could reach or replace it."""
    folder = tmp_path / "control"
    folder.mkdir()
    folder.chmod(mode)
    one = ControlSocket(folder, {}, monotonic=VirtualClock().monotonic, log=KeptLog())

    with pytest.raises(SettingsError, match="open to others"):
        one.open()

    assert list(folder.iterdir()) == []


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    """A symbolic link could lead anywhere, so the name itself has to be the folder."""
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "control").symlink_to(tmp_path / "real")
    one = ControlSocket(tmp_path / "control", {}, monotonic=VirtualClock().monotonic, log=KeptLog())

    with pytest.raises(SettingsError, match="no folder"):
        one.open()


def test_a_caller_of_another_user_is_put_out(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's word on the caller counts, also for who got hold of the socket some other way."""
    monkeypatch.setattr(control, "user_of", lambda _: os.geteuid() + 1)
    caller = served.caller()

    assert served.heard(caller) is None
    assert served.log.sentences("warning") == ["control socket called by another user"]


def test_the_kernel_names_the_caller(served: Served) -> None:
    """`user_of` gives the user of the process at the other end."""
    caller = served.caller()

    assert control_folder.user_of(caller) == os.geteuid()


def test_an_answer_that_comes_later_holds_up_nobody_else(served: Served) -> None:
    """One caller waits for another thread; a second one is answered meanwhile, the first one's next request after."""
    patient, quick = served.caller(), served.caller()
    assert served.ask(patient, b'{"do":"later"}', b'{"do":"echo","text":1}') == []

    assert served.ask(quick, b'{"do":"echo","text":2}') == [{"ok": True, "said": 2}]
    served.errands[0].fulfil({"done": 3})

    assert served.heard(patient) == [{"ok": True, "done": 3}, {"ok": True, "said": 1}]


def test_a_caller_who_leaves_takes_its_requests_along(served: Served) -> None:
    """What was still to be asked by somebody who is gone is not done, and the late answer harms nobody."""
    caller = served.caller()
    served.ask(caller, b'{"do":"later"}', b'{"do":"later"}')
    caller.close()
    served.crank()

    served.errands[0].fulfil({})
    served.crank()

    assert len(served.errands) == 1


def test_an_errand_is_fulfilled_once() -> None:
    """The first answer counts, and whoever waits is told even when it was there before."""
    errand, told = Errand(), []
    errand.fulfil({"first": 1})
    errand.fulfil({"second": 2})
    errand.when_done(lambda: told.append(1))

    assert (errand.outcome, told) == ({"first": 1}, [1])


def test_a_mistake_of_ours_ends_no_call_and_tells_nothing(served: Served) -> None:
    """Whoever asked hears that it failed, without the text of the exception, and may ask on."""
    caller = served.caller()
    answers = served.ask(caller, b'{"do":"break"}', b'{"do":"echo","text":1}')

    assert answers is not None
    assert [answer["ok"] for answer in answers] == [False, True]
    assert "2300000042" not in json.dumps(answers)
    assert served.log.sentences("failure") == ["control request failed"]


HOSTILE = {
    "no JSON": b"hello",
    "no object": b"[1,2]",
    "nothing to do": b"{}",
    "a number to do": b'{"do":7}',
    "an unknown name": b'{"do":"rm"}',
    "bytes": b"\xff\xfe\x00\x01",
    "a deep nest": b"[" * 60_000,
    "an empty line": b"",
}


@pytest.mark.parametrize("line", HOSTILE.values(), ids=HOSTILE.keys())
def test_nonsense_is_answered_with_a_sentence(served: Served, line: bytes) -> None:
    """It is called a wrong call, the caller stays, and the next request is served."""
    answers = served.ask(served.caller(), line, b'{"do":"echo","text":1}')

    assert answers is not None
    assert (answers[0]["ok"], answers[0]["is_call_wrong"]) == (False, True)
    assert answers[1] == {"ok": True, "said": 1}


def test_a_request_without_end_is_ended(served: Served) -> None:
    """After 64 KiB without a line's end the caller is told so and put out."""
    caller = served.caller()
    for _ in range(2):
        caller.send(b"x" * 40_000)
        served.crank()

    assert served.heard(caller) == [{"ok": False, "error": "a request is too long", "is_call_wrong": True}]
    assert served.heard(caller) is None


@pytest.mark.parametrize(
    ("bytes_sent", "seconds"),
    [(b'{"do":', control.REQUEST_SECONDS_MAX), (b"", control.IDLE_SECONDS_MAX)],
    ids=["half a request", "nothing"],
)
def test_a_caller_who_keeps_us_waiting_is_put_out(served: Served, bytes_sent: bytes, seconds: float) -> None:
    """A place is not held by who does not use it: ten seconds for a request, a minute of quiet."""
    caller = served.caller()
    caller.send(bytes_sent)
    assert served.heard(caller) == []
    served.clock.wait(seconds - 1)
    assert served.heard(caller) == []

    served.clock.wait(2)

    assert served.heard(caller) is None


def test_an_answer_that_takes_long_is_waited_for(served: Served) -> None:
    """A backup may take longer than a caller may be quiet."""
    caller = served.caller()
    served.ask(caller, b'{"do":"later"}')
    served.clock.wait(control.IDLE_SECONDS_MAX * 3)
    served.crank()

    served.errands[0].fulfil({"done": 1})

    assert served.heard(caller) == [{"ok": True, "done": 1}]


def test_a_caller_who_does_not_read_is_put_out(served: Served) -> None:
    """Answers that nobody takes are given up, so that memory stays bounded, and others are served meanwhile."""
    deaf, other = served.caller(), served.caller()
    deaf.sendall(b'{"do":"much"}\n' * 5)
    served.crank()
    assert served.ask(other, b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]

    served.clock.wait(control.READING_SECONDS_MAX + 1)
    served.crank()

    assert len(served.control._callers) == 1


def test_a_flood_of_answers_is_given_up(served: Served) -> None:
    """Who asks for more than 8 MiB without reading is put out at once."""
    deaf = served.caller()
    deaf.sendall(b'{"do":"much"}\n' * 40)
    served.crank()

    assert len(served.control._callers) == 0


def test_more_callers_than_places_are_told_so(served: Served) -> None:
    """The seventeenth hears that there are too many; the sixteen before are served on."""
    callers = []
    for _ in range(control.CALLERS_MAX + 1):
        callers.append(served.caller())
        served.crank()

    last = served.heard(callers[-1])

    assert last == [{"ok": False, "error": "too many callers at once", "is_call_wrong": True}]
    assert served.ask(callers[0], b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]


def test_a_path_longer_than_an_address_is_served(tmp_path: Path) -> None:
    """The folder may stand as deep as it likes: 108 bytes are all a Unix address holds, and not needed."""
    served = Served(tmp_path / ("deep" * 20) / ("deeper" * 20))
    served.control.open()

    assert len(str(served.control.path)) > 108
    assert served.ask(served.caller(), b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]
    served.control.close()
    for caller in served.callers:
        caller.close()


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    """A socket nobody listens at any more does not keep the next start from serving."""
    tmp_path.chmod(0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / control_folder.SOCKET_NAME))
    served = Served(tmp_path)

    served.control.open()

    assert served.ask(served.caller(), b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]
    served.control.close()
    for caller in served.callers:
        caller.close()
    assert list(tmp_path.iterdir()) == []


def test_two_processes_do_not_share_a_socket(served: Served) -> None:
    """The second one says so and the first one serves on."""
    second = ControlSocket(served.folder, {}, monotonic=served.clock.monotonic, log=KeptLog())

    with pytest.raises(SettingsError, match="another process serves there"):
        second.open()

    assert served.ask(served.caller(), b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]


def test_a_tool_asks_a_running_process(tmp_path: Path) -> None:
    """`call` gives the answer without "ok", raises what was refused, and says when nobody serves."""
    from drivers.link.clock import RealClock

    clock, log = RealClock(), KeptLog()
    commands: dict[str, Callable[[Mapping[str, Any]], Answer]] = {
        "echo": lambda request: {"said": request["text"]},
        "refuse": refusing,
    }
    threads = PumpThreads(clock, log)
    with pytest.raises(NobodyServes):
        call(tmp_path / "control", {"do": "echo"})
    one = ControlSocket(tmp_path / "control", commands, monotonic=clock.monotonic, log=log)
    one.open()
    threads.start(one)
    try:
        assert call(tmp_path / "control", {"do": "echo", "text": "活着"}) == {"said": "活着"}
        with pytest.raises(NotDone, match="not now"):
            call(tmp_path / "control", {"do": "refuse"})
    finally:
        threads.stop(10)
    with pytest.raises(NobodyServes):
        call(tmp_path / "control", {"do": "echo"})


@hypothesis_settings(
    max_examples=effort(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.binary(max_size=300), max_size=6))
def test_no_bytes_stop_it(served: Served, pieces: list[bytes]) -> None:
    """Whatever a stranger sends in whatever pieces, every line is answered once and others are served."""
    caller, other = served.caller(), served.caller()
    answers: list[dict[str, Any]] = []
    for piece in [*pieces, b"\n"]:
        caller.sendall(piece)
        answers += served.heard(caller) or []

    assert len(answers) == b"".join([*pieces, b"\n"]).count(b"\n")
    assert not any(answer["ok"] for answer in answers)
    assert served.ask(other, b'{"do":"echo","text":1}') == [{"ok": True, "said": 1}]
    caller.close()
    other.close()
    served.crank()
