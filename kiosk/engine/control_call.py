"""The other end of a control socket: asks a running process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from kiosk.engine.control_folder import connected
from kiosk.engine.errands import Answer, NotDone

ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
ANSWER_SECONDS_MAX: Final = 600.0


class NobodyServes(Exception):
    """No process serves there: it is not running."""


def call(folder: Path, request: Mapping[str, Any], timeout_seconds: float = ANSWER_SECONDS_MAX) -> Answer:
    """What the process that serves in *folder* answers to *request*, without "ok".

    Raises `NobodyServes` when there is none or it goes without an answer; `NotDone` as it says or when it is silent
    for *timeout_seconds*.
    """
    try:
        with connected(folder, timeout_seconds) as wire:
            wire.sendall(json.dumps(request).encode() + b"\n")
            with wire.makefile("rb") as stream:
                line = stream.readline(ANSWER_BYTES_MAX)
    except TimeoutError as error:
        raise NotDone("the running process does not answer") from error
    except PermissionError as error:
        raise NotDone(f"{folder} belongs to another user; call as that one or as root") from error
    except OSError as error:
        raise NobodyServes(str(folder)) from error
    if not line.endswith(b"\n"):
        raise NobodyServes(str(folder))
    try:
        answer = json.loads(line)
    except ValueError as error:
        raise NotDone("the running process answered something else than JSON") from error
    if not isinstance(answer, dict) or "ok" not in answer:
        raise NotDone("the running process answered something else")
    if answer.pop("ok") is not True:
        raise NotDone(str(answer.get("error", "")), is_call_wrong=answer.get("is_call_wrong") is True)
    return answer
