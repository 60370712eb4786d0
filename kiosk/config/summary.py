"""A configuration in a few lines, for an installer who wants to see that it says what was meant."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.config.loading import Configuration, DeviceSettings
from kiosk.config.sections import Offline
from kiosk.config.ways import is_central


def summary(configuration: Configuration) -> Iterator[str]:
    """What *configuration* sets up; no secret is in it."""
    terminal, server, session = configuration.terminal, configuration.server, configuration.session
    yield f"terminal     {terminal.name}, {terminal.library}"
    yield f"languages    {', '.join(terminal.languages)}, first {terminal.language}"
    if configuration.book_drop is None:
        yield f"services     {', '.join(session.services)}"
    else:
        yield _device("book drop", configuration.book_drop)
    yield _device("pad", configuration.pad)
    yield _device("scanner", configuration.scanner)
    yield _device("card reader", configuration.card_reader)
    yield _device("printer", configuration.printer)
    yield _device("strip unit", configuration.strip_unit)
    yield from _paying(configuration)
    if is_central(server.url):
        yield f"server       {server.url}, central"
    else:
        yield f"server       {server.url}, profile {server.profile}, login {server.login_user or 'none'}"
    if session.strips != "none":
        yield f"strips       of {'every item' if session.strips == 'all' else 'items without a tag'}"
    yield from _offline(configuration.offline)
    yield f"PIN          {session.pin}"
    yield f"journal      {configuration.journal.path}, kept {configuration.journal.retention_days} days"
    yield f"control      {configuration.control.folder}"
    yield f"screen       {configuration.screen.width}x{configuration.screen.height}"
    yield "this configuration can be used"


def _paying(configuration: Configuration) -> Iterator[str]:
    payment = configuration.payment
    if configuration.payment_terminal is not None:
        yield _device("card payment", configuration.payment_terminal)
    if payment.qr_url:
        yield f"QR payment   {payment.qr_url}"


def _device(role: str, device: DeviceSettings | None) -> str:
    return f"{role:12} " + ("none" if device is None else f"{device.driver.name} at {device.link}")


def _offline(offline: Offline) -> Iterator[str]:
    if offline.lend == "never":
        yield "offline      nothing is lent without the server"
        return
    most = "" if offline.loans_max is None else f", at most {offline.loans_max} items a patron"
    yield f"offline      lends by a snapshot of at most {offline.snapshot_hours_max} h{most}"
    yield f"snapshot     {offline.snapshot_file}, looked for every {offline.refresh_minutes} min"
