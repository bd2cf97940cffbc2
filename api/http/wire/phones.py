"""OpenAPI descriptions of the requests of phone apps, which are read in `ingest/positions`."""

from typing import Any, Literal

from api.http.wire.shapes import Out
from ingest.positions.address import DATUMS, SPEED_UNITS

Json = dict[str, Any]

_ADDRESS: dict[str, Json] = {
    "token": {"type": "string", "description": "The account's token, for an app that sends none otherwise."},
    "datum": {
        "type": "string",
        "enum": sorted(DATUMS),
        "description": "Datum of the positions, in any case; the device's own if left out, else WGS-84.",
    },
    "speed_unit": {
        "type": "string",
        "enum": sorted(SPEED_UNITS),
        "description": "Unit of the speed; the app's own if left out.",
    },
}
_DEVICE: dict[str, Json] = {"id": {"type": "string", "description": "The device, where the app does not name it."}}

_OSMAND: dict[str, Json] = {
    **_ADDRESS,
    "id": {"type": "string", "description": "The device; also `deviceid`."},
    "lat": {"type": "string", "description": "Degrees north."},
    "lon": {"type": "string", "description": "Degrees east."},
    "location": {"type": "string", "description": "`lat,lon`, instead of the two."},
    "timestamp": {
        "type": "string",
        "description": "Seconds or milliseconds since 1970, or ISO 8601; now if unreadable.",
    },
    "speed": {"type": "string", "description": "Knots unless `speed_unit` is given; from OsmAnd metres a second."},
    "bearing": {"type": "string", "description": "Degrees clockwise from north; also `heading`."},
    "accuracy": {"type": "string", "description": "Metres."},
    "hdop": {"type": "string", "description": "OsmAnd's accuracy in metres, where `accuracy` is left out."},
    "batt": {"type": "string", "description": "Per cent."},
    "alarm": {"type": "string", "description": "`sos` raises an alarm in the hall, with coordinates or without."},
    "mock": {"type": "string", "description": "`true`: made up by a program of the phone; never a latest position."},
    "valid": {"type": "string", "description": "`false` or `0`: the app marks the fix as invalid."},
}


def _query(name: str, schema: Json) -> Json:
    shape = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": "query", "required": False, "description": schema["description"], "schema": shape}


ADDRESS: list[Json] = [_query(name, schema) for name, schema in (_ADDRESS | _DEVICE).items()]
OSMAND: list[Json] = [_query(name, schema) for name, schema in _OSMAND.items()]
OSMAND_BODY: Json = {
    "parameters": OSMAND,
    "requestBody": {
        "required": False,
        "description": "The same parameters as a form, or the JSON of newer apps, which has metres a second.",
        "content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": _OSMAND}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "device_id": {"type": ["string", "integer"]},
                        "location": {"type": ["object", "array"]},
                    },
                }
            },
        },
    },
}
OWNTRACKS_BODY: Json = {
    "requestBody": {
        "required": False,
        "description": "A message of the app. Other messages of it than `location` are ignored.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "_type": {"type": "string"},
                        "topic": {"type": "string"},
                        "tid": {"type": "string"},
                        "lat": {"type": "number"},
                        "lon": {"type": "number"},
                        "tst": {"type": "integer", "description": "Seconds since 1970."},
                        "vel": {"type": "number", "description": "km/h."},
                        "cog": {"type": "number", "description": "Degrees clockwise from north."},
                        "acc": {"type": "number", "description": "Metres."},
                        "batt": {"type": "number", "description": "Per cent."},
                    },
                }
            }
        },
    },
}

_LOCATION: Json = {"type": "object", "description": "A location as the plugin writes it."}
BACKGROUND_BODY: Json = {
    "requestBody": {
        "required": True,
        "description": "A location or an array of them, bare or under `location`.",
        "content": {
            "application/json": {"schema": {"anyOf": [_LOCATION, {"type": "array", "items": _LOCATION}]}},
        },
    },
}
OVERLAND_BODY: Json = {
    "requestBody": {
        "required": True,
        "description": "A batch of the app: GeoJSON points with `timestamp`, `speed`, `horizontal_accuracy`, ….",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"locations": {"type": "array", "items": {"type": "object"}}},
                }
            }
        },
    },
}


class OverlandOut(Out):
    """Answer that lets Overland delete a batch."""

    result: Literal["ok"]
