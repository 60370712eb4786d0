"""Finds the names that a module must not use: clocks, waits, threads, the running app, mocks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import plan
from tests.architecture.imports import module_name

WAITS = frozenset({"time.sleep"})

CLOCKS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "time.monotonic",
        "time.monotonic_ns",
        "time.perf_counter",
        "time.perf_counter_ns",
        "time.time",
        "time.time_ns",
    }
)

THREADS = frozenset(
    {
        "_thread.start_new_thread",
        "concurrent.futures.ThreadPoolExecutor",
        "http.server.ThreadingHTTPServer",
        "multiprocessing.Process",
        "multiprocessing.pool.ThreadPool",
        "socketserver.ThreadingMixIn",
        "socketserver.ThreadingTCPServer",
        "socketserver.ThreadingUDPServer",
        "socketserver.ThreadingUnixStreamServer",
        "threading.Thread",
        "threading.Timer",
    }
)


def check_product_names(path: str, tree: ast.Module) -> Iterator[str]:
    """One sentence for each name in the product's *path* that the house plan bans."""
    module = module_name(path)
    for line, name in used_names(tree):
        if name in WAITS | CLOCKS and module != plan.REAL_CLOCK:
            yield f"{path}:{line} uses {name}: time comes from a Clock, the real one is {plan.REAL_CLOCK}."
        if name in THREADS and not plan.is_within(module, *plan.THREAD_HOMES):
            yield f"{path}:{line} uses {name}: threads start in {' and '.join(plan.THREAD_HOMES)} only."
        if name.endswith("get_running_app"):
            yield f"{path}:{line} uses get_running_app: a widget is handed what it needs."


def check_test_names(path: str, tree: ast.Module) -> Iterator[str]:
    """One sentence for each name in the tests' *path* that the conventions ban."""
    for line, name in used_names(tree):
        if name in WAITS:
            yield f"{path}:{line} uses {name}: crank the rig by hand, or wait for a condition."
        if plan.is_within(name, "unittest.mock"):
            yield f"{path}:{line} uses {name}: fakes are far ends with tests of their own."


def used_names(tree: ast.Module) -> list[tuple[int, str]]:
    """Lines and full names of everything that *tree* imports or reaches through what it imported."""
    origins: dict[str, str] = {}
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.add((node.lineno, alias.name))
                first = alias.name.partition(".")[0]
                origins[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add((node.lineno, whole))
                origins[alias.asname or alias.name] = whole
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add((node.lineno, full_name(node, origins)))
    return sorted(found)


def full_name(node: ast.Attribute, origins: dict[str, str]) -> str:
    """The dotted name behind *node*; without its head when that is no plain name."""
    parts = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        parts.append(origins.get(inner.id, inner.id))
    return ".".join(reversed(parts))
