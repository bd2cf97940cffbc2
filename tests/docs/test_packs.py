"""docs/packs.md lists every key of a pack."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from api.place.pack import Pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packs.md"
DOCUMENTED = {
    word for code in re.findall(r"`([^`]+)`", PAGE.read_text(encoding="utf8")) for word in re.split(r"\W+", code)
}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from keys_of(inner)


@pytest.mark.parametrize("key", sorted(set(keys_of(Pack))))
def test_every_key_of_a_pack_is_documented(key: str) -> None:
    assert key in DOCUMENTED
