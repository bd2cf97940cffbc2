"""The interface's own description: what FastAPI reads off the routes, completed by what stands in no single route.

Who must sign in, how refusals look and which there are, what every answer carries, which operation continues another:
all of it follows from an operation's place and method, so it is said here once, and a new route has it at once.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from api.http.errors import problem
from api.http.idempotency import HEADER, REPEATED
from api.http.sign_in.sessions import COOKIE
from api.http.wire.problems import ProblemOut

Json = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = frozenset({"/api/health", "/api/session", "/metrics"})
"""Doors that anybody may knock at."""
PHONES = frozenset({"/api/positions/osmand", "/api/positions/owntracks"})
WITHOUT_DATABASE = frozenset({"/api/health", "/metrics"})
REPEATABLE = frozenset({"/api/session", "/api/positions", *PHONES})
"""Writes that take no `Idempotency-Key`: done twice they do no harm."""

REFUSALS: Mapping[int, str] = MappingProxyType(
    {
        400: "Not understood.",
        401: "Nobody has signed in, or the sign-in is over.",
        403: "The role has no right to it, or a page of a foreign origin asks.",
        404: "There is no such thing within the caller's reach.",
        409: "What it is about has gone another way meanwhile, or is taken.",
        412: "`If-Match` names a version that is no longer current.",
        413: "The body is larger than the server accepts.",
        422: "A value is wrong; `params.errors` names the fields.",
        503: "The database is away for a moment: nothing has been done.",
    }
)
SCHEMES: Mapping[str, Json] = MappingProxyType(
    {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "For programs: `maplebridge users token` makes one.",
        },
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "For pages: `POST /api/session`."},
        "device": {"type": "http", "scheme": "basic", "description": "For phone apps: the token is the password."},
        "password": {"type": "http", "scheme": "basic", "description": "For QGIS and GDAL: name and password."},
        "address": {"type": "apiKey", "in": "query", "name": "token", "description": "For phone apps without headers."},
    }
)
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Sent again with the same key, a write is answered again, not done again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
TAG_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "access": "Signing in, and who one is.",
        "cameras": "Where cameras stand and what they can see.",
        "county": "The place itself.",
        "divisions": "Names of divisions for their codes.",
        "forces": "Whoever can be sent.",
        "hotspots": "Cells with more matters than their past and neighbours explain.",
        "incidents": "Matters, from report to end.",
        "keeping": "Health and metrics.",
        "live": "The picture of now and of earlier; its socket is described in docs/live.md.",
        "ogc": "OGC API Features and Tiles, for QGIS, GDAL and maps.",
        "positions": "Where forces are, in three dialects.",
        "reports": "The door that matters come in by.",
        "search": "Finding things by name.",
        "tasks": "Sending forces, and what they answer.",
        "views": "A view of the map as one HTML file.",
    }
)
"""What each tag stands for, in the order of their names."""

LINKS: Mapping[tuple[str, str, str], Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        ("/api/incidents", "post", "201"): {
            f"{name}_of_incident": (operation, "incident_id")
            for name, operation in (
                ("read", "get /api/incidents/{incident_id}"),
                ("timeline", "get /api/incidents/{incident_id}/timeline"),
                ("cameras", "get /api/incidents/{incident_id}/cameras"),
                ("candidates", "get /api/incidents/{incident_id}/candidates"),
                ("edit", "patch /api/incidents/{incident_id}"),
                ("close", "post /api/incidents/{incident_id}/close"),
                ("send", "post /api/incidents/{incident_id}/tasks"),
            )
        },
        ("/api/incidents/{incident_id}/tasks", "post", "201"): {
            "step_of_task": ("post /api/tasks/{task_id}/{step}", "task_id")
        },
    }
)
"""By operation and status: which operations take the `id` that its answer gives, and as what."""


class DescribedApp(FastAPI):
    """A FastAPI application with a complete description of itself."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.add_exception_handler(405, on_wrong_method)

    def openapi(self) -> Json:
        if not self.openapi_schema:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema


