"""OpenAPI descriptions of the requests of phone apps, which are read in `ingest/positions`."""

from typing import Any

Json = dict[str, Any]

_OSMAND: dict[str, Json] = {
    "id": {"type": "string", "description": "The device; also `deviceid`."},
    "lat": {"type": "string", "description": "Degrees north."},
    "lon": {"type": "string", "description": "Degrees east."},
    "location": {"type": "string", "description": "`lat,lon`, instead of the two."},
    "timestamp": {"type": "string", "description": "Seconds or milliseconds since 1970, or ISO 8601; now if left out."},
    "speed": {"type": "string", "description": "Knots."},
    "bearing": {"type": "string", "description": "Degrees clockwise from north; also `heading`."},
    "accuracy": {"type": "string", "description": "Metres."},
    "batt": {"type": "string", "description": "Per cent."},
    "valid": {"type": "string", "description": "`false` or `0`: the app marks the fix as invalid."},
}


def _query(name: str, schema: Json) -> Json:
    shape = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": "query", "required": False, "description": schema["description"], "schema": shape}


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
                    "properties": {"device_id": {"type": ["string", "integer"]}, "location": {"type": "object"}},
                }
            },
        },
    },
}
OWNTRACKS_BODY: Json = {
    "requestBody": {
        "required": False,
        "description": "A message of the app. Messages with a `_type` other than `location` are ignored.",
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
