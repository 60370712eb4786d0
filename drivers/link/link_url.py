"""The URL of a link in parts, judged before anything is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from drivers.link import SettingsError

__all__ = ["LinkUrl", "parsed"]

_HOST_AND_PORT = re.compile(r"//(?P<host>\[[0-9A-Fa-f:.%]+\]|[^/:@\[\]?#\s]+):(?P<port>[0-9]{1,5})/?\Z")
_TRACE = "trace+"


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """A URL in parts: *rest* is all between the colon and the question mark."""

    text: str
    scheme: str
    rest: str
    options: dict[str, str]
    is_traced: bool
    shows_bytes: bool

    def wrong(self, why: str) -> SettingsError:
        """The error that says *why* this URL cannot be used."""
        return SettingsError(f"link {self.text!r}: {why}")

    def allow(self, *names: str) -> None:
        """Raises `SettingsError` for an option that is none of *names*."""
        for name in self.options:
            if name not in names:
                allowed = ", ".join(names) if names else "none"
                raise self.wrong(f"unknown option {name!r}; allowed: {allowed}")

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """The option *name* as a number from *least* to *most*.  Raises `SettingsError`."""
        text = self.options.get(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not least <= int(text) <= most:
            raise self.wrong(f"{name}={text} has to be a whole number from {least} to {most}")
        return int(text)

    def choice(self, name: str, default: str, *allowed: str) -> str:
        """The option *name*, one of *allowed*.  Raises `SettingsError`."""
        text = self.options.get(name, default)
        if text not in allowed:
            raise self.wrong(f"{name}={text}; allowed: {', '.join(allowed)}")
        return text

    def behind(self, prefix: str) -> LinkUrl:
        """The URL that *prefix* stands in front of."""
        return replace(self, scheme=self.scheme.removeprefix(prefix))

    def host_and_port(self) -> tuple[str, int]:
        """What stands behind the colon, as //HOST:PORT.  Raises `SettingsError`."""
        match = _HOST_AND_PORT.match(self.rest)
        if match is None or not 1 <= int(match["port"]) <= 65535:
            raise self.wrong(f"has to read {self.scheme}://HOST:PORT with a port from 1 to 65535")
        return match["host"].strip("[]"), int(match["port"])


def parsed(text: str) -> LinkUrl:
    """*text* in parts.  Raises `SettingsError` for what is no URL of a link."""
    is_traced = text.startswith(_TRACE)
    scheme, colon, rest = text.removeprefix(_TRACE).partition(":")
    bare = LinkUrl(text, scheme, rest, {}, is_traced, False)
    if not colon or not rest:
        raise bare.wrong("has to begin with a kind and a colon, as in serial:/dev/ttyUSB0")
    query = ""
    # A PC/SC reader's name may hold any character; only what looks like options behind it is taken as such.
    if scheme != "pcsc" or re.search(r"\?[a-z_]+=[^?]*\Z", rest):
        rest, _, query = rest.rpartition("?") if "?" in rest else (rest, "", "")
    options: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise bare.wrong("options have to read name=value, joined by &") from error
    for name, value in pairs:
        if name in options:
            raise bare.wrong(f"option {name!r} is given twice")
        options[name] = value
    url = LinkUrl(text, scheme, rest, options, is_traced, False)
    if not is_traced:
        return url
    shows_bytes = url.choice("bytes", "no", "no", "yes") == "yes"
    options.pop("bytes", None)
    return replace(url, shows_bytes=shows_bytes)
