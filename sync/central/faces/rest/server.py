"""Gives the REST face a socket and a thread: uvicorn, without its own logs, for they would hold patrons'
numbers.
"""

from __future__ import annotations

import logging
import socket
import threading
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI

STOP_SECONDS = 10
CONNECTIONS_MAX = 512
IDLE_SECONDS = 75
"""How long a connection may say nothing; longer than our terminals keep one, so that they hang up first."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificate chain and private key in PEM files."""

    certificate: str
    key: str


class RestServer:
    """Serves *app* on a bound socket from `start` until `stop`."""

    def __init__(self, listener: socket.socket, app: FastAPI, tls: TlsFiles | None = None) -> None:
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            lifespan="off",
            limit_concurrency=CONNECTIONS_MAX,
            timeout_graceful_shutdown=STOP_SECONDS,
            timeout_keep_alive=IDLE_SECONDS,
            ssl_certfile=None if tls is None else tls.certificate,
            ssl_keyfile=None if tls is None else tls.key,
        )
        # Paths hold patrons' numbers: no handler, however it was set up, may see this log.
        logging.getLogger("uvicorn.access").addFilter(_nothing)
        self._listener = listener
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="rest", daemon=True)

    def start(self) -> None:
        """Begins to listen and returns at once."""
        # Handed down to every connection.  asyncio does it only for sockets made with the protocol's number, and
        # without it an answer in two pieces waits 40 ms for the first to be acknowledged.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener.listen(CONNECTIONS_MAX)
        self._thread.start()

    def stop(self) -> None:
        """Takes nobody new, lets calls that have begun end, and returns then."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])


def _nothing(_record: logging.LogRecord) -> bool:
    return False
