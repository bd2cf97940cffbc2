"""Generate towns, villages, grids and micro-grids: nested, exact, and as many as the county reports.

The smallest cells are drawn first and every level above is a union of them, so that no level can have a gap, an overlap
or a child outside its parent. Towns grow around their seats, villages within towns, grids within villages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from geo.errors import MaplebridgeError
from geo.plane import Plane
from geo.regions import CellGraph, apportion, divide, grow_around
from geo.tiling import Floats, Ints, borders, centres, scatter, tile, union
from ingest.county.gazetteer import Gazetteer, GazetteerEntry, Town
from ingest.county.observations import Division
from ingest.county.settlement import Settlement, settle_county, share_out
from ingest.county.terms import Generator, Seat

MOST_ROUNDS, GROWTH = 40, 1.15
TOWN = "town"


class FiguresDisagree(MaplebridgeError):
    """The pack's counts and the list of names do not match. `params`: `level`, `pack`, `names`."""

    code = "county.figures"


@dataclass(frozen=True, slots=True)
class Groups:
    """For each micro-grid the number of its grid, village and town; villages are in the gazetteer's order."""

    grid: Ints
    village: Ints
    town: Ints


@dataclass(frozen=True, slots=True)
class Ground:
    """A county's cells with their groups, households, premises and enterprises."""

    plane: Plane
    settlement: Settlement
    cells: list[Polygon]
    middles: Floats
    groups: Groups
    households: Ints
    premises: Ints
    enterprises: Ints


def draw_boundaries(figures: Generator, gazetteer: Gazetteer, outline: Polygon) -> Ground:
    """Draw all boundaries. The same figures give the same boundaries. Raises `FiguresDisagree`."""
    towns = _match_towns(figures, gazetteer)
    rng = np.random.default_rng(figures.seed)
    plane, counts = Plane.at(outline), figures.counts
    settlement = settle_county(outline, plane, figures.seats, hamlets=counts.villages, rng=rng)
    points = scatter(outline, plane, count=counts.smallest, density=settlement.density, rng=rng)
    cells = tile(outline, points, plane, rng=rng)
    middles = centres(cells, plane)
    area = shapely.area(np.array(cells, dtype=object)) * plane.scale.prod()
    seats = cells_of(figures.seats, cells)
    groups = _grouped(figures, towns, CellGraph.of(middles, area / 1e6, borders(cells)), seats=seats, rng=rng)
    urbanity = settlement.urbanity(middles)
    # Cells are drawn by density, so each holds about as many homes; rural enterprises are few and large.
    homes = rng.lognormal(0, 0.35, len(cells)) * (0.7 + 0.6 * urbanity)
    firms = rng.gamma(0.9, 1, len(cells)) * (0.25 + urbanity)
    return Ground(
        plane,
        settlement,
        cells,
        middles,
        groups,
        households=share_out(figures.households, homes),
        premises=share_out(figures.premises, homes + firms),
        enterprises=share_out(figures.enterprises, firms),
    )


def _match_towns(figures: Generator, gazetteer: Gazetteer) -> tuple[Town, ...]:
    """Return the gazetteer's towns in the order of the pack's seats."""
    named = {town.named.code: town for town in gazetteer.towns}
    seats = [seat.code for seat in figures.seats]
    if set(seats) != set(named) or len(seats) != figures.counts.towns:
        raise FiguresDisagree(level="town", pack=sorted(seats), names=sorted(named))
    villages = sum(len(town.villages) for town in gazetteer.towns)
    if villages != figures.counts.villages:
        raise FiguresDisagree(level="village", pack=figures.counts.villages, names=villages)
    return tuple(named[code] for code in seats)


def cells_of(seats: Sequence[Seat], cells: list[Polygon]) -> list[int]:
    """Return the cell that each town's seat lies in, or the nearest one."""
    points = shapely.points([(seat.lon, seat.lat) for seat in seats])
    return [int(found) for found in shapely.STRtree(cells).nearest(points)]


def _grouped(
    figures: Generator,
    towns: tuple[Town, ...],
    land: CellGraph,
    *,
    seats: list[int],
    rng: np.random.Generator,
) -> Groups:
    needed = np.array([len(named.villages) for named in towns])
    sizes = np.array([seat.km2 for seat in figures.seats])
    town = _towns(land, seats, sizes, needed=needed)
    village = np.zeros(len(town), dtype=np.int64)
    first = 0
    for number, named in enumerate(towns):
        members = np.flatnonzero(town == number)
        village[members] = first + _villages(land.part(members), named, rng=rng)
        first += len(named.villages)
    return Groups(_grids(land, village, total=figures.counts.grids, rng=rng), village, town)


def _towns(land: CellGraph, seats: list[int], sizes: Floats, *, needed: Ints) -> Ints:
    """Grow towns around their seats; those with fewer cells than villages grow larger, a few times."""
    for _ in range(MOST_ROUNDS):
        town = grow_around(land, seats, sizes)
        short = np.bincount(town, minlength=len(sizes)) < needed
        if not short.any():
            break
        sizes = np.where(short, sizes * GROWTH, sizes)
    return town


