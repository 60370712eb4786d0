"""Makes a picture of every sample, in both orientations, without a display.

    python -m ui.preview tests.look.samples --out build/look [--only welcome]

The module named first has a function `samples()` that gives views by name.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from kiosk.workflow.view import Shown
from ui import environment
from ui.environment import WindowSettings

ORIENTATIONS: Mapping[str, tuple[int, int]] = {"tall": (1080, 1920), "wide": (1920, 1080)}
FRAMES = 12


def render(samples: Mapping[str, Shown], out: Path) -> list[Path]:
    """Save a picture of each of *samples* in each orientation as "name.orientation.png"; gives the paths."""
    side = max(max(size) for size in ORIENTATIONS.values())
    environment.prepare(WindowSettings(side, side, video="offscreen", frames_per_second_max=0))
    from kivy.base import EventLoop, runTouchApp, stopTouchApp
    from kivy.core.window import Window

    from ui import typeface
    from ui.player import save_picture
    from ui.stage import Stage

    typeface.register()
    paths = []
    for orientation, size in ORIENTATIONS.items():
        stage = Stage(lambda _: None, size_hint=(None, None), size=size)
        Window.add_widget(stage)
        if EventLoop.status != "started":
            runTouchApp(embedded=True)
        for name, shown in samples.items():
            stage.show(shown)
            for _ in range(FRAMES):
                EventLoop.idle()
            paths.append(out / f"{name}.{orientation}.png")
            save_picture(paths[-1], size)
        Window.remove_widget(stage)
    stopTouchApp()
    return paths


def main() -> None:
    """Read the arguments and make the pictures."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("samples", help="the module that has the samples")
    arguments.add_argument("--out", type=Path, default=Path("build/look"))
    arguments.add_argument("--only", default="", help="what the names begin with")
    chosen = arguments.parse_args()
    samples: Mapping[str, Shown] = import_module(chosen.samples).samples()
    some = {name: shown for name, shown in samples.items() if name.startswith(chosen.only)}
    print(f"{len(render(some, chosen.out))} pictures in {chosen.out}")


if __name__ == "__main__":
    main()
