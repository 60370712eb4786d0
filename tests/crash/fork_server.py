"""Starts kiosk processes in a few milliseconds: everything is imported once, and each kiosk is a fork of that.

`python -m tests.crash.fork_server SOCKET MODULE` listens on a Unix socket.  Whoever connects and sends the path of a
configuration gets a process of their own behind that connection, which first says {"pid": N} and then is what
`tests.kit.headless` is on its standard input and output.  It ends when its standard input does.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tests.crash.syscalls.tracing import let_be_traced
from tests.kit import headless

# What a kiosk imports only when it is built, so that no fork pays for it.
WARM = (
    "drivers.rfid.obid_pad",
    "drivers.barcode.serial_scanner",
    "drivers.card.pcsc_card",
    "drivers.link.serial_line",
    "drivers.link.tcp",
    "drivers.link.vpcd",
    "drivers.rfid.tagdata.decode",
)


def main(place: Path, prepare: Callable[[], None]) -> None:
    """Listens at *place* until standard input ends; *prepare* is called in every new process."""
    for module in WARM:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(place))
        listener.listen()
        assert threading.active_count() == 1, "a fork copies one thread only"
        print('{"ready": true}', flush=True)
        os.set_blocking(0, False)
        listener.settimeout(0.2)
        while sys.stdin.buffer.read(1) is None:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            if os.fork() == 0:
                listener.close()
                _become_kiosk(connection, prepare)
            connection.close()


def _become_kiosk(connection: socket.socket, prepare: Callable[[], None]) -> None:
    connection.setblocking(True)
    with connection.makefile("r", encoding="utf-8", newline="\n") as lines:
        configuration = Path(lines.readline().rstrip("\n"))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin = lines
        sys.stdout = connection.makefile("w", encoding="utf-8")
        let_be_traced()
        headless.say(pid=os.getpid())
        prepare()
        headless.serve(configuration)
    sys.stdout.flush()
    os._exit(0)


def nothing() -> None:
    """A kiosk as it is."""


if __name__ == "__main__":
    main(Path(sys.argv[1]), nothing)
