"""Importing with bad rows left out: good ones are stored, the others come back in a file that can be mended."""

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
import typer
from pyproj import Transformer
from sqlalchemy import select

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob, ImportOutcome, Kind
from api.intake.import_log import list_imports
from api.keeping.commands.import_report import keep_rejects, refusal_text, reserved
from api.keeping.commands.problem_groups import grouped, ranges
from console.forces.tables import Force
from console.incidents.tables import Incident
from geo.datum import Datum
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from ingest.files.rejects import write_rejects
from tests.ingest.files.making import features, rows_of, sheet, written
from tests.worlds import NOW, PACK, ROOT, World

OPTIONS = Options(
    datum=Datum.WGS84,
    zone=ZoneInfo("Asia/Shanghai"),
    constants={"source": "hotline", "category": "dispute.family"},
)
HEAD = "外部编号,标题,经度,纬度,发生时间"
GOOD = "1,-3栋漏水,120.605,31.105,2026-03-01 08:30"
BAD = {
    3: "2,=合同,-999.5,31.105,2026-03-01 08:30",
    4: "3,x,120.605,31.105,昨天",
    5: "4,x,120.605,31.105,2026-03-01 08:30,多,余",
    6: "5,x,121.9,31.105,2026-03-01 08:30",
    7: "6,鐩涙辰,120.605,31.105,2026-03-01 08:30",
    8: "7,x,120.605,31.105,2026-03-01 08:30",
    9: "7,y,120.605,31.105,2026-03-01 08:30",
}


async def imported(
    store: Store, path: Path, options: Options = OPTIONS, *, kind: Kind = "incidents", skip_bad: bool = True
) -> tuple[ImportJob, ImportOutcome]:
    table = rows_of(path, keep_bad_rows=skip_bad)
    job = ImportJob(kind, table, options, now=NOW, day=NOW.date(), skip_bad=skip_bad)
    return job, await import_file(store, PACK, job)


async def titles(store: Store) -> set[str]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return set(await session.scalars(select(Incident.title).where(Incident.source == "hotline")))


async def test_good_rows_are_stored_and_the_others_can_be_mended_and_imported(
    store: Store, world: World, tmp_path: Path
) -> None:
    path = written(tmp_path, "list.csv", "\n".join([HEAD, GOOD, *BAD.values()]) + "\n")
    with pytest.raises(FileRefused):
        await imported(store, path, skip_bad=False)
    assert await titles(store) == set()
    job, outcome = await imported(store, path)
    assert outcome.counts == {"rows": 1, "added": 1, "unchanged": 0, "rejected": 7}
    assert await titles(store) == {"-3栋漏水"}
    rejects = tmp_path / "rejects.csv"
    with reserved(rejects):
        pass
    told = keep_rejects(rejects, job.table, outcome).notes[0]
    assert told == {"code": "rows.rejected", "rows": 7, "file": str(rejects)}
    with rejects.open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [int(row["rejected_row"]) for row in rows] == list(BAD)
    assert all(row["rejected_because"] for row in rows)
    assert "多, 余" in rows[2]["rejected_because"]
    assert (rows[0]["标题"], rows[0]["经度"]) == ("'=合同", "-999.5"), "a number is no formula"
    mended = rejects.read_text("utf-8-sig").replace("-999.5", "120.605").replace("昨天", "2026/3/1 8:30")
    mended = mended.replace("121.9", "120.606").replace("鐩涙辰", "盛泽")
    again = written(tmp_path, "mended.csv", mended)
    job, outcome = await imported(store, again)
    assert outcome.counts == {"rows": 5, "added": 5, "unchanged": 0, "rejected": 2}, "one number is there twice"
    assert await titles(store) == {"-3栋漏水", "=合同", "x", "盛泽"}
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert [entry.counts["rejected"] for entry in await list_imports(session, limit=2)] == [2, 7]


async def test_a_device_that_another_force_has_is_one_rows_problem(store: Store, world: World, tmp_path: Path) -> None:
    head = "code,kind,lon,lat,device\n"
    place = "patrol,120.605,31.105"
    await imported(store, written(tmp_path, "a.csv", f"{head}m1,{place},d1\n"), Options(Datum.WGS84), kind="forces")
    path = written(tmp_path, "b.csv", f"{head}m2,{place},d1\nm3,{place},d3\n")
    _, outcome = await imported(store, path, Options(Datum.WGS84), kind="forces")
    assert [(p.code, p.row) for p in outcome.rejected] == [("device.taken", 2)]
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert set(await session.scalars(select(Force.code).where(Force.code.in_(["m2", "m3"])))) == {"m3"}


