"""The OpenAPI document: FastAPI reads it off the routes, and this file adds what all routes share.

Security, refusals, common headers and links between operations follow from an operation's path and method, so they are
added here and a new route has them at once.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

from api.http.idempotency import HEADER, REPEATED
from api.http.sign_in.sessions import COOKIE
from api.http.wire.commands import command_schemas
from api.http.wire.frames import live_schemas
from api.http.wire.problems import ProblemOut

Json = dict[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = frozenset({"/api/health", "/api/session", "/metrics", "/api/rosters/feed/{token}.ics", "/api/push/proofs"})
"""Paths without sign-in."""
PHONES = frozenset({"/api/positions/osmand", "/api/positions/owntracks"})
WITHOUT_DATABASE = frozenset({"/api/health", "/metrics"})
RASTER = "/api/basemap/raster/{layer}/{z}/{x}/{y}"
"""Its tiles come from another server."""
NAMING = frozenset({"scope", "collections", "division"})
"""Parameters of the query that name a thing."""
ATTACH = "/api/attachments"
PUSH = frozenset({"/api/push", "/api/push/test", "/api/push/proofs"})
NAME_OTHERS = frozenset({"/api/flow", "/api/posts", "/api/board/circulars", "/api/dispatch/proposals", ATTACH, *PUSH})
"""Paths whose query or body names a thing by other keys."""
REPEATABLE = frozenset(
    {"/api/session", "/api/positions", "/api/rosters/feed", "/api/commands", "/api/push/proofs", ATTACH, *PHONES}
)
"""Writes without an `Idempotency-Key`: repeating them does no harm, or the answer holds a secret, which is not kept."""

REFUSALS: Mapping[int, str] = MappingProxyType(
    {
        400: "The request cannot be parsed.",
        401: "Not signed in, or the session has ended.",
        403: "The role lacks the permission, or the request comes from a foreign origin.",
        404: "Not found within the caller's reach.",
        408: "The body did not arrive in time.",
        409: "The resource changed meanwhile, or is already taken.",
        412: "`If-Match` names a version that is no longer current.",
        413: "The body is larger than this address reads.",
        415: "The file is none of the types that are taken.",
        422: "A value is wrong; `params.errors` names the fields.",
        429: "Too many at a time; `Retry-After` says when to try again.",
        502: "The server that raster tiles come from gave none; `params.reason` says why.",
        503: "The database is unavailable; nothing was changed. Retry later.",
        504: "The server that raster tiles come from did not answer in time.",
    }
)
SCHEMES: Mapping[str, Json] = MappingProxyType(
    {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "For programs; `maplebridge users token` creates one.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "Set by `POST /api/session`.",
        },
        "device": {"type": "http", "scheme": "basic", "description": "For phone apps; the password is the token."},
        "password": {"type": "http", "scheme": "basic", "description": "For QGIS and GDAL; username and password."},
        "address": {
            "type": "apiKey",
            "in": "query",
            "name": "token",
            "description": "For apps that cannot set headers.",
        },
    }
)
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A write sent again with the same key is not repeated; the first response is returned again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
TAG_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "access": "Sign-in, sign-out and the current user.",
        "accounts": "Accounts within an administrator's own division, and tokens of programs.",
        "commands": "What phones did without a network, sent later and done once.",
        "alarms": "Calls for help of forces.",
        "attachments": "Photos, recordings and papers of incidents (docs/attachments.md).",
        "basemap": "Tiles of the basemap and of the raster map (docs/tiles.md).",
        "board": "Running cases by how they stand to their limits, and circulars (docs/clocks.md).",
        "cameras": "Cameras: positions, fields of view, states, key areas, and views for a case (docs/cameras.md).",
        "closures": "Roads that are closed for a while.",
        "county": "The county's configuration: levels, categories, force kinds.",
        "divisions": "Codes and names of divisions.",
        "export": "Layers as files: GeoPackage, GeoJSON, Shapefile, KML, FlatGeobuf, CSV, XLSX.",
        "cases": "Courses of incidents through the place's flow: stages, clocks, moves (docs/packs.md).",
        "desk": "What the front desk needs: hints of categories, and units to hand over to.",
        "forces": "Forces that can be dispatched.",
        "grids": "What grids have besides their lines: party branches, lists of services, posts.",
        "hotspots": "Cells with significantly many incidents.",
        "early warnings": "What rises above its own past, with the incidents behind it, and what became of it.",
        "indicators": "Rates, counts and times of cases as the place defines them (docs/figures.md).",
        "incidents": "Incidents, from report to closing.",
        "keeping": "Health and metrics.",
        "live": "Snapshots of now and of earlier moments, and the live socket (docs/live.md).",
        "networks": "Areas of the sectors' own networks, laid on the grids (docs/networks.md).",
        "notices": "Notices to units, posts and forces, urgings and their answers (docs/clocks.md).",
        "ogc": "OGC API Features and Tiles, for QGIS, GDAL and maps.",
        "plans": "Plans of new grid lines: drafts, operations with their figures, reviews.",
        "positions": "Positions of forces, as phone apps and gateways send them.",
        "register": "Units of the place, and who holds which post (docs/packs.md).",
        "reports": "Reporting of incidents by other systems.",
        "rounds": "Rounds of grids: routes, what was reported at their points, and visits by count.",
        "rosters": "Rosters: shifts, leave, swaps, and gaps in the minimum cover.",
        "search": "Search by name or code.",
        "tasks": "Dispatching of forces, and their progress.",
        "views": "Export of a map view as one HTML file.",
        "wall": "Figures of the big screen, and who leads the duty.",
    }
)
"""Descriptions of tags, in alphabetical order."""

SOCKET: Mapping[str, Json] = MappingProxyType(
    {
        "/api/live": {
            "description": "The live socket, by JSON text frames. docs/live.md says what to do with them.",
            "parameters": ["scope", "since", "wall"],
            "sends": {"$ref": "#/components/schemas/LiveFrame"},
            "takes": {"$ref": "#/components/schemas/LiveMessage"},
        }
    }
)
"""OpenAPI has no words for sockets."""

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
        ("/api/plans", "post", "201"): {
            f"{name}_of_plan": (operation, "plan_id")
            for name, operation in (
                ("read", "get /api/plans/{plan_id}"),
                ("lines", "get /api/plans/{plan_id}/lines"),
                ("figures", "get /api/plans/{plan_id}/figures"),
                ("draw", "post /api/plans/{plan_id}/operations"),
                ("submit", "post /api/plans/{plan_id}/submit"),
                ("transfers", "get /api/plans/{plan_id}/transfers"),
            )
        },
        ("/api/incidents/{incident_id}/tasks", "post", "201"): {
            "step_of_task": ("post /api/tasks/{task_id}/{step}", "task_id")
        },
    }
)
"""By operation and status: the operations that take the response's `id`, and the parameter that takes it."""


