"""Every key and file that a pack may have is documented."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from api.place.pack import FILES
from api.place.reading import read_pack

PAGE = Path(__file__).resolve().parents[2] / "docs" / "packs.md"
PROSE = re.sub(r"```.*?```", "", PAGE.read_text(encoding="utf8"), flags=re.DOTALL)
DOCUMENTED = {word for code in re.findall(r"`([^`]+)`", PROSE) for word in re.split(r"\W+", code)}


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


@pytest.mark.parametrize("key", sorted({key for model in FILES.values() for key in keys_of(model)}))
def test_every_key_of_a_pack_is_documented(key: str) -> None:
    assert key in DOCUMENTED


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_a_pack_is_documented(file: str) -> None:
    assert f"| `{file}` |" in PAGE.read_text(encoding="utf8")


def test_the_smallest_pack_is_one(tmp_path: Path) -> None:
    written = re.findall(r"`town/(\w+\.toml)`:\n\n```toml\n(.*?)^```", PAGE.read_text("utf8"), re.DOTALL | re.MULTILINE)
    for name, content in written:
        (tmp_path / name).write_text(content, encoding="utf8")
    assert read_pack(tmp_path, label="town").key == "town"
    assert [name for name, _ in written] == ["place.toml", "flow.toml"]
