"""The house plan holds: who imports whom, who may wait, and what a file may be called and how long it may be.

Each check is first shown bad source and must object; then it reads the whole product.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import plan
from tests.architecture.imports import check_imports, check_one_module_each, imports_of, module_name
from tests.architecture.names import check_product_names, check_test_names
from tests.architecture.sizes import check_names_of_files, check_sizes

ROOT = Path(__file__).parents[1]
PROBE = ROOT / "tests" / "architecture" / "probe.py"

MODULES = frozenset(
    {
        "drivers.card",
        "drivers.link",
        "drivers.link.clock",
        "drivers.masked",
        "drivers.rfid",
        "drivers.rfid.obid",
        "drivers.rfid.obid_pad",
        "drivers.sim",
        "kiosk.config",
        "kiosk.engine.pump",
        "kiosk.runtime.build",
        "kiosk.workflow",
        "kiosk.workflow.step",
        "kiosk.workflow.view",
        "sync.central",
        "sync.central.store",
        "sync.entries",
        "sync.journal",
        "sync.rules",
    }
)

FORBIDDEN_IMPORTS = [
    ("drivers/rfid/obid_pad.py", "import sync", "drivers know nothing above them"),
    ("drivers/rfid/obid_pad.py", "from sync import entries", "drivers know nothing above them"),
    ("drivers/rfid/obid_pad.py", "from drivers import sim", "nothing of the simulators"),
    ("drivers/rfid/obid_pad.py", "import serial", "serial may be imported in drivers.link only"),
    ("drivers/card/campus.py", "import smartcard", "smartcard may be imported in drivers.link only"),
    ("drivers/rfid/obid_pad.py", "import ndef", "ndef may be imported in drivers.card only"),
    ("drivers/rfid/obid_pad.py", "import socket", "wires are touched in"),
    ("drivers/rfid/obid.py", "from .. import link", "a codec touches no wire, no clock and no thread"),
    ("drivers/rfid/obid.py", "from time import struct_time", "a codec touches no wire"),
    ("drivers/link/tcp.py", "import kivy", "kivy may be imported in ui only"),
    ("sync/entries.py", "from drivers.rfid import TagUid", "sync may import drivers.link and drivers.masked"),
    ("sync/uplink/lanes.py", "from sync.central import store", "never sync.central"),
    ("sync/uplink/lanes.py", "def f():\n    import sync.central.store", "never sync.central"),
    ("sync/uplink/lanes.py", "import requests", "requests may be imported in sync.servers only"),
    ("sync/snapshot.py", "import apsw", "apsw may be imported in sync.journal only"),
    (
        "sync/journal/journal.py",
        "import sqlalchemy",
        "sqlalchemy may be imported in sync.central and sync.web only",
    ),
    ("sync/journal/journal.py", "import unheard_of", "unheard_of may be imported in drivers only"),
    ("sync/rules/limits.py", "import os", "modules of the standard library that hold values"),
    ("sync/rules/limits.py", "from sync import journal", "rules may import values only"),
    ("sync/central/store/items.py", "import kiosk.config", "central may import sync"),
    ("sync/web/login.py", "import sync.central", "sync outside central"),
    ("kiosk/workflow/step.py", "import time", "modules of the standard library that hold values"),
    ("kiosk/workflow/step.py", "from drivers.rfid import obid", "the session may import values only"),
    ("kiosk/workflow/step.py", "from drivers import link", "the session may import values only"),
    ("kiosk/workflow/step.py", "import structlog", "structlog may be imported in"),
    ("kiosk/wording/screens.py", "from kiosk.workflow import step", "wording may import kiosk.workflow.view"),
    ("kiosk/engine/pump.py", "import kiosk.config", "the engine may import drivers.link"),
    ("kiosk/engine/pump.py", "from kiosk.workflow.step import step", "the engine may import drivers.link"),
    ("kiosk/runtime/build.py", "import ui.app", "the wiring may import kiosk below the command line"),
    ("kiosk/runtime/build.py", "import drivers.sim", "drivers without simulators"),
    ("kiosk/runtime/build.py", "from sync import central", "sync outside central"),
    ("kiosk/runtime/build.py", "import kiosk.cli", "kiosk below the command line"),
    ("kiosk/cli/terminal.py", "import kiosk.runtime.build", "inside the command that needs it"),
    ("kiosk/cli/terminal.py", "if True:\n    import ui.app", "inside the command that needs it"),
    ("kiosk/demo.py", "import ui.app", "everything but screens"),
    ("kiosk/odds.py", "import sync.entries", "a new module of kiosk needs a row in the plan"),
    ("gate/monitor.py", "import kiosk.workflow", "gate may import kiosk.engine"),
    ("gate/monitor.py", "import sync.central", "sync outside central"),
    ("ui/app.py", "from kiosk.workflow import step", "screens may import views"),
    ("ui/app.py", "import drivers.rfid", "screens may import views"),
    ("ui/bridge.py", "import kiosk.runtime.build", "screens may import views"),
    ("ui/app.py", "from tests.kit import rig", "the product does not know its tests"),
]

ALLOWED_IMPORTS = [
    ("drivers/link/serial.py", "import serial\nimport select"),
    ("drivers/link/pcsc.py", "import smartcard.scard"),
    (
        "drivers/rfid/obid_pad.py",
        "from drivers.rfid import obid\nfrom . import TagUid\nimport drivers.link.clock",
    ),
    ("drivers/sim/shelf.py", "from drivers.rfid import obid"),
    ("sync/journal/journal.py", "import apsw\nfrom sync.entries import Entry"),
    ("sync/rules/limits.py", "from datetime import date\nfrom sync.entries import Money"),
    ("sync/central/store/items.py", "import sqlalchemy\nfrom sync import rules, journal"),
    (
        "kiosk/workflow/step.py",
        "from collections.abc import Sequence\nfrom drivers.rfid import TagUid\nimport sync.rules",
    ),
    ("kiosk/workflow/step.py", "from kiosk.workflow import view\nfrom drivers.masked import Masked"),
    ("kiosk/wording/screens.py", "import babel\nfrom kiosk.workflow import view"),
    ("kiosk/runtime/build.py", "from kiosk.engine import pump\nimport sync.journal, drivers.rfid.obid_pad"),
    (
        "kiosk/cli/terminal.py",
        "import typer\nfrom kiosk.cli.application import app\n"
        "def kiosk():\n    from ui import app\n    import kiosk.runtime.build",
    ),
    ("kiosk/demo.py", "import kiosk.runtime.build, drivers.sim, sync.central"),
    ("gate/monitor.py", "from kiosk.engine import pump\nimport kiosk.config"),
    ("ui/app.py", "from kivy.app import App\nfrom kiosk.workflow import view\nimport kiosk.wording"),
]

FORBIDDEN_NAMES = [
    ("import time\ntime.sleep(1)", "time.sleep"),
    ("from time import sleep", "time.sleep"),
    ("import time as t\nnow = t.monotonic", "time.monotonic"),
    ("from time import perf_counter as tick", "time.perf_counter"),
    ("from datetime import datetime as dt\nx = dt.now()", "datetime.datetime.now"),
    ("import datetime\nx = datetime.datetime.utcnow()", "datetime.datetime.utcnow"),
    ("from datetime import date\nx = date.today()", "datetime.date.today"),
    ("import threading\nthreading.Thread(target=print)", "threading.Thread"),
    ("from concurrent.futures import ThreadPoolExecutor", "ThreadPoolExecutor"),
    ("from kivy.app import App\nApp.get_running_app()", "get_running_app"),
]


def product_files(*suffixes: str) -> dict[str, str]:
    """Text of the product's files by their path from the repository."""
    return files(plan.OURS, *suffixes)