class DescribedApp(FastAPI):
    """FastAPI application with the completed OpenAPI document."""

    def openapi(self) -> Json:
        if not self.openapi_schema:
            self.openapi_schema = completed(super().openapi())
        return self.openapi_schema

    def setup(self) -> None:
        """Add the route of the document, which is rendered once: it takes 20 ms and has 300 KB."""
        super().setup()
        self.router.routes[:] = [
            route for route in self.router.routes if getattr(route, "path", "") != self.openapi_url
        ]
        self.add_route(self.openapi_url or "", self._document, include_in_schema=False)

    async def _document(self, _: Request) -> Response:
        return Response(self._rendered, media_type="application/json", headers={"ETag": self._digest})

    @cached_property
    def _rendered(self) -> bytes:
        return orjson.dumps(self.openapi())

    @cached_property
    def _digest(self) -> str:
        return f'"{sha256(self._rendered).hexdigest()[:32]}"'


def completed(document: Json) -> Json:
    """Add to the document what follows from path and method. Changes and returns it."""
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    schemas |= live_schemas() | command_schemas()
    document["x-websocket"] = dict(SOCKET)
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
    """Iterate over path, method in lower case, and description of every operation."""
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
    """List the security schemes of a path, any one of which suffices. Empty for open paths."""
    if path in OPEN:
        return []
    names = ["bearer", "device", "address"] if path in PHONES else ["bearer", "cookie"]
    if path.startswith("/ogc"):
        names.append("password")
    return [{name: []} for name in names]


def refusals_of(operation: Json, *, path: str, method: str) -> set[int]:
    """Return the statuses by which an operation may refuse."""
    guarded, writes, names_one = bool(security_of(path)), method != "get", "{" in path
    may = {
        400: path.startswith("/ogc") or path in PHONES or "requestBody" in operation,
        401: guarded or (path, method) == ("/api/session", "post"),
        403: guarded or writes,
        404: names_one
        or path in NAME_OTHERS
        or bool(NAMING & {each["name"] for each in operation.get("parameters", [])}),
        408: writes,
        409: writes and (names_one or path in NAME_OTHERS),
        412: "If-Match" in _header_names(operation),
        413: writes,
        415: path == ATTACH,
        422: True,
        429: (guarded and not writes)
        or (path, method) == ("/api/session", "post")
        or path.startswith(("/ogc", ATTACH)),
        502: path == RASTER,
        503: path not in WITHOUT_DATABASE,
        504: path == RASTER,
    }
    return {status for status, it_may in may.items() if it_may}


def _names(operation: Json) -> set[str]:
    return {each["name"] for each in operation.get("parameters", [])}


def _header_names(operation: Json) -> set[str]:
    return {_proper(each["name"]) for each in operation.get("parameters", []) if each["in"] == "header"}


def _proper(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _refusal(status: int) -> Json:
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": REFUSALS[status], "content": {"application/problem+json": {"schema": schema}}}


def _headers_of(operation: Json, *, path: str, method: str, status: int) -> Json:
    found = {"X-Request-Id": _header("The request's id in the server's log.", required=True)}
    if status == 429 or (status == 503 and path not in WITHOUT_DATABASE):
        found["Retry-After"] = _header("Seconds to wait before retrying.", required=True)
    if 200 <= status < 300 and method != "get" and path not in REPEATABLE:
        found[REPEATED] = _header("`true` when this is the response to an earlier request with the same key.")
    return found


def _header(words: str, *, required: bool = False) -> Json:
    return {"description": words, "required": required, "schema": {"type": "string"}}


def _link(document: Json, operation: str, parameter: str) -> Json:
    method, path = operation.split(" ")
    return {
        "operationId": document["paths"][path][method]["operationId"],
        "parameters": {parameter: "$response.body#/id"},
    }
