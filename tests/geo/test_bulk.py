"""Rows written by one statement arrive as they were."""

from datetime import UTC, date, datetime

import pytest
import shapely
from geoalchemy2.shape import to_shape
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from console.forces.tables import Force
from console.incidents.tables import TimelineEntry
from geo.store import BulkInsert, Reach, Store, geometry_text, point_text
from geo.store.bulk import array_text
from layers.divisions.tables import Division
from tests.worlds import EAST, NOW, ROOT, settle

REACH = Reach(scope=ROOT)
ODD = [
    'say "hi"',
    "a\\nb",
    "line\nline",
    "tab\there",
    "back\\slash",
    "{a,b}",
    "null",
    "",
    "NULL",
    "枫桥 🍁",
    "\x1f\b\f\r",
    "'",
]


def force_row(code: str, words: list[str]) -> dict[str, object]:
    return {
        "code": code,
        "name": words[0],
        "kind": "patrol",
        "organisation": "",
        "specialities": words,
        "languages": [],
        "mode": "car",
        "home": point_text(120.60000000000001, 31.1),
        "device_id": None,
        "telephone": "",
        "device_datum": None,
        "duty": "on",
        "division_path": EAST,
        "version": 1,
        "no_column": "passed over",
    }


async def test_odd_words_lists_and_empty_values_arrive_as_they_were(store: Store) -> None:
    await settle(store)
    insert = BulkInsert(Force, then="RETURNING id")
    rows = [force_row(f"odd-{i}", [word, *ODD]) for i, word in enumerate(ODD)]
    async with store.transaction(REACH) as session:
        assert len((await insert.run(session, rows)).all()) == len(ODD)
        found = (await session.scalars(select(Force).where(Force.code.like("odd-%")).order_by(Force.id))).all()
    assert [(force.name, force.specialities[1:], force.languages) for force in found] == [
        (word, ODD, []) for word in ODD
    ]
    assert {force.device_id for force in found} == {None}
    assert {to_shape(force.home).wkt for force in found} == {"POINT (120.60000000000001 31.1)"}


async def test_bodies_days_and_shapes_arrive_as_they_were(store: Store) -> None:
    square = shapely.MultiPolygon([shapely.box(120.1, 31.1, 120.2, 31.2)])
    row = {
        "code": "x",
        "level": "town",
        "name": "X",
        "parent_code": ROOT,
        "division_path": f"{ROOT}.x",
        "valid_from": date(2026, 2, 28),
        "valid_to": None,
        "geom": geometry_text(square),
        "label_point": geometry_text(square.centroid),
        "area_m2": 1.5,
        "generated": True,
        "source": "",
        "households": 3,
        "enterprises": None,
        "properties": {"words": ODD, "deep": {"a": [1, None, 2.5]}},
    }
    async with store.transaction(REACH) as session:
        await BulkInsert(Division).run(session, [row])
        found = await session.scalar(select(Division).where(Division.code == "x"))
    assert found is not None
    assert (found.properties, found.valid_from, found.generated) == (row["properties"], date(2026, 2, 28), True)
    assert to_shape(found.geom).equals_exact(square)


async def test_a_fixed_column_has_one_value_for_all_rows(store: Store) -> None:
    await settle(store)
    insert = BulkInsert(Force, fixed=("duty", "home"), then="RETURNING code, duty")
    rows = [force_row(f"fixed-{i}", ODD) for i in range(3)]
    async with store.transaction(REACH) as session:
        added = await insert.run(session, rows, duty="on_call", home=point_text(120.6, 31.1))
    assert sorted(added.all()) == [("fixed-0", "on_call"), ("fixed-1", "on_call"), ("fixed-2", "on_call")]


def test_a_row_that_lacks_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        BulkInsert(TimelineEntry)._arrays([(NOW, 1, "kind", None, None, {}, ROOT), (NOW, 1)])


@given(st.lists(st.none() | st.text(alphabet='\\"\n\t\r\b\f\x00\x1f\x7f{},abcnu0枫🍁 ', max_size=12), max_size=5))
def test_the_literal_of_an_array_holds_the_very_words(words: list[str | None]) -> None:
    assert read_array(array_text(words)) == words


def read_array(literal: str) -> list[str | None]:
    """A PostgreSQL array of texts, read by the rules of its manual: a backslash keeps what follows as it is."""
    read: list[str | None] = []
    word, quoted, at = "", False, 1
    was_quoted = False
    while at < len(literal):
        character = literal[at]
        if quoted and character == "\\":
            at += 1
            word += literal[at]
        elif character == '"':
            quoted, was_quoted = not quoted, True
        elif not quoted and character in ",}":
            if word or was_quoted:
                read.append(word if was_quoted else None)
            word, was_quoted = "", False
        else:
            word += character
        at += 1
    return read


def test_times_keep_their_moment() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
    assert array_text([moment, NOW]) == '{"2026-03-01T12:00:00.123456+00:00","2026-03-02T02:00:00+00:00"}'
