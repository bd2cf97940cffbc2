"""Generated files are what their sources would make today."""

import hashlib
from pathlib import Path

import orjson

from tests.described import document

ROOT = Path(__file__).resolve().parents[2]


def test_the_front_ends_types_were_made_from_todays_interface() -> None:
    """Mend it: `./maplebridge openapi > openapi.json`, then `npm run gen` in static/."""
    digest = hashlib.sha256(document().encode()).hexdigest()
    with (ROOT / "static" / "src" / "wire" / "schema.gen.ts").open() as types:
        assert digest in types.readline()


def test_each_shape_has_a_name_of_its_own() -> None:
    """Of two classes of one name, the document calls both by their modules."""
    assert [name for name in orjson.loads(document())["components"]["schemas"] if "__" in name] == []
