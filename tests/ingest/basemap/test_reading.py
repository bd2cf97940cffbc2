"""What is drawn of a file, and where: names in both languages, and water that the extract cuts off."""

from pathlib import Path

import pytest
import shapely

from ingest.basemap.kinds import area_kind, label_kind, line_kind, named_water, names_of, structure_of
from ingest.basemap.reading import Read, read_file
from tests.basemaps import BOX, ON_LAKE, ON_LAND, SHORE, write_town


def layer(read: Read, name: str) -> list[shapely.Geometry]:
    return [thing.shape for thing in read.things if thing.kind.layer == name]


def test_roads_buildings_water_and_names_are_read(tmp_path: Path) -> None:
    read = read_file(str(write_town(tmp_path / "a.osm.pbf", whole_lake=True)))
    assert (read.incomplete, read.closed, read.made) == (0, 0, False) and read.box == pytest.approx(BOX)
    assert len(layer(read, "roads")) == 14 and len(layer(read, "buildings")) == 1
    assert {(t.kind.code, t.name, t.name_en) for t in read.things if t.kind.layer in ("roads", "labels")} == {
        ("minor", "枫桥路", "Maple Bridge Road"),
        ("village", "枫桥", "Maple Bridge"),
        ("water", "太湖", "Lake Tai"),
    }


@pytest.mark.parametrize("whole", [True, False])
def test_a_lake_reaches_to_the_border_and_no_land_is_flooded(tmp_path: Path, whole: bool) -> None:
    """Its far shore is not in the file: it is closed at the border, and counted."""
    read = read_file(str(write_town(tmp_path / "a.osm.pbf", whole_lake=whole)))
    water = shapely.union_all(layer(read, "water"))
    assert water.bounds == pytest.approx((SHORE - 0.001, BOX[1], BOX[2], BOX[3]), abs=1e-6)
    assert water.contains(shapely.Point(ON_LAKE)) and not water.contains(shapely.Point(ON_LAND))
    assert not water.intersects(shapely.union_all(layer(read, "roads")))
    assert (read.incomplete, read.closed) == ((0, 0) if whole else (1, 1))


def test_a_shore_with_streets_on_both_sides_is_left_out_and_counted(tmp_path: Path) -> None:
    read = read_file(str(write_town(tmp_path / "a.osm.pbf", streets_beyond=True)))
    assert not layer(read, "water") and (read.incomplete, read.closed) == (1, 0)


def test_roads_that_say_so_are_made(tmp_path: Path) -> None:
    street = {"highway": "residential", "source": "maplebridge:made"}
    assert read_file(str(write_town(tmp_path / "a.osm.pbf", street=street))).made


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ({"name": "南京路", "name:en": "Nanjing Road"}, ("南京路", "Nanjing Road")),
        ({"name": "Vaduz", "name:zh": "瓦杜兹"}, ("瓦杜兹", "Vaduz")),
        ({"name": "Vaduz"}, ("Vaduz", None)),
        ({"ref": "G320"}, ("G320", None)),
        ({"name": "枫\u202e桥" + "长" * 99}, ("枫桥" + "长" * 58, None)),
        ({}, (None, None)),
    ],
)
def test_names_are_chinese_first_and_english_where_it_differs(
    tags: dict[str, str], names: tuple[str | None, str | None]
) -> None:
    assert names_of(tags) == names


def test_kinds_are_by_tags() -> None:
    lines = [{"highway": "trunk_link"}, {"highway": "footway"}, {"railway": "rail"}, {"waterway": "ditch"}]
    assert [kind.code for tags in lines if (kind := line_kind(tags))] == ["motorway", "path", "rail", "stream"]
    nothing = [{"highway": "pedestrian", "area": "yes"}, {"highway": "construction"}, {"barrier": "wall"}]
    assert [line_kind(tags) for tags in nothing] == [None, None, None]
    areas = [{"landuse": "reservoir"}, {"natural": "wood"}, {"building": "no", "landuse": "retail"}]
    assert [kind.code for tags in areas if (kind := area_kind(tags))] == ["lake", "wood", "built"]
    assert [label_kind(tags) for tags in ({"place": "sea"}, {"amenity": "bench"})] == [None, None]
    assert structure_of({"bridge": "no", "tunnel": "culvert"}) == "tunnel"


def test_large_water_is_named_before_small_water() -> None:
    assert [named_water(side**2, 31.0).zoom for side in (1.0, 0.1, 0.01, 0.001, 0.0)] == [8, 8, 12, 14, 14]
