"""A file of roads is checked before the builder sees it: each fault has its code."""

from pathlib import Path

import pytest

from ingest.roads.checking import check_file
from tests.roads import street_grid, write_roads
from tests.shared import shared_data

POINTS, STREETS = street_grid(120.6, 31.1, columns=3, rows=3, step=0.002)


def test_a_sound_file_says_what_it_has(tmp_path: Path) -> None:
    facts = check_file(str(write_roads(tmp_path / "a.osm.pbf", POINTS, STREETS)))
    assert facts["ways"] == len(STREETS) and not facts["made"] and facts["fastest"] == 40
    assert facts["bbox"] == pytest.approx([120.6, 31.1, 120.604, 31.104], abs=1e-6)


@pytest.mark.parametrize(
    ("points", "streets", "ways_first", "code"),
    [
        (
            {-one: place for one, place in POINTS.items()},
            [(t, [-n for n in a]) for t, a in STREETS],
            False,
            "negative_id",
        ),
        (POINTS, STREETS, True, "unsorted"),
        (POINTS, [*STREETS, ({"highway": "path"}, [1, 77])], False, "missing_nodes"),
        (POINTS, [({"building": "yes"}, [1, 2, 3])], False, "no_roads"),
    ],
)
def test_each_fault_of_a_file_has_its_code(tmp_path: Path, points, streets, ways_first, code) -> None:  # type: ignore[no-untyped-def]
    file = write_roads(tmp_path / "a.osm.pbf", points, streets, ways_first=ways_first)
    assert check_file(str(file))["refused"] == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000), "unreadable"),
        (b"", "unreadable"),
        (b"<osm version='0.6'></osm>", "unreadable"),
    ],
)
def test_what_is_no_such_file_is_told_apart(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.osm.pbf").write_bytes(content)
    assert check_file(str(tmp_path / "a.osm.pbf"))["refused"] == code


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_told_as_such(tmp_path: Path, share: float) -> None:
    whole = shared_data("cn_gx.osm.pbf").read_bytes()
    (tmp_path / "a.osm.pbf").write_bytes(whole[: int(len(whole) * share)])
    assert check_file(str(tmp_path / "a.osm.pbf"))["refused"] in ("truncated", "unreadable")


@pytest.mark.parametrize(
    ("tags", "fastest"),
    [
        ({"highway": "motorway_link"}, 120),
        ({"highway": "residential", "maxspeed": "70"}, 70),
        ({"highway": "tertiary", "maxspeed": "30 mph"}, 55),
    ],
)
def test_the_fastest_road_bounds_what_cars_do(tmp_path: Path, tags: dict[str, str], fastest: float) -> None:
    file = write_roads(tmp_path / "a.osm.pbf", POINTS, [*STREETS, (tags, [1, 2])])
    assert check_file(str(file))["fastest"] == fastest