def files(folders: tuple[str, ...], *suffixes: str) -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in suffixes
    }


def parsed(sources: dict[str, str]) -> dict[str, ast.Module]:
    return {path: ast.parse(source, path) for path, source in sources.items()}


def report(sentences: list[str]) -> None:
    """Fail with one sentence on each line, when there are any."""
    if sentences:
        pytest.fail("\n".join(sentences), pytrace=False)


@pytest.mark.parametrize(("path", "source", "rule"), FORBIDDEN_IMPORTS)
def test_an_import_against_the_plan_is_one_sentence(path: str, source: str, rule: str) -> None:
    """It names the file, the line, what is imported, and the rule that this breaks."""
    [sentence] = check_imports(path, ast.parse(source), MODULES)

    assert sentence.startswith(f"{path}:{source.count(chr(10)) + 1} imports ")
    assert rule in sentence


@pytest.mark.parametrize(("path", "source"), ALLOWED_IMPORTS)
def test_an_import_of_the_plan_is_let_through(path: str, source: str) -> None:
    """What a room needs to do its work passes without a word."""
    assert list(check_imports(path, ast.parse(source), MODULES)) == []


def test_a_package_from_outside_stands_in_one_driver_module() -> None:
    """The second driver module that imports it is an objection that names both."""
    trees = parsed({"drivers/card/a.py": "import nfc.clf", "drivers/card/b.py": "from nfc import tag"})

    [sentence] = check_one_module_each(trees)

    assert sentence.startswith("drivers/card/a.py and drivers/card/b.py import nfc:")


@pytest.mark.parametrize(("source", "name"), FORBIDDEN_NAMES)
def test_a_banned_name_is_found_under_any_alias(source: str, name: str) -> None:
    """Clocks, waits, threads and the running app are seen through renaming."""
    sentences = list(check_product_names("sync/uplink/lanes.py", ast.parse(source)))

    assert any(f"uses {name}" in sentence or f".{name}:" in sentence for sentence in sentences)


