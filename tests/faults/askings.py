"""Every question that the document allows, put so that an answer would have to speak of the canary if it could.

The operations come from the document, so that none can be forgotten; a parameter or a body that is not known here
fails the test, and wants a line below.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import orjson

from api.http.openapi import operations_of
from api.intake.commands.settling import Verdict
from api.place.catalogue import ALL
from console.tasks.rules import Step
from geo.cells import cell_of, to_hex
from layers.tiles import Scheme, tile_at
from tests.faults.canaries import (
    ATTACHMENT_ID,
    COMMAND_ID,
    GRID,
    HOME,
    LEAVE_ID,
    LIST,
    MONTH,
    NETWORK,
    POST,
    ROUND_ID,
    SHIFT_ID,
    SOURCE,
    UNIT,
    USERNAME,
    WORD,
    Canary,
    tiles_over,
)
from tests.worlds import EAST, WEST

Json = dict[str, Any]

TODAY = datetime.now(UTC).date()
SCOPE = EAST.rpartition(".")[2]
BYS = {
    "/api/board": ["unit", "level", "stage", "division"],
    "/api/indicators/{code}": ["division", "grid", "level", "unit", "category", "source"],
}
DAYS = ("/api/rosters", "/api/indicators")
"""Paths that take days, not moments."""
ROUND_IT = "120.62,31.1,120.64,31.14"
ZOOMS = (0, 12, 16)
LINES = re.compile(r"/collections/(?:divisions|grids|micro_grids|divisions_label)\b|/collections/\w+/tiles")
"""Requests without a parameter: boundaries are public, and a tile has no filter but the day."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request. The value `now` of a parameter stands for the moment it is sent."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    operation: str = ""


def askings(document: Json, canary: Canary, *, own_incident: int) -> Iterator[Asking]:
    """All requests, without those that end a session."""
    for path, method, operation in operations_of(document):
        if path == "/api/session":
            continue
        # Users may change their own incidents, but not send the canary's force to them.
        own = [own_incident] if method == "get" or path.endswith("/tasks") else []
        for place in _places(path, canary, own=own):
            if method == "get":
                yield from (
                    Asking(method, place, query, operation=path) for query in _queries(place, operation, canary)
                )
            else:
                yield from (Asking(method, place, (), _written(body), path) for body in _bodies(path, canary))


def shared_out(asked: Sequence[Asking], roles: Sequence[str], *, parts: int) -> dict[str, list[Asking]]:
    """Requests of each role: every operation, and one in `parts` of its forms, different for each role. With 1, all."""
    firsts = {(each.method, each.operation): i for i, each in reversed([*enumerate(asked)])}
    always = set(firsts.values())
    return {
        role: [each for i, each in enumerate(asked) if i in always or (i + turn) % parts == 0]
        for turn, role in enumerate(roles)
    }


def _written(body: Any) -> bytes | None:
    return None if body is None else orjson.dumps(body)


def _places(path: str, canary: Canary, *, own: list[int]) -> Iterator[str]:
    """The path with ids in it: the canary's, and for reading also one's own."""
    if "{z}" in path:
        yield from _tiles(path)
    elif "{feature}" in path:
        yield from _features(path, canary)
    elif "{collection}" in path:
        yield from (path.format(collection=layer.code, scheme=scheme) for layer in ALL for scheme in _schemes(path))
    elif "{layer}" in path:
        yield from (path.format(layer=layer.code) for layer in ALL if layer.exported)
    elif "{step}" in path:
        yield from (path.format(task_id=task, step=step) for task in canary.ids["tasks"] for step in get_args(Step))
    elif "{proposal_id}" in path:
        yield from (path.format(plan_id=plan, proposal_id="0123abcd-1") for plan in canary.ids["plans"])
    elif "{" in path:
        name, some = _one_name(path, canary, own=own)
        yield from (path.replace(name, str(one)) for one in some)
    else:
        yield path


def _tiles(path: str) -> Iterator[str]:
    """The tiles over the canary: of all layers at several zooms, and the deepest of each layer by itself."""
    names, zooms = (
        ([layer.code for layer in ALL if layer.tiled], ZOOMS[-1:]) if "{collection}" in path else ([""], ZOOMS)
    )
    for name, spot in product(names, (HOME, POST)):
        for z, y, x in tiles_over(spot, zooms):
            yield path.format(collection=name, scheme=Scheme.WEB_MERCATOR, version="1", layer=0, z=z, y=y, x=x)
        if "{scheme}" in path:
            tile = tile_at(*spot, z=zooms[-1], scheme=Scheme.DEGREES)
            yield path.format(collection=name, scheme=tile.scheme, z=tile.z, y=tile.y, x=tile.x)


