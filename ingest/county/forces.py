"""Generate a county's forces: mediators, departments at the centre, patrol teams, and at least one worker for each
grid.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle

import numpy as np
import shapely
from stdnum import luhn

from geo.terms import Names
from ingest.county.observations import Division, Force, Place
from ingest.county.people import names
from ingest.county.places import CENTRE, STATION
from ingest.county.settlement import share_out
from ingest.county.terms import Department, Generator, MediatorGroup

UNASSIGNED = "111"
CHINESE_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class TravelAndDuty:
    """Travel mode of a kind of force, and its duty at first: on, or on call."""

    mode: str
    duty: str


@dataclass(frozen=True, slots=True)
class Post:
    """Home position of a force, and its division."""

    path: str
    lon: float
    lat: float


@dataclass(slots=True)
class ForceGenerator:
    """Generates forces one after another from one seeded random stream, so their order is part of the result.

    `mediated` are the categories that mediators specialise in, with their frequencies.
    """

    figures: Generator
    ways: Mapping[str, TravelAndDuty]
    mediated: Mapping[str, float]
    rng: np.random.Generator
    people: Iterator[str] = field(init=False)
    devices: set[str] = field(default_factory=set)
    numbered: int = 0

    def __post_init__(self) -> None:
        self.people = names(self.rng)

    def recruit(
        self, code: str, post: Post, *, kind: str, name: str, organisation: str, specialities: Sequence[str] = ()
    ) -> Force:
        return Force(
            code=code,
            name=name,
            kind=kind,
            organisation=organisation,
            mode=self.ways[kind].mode,
            duty=self.ways[kind].duty,
            lon=post.lon,
            lat=post.lat,
            path=post.path,
            specialities=tuple(specialities),
            languages=self._languages(),
            device_id=self._device(),
            telephone=self._telephone(),
        )

    def specialities(self, count: int, *, among: Sequence[str] = ()) -> tuple[str, ...]:
        """Draw distinct categories of these or of all, frequent ones more often."""
        weighted = {code: weight for code, weight in self.mediated.items() if not among or code in among}
        codes, weights = list(weighted), np.array(list(weighted.values()), dtype=np.float64)
        count = min(count, len(codes))
        drawn = self.rng.choice(len(codes), count, replace=False, p=weights / weights.sum())
        return tuple(codes[i] for i in sorted(drawn.tolist()))

    def _languages(self) -> tuple[str, ...]:
        return tuple(code for code, share in self.figures.staff.languages.items() if self.rng.random() < share)

    def _telephone(self) -> str:
        """Number the forces from a prefix that no network has, so that nobody is called by a demo."""
        self.numbered += 1
        return f"{UNASSIGNED}{self.numbered:08d}"

    def _device(self) -> str:
        """Draw a phone number in the form of an IMEI, without repetition."""
        while True:
            stem = "86" + "".join(map(str, self.rng.integers(0, 10, 12).tolist()))
            device = stem + luhn.calc_check_digit(stem)
            if device not in self.devices:
                self.devices.add(device)
                return device


def forces_of(
    figures: Generator,
    divisions: Sequence[Division],
    places: Sequence[Place],
    *,
    ways: Mapping[str, TravelAndDuty],
    mediated: Mapping[str, float],
) -> list[Force]:
    """Generate all forces, each with a home position inside its division."""
    recruiting = ForceGenerator(figures, ways, mediated, np.random.default_rng([figures.seed, 2]))
    return [
        *_mediators(recruiting, divisions),
        *_units(recruiting, places),
        *_patrols(recruiting, divisions, places),
        *_grid_workers(recruiting, [d for d in divisions if d.level == "grid"]),
        *_committees(recruiting, divisions, places),
        *_town_units(recruiting, divisions, places),
    ]


def _mediators(recruiting: ForceGenerator, divisions: Sequence[Division]) -> Iterator[Force]:
    """Generate mediators: part-time ones evenly over villages, the other kinds over towns by size."""
    for number, group in enumerate(recruiting.figures.staff.mediators, start=1):
        level = "village" if group.count >= recruiting.figures.counts.villages else "town"
        homes = [d for d in divisions if d.level == level]
        spread = share_out(group.count, np.array([d.households if level == "town" else 1.0 for d in homes]))
        posts = [home for home, count in zip(homes, spread.tolist(), strict=True) for _ in range(count)]
        for serial, home in enumerate(posts, start=1):
            yield _mediator(recruiting, group, home, code=f"M{number}{serial:04}")


def _mediator(recruiting: ForceGenerator, group: MediatorGroup, home: Division, *, code: str) -> Force:
    return recruiting.recruit(
        code,
        _somewhere_in(home, rng=recruiting.rng),
        kind="mediator",
        name=next(recruiting.people),
        organisation=f"{home.name}人民调解委员会·{group.names.zh}",
        specialities=recruiting.specialities(group.specialities_each, among=group.specialities),
    )


def _units(recruiting: ForceGenerator, places: Sequence[Place]) -> Iterator[Force]:
    """Generate departments: resident and rotating ones at the centre's stations, those on call at the towns'
    centres.
    """
    staff = recruiting.figures.staff
    county = _main_centre(places)
    rooms = cycle([p for p in places if p.kind == STATION and p.path == county.path] or [county])
    elsewhere = cycle([p for p in places if p.kind == "town_centre"])
    for letter, kind, units in (("R", "resident", staff.resident), ("T", "rotating", staff.rotating)):
        for serial, unit in enumerate(units, start=1):
            post = _at(next(rooms), path=county.path)
            yield _unit(recruiting, unit, post, code=f"{letter}{serial:03}", kind=kind)
    for serial, unit in enumerate(staff.on_call, start=1):
        post = _at(next(elsewhere), path=county.path)
        yield _unit(recruiting, unit, post, code=f"O{serial:03}", kind="on_call")


def _unit(recruiting: ForceGenerator, unit: Department, post: Post, *, code: str, kind: str) -> Force:
    return recruiting.recruit(
        code, post, kind=kind, name=unit.names.zh, organisation=unit.names.zh, specialities=unit.specialities
    )


def _committees(recruiting: ForceGenerator, divisions: Sequence[Division], places: Sequence[Place]) -> Iterator[Force]:
    """Generate the mediators of each trade's committee: at the centres of its towns, or at the county's."""
    county = _main_centre(places)
    seats = _town_centres(divisions, places)
    names = {d.code: d.name for d in divisions}
    for number, committee in enumerate(recruiting.figures.staff.committees, start=1):
        posts = [(names[code], _at(seats[code], path=seats[code].path)) for code in committee.towns]
        held = [post for post in posts or [("", _at(county, path=county.path))] for _ in range(committee.mediators)]
        for serial, (town, post) in enumerate(held, start=1):
            mediator = recruiting.recruit(
                f"C{number:02}{serial:03}",
                post,
                kind="mediator",
                name=next(recruiting.people),
                organisation=f"{town}{committee.names.zh}",
                specialities=committee.specialities,
            )
            yield replace(mediator, mode=committee.mode or mediator.mode)


def _town_units(recruiting: ForceGenerator, divisions: Sequence[Division], places: Sequence[Place]) -> Iterator[Force]:
    """Generate one of each unit for each town, at its centre or elsewhere in the town."""
    staff = recruiting.figures.staff
    seats = _town_centres(divisions, places)
    for town in (d for d in divisions if d.level == "town"):
        for serial, unit in enumerate(staff.town_units, start=1):
            post = _at(seats[town.code], path=town.path) if serial == 1 else _somewhere_in(town, rng=recruiting.rng)
            name = f"{town.name}{unit.names.zh}"
            yield _unit(
                recruiting,
                Department(names=Names(zh=name, en=name), specialities=unit.specialities),
                post,
                code=f"U{town.code}{serial:02}",
                kind=staff.town_unit_kind,
            )


def _main_centre(places: Sequence[Place]) -> Place:
    """Return the centre of the whole place."""
    return min((p for p in places if p.kind.endswith(CENTRE)), key=lambda p: p.path.count("."))


def _town_centres(divisions: Sequence[Division], places: Sequence[Place]) -> dict[str, Place]:
    """Map the code of each town to its centre."""
    centres = {p.path: p for p in places if p.kind == "town_centre"}
    return {d.code: centres[d.path] for d in divisions if d.level == "town"}


def _patrols(recruiting: ForceGenerator, divisions: Sequence[Division], places: Sequence[Place]) -> Iterator[Force]:
    centres = {p.path: p for p in places if p.kind == "town_centre"}
    for town in (d for d in divisions if d.level == "town"):
        for serial in range(1, recruiting.figures.staff.patrol_teams_per_town + 1):
            numeral = CHINESE_NUMERALS[serial - 1] if serial <= len(CHINESE_NUMERALS) else str(serial)
            post = _at(centres[town.path], path=town.path) if serial == 1 else _somewhere_in(town, rng=recruiting.rng)
            yield recruiting.recruit(
                f"P{town.code}{serial:02}",
                post,
                kind="patrol",
                name=f"{town.name}巡防{numeral}队",
                organisation=f"{town.name}巡防大队",
            )


def _grid_workers(recruiting: ForceGenerator, grids: Sequence[Division]) -> Iterator[Force]:
    """Generate one worker for each grid, and the rest where most households are. Too few workers go to the largest
    grids.
    """
    by_homes = np.argsort([-grid.households for grid in grids], kind="stable")
    workers = np.bincount(np.resize(by_homes, recruiting.figures.staff.grid_workers), minlength=len(grids))
    for grid, count in zip(grids, workers.tolist(), strict=True):
        for serial in range(1, count + 1):
            yield recruiting.recruit(
                f"W{grid.code}{serial}",
                _somewhere_in(grid, rng=recruiting.rng),
                kind="grid_worker",
                name=next(recruiting.people),
                organisation=grid.name,
            )


def _at(place: Place, *, path: str) -> Post:
    return Post(path, place.lon, place.lat)


def _somewhere_in(division: Division, *, rng: np.random.Generator) -> Post:
    """Draw a point inside a division, more likely near its middle."""
    west, south, east, north = division.polygon.bounds
    middle, spread = np.array(division.label.coords[0]), np.array([east - west, north - south]) / 5
    tried = rng.normal(middle, spread, (40, 2))
    inside = tried[shapely.contains_xy(division.polygon, tried[:, 0], tried[:, 1])]
    lon, lat = (inside[0] if len(inside) else middle).tolist()
    return Post(division.path, lon, lat)
