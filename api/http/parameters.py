"""Query parameters of every route: unknown, repeated and empty ones are refused alike.

A misspelt filter must not return everything, and of two values none is chosen by chance. Which names a route takes is
what its OpenAPI description says. Pages take any query, phone apps follow their own rules.
"""

from collections.abc import Collection, Iterable, Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from api.http.errors import Invalid
from api.http.ogc.parameters import FORMS
from geo.errors import MaplebridgeError
from layers.features import BadFilter

PHONES = "/api/positions/"
OGC = "/ogc"
ITEMS = "/ogc/collections/{collection}/items"
"""Takes the properties of its collection too, which it checks itself."""
FLAGS = frozenset({"mine"})
"""Parameters that may stand without a value."""


async def check_parameters(connection: HTTPConnection) -> None:
    """Dependency of every route. Raises `Invalid`, or under `/ogc` `BadFilter`, naming the parameter."""
    route = connection.scope.get("route")
    if not isinstance(route, APIRoute) or not route.include_in_schema or route.path.startswith(PHONES):
        return
    given = connection.query_params.multi_items()
    known = names_of(route) if given and route.path != ITEMS else None
    faulty = list(faults_of(given, known=known))
    if faulty:
        raise _refusal(route, faulty)


def faults_of(given: Iterable[tuple[str, str]], *, known: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Iterate over name and code of every fault. `known` is None where any name may stand."""
    seen = set()
    for name, value in given:
        if known is not None and name not in known:
            yield name, "unknown_parameter"
        elif name in seen:
            yield name, "repeated"
        elif not value and name not in FLAGS:
            yield name, "empty"
        elif name == "f" and value not in FORMS:
            yield name, "unknown"
        seen.add(name)


def _refusal(route: APIRoute, faulty: list[tuple[str, str]]) -> MaplebridgeError:
    if route.path.startswith(OGC):
        return BadFilter(parameter=faulty[0][0], fault=faulty[0][1])
    return Invalid(errors=[{"field": name, "code": code} for name, code in faulty])


def names_of(route: APIRoute) -> frozenset[str]:
    """Return the names of the query parameters that a route's description has."""
    extra = (route.openapi_extra or {}).get("parameters", [])
    return frozenset(_declared(route.dependant)) | {each["name"] for each in extra if each["in"] == "query"}


def _declared(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _declared(inner)
