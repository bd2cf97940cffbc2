"""The generated county has the reported numbers, and its boundaries have no faults."""

import re
from collections import Counter, defaultdict

import numpy as np
import pytest
import shapely
from stdnum import luhn

from api.place.pack import Pack
from geo.coverage.partition import check
from ingest.county.divisions import FiguresDisagree
from ingest.county.gazetteer import Gazetteer, Town
from ingest.county.observations import County, Division
from ingest.county.outlines import outline_of
from ingest.county.terms import Generator
from tests.ingest.county.conftest import generate

LEVELS = ("county", "town", "village", "grid", "micro_grid")
LENGTHS = {"county": 6, "town": 9, "village": 12, "grid": 15, "micro_grid": 17}


def by_path(county: County) -> dict[str, Division]:
    return {d.path: d for d in county.divisions}


def families(county: County) -> dict[str, list[Division]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for division in county.divisions:
        if division.parent:
            found[division.parent].append(division)
    return found


def test_there_are_as_many_divisions_as_reported(county: County) -> None:
    assert Counter(d.level for d in county.divisions) == {
        "county": 1,
        "town": 11,
        "village": 307,
        "grid": 1142,
        "micro_grid": 5337,
    }


@pytest.mark.parametrize("level", LEVELS[1:])
def test_each_level_is_an_exact_partition_of_the_county(county: County, level: str) -> None:
    divisions = [d for d in county.divisions if d.level == level]
    assert check([d.polygon for d in divisions], [d.code for d in divisions], county.divisions[0].polygon) == []


def test_every_division_is_exactly_the_union_of_its_children(county: County) -> None:
    parents = {d.code: d for d in county.divisions}
    for code, children in families(county).items():
        assert shapely.coverage_union_all([c.polygon for c in children]).equals(parents[code].polygon), code


def test_the_countys_boundary_is_the_real_one_within_a_centimetre(county: County) -> None:
    made, real = county.divisions[0].polygon, outline_of("320509")
    assert shapely.hausdorff_distance(made, real) < 2e-7
    assert not county.divisions[0].generated and county.divisions[0].source == "somewhere"
    assert all(d.generated for d in county.divisions[1:])


def test_codes_show_level_and_parent_and_are_unique(county: County) -> None:
    assert len({d.code for d in county.divisions}) == len(county.divisions)
    for division in county.divisions:
        assert len(division.code) == LENGTHS[division.level] and division.code.isdigit()
        assert division.code.startswith(division.parent or "")
        assert division.path.split(".")[-1] == division.code


def test_parents_come_before_their_children(county: County) -> None:
    seen: set[str] = set()
    for division in county.divisions:
        assert division.parent is None or division.parent in seen
        seen.add(division.code)


def test_households_and_enterprises_add_up_at_every_level(county: County) -> None:
    root = county.divisions[0]
    assert (root.households, root.enterprises) == (560_000, 260_000)
    parents = {d.code: d for d in county.divisions}
    for code, children in families(county).items():
        assert sum(c.households for c in children) == parents[code].households
        assert sum(c.enterprises for c in children) == parents[code].enterprises
    assert min(d.households for d in county.divisions) > 0


def test_labels_lie_inside_their_divisions(county: County) -> None:
    assert all(d.polygon.contains(d.label) for d in county.divisions)


def test_each_town_contains_its_own_seat(county: County, pack: Pack) -> None:
    assert pack.demo.generator is not None
    towns = {d.code: d.polygon for d in county.divisions if d.level == "town"}
    for seat in pack.demo.generator.seats:
        assert towns[seat.code].contains(shapely.Point(seat.lon, seat.lat)), seat.english


def test_communities_are_denser_than_rural_villages(county: County) -> None:
    villages = [d for d in county.divisions if d.level == "village"]
    crowding = {
        urban: np.median([d.households / d.polygon.area for d in villages if (int(d.code[-3:]) < 200) == urban])
        for urban in (True, False)
    }
    assert crowding[True] > 3 * crowding[False]


def test_cameras_have_gb28181_ids_owners_and_stand_in_their_grid(county: County, pack: Pack) -> None:
    assert pack.demo.generator is not None
    owners = {o.code: o for o in pack.demo.generator.cameras.owners}
    divisions = by_path(county)
    assert len({c.code for c in county.cameras}) == len(county.cameras) == 1200
    assert Counter(c.owner for c in county.cameras).keys() == owners.keys()
    for camera in county.cameras:
        owner = owners[camera.owner]
        assert re.fullmatch(rf"320509\d\d{owner.industry}132{owner.network}\d{{6}}", camera.code)
        assert divisions[camera.path].level == "grid"
        assert shapely.contains_xy(divisions[camera.path].polygon, camera.lon, camera.lat)
        assert 0 <= camera.heading < 360 and 0 < camera.fov_deg <= 360 and camera.range_m > 0


def test_there_is_a_centre_for_the_county_each_town_and_each_village(county: County) -> None:
    assert Counter(p.kind for p in county.places) == {
        "county_centre": 1,
        "station": 9 + 8 + 13 + 1,
        "town_centre": 11,
        "village_centre": 307,
    }
    divisions = by_path(county)
    assert len({p.code for p in county.places}) == len(county.places)
    assert all(shapely.contains_xy(divisions[p.path].polygon, p.lon, p.lat) for p in county.places)


def test_every_force_has_a_home_inside_its_division(county: County, pack: Pack) -> None:
    assert Counter(f.kind for f in county.forces) == {
        "mediator": 553,
        "resident": 12,
        "rotating": 16,
        "on_call": 6,
        "patrol": 55,
        "town_unit": 154,
        "grid_worker": 1290,
    }
    divisions = by_path(county)
    ways = {kind.code: (kind.mode, kind.duty) for kind in pack.forces.kinds}
    for force in county.forces:
        assert shapely.contains_xy(divisions[force.path].polygon, force.lon, force.lat), force.code
        by_car = force.organisation.endswith("委员会") and force.mode == "car"
        assert (force.mode, force.duty) == ways[force.kind] or (by_car and force.code.startswith("C"))
    assert len({f.code for f in county.forces}) == len(county.forces)


def test_every_grid_has_a_worker_and_the_largest_have_two(county: County) -> None:
    workers = Counter(f.path for f in county.forces if f.kind == "grid_worker")
    grids = {d.path: d for d in county.divisions if d.level == "grid"}
    assert workers.keys() == grids.keys()
    double = [grids[path].households for path, count in workers.items() if count == 2]
    single = [grids[path].households for path, count in workers.items() if count == 1]
    assert len(double) == 148 and min(double) >= max(single)


def test_mediators_have_specialities_and_every_kind_of_dispute_has_one(county: County, pack: Pack) -> None:
    disputes = {c.code for c in pack.incidents.categories if c.class_code == "dispute"}
    mediators = [f for f in county.forces if f.kind == "mediator"]
    assert all(1 <= len(set(m.specialities)) <= 3 for m in mediators)
    assert {s for m in mediators for s in m.specialities} == disputes


def test_device_numbers_are_valid_imeis_and_unique(county: County) -> None:
    devices = {f.device_id for f in county.forces}
    assert len(devices) == len(county.forces)
    assert all(len(d) == 15 and luhn.is_valid(d) for d in devices)


@pytest.fixture(scope="module")
def made_small(pack: Pack, gazetteer: Gazetteer, small: Generator) -> County:
    """The smaller county, to compare others with."""
    return generate(pack, gazetteer, small)


def test_the_same_figures_make_the_same_county(
    pack: Pack, gazetteer: Gazetteer, small: Generator, made_small: County
) -> None:
    first, second = made_small, generate(pack, gazetteer, small)
    assert [d.polygon.wkb for d in first.divisions] == [d.polygon.wkb for d in second.divisions]
    assert (first.cameras, first.forces, first.places) == (second.cameras, second.forces, second.places)


def test_another_seed_makes_another_county(
    pack: Pack, gazetteer: Gazetteer, small: Generator, made_small: County
) -> None:
    first, second = made_small, generate(pack, gazetteer, small.model_copy(update={"seed": small.seed + 1}))
    assert first.cameras != second.cameras
    assert Counter(d.level for d in first.divisions) == Counter(d.level for d in second.divisions)


def test_a_gazetteer_with_other_towns_is_refused(pack: Pack, gazetteer: Gazetteer, small: Generator) -> None:
    with pytest.raises(FiguresDisagree) as caught:
        generate(pack, Gazetteer(gazetteer.towns[1:]), small)
    assert caught.value.params["level"] == "town"


def test_a_gazetteer_with_another_number_of_villages_is_refused(
    pack: Pack, gazetteer: Gazetteer, small: Generator
) -> None:
    short = Town(gazetteer.towns[0].named, gazetteer.towns[0].villages[1:])
    with pytest.raises(FiguresDisagree) as caught:
        generate(pack, Gazetteer((short, *gazetteer.towns[1:])), small)
    assert caught.value.params == {"level": "village", "pack": 307, "names": 306}


def test_each_town_has_every_unit_and_the_mediators_of_its_trades(county: County, pack: Pack) -> None:
    assert pack.demo.generator is not None
    towns = {d.path: d.name for d in county.divisions if d.level == "town"}
    units = Counter(f.path for f in county.forces if f.kind == "town_unit")
    assert units == dict.fromkeys(towns, 14)
    assert all(f.name.startswith(towns[f.path]) for f in county.forces if f.kind == "town_unit")
    for committee in pack.demo.generator.staff.committees:
        seats = [f for f in county.forces if f.organisation.endswith(committee.names.zh)]
        assert len(seats) == committee.mediators * max(len(committee.towns), 1)
        assert {f.path.rsplit(".")[-1] for f in seats} == set(committee.towns)
        assert all(f.specialities == committee.specialities for f in seats)