def _schemes(path: str) -> Sequence[str]:
    return list(Scheme) if "{scheme}" in path else [""]


def _one_name(path: str, canary: Canary, *, own: list[int]) -> tuple[str, Sequence[object]]:
    known: dict[str, Sequence[object]] = {
        "{incident_id}": [*canary.ids["incidents"], *own],
        "{force_id}": canary.ids["forces"],
        "{task_id}": canary.ids["tasks"],
        "{alarm_id}": canary.ids["alarms"],
        "{closure_id}": canary.ids["closures"],
        "{camera_id}": canary.ids["cameras"],
        "{viewing_id}": canary.ids["viewings"],
        "{plan_id}": canary.ids["plans"],
        "{notice_id}": canary.ids["notices"],
        "{warning_id}": canary.ids["early_warnings"],
        "{post_id}": canary.ids["grid_posts"],
        "{staff_post_id}": canary.ids["posts"],
        "{entry_id}": canary.ids["list_entries"],
        "{list_code}": [LIST],
        "{command_id}/{verdict}": [f"{COMMAND_ID}/{verdict}" for verdict in get_args(Verdict)],
        "{attachment_id}": [ATTACHMENT_ID],
        "{shift_id}": [SHIFT_ID],
        "{route_id}": canary.ids["patrol_routes"],
        "{round_id}": [ROUND_ID],
        "{leave_id}": [LEAVE_ID],
        "{unit}": [UNIT],
        "{username}/tokens/{token_id}": [f"{USERNAME}/tokens/1"],
        "{username}": [USERNAME],
        "{sector}": [NETWORK],
        "{code}": ["closed", "running"] if "/indicators/" in path else [GRID, SCOPE],
        "{scheme}": list(Scheme),
        "{token}": ["token-that-nobody-has"],
        "{cell}": [to_hex(cell_of(*spot, res)) for spot in canary.places for res in (9, 10)],
    }
    several = (one for one in ("{command_id}/{verdict}", "{username}/tokens/{token_id}") if one in path)
    name = next(several, path[path.index("{") : path.index("}") + 1])
    return name, known[name]


def _features(path: str, canary: Canary) -> Iterator[str]:
    features: dict[str, Sequence[object]] = {
        "hotspots": [to_hex(cell_of(*spot, res)) for spot in canary.places for res in (9, 10)],
        **canary.ids,
    }
    for layer in ALL:
        for feature in features.get(layer.code, canary.ids["cameras"]):
            yield path.format(collection=layer.code, feature=feature)


AS_TEXT = ("format", "csv")
AS_TABLE = {"/api/rosters/export": ["csv", "ics"], "/api/indicators/export": ["csv"]}
"""A format that is text and bears no time of its making, as workbooks do."""


def _queries(path: str, operation: Json, canary: Canary) -> Iterator[tuple[tuple[str, str], ...]]:
    """Nothing asked for, each parameter by itself with each of its values, and the first values of all together."""
    if path.startswith("/api/export/"):  # The formats that are text: what is in the others cannot be looked for.
        yield (("format", "csv"), ("division", SCOPE))
        if path.endswith("/incidents"):
            yield (("format", "geojson"),)
        return
    if path.startswith("/api/lists/") and path.endswith("/file"):
        yield (AS_TEXT, ("month", MONTH))
        return
    if path == "/api/follow-ups/file":
        yield from ((AS_TEXT, ("list", one)) for one in _values("list", path, canary))
        return
    names = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
    values = {name: _values(name, path, canary) for name in names}
    needed = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query" and each["required"]]
    needed += ["format"] * (path in AS_TABLE)  # Of the default, a workbook, nothing can be looked for.
    always = tuple((name, values[name][0]) for name in needed)
    if path == "/api/view-export.html":  # A map of some hundred kilobytes: one is enough.
        yield (("bbox", ROUND_IT), ("layers", "hexes,incidents,cameras,places"))
        return
    yield always
    if LINES.search(path) or path.endswith("/report.pdf"):  # A page that takes half a second: one is enough.
        return
    for name, some in values.items():
        yield from (tuple({**dict(always), name: value}.items()) for value in some)


