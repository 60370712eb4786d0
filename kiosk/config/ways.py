"""What a section says about files and addresses outside it: whether they can be used, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from drivers.link import SettingsError
from drivers.link.urls import check_link
from kiosk.config.secret_files import read_secret
from kiosk.config.sections import SNAPSHOT_FILES, Journal, Offline, Payment, Server
from sync.servers.central.settings import CentralClientSettings
from sync.servers.pay import checked_url
from sync.servers.sip2.client import is_protected
from sync.servers.sip2.profile import profile
from sync.snapshot.keys import read_key

CENTRAL = ("https://", "http://")
OF_SIP2 = (
    "profile",
    "institution",
    "location",
    "login_user",
    "password_file",
    "terminal_password_file",
    "time_zone",
)
OF_CENTRAL = ("token_file", "ca_file")
FILES_OF_SERVER = ("password_file", "terminal_password_file", "token_file", "ca_file")
FILES_OF_PAYMENT = ("token_file", "ca_file")
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_central(url: str) -> bool:
    """Whether *url* leads to central by REST, not to a server of SIP2."""
    return url.startswith(CENTRAL)


def checked_server(server: Server, folder: Path) -> tuple[Server, list[str]]:
    """*server* with whole paths, and what is wrong with it; relative paths count from *folder*."""
    named = {name: path for name in FILES_OF_SERVER if isinstance(path := getattr(server, name), Path)}
    whole = server.model_copy(update={name: folder / path for name, path in named.items()})
    return whole, [f"[server] {complaint}" for complaint in _faults_of_server(whole)]


def _faults_of_server(server: Server) -> Iterator[str]:
    for name in ("password_file", "terminal_password_file", "token_file"):
        path = getattr(server, name)
        try:
            if path is not None:
                read_secret(path)
        except SettingsError as error:
            yield f"{name}: {error}"
    if server.ca_file is not None and not server.ca_file.is_file():
        yield f"ca_file: {server.ca_file} is no file"
    if is_central(server.url):
        yield from _faults_of_central(server)
    else:
        yield from _faults_of_sip2(server)


def _faults_of_central(server: Server) -> Iterator[str]:
    for name in OF_SIP2:
        if name in server.model_fields_set:
            yield f"{name}: is of SIP2 only; central is told by https://"
    if server.token_file is None:
        yield "token_file: is missing; central knows a terminal by its token"
    try:
        parts = urlsplit(server.url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if (
        not host
        or port == 0
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or parts.username
    ):
        yield f"url: {server.url!r} has to read https://HOST or https://HOST:PORT"
    elif parts.scheme == "http" and host not in LOOPBACK and not server.clear_text_allowed:
        yield (
            f"url: {server.url!r} would send patrons' numbers in clear text over the network; allowed is https://, "
            "or clear_text_allowed = true"
        )


def _faults_of_sip2(server: Server) -> Iterator[str]:
    for name in OF_CENTRAL:
        if name in server.model_fields_set:
            yield f"{name}: is of central only, told by https://"
    try:
        profile(server.profile)
    except SettingsError as error:
        yield f"profile: {error}"
    if not server.url.removeprefix("trace+").startswith(("tcp://", "tls://")):
        yield f"url: {server.url!r} has to begin with tls:// or tcp:// (SIP2), or https:// (central)"
    elif not server.clear_text_allowed and not is_protected(server.url):
        yield (
            f"url: {server.url!r} would send patrons' numbers in clear text over the network; allowed is tls://, or "
            "clear_text_allowed = true"
        )
    else:
        try:
            check_link(server.url)
        except SettingsError as error:
            yield f"url: {error}"


def checked_payment(payment: Payment, folder: Path) -> tuple[Payment, list[str]]:
    """*payment* with whole paths, and what is wrong with it; relative paths count from *folder*."""
    named = {name: path for name in FILES_OF_PAYMENT if isinstance(path := getattr(payment, name), Path)}
    whole = payment.model_copy(update={name: folder / path for name, path in named.items()})
    return whole, [f"[payment] {complaint}" for complaint in _faults_of_payment(whole)]


def _faults_of_payment(payment: Payment) -> Iterator[str]:
    if not payment.qr_url:
        for name in FILES_OF_PAYMENT:
            if getattr(payment, name) is not None:
                yield f"{name}: is for the payment back end, and qr_url does not say where that is"
        return
    try:
        checked_url(payment.qr_url)
    except SettingsError as error:
        yield f"qr_url: {error}"
    if payment.token_file is None:
        yield "token_file: is missing; the payment back end knows a terminal by its token"
        return
    try:
        CentralClientSettings(read_secret(payment.token_file), payment.ca_file)
    except SettingsError as error:
        yield str(error) if str(error).startswith(("token_file", "ca_file")) else f"token_file: {error}"


def checked_offline(offline: Offline, folder: Path) -> tuple[Offline, list[str]]:
    """*offline* with whole paths, and what is wrong with it; relative paths count from *folder*.

    The snapshot itself may be missing: it comes with the first look.
    """
    named = {name: path for name in SNAPSHOT_FILES if isinstance(path := getattr(offline, name), Path)}
    whole = offline.model_copy(update={name: folder / path for name, path in named.items()})
    return whole, [f"[offline] {complaint}" for complaint in _faults_of_offline(whole)]


def _faults_of_offline(offline: Offline) -> Iterator[str]:
    if offline.snapshot_file is not None and not offline.snapshot_file.parent.is_dir():
        yield f"snapshot_file: the folder {offline.snapshot_file.parent} does not exist"
    for name in SNAPSHOT_FILES[1:]:
        path = getattr(offline, name)
        if path is not None:
            try:
                read_key(path)
            except SettingsError as error:
                yield f"{name}: {error}"


def written_over(
    server: Server, journal: Journal, offline: Offline, payment: Payment | None = None
) -> list[str]:
    """Which files that the terminal writes are named a second time, as something else; all paths are whole.

    A snapshot put in the place of the journal would be the end of every promise in it.
    """
    named = {
        "[journal] path": journal.path,
        "[journal] key_file": journal.key_file,
        **{f"[offline] {name}": getattr(offline, name) for name in SNAPSHOT_FILES},
        **{f"[server] {name}": getattr(server, name) for name in FILES_OF_SERVER},
        **{f"[payment] {name}": getattr(payment, name, None) for name in FILES_OF_PAYMENT},
    }
    written = ("[journal] path", "[journal] key_file", "[offline] snapshot_file")
    names = list(named)
    return [
        f"{other}: {named[other]} is {name} already"
        for place, name in enumerate(names)
        for other in names[place + 1 :]
        if named[name] is not None and named[name] == named[other] and (name in written or other in written)
    ]
