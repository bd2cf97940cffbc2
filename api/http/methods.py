"""HEAD and OPTIONS on every path that GET works on, and the `Allow` of a 405."""

from collections.abc import Iterable, Iterator, Sequence

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import problem

ORDER = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRITING_GETS = "/api/positions/"
"""Phone apps report by GET here. HEAD is safe, so it is not answered by doing the same."""


class EveryMethod:
    """Answers HEAD as GET without the body, and OPTIONS by `Allow`."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self.app, self.routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else None
        if method == "HEAD" and not scope["path"].startswith(WRITING_GETS):
            await self._head(scope, receive, send)
        elif method == "OPTIONS" and (allowed := self._options(scope["path"])):
            await Response(status_code=204, headers={"Allow": ", ".join(allowed)})(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _options(self, path: str) -> list[str]:
        return list(ORDER) if path == "*" else methods_at(path, self.routes)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        inner = {**scope, "method": "GET"}

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(inner, receive, send_head)
        finally:
            scope.update({name: inner[name] for name in ("route", "endpoint") if name in inner})


def routes_of(routers: Iterable[APIRouter]) -> list[BaseRoute]:
    """List the routes of all routers."""
    return [route for router in routers for route in router.routes]


async def on_wrong_method(request: Request, error: Exception) -> Response:
    """Respond 405 with all methods of the path in `Allow`: a single router knows only its own."""
    assert isinstance(error, HTTPException)
    allowed = methods_at(request.url.path, request.app.state.routes)
    named = ", ".join(allowed) or (error.headers or {}).get("Allow", "")
    return problem(request, status=405, code="method_not_allowed", headers={"Allow": named})


def methods_at(path: str, routes: Sequence[BaseRoute]) -> list[str]:
    """List the methods of a path, of the most literal route first; none for an unknown path."""
    fitting = list(_routes_at(path, routes))
    literal = [route for route in fitting if route.path == path]
    found = {method for route in literal or fitting for method in route.methods or ()}
    if not found:
        return []
    if "GET" in found and not path.startswith(WRITING_GETS):
        found.add("HEAD")
    return [method for method in ORDER if method in found | {"OPTIONS"}]


def _routes_at(path: str, routes: Sequence[BaseRoute]) -> Iterator[Route]:
    scope = {"type": "http", "method": "", "path": path, "root_path": "", "path_params": {}}
    for route in routes:
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            yield route
