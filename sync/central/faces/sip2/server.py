"""Listens for terminals and gives each connection a thread of its own.

A connection is closed when its conversation is over, when nothing complete came for the idle time, when a
login did not come in time, and when the store fails or is late: a request that was cut off before its end is
never executed.
"""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from drivers.link import Clock
from sync.central.faces.sip2.answers import Counter
from sync.central.faces.sip2.conversation import Conversation
from sync.central.faces.sip2.in_time import TooLate
from sync.rules.due import NeverOpen
from sync.servers.sip2.fields import BadValue

CONNECTIONS_MAX = 256
SLICE_SECONDS = 0.5
READ_SIZE_MAX = 65_536
_BACKLOG = 64

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sip2Timing:
    """How long a terminal may take to log in, to say something, and to take an answer."""

    login_seconds: float = 30.0
    idle_seconds: float = 600.0
    write_seconds: float = 10.0


class Sip2Server:
    """Serves SIP2 on a listening socket from `start` until `stop`."""

    def __init__(
        self,
        listener: socket.socket,
        counter: Counter,
        clock: Clock,
        *,
        charset: str = "utf-8",
        tls: ssl.SSLContext | None = None,
        timing: Sip2Timing | None = None,
    ) -> None:
        self._listener = listener
        self._counter = counter
        self._clock = clock
        self._charset = charset
        self._tls = tls
        self._timing = timing or Sip2Timing()
        self._stopping = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="sip2-accept", daemon=True)

    def start(self) -> None:
        """Begins to listen and returns at once."""
        self._listener.listen(_BACKLOG)
        self._listener.settimeout(SLICE_SECONDS)
        self._acceptor.start()

    def stop(self) -> None:
        """Takes nobody new, lets requests that have begun end, closes every connection, and returns then."""
        self._stopping.set()
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            threads = tuple(self._threads)
        for thread in threads:
            thread.join()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError as error:
                log.warning("sip2: cannot accept: %s", type(error).__name__)
                self._stopping.wait(SLICE_SECONDS)
                continue
            with self._lock:
                if len(self._threads) >= CONNECTIONS_MAX:
                    log.warning("sip2: more than %d connections, one turned away", CONNECTIONS_MAX)
                    connection.close()
                    continue
                thread = threading.Thread(
                    target=self._serve, args=(connection,), name="sip2-connection", daemon=True
                )
                self._threads.add(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        conversation = Conversation(self._counter, self._charset)
        why = "closed"
        connection = plain
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(self._timing.login_seconds)
            if self._tls is not None:
                connection = self._tls.wrap_socket(plain, server_side=True)
            why = self._talk(connection, conversation)
        except OSError as error:
            why = type(error).__name__
        except (SQLAlchemyError, NeverOpen, BadValue, TooLate) as error:
            why = type(error).__name__
            log.error("sip2: a request of %r failed: %s", conversation.terminal, why)
        finally:
            connection.close()
            with self._lock:
                self._threads.discard(threading.current_thread())
            log.info(
                "sip2: connection of %r ended after %d answers: %s",
                conversation.terminal,
                conversation.answered,
                why,
            )

    def _talk(self, connection: socket.socket, conversation: Conversation) -> str:
        """Carries bytes between *connection* and *conversation*, and says in one word why it ended."""
        answered = 0
        heard_at = self._clock.monotonic()
        while not self._stopping.is_set():
            allowed = self._timing.idle_seconds if conversation.terminal else self._timing.login_seconds
            left = heard_at + allowed - self._clock.monotonic()
            if left <= 0:
                return "idle"
            connection.settimeout(min(left, SLICE_SECONDS))
            try:
                data = connection.recv(READ_SIZE_MAX)
            except TimeoutError:
                continue
            if not data:
                return "closed"
            answers = conversation.feed(data)
            connection.settimeout(self._timing.write_seconds)
            for answer in answers:
                connection.sendall(answer)
            if conversation.ending is not None:
                return conversation.ending.value
            if conversation.answered > answered:
                answered, heard_at = conversation.answered, self._clock.monotonic()
        return "stopping"
