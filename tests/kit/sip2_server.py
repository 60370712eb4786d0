"""A SIP2 server that says what it is told to say, framed by arithmetic of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

Script = str | bytes
"""A reply without checksum, which is framed; or bytes, which are sent as they are (b"" for none)."""

LOGIN_OK = "941"
STATUS = "98YYYYYY60000320261122    1604512.00AOBIB|AMStadt|BXYYYYYYYYYYYYYYYY|"


def framed(text: str, sequence: str = "", charset: str = "utf-8", terminator: bytes = b"\r") -> bytes:
    """*text* with AY where *sequence* is given, AZ, and the terminator."""
    body = (text + (f"AY{sequence}" if sequence else "") + "AZ").encode(charset)
    return body + f"{-sum(body) & 0xFFFF:04X}".encode() + terminator


class ScriptedServer:
    """A far end that answers each message id with its next scripted reply; the last one of a list stays.

    *requests* are the texts it was asked, without AY and AZ; *raw* the bytes.  A 97 repeats the last reply
    with AY0.
    """

    def __init__(
        self,
        replies: Mapping[str, Script | Sequence[Script]] | None = None,
        *,
        charset: str = "utf-8",
        terminator: bytes = b"\r",
    ) -> None:
        script: dict[str, Script | Sequence[Script]] = {"93": LOGIN_OK, "99": STATUS, **(replies or {})}
        self._script: dict[str, list[Script]] = {
            message_id: [said] if isinstance(said, str | bytes) else list(said)
            for message_id, said in script.items()
        }
        self._charset = charset
        self._terminator = terminator
        self._pending = b""
        self._last: Script = b""
        self.requests: list[str] = []
        self.raw: list[bytes] = []

    def receive(self, data: bytes) -> bytes:
        """As promised by `FarEnd`."""
        *frames, self._pending = (self._pending + data).split(b"\r")
        return b"".join(self._answer(frame.lstrip(b"\n")) for frame in frames)

    def asked(self, message_id: str) -> list[str]:
        """The requests of one kind, oldest first."""
        return [request for request in self.requests if request.startswith(message_id)]

    def _answer(self, frame: bytes) -> bytes:
        self.raw.append(frame)
        text = frame.decode(self._charset)
        match = re.search(r"(?:AY(\d))?AZ[0-9A-F]{4}$", text)
        sequence = (match[1] or "") if match else ""
        self.requests.append(text[: match.start()] if match else text)
        if text.startswith("97"):
            return self._said(self._last, "0")
        replies = self._script.get(text[:2], [b""])
        self._last = replies.pop(0) if len(replies) > 1 else replies[0]
        return self._said(self._last, sequence, is_framed=match is not None)

    def _said(self, said: Script, sequence: str, *, is_framed: bool = True) -> bytes:
        if isinstance(said, bytes):
            return said
        if not is_framed:
            return said.encode(self._charset) + self._terminator
        return framed(said, sequence, self._charset, self._terminator)