def _villages(land: CellGraph, town: Town, *, rng: np.random.Generator) -> Ints:
    """Assign the cells of a town to villages. The densest ones are communities 居委会, which towns have in their
    centre.
    """
    # A compromise between equal area and equal population: villages are large, communities are dense.
    even = CellGraph(land.centres, np.sqrt(land.weights), land.touching)
    drawn = divide(even, rng.uniform(0.6, 1.4, len(town.villages)), rng=rng)
    crowding = np.bincount(drawn) / np.bincount(drawn, land.weights)
    by_crowding = np.argsort(-crowding, kind="stable")
    urban_first = sorted(range(len(town.villages)), key=lambda i: not town.villages[i].urban)
    name_of = np.empty(len(by_crowding), dtype=np.int64)
    name_of[by_crowding] = urban_first
    return name_of[drawn]


def _grids(land: CellGraph, village: Ints, *, total: int, rng: np.random.Generator) -> Ints:
    """Assign cells to grids: to each village in proportion to its cells, and at least one."""
    cells = np.bincount(village)
    numbers = apportion(total, cells.astype(np.float64), least=np.ones_like(cells), most=cells)
    grid = np.zeros(len(village), dtype=np.int64)
    first = 0
    for number, count in enumerate(numbers.tolist()):
        members = np.flatnonzero(village == number)
        part = land.part(members)
        even = CellGraph(part.centres, np.ones(len(members)), part.touching)
        grid[members] = first + divide(even, np.ones(count), rng=rng)
        first += count
    return grid


@dataclass(frozen=True, slots=True)
class Root:
    """The whole place: code, name, source of its boundary, level, and how its micro-grids are called."""

    code: str
    name: str
    source: str
    level: str = "county"
    english: str | None = None
    micro_grid: str = "微网格"

    @property
    def generated(self) -> bool:
        """A town's boundary is made up: only counties have a real one."""
        return self.level == TOWN


def divisions_of(figures: Generator, gazetteer: Gazetteer, ground: Ground, root: Root) -> list[Division]:
    """List all divisions, parents before children: the county, towns, villages, grids, micro-grids. A town that is the
    root is the only one.
    """
    return _Drawing(figures, _match_towns(figures, gazetteer), ground, root).all()


class _Drawing:
    """Builds divisions from groups of cells, with names and codes, from the county down."""

    def __init__(self, figures: Generator, towns: tuple[Town, ...], ground: Ground, root: Root) -> None:
        self.figures, self.towns, self.ground, self.root = figures, towns, ground, root
        self.villages: list[GazetteerEntry] = [village for town in towns for village in town.villages]
        self.grids = _children(ground.groups.grid, ground.groups.village)
        self.drawn: list[Division] = []

    def all(self) -> list[Division]:
        everything = np.arange(len(self.ground.cells))
        named = GazetteerEntry(self.root.code, self.root.name)
        root = self._add(None, self.root.level, named, members=everything, english=self.root.english)
        groups = self.ground.groups
        above = [root] if self.root.level == TOWN else self._towns(root)
        town_of = {village.code: above[i] for i, town in enumerate(self.towns) for village in town.villages}
        villages = [
            self._add(town_of[named.code], "village", named, members=np.flatnonzero(groups.village == i))
            for i, named in enumerate(self.villages)
        ]
        grids = [(self._grid(villages[i], at, n), n) for i, own in enumerate(self.grids) for at, n in enumerate(own)]
        for grid, number in grids if self.figures.counts.micro_grids else ():
            self._micro_grids(grid, np.flatnonzero(groups.grid == number))
        return self.drawn

    def _towns(self, county: Division) -> list[Division]:
        town_of = self.ground.groups.town
        seats = zip(self.figures.seats, self.towns, strict=True)
        return [
            self._add(county, TOWN, town.named, members=np.flatnonzero(town_of == i), english=seat.english or None)
            for i, (seat, town) in enumerate(seats)
        ]

    def _grid(self, village: Division, at: int, number: int) -> Division:
        name = f"{GazetteerEntry(village.code, village.name).short}第{at + 1}网格"
        members = np.flatnonzero(self.ground.groups.grid == number)
        return self._add(village, "grid", GazetteerEntry(f"{village.code}{at + 1:03}", name), members=members)

    def _micro_grids(self, grid: Division, members: Ints) -> None:
        for at, cell in enumerate(members.tolist()):
            named = GazetteerEntry(f"{grid.code}{at + 1:02}", f"{grid.name}{at + 1}号{self.root.micro_grid}")
            self._add(grid, "micro_grid", named, members=np.array([cell]))

    def _add(
        self, parent: Division | None, level: str, named: GazetteerEntry, *, members: Ints, english: str | None = None
    ) -> Division:
        polygon = union([self.ground.cells[i] for i in members])
        division = Division(
            code=named.code,
            level=level,
            name=named.name,
            parent=parent.code if parent else None,
            path=f"{parent.path}.{named.code}" if parent else named.code,
            polygon=polygon,
            label=label_of(polygon),
            households=int(self.ground.households[members].sum()),
            premises=int(self.ground.premises[members].sum()),
            enterprises=int(self.ground.enterprises[members].sum()),
            valid_from=self.figures.valid_from,
            generated=parent is not None or self.root.generated,
            source=self.root.source if parent is None else "",
            english=english,
        )
        self.drawn.append(division)
        return division


def label_of(polygon: Polygon) -> Point:
    """Return where the name is written: the centroid, or a point inside if the centroid lies outside."""
    centroid = polygon.centroid
    return centroid if polygon.contains(centroid) else polygon.point_on_surface()


def _children(child: Ints, parent: Ints) -> list[list[int]]:
    """Return the numbers of the children of each parent, ascending."""
    pairs = np.unique(np.column_stack([parent, child]), axis=0)
    return [pairs[pairs[:, 0] == number, 1].tolist() for number in range(int(parent.max()) + 1)]
