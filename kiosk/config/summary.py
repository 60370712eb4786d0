"""A configuration in a few lines, for an installer who wants to see that it says what was meant."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.config.loading import Configuration, DeviceSettings


def summary(configuration: Configuration) -> Iterator[str]:
    """What *configuration* sets up; no secret is in it."""
    terminal, server, session = configuration.terminal, configuration.server, configuration.session
    yield f"terminal     {terminal.name}, {terminal.library}"
    yield f"languages    {', '.join(terminal.languages)}, first {terminal.language}"
    yield _device("pad", configuration.pad)
    yield _device("scanner", configuration.scanner)
    yield _device("card reader", configuration.card_reader)
    yield f"server       {server.url}, profile {server.profile}, login {server.login_user or 'none'}"
    yield f"PIN          {session.pin}"
    yield f"journal      {configuration.journal.path}"
    yield f"screen       {configuration.screen.width}x{configuration.screen.height}"
    yield "this configuration can be used"


def _device(role: str, device: DeviceSettings | None) -> str:
    return f"{role:12} " + ("none" if device is None else f"{device.driver.name} at {device.link}")