async def on_wrong_method(request: Request, error: Exception) -> Response:
    """405 with every method that the document has at this place: a single router knows only its own."""
    assert isinstance(error, HTTPException) and isinstance(request.app, DescribedApp)
    allowed = methods_at(request.url.path, request.app.openapi()) or (error.headers or {}).get("Allow", "").split(", ")
    return problem(request, status=405, code="method_not_allowed", headers={"Allow": ", ".join(allowed)})


def methods_at(path: str, document: Json) -> list[str]:
    """The methods of the described path that an actual one stands for, the most literal one first; else none."""
    found = [path] if path in document["paths"] else [each for each in document["paths"] if _stands_for(each, path)]
    return [method.upper() for method in METHODS if found and method in document["paths"][found[0]]]


def _stands_for(template: str, path: str) -> bool:
    parts, actual = template.split("/"), path.split("/")
    fits = (part == given or (part.startswith("{") and given) for part, given in zip(parts, actual, strict=False))
    return len(parts) == len(actual) and all(fits)


def completed(document: Json) -> Json:
    """The document with all that holds for its operations by their place and method. Changes and returns it."""
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    document["components"]["securitySchemes"] = dict(SCHEMES)
    document["tags"] = [{"name": name, "description": words} for name, words in TAG_WORDS.items()]
    for path, method, operation in operations_of(document):
        _complete(operation, path=path, method=method)
    for (path, method, status), links in LINKS.items():
        document["paths"][path][method]["responses"][status]["links"] = {
            name: _link(document, *target) for name, target in links.items()
        }
    return document


def operations_of(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method in lower case and description of every operation."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _complete(operation: Json, *, path: str, method: str) -> None:
    operation["security"] = security_of(path)
    if method != "get" and path not in REPEATABLE:
        operation.setdefault("parameters", []).append(KEY)
    responses = operation["responses"]
    for status in sorted(refusals_of(operation, path=path, method=method)):
        if status == 422 or str(status) not in responses:
            responses[str(status)] = _refusal(status)
    for status, answer in responses.items():
        answer.setdefault("headers", {}).update(_headers_of(operation, path=path, method=method, status=int(status)))
    operation["responses"] = dict(sorted(responses.items()))


def security_of(path: str) -> list[dict[str, list[str]]]:
    """Any one of these opens the door. The empty list: it is open."""
    if path in OPEN:
        return []
    names = ["bearer", "device", "address"] if path in PHONES else ["bearer", "cookie"]
    if path.startswith("/ogc"):
        names.append("password")
    return [{name: []} for name in names]


def refusals_of(operation: Json, *, path: str, method: str) -> set[int]:
    """The statuses by which an operation may refuse."""
    guarded, writes, names_one = bool(security_of(path)), method != "get", "{" in path
    may = {
        400: path.startswith("/ogc") or path in PHONES or "requestBody" in operation,
        401: guarded or (path, method) == ("/api/session", "post"),
        403: guarded or writes,
        404: names_one or bool({"scope", "collections"} & {each["name"] for each in operation.get("parameters", [])}),
        409: writes and names_one,
        412: "If-Match" in _header_names(operation),
        413: writes,
        422: True,
        503: path not in WITHOUT_DATABASE,
    }
    return {status for status, it_may in may.items() if it_may}


def _header_names(operation: Json) -> set[str]:
    return {_proper(each["name"]) for each in operation.get("parameters", []) if each["in"] == "header"}


def _proper(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _refusal(status: int) -> Json:
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": REFUSALS[status], "content": {"application/problem+json": {"schema": schema}}}


def _headers_of(operation: Json, *, path: str, method: str, status: int) -> Json:
    found = {"X-Request-Id": _header("Under which the server's log knows the request.", required=True)}
    if status == 503 and path not in WITHOUT_DATABASE:
        found["Retry-After"] = _header("Seconds.", required=True)
    if 200 <= status < 300 and method != "get" and path not in REPEATABLE:
        found[REPEATED] = _header("`true` when the answer was given before.")
    return found


def _header(words: str, *, required: bool = False) -> Json:
    return {"description": words, "required": required, "schema": {"type": "string"}}


def _link(document: Json, operation: str, parameter: str) -> Json:
    method, path = operation.split(" ")
    return {
        "operationId": document["paths"][path][method]["operationId"],
        "parameters": {parameter: "$response.body#/id"},
    }
