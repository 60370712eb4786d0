"""Refuses a request whose body is larger than any real one, before it is read (ASGI)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.central.faces.rest.problems import answer, problem

BODY_SIZE_MAX = 64 * 1024


class SizeLimit:
    """Answers 413 where the announced or the received body exceeds `BODY_SIZE_MAX` bytes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes small requests on unchanged."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body: list[Message] = []
        size = 0
        while True:
            message = await receive()
            body.append(message)
            size += len(message.get("body", b""))
            if size > BODY_SIZE_MAX:
                await answer(problem(413))(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        waiting = iter(body)

        async def replay() -> Message:
            kept = next(waiting, None)
            return await receive() if kept is None else kept

        await self._app(scope, replay, send)