@pytest.mark.parametrize("kind", ["cameras", "places"])
async def test_cells_of_a_sheet_with_errors_are_rejected_by_row(
    store: Store, world: World, tmp_path: Path, kind: Kind
) -> None:
    rows = [["编码", "站点类别", "经度", "纬度"], ["c1", "station", 120.605, 31.105], ["c2", "=1+1", 120.605, 31.105]]
    _, outcome = await imported(store, sheet(tmp_path, rows), Options(Datum.WGS84), kind=kind)
    assert (outcome.counts["added"], outcome.counts["rejected"]) == (1, 1)
    assert ("cell.formula", "Sheet1!B3") in [(p.code, p.cell) for p in outcome.rejected]


async def test_a_file_without_a_good_row_or_with_a_fault_of_its_own_is_refused(
    store: Store, world: World, tmp_path: Path
) -> None:
    for content in (f"{HEAD}\n{BAD[3]}\n", f"{HEAD},{HEAD}\n{GOOD},{GOOD}\n"):
        with pytest.raises(FileRefused):
            await imported(store, written(tmp_path, "list.csv", content))
    assert await titles(store) == set()


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    mended = written(tmp_path, "rejects.csv", "mended by hand")
    for path in (mended, tmp_path / "no such folder" / "rejects.csv"):
        with pytest.raises(typer.BadParameter), reserved(path):
            pass
    assert mended.read_text() == "mended by hand"


def test_nothing_is_left_of_the_file_when_no_row_is_rejected_or_all_are(tmp_path: Path) -> None:
    path = tmp_path / "rejects.csv"
    with reserved(path):
        assert path.exists()
    keep_rejects(path, rows_of(written(tmp_path, "a.csv", "a,b\n1,2\n")), ImportOutcome())
    assert not path.exists()
    with pytest.raises(FileRefused), reserved(path):
        raise FileRefused([])
    assert not path.exists()


def test_a_dry_run_leaves_no_file_of_rejects_that_would_be_in_the_way_of_the_import(tmp_path: Path) -> None:
    path, table = tmp_path / "rejects.csv", rows_of(written(tmp_path, "a.csv", "a,b\n1,2\n"))
    outcome = ImportOutcome(rejected=[Problem("row.not_text", row=2)])
    with reserved(path):
        told = keep_rejects(path, table, outcome, dry_run=True)
    assert (told.notes, path.exists()) == ([{"code": "rows.would_be_rejected", "rows": 1, "file": str(path)}], False)


def test_rejected_points_of_a_projected_file_come_back_in_degrees(tmp_path: Path) -> None:
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:4549", always_xy=True).transform(120.605, 31.105)
    table = rows_of(features(tmp_path, [shapely.Point(x, y)], {"code": ["-c"]}, "cameras.gpkg", crs="EPSG:4549"))
    path = tmp_path / "rejects.csv"
    assert write_rejects(path, table, [Problem("field.missing", row=1, field="name")], reason=lambda p: p.code) == 1
    (row,) = rows_of(path).records
    assert (row.values["code"], row.values["rejected_because"]) == ("'-c", "name field.missing")
    assert shapely.from_wkt(row.values["wkt"]).distance(shapely.Point(120.605, 31.105)) < 1e-7


def test_two_hundred_alike_problems_are_told_once_with_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    alike = [Problem("time.broken", row=row, field="occurred_at", params={"value": "?"}) for row in range(10, 258)]
    other = [Problem("field.missing", row=row, field="lon") for row in (3, 4, 9)]
    text = refusal_text(Path("list.csv"), FileRefused([*other, *alike]))
    lines = text.splitlines()
    assert lines[0] == "list.csv: refused, nothing stored; problems: 251"
    assert lines[1] == "occurred_at in 248 rows: 10–257; the first of them:"
    assert len(lines) == 1 + 1 + 5 + 3
    assert [group.as_json() for group in grouped([*other, *alike])] == [
        {"code": "time.broken", "field": "occurred_at", "count": 248, "rows": "10–257"},
        {"code": "field.missing", "field": "lon", "count": 3, "rows": "3–4, 9"},
    ]


def test_each_unknown_code_of_many_rows_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    values = ["noise", *["fire"] * 40, "slide", *["noise"] * 9]
    problems = [Problem("category.unknown", row=n, field="category", params={"value": v}) for n, v in enumerate(values)]
    lines = refusal_text(Path("list.csv"), FileRefused(problems)).splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["0", "1", "41"]


@pytest.mark.parametrize(
    ("rows", "text"), [([], ""), ([7], "7"), ([1, 2, 3, 5], "1–3, 5"), (list(range(1, 60, 2)), "…")]
)
def test_rows_are_listed_in_ranges(rows: list[int], text: str) -> None:
    assert ranges(rows).endswith(text)
