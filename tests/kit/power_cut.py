"""Lets the power go after so many calls of the system, as code that uses `os` meets it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CALLS = ("open", "mkdir", "rename", "fsync", "write", "unlink", "rmdir", "link", "fdopen")


class Cut(BaseException):
    """The power went."""


@contextmanager
def power_until(count: int) -> Iterator[list[int]]:
    """After *count* calls nothing works any more, not even tidying up: each raises `Cut`.  Gives the calls made."""
    made = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            made[0] += 1
            if made[0] > count:
                raise Cut
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, counted(getattr(os, name)))
        yield made
