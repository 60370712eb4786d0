"""The grab of an input device by a real kernel, in a virtual machine that the soak boots (half a minute)."""

from __future__ import annotations

import ast
import stat
from pathlib import Path

from tests.drivers.link.grab.machine import GUEST, ROOT, archive, boot
from tests.kit.effort import FACTOR
from tests.kit.proofs import note


def scenarios() -> list[str]:
    """The names in the guest's list, read without running it: it is process one of a machine, and only that."""
    tree = ast.parse((ROOT / GUEST).read_text(encoding="utf-8"))
    listed = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SCENARIOS"
    )
    assert isinstance(listed, ast.Tuple)
    return [ast.unparse(name) for name in listed.elts]


def unpacked(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and content of every entry, by the kernel's description of the form."""
    entries, at = {}, 0
    while at < len(data):
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * place : at + 14 + 8 * place], 16) for place in range(13)]
        size, name_size = fields[6], fields[11]
        name = data[at + 110 : at + 110 + name_size - 1].decode()
        begin = (at + 110 + name_size + 3) // 4 * 4
        entries[name] = (fields[1], data[begin : begin + size])
        at = (begin + size + 3) // 4 * 4
    return entries


def test_the_machine_finds_every_file_as_it_was_packed(tmp_path: Path) -> None:
    """Folders, contents of any length and the right to be run survive the archive, which ends as the kernel asks."""
    (tmp_path / "folder").mkdir()
    for size in range(6):
        (tmp_path / "folder" / f"{size}.bin").write_bytes(b"\xff" * size)
    (tmp_path / "init").write_text("#!/bin/sh\n")
    (tmp_path / "init").chmod(0o755)

    entries = unpacked(b"".join(archive(tmp_path)))

    assert [content for name, (_, content) in sorted(entries.items()) if name.endswith(".bin")] == [
        b"\xff" * size for size in range(6)
    ]
    assert stat.S_ISDIR(entries["folder"][0])
    assert stat.S_IMODE(entries["init"][0]) == 0o755
    assert list(entries)[-1] == "TRAILER!!!"


def test_every_scenario_of_the_guest_is_in_its_list() -> None:
    """What is written for the machine is run in it: no scenario is forgotten."""
    tree = ast.parse((ROOT / GUEST).read_text(encoding="utf-8"))
    written = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.args.args and ast.get_docstring(node)
    ]
    assert [name for name in written if name not in ("prepare", "main")] == scenarios()


if FACTOR > 1:

    def test_the_kernel_keeps_a_grabbed_device_for_its_reader() -> None:
        """On a real kernel neither another reader nor the console hears a grabbed device, and all else holds too."""
        failures = boot()
        note("input device grabbed", 0, {"scenarios": len(failures)})
        assert {name: failure for name, failure in failures.items() if failure} == {}
        assert list(failures) == scenarios()
