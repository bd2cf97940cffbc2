"""Reading Mapbox Vector Tiles in tests: layers, properties and coordinates, nothing else of protobuf."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Field = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class Feature:
    """Its id, what it says, and its vertices in the tile's own units."""

    id: int | None
    properties: dict[str, Any]
    vertices: list[tuple[int, int]]


def decode(tile: bytes) -> dict[str, list[Feature]]:
    """The features of each source layer."""
    layers: dict[str, list[Feature]] = {}
    for number, body in _fields(tile):
        assert number == 3
        name, features = _layer(body)
        assert name not in layers
        layers[name] = features
    return layers


def _layer(body: bytes) -> tuple[str, list[Feature]]:
    parts: dict[int, list[Any]] = {}
    for number, value in _fields(body):
        parts.setdefault(number, []).append(value)
    keys = [key.decode() for key in parts.get(3, [])]
    values = [_value(value) for value in parts.get(4, [])]
    assert parts[5] == [4096]
    return parts[1][0].decode(), [_feature(feature, keys, values) for feature in parts.get(2, [])]


def _feature(body: bytes, keys: list[str], values: list[Any]) -> Feature:
    parts = dict(_fields(body))
    tags = list(_varints(parts.get(2, b"")))
    said = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(parts.get(1), said, list(_vertices(list(_varints(parts.get(4, b""))))))


def _vertices(commands: list[int]) -> Iterator[tuple[int, int]]:
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(count if command != 7 else 0):
            x, y = x + _signed(commands[at]), y + _signed(commands[at + 1])
            at += 2
            yield x, y


def _value(body: bytes) -> Any:
    number, value = next(_fields(body))
    if number == 1:
        return value.decode()
    if number in (2, 3):
        return struct.unpack("<f" if number == 2 else "<d", value)[0]
    return {6: _signed, 7: bool}.get(number, int)(value)


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _fields(body: bytes) -> Iterator[Field]:
    at = 0
    while at < len(body):
        key, at = _varint(body, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(body, at)
        else:
            size, at = _varint(body, at) if wire == 2 else ({1: 8, 5: 4}[wire], at)
            value, at = body[at : at + size], at + size
        yield key >> 3, value


def _varints(body: bytes) -> Iterator[int]:
    at = 0
    while at < len(body):
        value, at = _varint(body, at)
        yield value


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (body[at] & 0x7F) << shift
        at += 1
        if body[at - 1] < 0x80:
            return value, at
        shift += 7