def test_clock_and_threads_have_one_home_each() -> None:
    """The real clock may ask the time, the engine and the far ends may start threads."""
    clock = ast.parse("import time\ntime.sleep(time.monotonic())")
    thread = ast.parse("import threading\nthreading.Thread()")

    assert list(check_product_names("drivers/link/clock.py", clock)) == []
    assert list(check_product_names("kiosk/engine/pump.py", thread)) == []
    assert list(check_product_names("drivers/sim/shelf.py", thread)) == []
    assert list(check_product_names("kiosk/engine/pump.py", clock)) != []


def test_tests_neither_sleep_nor_mock() -> None:
    """A sleeping or mocking test is an objection, however it imports what it uses."""
    for source in ("import time\ntime.sleep(1)", "from unittest import mock", "import unittest.mock"):
        assert list(check_test_names("tests/test_it.py", ast.parse(source))) != []


def test_a_long_file_needs_a_reason_on_its_front_page() -> None:
    """More than 300 lines pass only when the docstring beside the file names it and says why."""
    long = {"sync/long.py": "\n" * 301}
    listed = {"sync/__init__.py": '"""Start with `long.py`."""'}
    reasoned = {"sync/__init__.py": '"""`long.py` is long\nbecause its one match is read at once."""'}

    assert [*check_sizes(long)] != []
    assert [*check_sizes(long | listed)] != []
    assert [*check_sizes(long | reasoned)] == []
    assert [*check_sizes({"ui/app.py": "\n" * 80})] != []
    assert [*check_sizes({"ui/screens/borrow.kv": "\n" * 145})] != []


def test_a_name_that_says_nothing_is_refused() -> None:
    """Neither a module nor a folder is called utils, helpers or common."""
    for path in ("sync/utils.py", "drivers/helpers/x.py", "tests/common.py"):
        assert [*check_names_of_files({path: ""})] != []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import threading\nt = threading.Timer(0.01, print)\nt.start()", "starts a thread"),
        ("import socket\ns = socket.socket()", "opens a socket"),
        ("import os\nleft = os.open('/dev/null', os.O_RDONLY)", "/dev/null"),
        ("open('/dev/null').close()", "opens the file /dev/null"),
        ("import subprocess\nsubprocess.run(['true'])", "starts a process"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_work_at_import_time_is_noticed(tmp_path: Path, source: str, what: str) -> None:
    """A thread, socket, file or process that appears by importing is named with the module that did it."""
    (tmp_path / "drivers").mkdir()
    (tmp_path / "drivers" / "__init__.py").touch()
    (tmp_path / "drivers" / "bad.py").write_text(source, encoding="utf-8")

    sentences = run_probe(tmp_path, ["threading", "socket", "os", "subprocess"], ["drivers.bad"])

    assert any(what in sentence for sentence in sentences)


def run_probe(root: Path, beforehand: list[str], ours: list[str]) -> list[str]:
    """What importing *ours* from *root* does, in a process of its own."""
    order = {"root": str(root), "beforehand": beforehand, "ours": ours}
    done = subprocess.run(
        [sys.executable, "-B", "-P", str(PROBE)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=root,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def test_every_import_follows_the_plan() -> None:
    """No module of the product imports what its room may not know."""
    trees = parsed(product_files(".py"))
    modules = frozenset(map(module_name, trees))

    report([s for path, tree in trees.items() for s in check_imports(path, tree, modules)])
    report(list(check_one_module_each(trees)))


def test_no_module_keeps_its_own_time_or_threads() -> None:
    """Waits, clocks and threads stand in their homes, and no widget asks for the running app."""
    report(
        [s for path, tree in parsed(product_files(".py")).items() for s in check_product_names(path, tree)]
    )
    report(
        [
            f"{path} uses get_running_app."
            for path, text in product_files(".kv").items()
            if "get_running_app" in text
        ]
    )


def test_no_test_sleeps_or_mocks() -> None:
    """Tests crank the rig by hand and their fakes are far ends."""
    report(
        [s for path, tree in parsed(files(("tests",), ".py")).items() for s in check_test_names(path, tree)]
    )


def test_files_are_named_and_cut_as_the_plan_says() -> None:
    """No file of the product is longer than its kind may be, none has an empty name."""
    report(list(check_names_of_files(files((*plan.OURS, "tests"), ".py"))))
    report(list(check_sizes(product_files(".py", ".kv"))))


def test_importing_the_product_does_no_work() -> None:
    """No thread, socket, process or file appears when every module of ours is imported."""
    trees = parsed(product_files(".py"))
    # Migrations and `__main__` are run, not imported.
    ours = [
        name
        for name in map(module_name, trees)
        if all(part.isidentifier() for part in name.split("."))
        and not {"migrations", "__main__"} & set(name.split("."))
    ]
    beforehand = {
        one.module
        for path, tree in trees.items()
        for one in imports_of(path, tree, ())
        if one.package not in plan.OURS
    }

    report(run_probe(ROOT, sorted(beforehand), ours))
