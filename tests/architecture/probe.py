"""Runs in a process of its own: imports modules of ours and tells what that did besides defining names.

Read from standard input: the repository, then what to import beforehand (packages from outside, whose habits
are not ours), then ours.  Written to standard output: one sentence for each thread, socket, process or
file that appeared.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType

OURS = ("drivers", "gate", "kiosk", "sync", "ui")
STANDARD = os.path.dirname(os.__file__)
CODE_SUFFIXES = (".py", ".pyc", ".so")
APPEARANCES = {
    "os.posix_spawn": "starts a process",
    "socket.__new__": "opens a socket",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a process",
    "threading.Thread.start": "starts a thread",
}


def callers() -> Iterator[str]:
    """File names on the stack, innermost first, without the import machinery and the standard library."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        name = frame.f_code.co_filename
        inside_standard = name.startswith(STANDARD) and "-packages" not in name
        if name != __file__ and not name.startswith("<") and not inside_standard:
            yield name
        frame = frame.f_back


class Watch:
    """Hears what the interpreter says about itself while a module of ours is imported."""

    def __init__(self, root: str) -> None:
        self.root = root + os.sep
        self.importing = ""
        self.sentences: list[str] = []

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Keep what one of ours caused; a package from outside may read its own files."""
        if not self.importing or (event != "open" and event not in APPEARANCES):
            return
        stack = list(callers())
        if event == "open":
            path = os.fspath(arguments[0]) if isinstance(arguments[0], str | os.PathLike) else arguments[0]
            is_ours = bool(stack) and self.is_ours(stack[0])
            if is_ours and not (isinstance(path, str) and path.endswith(CODE_SUFFIXES)):
                self.say(f"opens the file {path}")
        elif any(self.is_ours(name) for name in stack):
            self.say(APPEARANCES[event])

    def is_ours(self, name: str) -> bool:
        return name.startswith(self.root) and "-packages" not in name

    def say(self, what: str) -> None:
        self.sentences.append(f"Importing {self.importing} {what}: work belongs in a function.")


def tell_of_threads(watch: Watch) -> None:
    """Let *watch* hear of threads too: of those the interpreter says nothing before Python 3.12."""
    start = threading.Thread.start

    def start_and_tell(self: threading.Thread) -> None:
        watch.hear("threading.Thread.start", ())
        start(self)

    threading.Thread.start = start_and_tell  # type: ignore[method-assign]


def open_descriptors() -> set[str]:
    """The files and sockets that this process holds open, as the kernel names them."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"/proc/self/fd/{number}"))
    return found


def import_one(module: str) -> str:
    """Import *module*; the error, unless it only waits for a neighbour that is not there yet."""
    try:
        importlib.import_module(module)
    except ImportError as error:
        # The type checker reports that neighbour.
        if (error.name or "").partition(".")[0] in OURS:
            return ""
        return f"Importing {module} fails: {error!r}."
    except Exception as error:
        return f"Importing {module} fails: {error!r}."
    return ""


def probe(root: str, beforehand: list[str], ours: list[str]) -> list[str]:
    """Import all of *ours* and answer with sentences about what appeared."""
    sys.path.insert(0, root)
    for module in beforehand:
        # What is not installed or has no such module shows when ours is imported.
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    threads, descriptors = set(threading.enumerate()), open_descriptors()
    watch = Watch(root)
    sys.addaudithook(watch.hear)
    tell_of_threads(watch)
    for module in ours:
        watch.importing = module
        failure = import_one(module)
        watch.importing = ""
        if failure:
            watch.sentences.append(failure)
    for thread in set(threading.enumerate()) - threads:
        watch.sentences.append(f"Importing ours leaves the thread {thread.name} behind.")
    for name in sorted(open_descriptors() - descriptors):
        watch.sentences.append(f"Importing ours leaves {name} open.")
    return list(dict.fromkeys(watch.sentences))


if __name__ == "__main__":
    order = json.load(sys.stdin)
    with contextlib.redirect_stdout(io.StringIO()):
        answer = probe(order["root"], order["beforehand"], order["ours"])
    json.dump(answer, sys.stdout)
