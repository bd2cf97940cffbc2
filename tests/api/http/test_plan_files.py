"""Plans as files over HTTP: a draft goes out in every format, and comes back as what was done to it elsewhere."""

import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import orjson
import pandas as pd
import pytest
import shapely

from api.intake import sent_files
from console.planning import comparing, exporting, importing
from geo.datum import Datum, from_wgs84
from layers.exports.apart import Written
from layers.exports.rendering import rendering_of
from layers.exports.writing import render
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS, at, drawn, made
from tests.ingest.files.making import rows_of
from tests.worlds import ROOT, SIDE, ClientAs, World

FORMATS = ("gpkg", "geojson", "shp", "kml", "fgb")
VILLAGE = "320509100200"
NAME = "𠮷祥里网格，甲"


async def exported(planner: httpx.AsyncClient, plan: int, kind: str = "gpkg", **query: str) -> bytes:
    answer = await planner.get(f"{PLANS}/{plan}/export", params={"format": kind, **query})
    assert answer.status_code == 200, answer.text
    return answer.content


async def sent(planner: httpx.AsyncClient, plan: int, content: bytes, **query: Any) -> httpx.Response:
    return await planner.post(f"{PLANS}/{plan}/import", content=content, params=query)


async def imported(planner: httpx.AsyncClient, plan: int, content: bytes, **query: Any) -> dict[str, Any]:
    answer = await sent(planner, plan, content, **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(content: bytes, kind: str = "gpkg") -> gpd.GeoDataFrame:
    with NamedTemporaryFile(suffix={"shp": ".zip"}.get(kind, f".{kind}")) as file:
        Path(file.name).write_bytes(content)
        return gpd.read_file(file.name).set_index("code", drop=False)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, compare and write files in this process: each of its own would import the libraries anew."""

    async def rendered(job: Mapping[str, Any]) -> Written:
        return Written(**render(rendering_of(job)))

    async def run(module: str, job: bytes) -> tuple[int, bytes]:
        assert module == importing.MODULE
        code, said = comparing.compared(orjson.loads(job))
        return code, orjson.dumps(said)

    monkeypatch.setattr(exporting, "render_apart", rendered)
    monkeypatch.setattr(importing, "run_apart", run)
    monkeypatch.setattr(sent_files, "read_table", lambda path, choices: rows_of(path, **asdict(choices)))


def packed(frame: gpd.GeoDataFrame, folder: Path) -> bytes:
    """A GeoPackage, with its rows in another order."""
    path = folder / "edited.gpkg"
    frame.reset_index(drop=True).sample(frac=1, random_state=3).to_file(path, layer="lines_wgs84", driver="GPKG")
    return path.read_bytes()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kind", FORMATS)
async def test_a_draft_goes_out_and_comes_back_unchanged(kind: str, client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    await drawn(planner, plan, op="rename", code=MICRO, name=NAME)
    await drawn(planner, plan, op="designate", code=MICRO, kind="market")
    content = await exported(planner, plan, kind)
    found = await imported(planner, plan, content)
    assert (found["operations"], found["kept"], found["version"]) == ([], False, 3)
    if kind == "shp":
        await drawn(planner, plan, op="rename", code=MICRO, name="长" * 100)
        refused = await planner.get(f"{PLANS}/{plan}/export", params={"format": kind})
        assert (refused.status_code, refused.json()["code"]) == (422, "export.cannot_hold")
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = {Path(name).suffix: name for name in archive.namelist()}
            assert (
                archive.read(names[".cpg"]) == b"UTF-8"
                and "parent\tparent_code" in archive.read(names[".txt"]).decode()
            )
    rows = read(content, kind).rename(columns={"parent": "parent_code", "Name": "name"})
    assert (rows.loc[MICRO, "name"], rows.loc[MICRO, "kind"]) == (NAME, "market") and rows.loc[
        MICRO, "parent_code"
    ] == GRID_1
    assert len(rows) == len(world.micro_grids()) and {*rows["level"]} == {"micro_grid"}
    lines = (await planner.get(f"{PLANS}/{plan}/lines")).json()["features"]
    shapes = {one["id"]: shapely.geometry.shape(one["geometry"]) for one in lines}
    assert all(shapely.equals_exact(one.normalize(), shapely.MultiPolygon([shapes[code]]).normalize(), 1e-9)
               for code, one in zip(rows.index, map(as_multi, rows.geometry), strict=True))  # fmt: skip


def as_multi(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.MultiPolygon(shapely.get_parts(shape).tolist())


async def test_what_is_done_elsewhere_comes_back_as_exactly_those_operations(
    client_as: ClientAs, world: World, tmp_path: Path
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    rows = read(await exported(planner, plan))
    split, kept, gone, renamed, reassigned = (
        f"{GRID_1}01", f"{GRID_2}01", f"{GRID_2}02", f"{VILLAGE.replace('200', '201')}00101", f"{GRID_1}02",
    )  # fmt: skip
    west, south, east, north = rows.loc[split].geometry.bounds
    halves = [shapely.box(west, south, east, south + SIDE * 0.4), shapely.box(west, south + SIDE * 0.4, east, north)]
    rows.loc[kept, "geometry"] = rows.loc[[kept, gone]].union_all()
    rows.loc[renamed, "name"] = "北村东网格"
    rows.loc[reassigned, "parent_code"] = GRID_2
    rows.loc[split, "geometry"] = halves[0]
    second = rows.loc[[split]].set_geometry([halves[1]])
    edited = gpd.GeoDataFrame(pd.concat([rows.drop(index=gone), second]), crs=rows.crs)
    edited = edited.set_geometry(edited.geometry.segmentize(SIDE / 7))
    answer = await planner.post(f"{PLANS}/{plan}/import", content=packed(edited, tmp_path), headers={"If-Match": '"1"'})
    found = answer.json()
    done = [step["operation"] for step in found["operations"]]
    assert [one["op"] for one in done] == ["split", "merge", "reassign", "rename"], found
    assert (done[0]["code"], done[1]["codes"]) == (split, [kept, gone])
    assert (done[2]["codes"], done[2]["to"], done[3]["code"]) == ([reassigned], GRID_2, renamed)
    assert found["kept"] and found["version"] == 5 and answer.headers["ETag"].endswith('"5"')
    assert [*found["codes"].values()] == ["new_1"] and found["ended"] == [gone]
    assert found["operations"][0]["figures"][GRID_1] and found["figures"][ROOT]["households"] == 1600
    told = (await planner.get(f"{PLANS}/{plan}")).json()
    assert [one["operation"] for one in told["operations"]] == done
    stale = await planner.post(f"{PLANS}/{plan}/import", content=b"x", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    again = await imported(planner, plan, await exported(planner, plan, "geojson"), preview=True)
    assert again["operations"] == [] and again["version"] == 5


@pytest.mark.usefixtures("here")
async def test_files_in_another_datum_or_half_of_one_are_refused_and_nothing_is_done(
    client_as: ClientAs, world: World, tmp_path: Path
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    content = await exported(planner, plan, "gpkg", datum="gcj02")
    assert (await sent(planner, plan, content)).json()["params"]["reason"] == "datum.differs"
    assert (await imported(planner, plan, content, datum="gcj02"))["operations"] == []
    assert (await imported(planner, plan, await exported(planner, plan, "geojson", levels="all")))["operations"] == []
    rows = (
        read(await exported(planner, plan, "geojson"), "geojson")
        .drop(columns="datum")
        .set_crs(4326, allow_override=True)
    )
    half = [*rows.index][:7]
    rows.loc[half, "geometry"] = [shapely.transform(one, to_gcj) for one in rows.loc[half].geometry]
    refused = (await sent(planner, plan, packed(rows, tmp_path))).json()
    assert (refused["code"], refused["params"]["likely"]) == ("plan.other_place", "gcj02")
    assert refused["params"]["count"] == 7 and refused["params"]["where"]["type"] == "MultiPolygon"
    turned = rows.set_geometry([shapely.transform(one, lambda v: v[:, ::-1]) for one in rows.geometry])
    assert (await sent(planner, plan, packed(turned, tmp_path))).json()["params"]["reason"] == "coordinate.swapped"
    beijing = rows.set_crs(4214, allow_override=True)
    assert (await sent(planner, plan, packed(beijing, tmp_path))).json()["params"]["reason"] == "crs.unsupported"
    assert (await planner.get(f"{PLANS}/{plan}")).json()["version"] == 1


def to_gcj(places: np.ndarray) -> np.ndarray:
    return np.column_stack(from_wgs84(places[:, 0], places[:, 1], Datum.GCJ02))


@pytest.mark.usefixtures("here")
async def test_a_package_that_an_editor_has_open_is_refused_alone_and_read_with_its_log(
    client_as: ClientAs, world: World, tmp_path: Path
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    path = tmp_path / "open.gpkg"
    path.write_bytes(await exported(planner, plan))
    with closing(sqlite3.connect(path)) as editor:
        editor.execute("PRAGMA journal_mode=WAL")
        editor.execute("PRAGMA wal_autocheckpoint=0")
        for (name,) in editor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            editor.execute(f"DROP TRIGGER {name}")
        editor.execute("UPDATE lines_wgs84 SET name = '未存盘' WHERE code = ?", [MICRO])
        editor.commit()
        alone = (await sent(planner, plan, path.read_bytes())).json()
        assert (alone["code"], alone["params"]["reason"]) == ("plan.file", "gpkg.wal")
        whole = BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "open.gpkg")
            archive.write(f"{path}-wal", "open.gpkg-wal")
        form = {"file": ("open.zip", whole.getvalue())}
        found = (await planner.post(f"{PLANS}/{plan}/import", files=form, params={"preview": True})).json()
    assert [step["operation"] for step in found["operations"]] == [{"op": "rename", "code": MICRO, "name": "未存盘"}]
    assert not found["kept"]


@pytest.mark.usefixtures("here")
async def test_new_lines_without_codes_come_in_and_go_out_with_provisional_ones(
    client_as: ClientAs, world: World, tmp_path: Path
) -> None:
    planner = client_as("planner")
    plan = (await made(planner, VILLAGE))["id"]
    west, south, east, north = (*at(0, 0), *at(2, 2))
    cuts = [west, west + 0.6 * SIDE, west + 1.3 * SIDE, east]
    shapes = [shapely.box(x0, south, x1, north) for x0, x1 in pairwise(cuts)]
    frame = gpd.GeoDataFrame({"名称": ["甲", "乙", "丙"]}, geometry=shapes, crs=4326)
    content = frame.to_json().encode()
    found = await imported(planner, plan, content)
    assert {"batch", "rename"} <= {step["operation"]["op"] for step in found["operations"]}
    rows = read(await exported(planner, plan, "fgb"), "fgb")
    assert {*rows["name"]} == {"甲", "乙", "丙"} and {*rows["code"]} == {*found["codes"].values()}
    assert (await imported(planner, plan, content))["operations"] == []


@pytest.mark.usefixtures("here")
async def test_a_file_that_is_none_and_a_form_without_one_are_refused(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    assert (await sent(planner, plan, b"\x00\x01no file")).json()["code"] == "plan.file"
    assert (await sent(planner, plan, b"")).json()["code"] == "invalid"
    form = await planner.post(f"{PLANS}/{plan}/import", files={"other": ("a.gpkg", b"x")})
    assert (form.status_code, form.json()["code"]) == (422, "invalid")
    assert (await sent(planner, plan, b"x", repair=51)).status_code == 422
    assert (await sent(client_as("auditor"), plan, b"x")).status_code == 403
