"""Networks laid on grids of today, whatever grids there were when they were imported."""

from datetime import date

import pytest
import shapely

from console.networks.laying import KnownPlace, NoGrids, lay_all, shares_land, work_at
from console.networks.queries import StoredNetworkArea

SIDE = 0.01
GRIDS = {
    "g1": shapely.box(120.6, 31.1, 120.6 + SIDE, 31.1 + SIDE),
    "g2": shapely.box(120.6 + SIDE, 31.1, 120.6 + 2 * SIDE, 31.1 + SIDE),
}


def area(number: int, x: float, *, sector: str = "party", worker: str = "") -> StoredNetworkArea:
    """An area as wide as a grid, so many grids east of the first."""
    west = 120.6 + x * SIDE
    shape = shapely.box(west, 31.1, west + SIDE, 31.1 + SIDE)
    day = date(2026, 1, 1)
    return StoredNetworkArea(number, sector, f"a{number}", "", "", worker, "", {}, day, ["1.2.ended"], shape)


def test_areas_are_laid_where_they_lie_though_the_grids_of_their_import_have_ended() -> None:
    laid = lay_all([area(1, 0), area(2, 1), area(3, 2)], GRIDS, width=5.0)
    assert [one.code for one in laid.areas] == ["a1", "a2"], "the third only touches"
    assert laid.overlays["party"].findings == ()
    assert [dict(work.areas) for work in laid.work] == [{"party": ("a1",)}, {"party": ("a2",)}]


def test_a_place_with_two_workers_is_told_once() -> None:
    areas = [area(1, 0, worker="李芳"), area(2, 0, sector="safety", worker="王伟"), area(3, 1, sector="safety")]
    places = [KnownPlace("market", "菜市场", 120.605, 31.105), KnownPlace("school", "小学", 120.615, 31.105)]
    (found,) = work_at(lay_all(areas, GRIDS, width=5.0), places)
    assert (found.place.code, found.people, len(found.posts)) == ("market", (1, 2), 2)
    assert work_at(lay_all([], GRIDS, width=5.0), places) == []


def test_without_grids_nothing_is_laid() -> None:
    with pytest.raises(NoGrids):
        lay_all([area(1, 0)], {}, width=5.0)
    assert shares_land(GRIDS["g1"], GRIDS["g1"]) and not shares_land(GRIDS["g1"], GRIDS["g2"])
