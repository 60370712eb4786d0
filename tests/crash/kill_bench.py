"""A real kiosk process without a window, between a real central and far ends on ptys, to be killed."""

from __future__ import annotations

from pathlib import Path

from sync.central import demo
from tests.crash.around import Around
from tests.crash.invariants import World
from tests.crash.talking import Child, Forked, Talk


class KillBench(Around):
    """A kiosk in *folder* with everything around it; *server* is the program that forks kiosks.

    *process* is the id of the kiosk that was started last.
    """

    def __init__(self, folder: Path, server: str = "tests.crash.fork_server") -> None:
        self._place = folder / "fork"
        self._log = folder / "kiosk.log"
        self._forks = Talk(Child(["-m", server, str(self._place)], self._log), self._log)
        super().__init__(folder)
        self.said_lent: set[str] = set()
        self._forks.until(lambda: bool(self._forks.said), "the fork server did not start")
        self.kiosk = self._start()

    def _start(self) -> Talk:
        forked = Forked(self._place, self.configuration)
        self.process = forked.process
        self._is_running = True
        return Talk(forked, self._log)

    def view(self) -> str:
        """Which view was shown last."""
        return next((said["view"] for said in reversed(self.kiosk.said) if "view" in said), "")

    def lines(self) -> dict[str, str]:
        """The lines of the list shown last."""
        return next((said["lines"] for said in reversed(self.kiosk.said) if said.get("lines")), {})

    def wait_for(self, view: str) -> None:
        """Waits until *view* is shown."""
        self.kiosk.until(lambda: self.view() == view, f"{view} was not shown")

    def begin(self, reader: str, books: list[str]) -> None:
        """Books on the pad, card, PIN: the session is about to lend them."""
        self.wait_for("Welcome")
        self.bring(reader, books)
        self.wait_for("EnterPin")
        self.kiosk.tell(pin=demo.PIN)

    def kill(self) -> None:
        """Kills the kiosk; what its screen had said by then is kept."""
        self.kiosk.kill()
        self._is_running = False
        for said in self.kiosk.said:
            self.said_lent |= {item for item, status in said.get("lines", {}).items() if status == "lent"}

    def start_again(self) -> None:
        """Starts the kiosk after a kill, with nobody's card on the reader."""
        self.card_place.take()
        self.kiosk = self._start()

    def come_back(self) -> None:
        """Waits until the kiosk, started again, has nothing in doubt any more."""
        self.wait_for("Welcome")
        self.kiosk.until(self.has_nothing_open, "something stays in doubt", 40)

    def has_nothing_open(self) -> bool:
        """Asks the kiosk whether every entry is settled and central has heard of everything."""
        number = 1 + sum("report" in said for said in self.kiosk.said)
        self.kiosk.tell(report=number)
        self.kiosk.until(lambda: any(s.get("report") == number for s in self.kiosk.said), "no report")
        last = next(said for said in reversed(self.kiosk.said) if "report" in said)
        return bool(last["open"] == 0 and last["backlog"] == 0)

    def world(self) -> World:
        """Ends the kiosk in order and asks all witnesses about the books that came since they were last taken back."""
        self.kiosk.end(0)
        self._is_running = False
        return self.witnesses(frozenset(self.said_lent))

    def take_back(self) -> None:
        """Staff check in every book that was brought, and the next readers find a running kiosk."""
        self.check_in_all()
        self.said_lent.clear()
        self.start_again()

    def close(self) -> None:
        """Ends everything that was started here."""
        if self._is_running:
            self.kiosk.kill()
        super().close()
        self._forks.end(0)