def _values(name: str, path: str, canary: Canary) -> Sequence[str]:
    past = str(max(canary.ids["incidents"]) + 1)
    known: dict[str, Sequence[str]] = {
        "accuracy": ["5"],
        "alarm": ["sos"],
        "at": ["now"],
        "attendance": ["resident"],
        "batt": ["50"],
        "below": ["false"],
        "base": ["true"],
        "bbox": [ROUND_IT],
        "bearing": ["10"],
        "by": BYS.get(path, ["grid", "village"]),
        "category": ["dispute.family", "dispute"],
        "crs": ["EPSG:4326"],
        "clock": ["statutory", "local"],
        "counted": ["false"],
        "collections": [",".join(layer.code for layer in ALL if layer.tiled)],
        "cursor": ["0-0", "1", past, str(canary.ids["forces"][0] - 1), "999999999999999999"],
        "datetime": ["2026-01-01/.."] if "tiles" not in path else ["2026-11-01"],
        "codes": [UNIT],
        "datum": ["wgs84"],
        "day": ["2026-11-01"],
        "division": [SCOPE, GRID],
        "duty": ["on"],
        "ended": ["true"],
        "f": ["html"],
        "from": [f"{TODAY}"],
        "format": AS_TABLE.get(path, ["geojson", "pdf"]),
        "force": [str(one) for one in canary.ids["forces"]],
        "handles": ["dispute.family"],
        "hdop": ["5"],
        "hours": ["168"],
        "id": [f"{WORD}-device"],
        "incident": [str(one) for one in canary.ids["incidents"]],
        "kind": ["pool"] if path == "/api/units" else ["patrol"],
        "lane": ["easy"],
        "lang": ["zh", "en"],
        "late": ["true"],
        "lat": [str(POST[1])],
        "layers": ["incidents"],
        "level": ["grid"],
        "levels": ["all"] if "/plans/" in path else ["town,village,grid"],
        "limit": ["1", "50"],
        "minutes": ["5", "60"],
        "lines": ["2026-11-01"],
        "list": ["due", "coming", "dissatisfied", "mended", "asked", "unreached", "refused", "not_drawn"],
        "location": [f"{POST[1]},{POST[0]}"],
        "lon": [str(POST[0])],
        "mine": ["1"],
        "mock": ["true"],
        "month": [MONTH],
        "months": ["3"],
        "only": ["true"],
        "run_out": ["true"],
        "open": ["true", "false"],
        "monday": [f"{TODAY - timedelta(days=TODAY.weekday())}"],
        "parent": [UNIT],
        "period": [MONTH],
        "q": [WORD, WORD[:4], "1", "WJ", f"{WORD}-camera"],
        "res": ["7", "10"],
        "role": ["operator"] if path == "/api/users" else ["lead", "support", "observer"],
        "source": [SOURCE],
        "scope": [SCOPE, WEST.rpartition(".")[2]],
        "since": ["2020-01-01T00:00:00Z"],
        "size": ["full", "thumbnail"],
        "speed": ["1"],
        "subject": [UNIT],
        "stage": ["received"],
        "standing": ["new", "late"] if "/lists/" in path else ["open", "late", "near", "paused", "in_time"],
        "speed_unit": ["mps"],
        "status": ["open", "finished", "accepted", "draft"],
        "thing": ["incident"],
        "timestamp": ["1700000000"],
        "token": ["none"],
        "touched": ["true"],
        "unit": [UNIT],
        "unanswered": ["true"],
        "unread": ["true"],
        "sent_at": ["now"],
        "to": [f"{TODAY + timedelta(days=2)}"] if path.startswith(DAYS) else ["2026-11-01T00:00:00Z"],
        "unsent": ["1"],
        "valid": ["true"],
        "version": ["0" * 16] if path == "/api/flow" else ["1"],
        "wall": ["true"],
        "weeks": ["52"],
        "width": ["1"],
        "window": ["1h", "28d"],
        "words": [WORD],
        "with": [str(one) for one in canary.ids["plans"]],
    }
    return known[name]


