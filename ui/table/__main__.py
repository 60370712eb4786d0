"""`python -m ui.table PATH`: opens the table's window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kiosk.workflow.view import Language
from ui.environment import ScreenUnusable, WindowSettings
from ui.table.control import TableGone
from ui.table.window import run


def main() -> int:
    """Read the arguments and open the window; the exit code."""
    arguments = argparse.ArgumentParser(prog="python -m ui.table", description="The demo's table.")
    arguments.add_argument("path", type=Path, help="the control socket of kiosk sim shelf")
    arguments.add_argument("--language", default="en", choices=[language.value for language in Language])
    arguments.add_argument("--width", type=int, default=1280)
    arguments.add_argument("--height", type=int, default=1000)
    arguments.add_argument("--left", type=int, default=1100, help="where the window begins on the display")
    chosen = arguments.parse_args()
    window = WindowSettings(
        chosen.width, chosen.height, left=chosen.left, title="Table", state=Path("build/kivy-table")
    )
    try:
        return run(chosen.path, Language(chosen.language), window)
    except (ScreenUnusable, TableGone) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
