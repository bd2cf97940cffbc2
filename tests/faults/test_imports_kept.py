"""Attacks through the whole import: refused by row, stored rows unchanged, and a running server unaffected."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from api.intake.files.importing import import_file
from api.intake.files.jobs import GridOptions, ImportJob, Kind
from api.keeping.postgres.roles import Urls
from console.forces.tables import Force
from console.incidents.tables import Incident
from geo.datum import Datum
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from ingest.files.reading import read_table
from layers.cameras.tables import Camera
from layers.divisions.tables import Division
from tests.browser.server import Server
from tests.faults import attacks
from tests.faults.attacks import feature, text
from tests.ingest.files.making import rows_of, sheet
from tests.worlds import NOW, PACK, ROOT, WEST, World

TABLES = (Division, Camera, Incident, Force)
GRID_OPTIONS = GridOptions(level="grid", parent=f"{WEST[-9:]}200", valid_from=NOW.date())
COLLECTIONS = "GEOMETRYCOLLECTION(" * 20_000 + "POINT(1 2)" + ")" * 20_000
BOW_TIE = "POLYGON((120.60 31.10,120.61 31.11,120.61 31.10,120.60 31.11,120.60 31.10))"
ENDLESS = '{"type":"Point","coordinates":[1e400,31.1]}'
KML_NAN = (
    "<kml><Placemark><ExtendedData><Data name='code'><value>c</value></Data></ExtendedData><Point><coordinates>nan,31.1"
    "</coordinates></Point></Placemark></kml>"
)


def formula_sheet(folder: Path) -> Path:
    return sheet(folder, [["code", "name", "lon", "lat"], ["c", '=HYPERLINK("http://x","y")', 120.605, 31.105]])


def cameras(*lines: str) -> Callable[[Path], Path]:
    return text("a.csv", "code,name,lon,lat\n" + "\n".join(lines) + "\n")


ATTACKS: dict[str, tuple[Kind, Callable[[Path], Path], str, int | None]] = {
    "two combs across each other": ("grids", attacks.combs, "file.too_demanding", None),
    "a bow-tie": ("grids", text("a.csv", f'code,wkt\ng1,"{BOW_TIE}"\n'), "geometry.invalid", 2),
    "collections without end": ("grids", text("a.csv", f'code,wkt\ng1,"{COLLECTIONS}"\n'), "geometry.not_a_polygon", 2),
    "an endless coordinate": ("cameras", text("a.geojson", feature(ENDLESS, code="c")), "coordinate.invalid", 1),
    "a coordinate that is no number": ("cameras", text("a.kml", KML_NAN), "coordinate.invalid", 1),
    "a formula in a sheet": ("cameras", formula_sheet, "cell.formula", 2),
    "a zero byte": ("cameras", text("a.geojson", feature(attacks.POINT, code="c", name="a\0b")), "text.control", 1),
    "a name that turns about": ("cameras", cameras("c,gnp.\u202eexe,120.605,31.105"), "text.control", 2),
    "a sound row before a bad one": ("cameras", cameras("c,x,120.605,31.105", "d,x,nan,31.105"), "number.not_finite",
                                     3),
}  # fmt: skip


async def counts(store: Store) -> list[int]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


async def refusal(store: Store, kind: Kind, path: Path) -> Problem:
    grid_options = GRID_OPTIONS if kind == "grids" else None
    with pytest.raises(FileRefused) as refused:
        job = ImportJob(
            kind, rows_of(path), Options(datum=Datum.WGS84), now=NOW, day=NOW.date(), grid_options=grid_options
        )
        await import_file(store, PACK, job)
    return refused.value.problems[0]


@pytest.mark.usefixtures("world")
async def test_an_attack_in_a_row_is_refused_by_row_and_nothing_is_stored(store: Store, tmp_path: Path) -> None:
    before = await counts(store)
    for number, (what, (kind, make, code, row)) in enumerate(ATTACKS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        problem = await refusal(store, kind, make(folder))
        assert (problem.code, problem.row) == (code, row), what
    assert await counts(store) == before


@pytest.fixture
def server(database: Urls, world: World, tmp_path: Path) -> Iterator[Server]:
    with asyncio.Runner() as runner:
        server = Server(database, tmp_path)
        runner.run(server.start())
        yield server
        runner.run(server.stop())


async def p99(client: httpx.AsyncClient, until: Callable[[], bool]) -> float:
    """Return the 99th percentile of response times in milliseconds, with a request every 20 ms until `until`."""
    moments = []
    while not until():
        begun = time.monotonic()
        assert (await client.get("/api/incidents", params={"limit": 20})).status_code == 200
        moments.append(time.monotonic() - begun)
        await asyncio.sleep(0.02)
    return sorted(moments)[len(moments) * 99 // 100] * 1000


def test_a_server_answers_every_request_during_attacks(
    server: Server, world: World, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    headers = {"Authorization": f"Bearer {world.tokens['operator']}"}
    files = [attacks.forty_million_objects(tmp_path), attacks.ten_million_vertices_in_kml(tmp_path)]

    async def measured() -> tuple[float, float]:
        async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=60) as client:
            end = time.monotonic() + 3
            alone = await p99(client, lambda: time.monotonic() > end)
            attacking = asyncio.ensure_future(asyncio.gather(*map(_refused, files)))
            beside = await p99(client, attacking.done)
            assert await attacking == ["file.too_demanding", "geometry.too_many_vertices"]
            return alone, beside

    alone, beside = asyncio.run(measured())
    record_property("p99 of a list alone, milliseconds", round(alone, 1))
    record_property("p99 of a list beside two attacks, milliseconds", round(beside, 1))


def _refused(path: Path) -> Awaitable[str]:
    def read() -> str:
        with pytest.raises(FileRefused) as refused:
            read_table(path)
        return refused.value.problems[0].code

    return asyncio.to_thread(read)