def _bodies(path: str, canary: Canary) -> list[Any]:
    """Bodies that would change a row of the canary's. Reports are tried by a test of their own."""
    incident, force, device = canary.ids["incidents"][0], canary.ids["forces"][0], f"{WORD}-device"
    fix = {"at": "2026-11-01T00:00:00Z", "lon": POST[0], "lat": POST[1]}
    osmand = {"device_id": device, "location": {"coords": {"latitude": POST[1], "longitude": POST[0]}}}
    moved = {"timestamp": fix["at"], "coords": {"latitude": POST[1], "longitude": POST[0]}, "device_id": device}
    rename = {"op": "rename", "code": SCOPE, "name": "changed"}
    drawn = {"type": "FeatureCollection", "features": []}
    walked = {"name": "changed", "points": [{"name": "said", "lon": POST[0], "lat": POST[1]}]}
    who = {"kind": "person", "id": canary.ids["staff_members"][0]}
    times = {"starts_at": "2026-11-01T00:00:00Z", "ends_at": "2026-11-01T08:00:00Z"}
    known: dict[str, list[Any]] = {
        "/api/alarms/{alarm_id}/acknowledge": [None],
        "/api/attachments": [],  # A form, to an incident of another: tests/api/http/test_attachments.py.
        "/api/rosters/feed": [],  # A link of one's own, whose making the next answer tells.
        "/api/divisions/{code}/services": [{"items": [{"title": "said", "verdict": "allowed"}]}],
        "/api/board/circulars": [{"incidents": canary.ids["incidents"], "note": "said"}],
        "/api/cameras/{camera_id}/viewings": [{"incident": incident, "reason": "said", "minutes": 5}],
        "/api/viewings/{viewing_id}/approve": [None],
        "/api/viewings/{viewing_id}/decline": [None],
        "/api/viewings/{viewing_id}/open": [None],
        "/api/closures": [],
        "/api/commands": [],  # Lines of its own; tests/api/http/test_commands.py asks of others' tasks by them.
        "/api/presence": [{"state": "front", "task": canary.ids["tasks"][0]}],
        "/api/push": [],  # One's own sign-in's; tests/api/http/test_push.py asks of others'.
        "/api/push/test": [None],
        "/api/push/proofs": [{"token": "1.not-of-this-server"}],
        "/api/closures/{closure_id}/lift": [None],
        "/api/commands/{command_id}/{verdict}": [None],
        "/api/dispatch/proposals": [{"incidents": canary.ids["incidents"]}],
        "/api/dispatch/what-if": [{"weights": {"load": 0}}, {"scope": SCOPE}],
        "/api/duty-leader": [],
        "/api/early-warnings/{warning_id}/answer": [{"answer": "chance", "note": "said"}],
        "/api/forces/{force_id}": [{"duty": "off"}],
        "/api/forces/{force_id}/telephone": [None],
        "/api/grid-posts/{post_id}/end": [None],
        "/api/grids/{code}/branch": [{"name": "changed"}],
        "/api/grids/{code}/posts": [{"force": force, "post": "worker"}],
        "/api/incidents": [],
        "/api/incidents/batch": [],
        "/api/incidents/{incident_id}": [{"title": "changed"}, {"category": "hazard.fire"}],
        "/api/incidents/{incident_id}/corrections": [{"title": "changed", "reason": "said"}],
        "/api/incidents/{incident_id}/dismiss-duplicate": [{"of": canary.ids["incidents"][1]}],
        "/api/incidents/{incident_id}/merge": [{"into": canary.ids["incidents"][2]}],
        "/api/incidents/{incident_id}/notes": [{"note": "said"}],
        "/api/incidents/{incident_id}/restore-duplicate": [{"of": canary.ids["incidents"][1]}],
        "/api/incidents/{incident_id}/unmerge": [None],
        "/api/incidents/{incident_id}/moves": [
            {"move": "split", "title": "said"},
            {"move": "escalate", "reason": "said"},
        ],
        "/api/incidents/{incident_id}/close": [{"note": "closed"}, None],
        "/api/incidents/{incident_id}/tasks": [{"force": force}],
        "/api/checklists/{unit}/marks": [{"checklist": "five_have", "item": "place", "met": True}],
        "/api/list-entries/{entry_id}/answer": [{"answer": "said"}],
        "/api/list-entries/{entry_id}/hand-over": [{"unit": UNIT}],
        "/api/lists/{list_code}": [],
        "/api/lists/{list_code}/gather": [],
        "/api/notices/{notice_id}/answer": [{"answer": "said"}],
        "/api/notices/{notice_id}/read": [None],
        "/api/plans": [{"title": "new", "division": SCOPE}],
        "/api/plans/{plan_id}/comments": [{"note": "said"}],
        "/api/networks/import": [drawn],
        "/api/plans/{plan_id}/import": [drawn],
        "/api/plans/{plan_id}/operations": [rename],
        "/api/plans/{plan_id}/preview": [rename],
        "/api/plans/{plan_id}/proposals": [{"level": "grid", "division": SCOPE}],
        "/api/plans/{plan_id}/proposals/{proposal_id}": [None],
        "/api/plans/{plan_id}/publish": [{"day": "2099-01-01"}],
        "/api/plans/{plan_id}/rebase": [None],
        "/api/plans/{plan_id}/redo": [None],
        "/api/plans/{plan_id}/review": [{"verdict": "return"}],
        "/api/plans/{plan_id}/submit": [None, {"note": "said"}],
        "/api/plans/{plan_id}/undo": [None],
        "/api/plans/{plan_id}/unpublish": [None, {"note": "said"}],
        "/api/plans/{plan_id}/withdraw": [None],
        "/api/posts": [{"person": canary.ids["staff_members"][0], "unit": UNIT}],
        "/api/units/{unit}/close": [{"reason": "said"}],
        "/api/users/{username}/person": [{"person": None, "reason": "said"}],
        "/api/posts/{staff_post_id}/end": [None, {"successor": 1}],
        "/api/positions": [{"fixes": [fix | {"device": device}, fix | {"force": force}]}],
        "/api/positions/background-geolocation": [{"location": [moved]}],
        "/api/positions/osmand": [osmand],
        "/api/positions/overland": [{"locations": [_overland(device)]}],
        "/api/positions/owntracks": [{"_type": "location", "tid": device, "tst": 1793491200, **fix}],
        "/api/patrol-routes": [{"grid": GRID, **walked}],
        "/api/patrol-routes/{route_id}": [walked],
        "/api/patrol-routes/{route_id}/retire": [None],
        "/api/rosters/lay": [
            {"pattern": "office", "who": [who], "first": "2026-11-01", "last": "2026-11-09", "unit": UNIT}
        ],
        "/api/rosters/import": [drawn],
        "/api/rosters/leaves/{leave_id}": [{"who": who, **times}],
        "/api/rosters/shifts/{shift_id}": [{"who": who, "attendance": "rotating", "unit": UNIT, **times}],
        "/api/rosters/shifts/{shift_id}/swap": [{"to": {"kind": "force", "id": force}}],
        "/api/users": [],  # Of one's own division; tests/console/accounts/test_actions.py asks of others'.
        "/api/users/{username}": [{"display_name": "said", "reason": "said"}],
        "/api/users/{username}/disable": [{"reason": "said"}],
        "/api/users/{username}/enable": [{"reason": "said"}],
        "/api/users/{username}/password": [{"password": "Some-Bridge-3", "reason": "said"}],
        "/api/users/{username}/sign-out": [{"reason": "said"}],
        "/api/users/{username}/tokens": [{"reason": "said"}],
        "/api/users/{username}/tokens/{token_id}/revoke": [{"reason": "said"}],
        "/api/units": [{"code": UNIT, "kind": "room", "name": "said", "division": SCOPE, "reason": "said"}],
        "/api/units/{unit}": [{"telephone": "1", "reason": "said"}],
        "/api/tasks/{task_id}/support": [None, {"note": "said"}],
        "/api/tasks/{task_id}/{step}": [None, {"note": "said", "reason": f"{incident}"}],
    }
    return known[path]


def _overland(device: str) -> Json:
    """A location as Overland sends it."""
    properties = {"timestamp": "2026-11-01T00:00:00Z", "device_id": device}
    return {"type": "Feature", "geometry": {"type": "Point", "coordinates": list(POST)}, "properties": properties}


def taken_number(place: tuple[float, float]) -> Json:
    """A report that bears a number of the canary's."""
    return {
        "source": SOURCE,
        "external_no": f"{WORD}-0",
        "category": "dispute.family",
        "title": "another",
        "lon": place[0],
        "lat": place[1],
    }
