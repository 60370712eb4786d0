"""Compares every import of a module, wherever it stands in it, with the plan."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.architecture import plan


@dataclass(frozen=True)
class Import:
    """A module that a line of ours imports, by its full name."""

    line: int
    module: str

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]


def module_name(path: str) -> str:
    """The dotted name under which Python imports the file *path*, which is relative to the repository."""
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: str, tree: ast.AST, modules: Iterable[str]) -> Iterator[Import]:
    """Every import below *tree*; a name that is one of *modules* counts as that module."""
    known = frozenset(modules)
    package = module_name(path).split(".")
    if PurePosixPath(path).name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                yield Import(node.lineno, whole if whole in known or whole in plan.WIRES else origin)


def check_imports(path: str, tree: ast.Module, modules: Iterable[str]) -> Iterator[str]:
    """One sentence for each import of *path* that the plan does not allow."""
    known = frozenset(modules)
    importer = module_name(path)
    inside_commands = plan.is_within(importer, "kiosk.cli")
    looked_at = (
        ast.Module([node for node in tree.body if not is_definition(node)], []) if inside_commands else tree
    )
    for one in sorted(set(imports_of(path, looked_at, known)), key=lambda one: (one.line, one.module)):
        rule = broken_rule(importer, one, known)
        if rule:
            yield f"{path}:{one.line} imports {one.module}: {rule}."


def is_definition(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def broken_rule(importer: str, one: Import, known: frozenset[str]) -> str:
    """The rule that the import breaks, or nothing."""
    if one.package == "tests":
        return "the product does not know its tests"
    if is_codec(importer, known) and plan.is_within(one.module, *plan.NOT_FOR_CODECS):
        return "a codec touches no wire, no clock and no thread"
    if one.package in plan.OURS:
        return "" if plan.may_import(importer, one.module) else plan.room_of(importer).rule
    if one.package in sys.stdlib_module_names:
        return broken_standard_rule(importer, one)
    homes = plan.HOMES.get(one.package, ("drivers",))
    return (
        ""
        if plan.is_within(importer, *homes)
        else f"{one.package} may be imported in {' and '.join(homes)} only"
    )


def broken_standard_rule(importer: str, one: Import) -> str:
    if plan.room_of(importer).values_only and not plan.is_within(one.module, *plan.VALUE_MODULES):
        return "the session and the rules use modules of the standard library that hold values, and no others"
    if plan.is_within(one.module, *plan.WIRES) and not plan.is_within(importer, *plan.WIRE_HOMES):
        return f"wires are touched in {' and '.join(plan.WIRE_HOMES)} only"
    return ""


def is_codec(module: str, known: frozenset[str]) -> bool:
    """Whether *module* is bytes alone: named so in the plan, or beside a driver called after it."""
    beside_its_driver = plan.is_within(module, *plan.KINDS) and any(
        other.startswith(f"{module}_") for other in known
    )
    return module in plan.CODECS or beside_its_driver


def check_one_module_each(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """One sentence for each package from outside that stands in more than one driver module.

    A far end may stand behind the same package: it answers where the package would have asked the system.
    """
    importers: dict[tuple[str, bool], set[str]] = {}
    for path, tree in trees.items():
        if not path.startswith("drivers/"):
            continue
        for one in imports_of(path, tree, ()):
            if one.package not in sys.stdlib_module_names and one.package not in plan.OURS:
                importers.setdefault((one.package, path.startswith("drivers/sim/")), set()).add(path)
    for (package, _), paths in sorted(importers.items()):
        if len(paths) > 1:
            everybody = " and ".join(sorted(paths))
            yield f"{everybody} import {package}: a package from outside stands in one driver module."
