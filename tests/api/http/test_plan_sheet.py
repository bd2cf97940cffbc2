"""The map sheet of a plan: its scale, what it says in either language, and its letters."""

from io import BytesIO
from pathlib import Path

import numpy as np
import orjson
import pytest
from pypdf import PdfReader
from pyproj import Geod

from api.http.incident_report.rare_letters import FILES
from api.http.plan_sheet import drawing, reading
from api.http.plan_sheet.scales import MOST_BAR_MM, bar_of, scale_of
from api.settings import Settings
from tests.api.http.test_incident_report import BUILT
from tests.api.http.test_plans import GRID_1, MICRO, PLANS, drawn, made
from tests.worlds import ClientAs, World

NAME = "𠮷祥里网格，甲"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """With the front end's own build, which ships the font and the words; sheets are drawn in this process."""
    if not (BUILT / "report.json").is_file():
        pytest.skip("the front end is not built, and it ships the font")

    async def run(module: str, job: bytes) -> tuple[int, bytes]:
        assert module == reading.MODULE
        return 0, drawing.draw(orjson.loads(job))

    monkeypatch.setattr(reading, "run_apart", run)
    (tmp_path / BUILT.name).symlink_to(BUILT)
    return Settings(data_dir=tmp_path, static_dir=tmp_path)


@pytest.mark.parametrize("latitude", [18.3, 31.1, 53.2])
@pytest.mark.parametrize("side", [0.002, 0.05, 0.6, 2.0])
def test_the_scale_bar_is_within_one_percent_of_the_geodesic(latitude: float, side: float) -> None:
    scale = scale_of((120.6, latitude, 120.6 + side, latitude + side / 2), wide_mm=316.0, high_mm=245.0)
    metres = bar_of(scale)
    assert 8 < metres / scale.metres_per_mm <= MOST_BAR_MM
    for across in ((metres, 0.0), (0.0, metres)):
        ends = scale.plane.to_degrees(np.array([(-across[0] / 2, -across[1] / 2), (across[0] / 2, across[1] / 2)]))
        _, _, true = Geod(ellps="WGS84").inv(*ends[0], *ends[1])
        assert true == pytest.approx(metres, rel=0.01)


async def test_a_map_sheet_says_title_names_who_and_when_in_either_language(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner, reason="年度调整"))["id"]
    await drawn(planner, plan, op="rename", code=MICRO, name=NAME)
    for lang, words in (
        ("zh", ("南村网格调整", "图例", "比例尺", "有调整的网格（1 个）", "年度调整", "2026-03-02 10:00", "草拟")),
        ("en", ("南村网格调整", "Legend", "Scale", "Changed grids (1)", "年度调整", "2026-03-02 10:00", "Draft")),
    ):
        answer = await planner.get(f"{PLANS}/{plan}/export", params={"format": "pdf", "lang": lang})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
        assert len(answer.content) < 2_000_000
        pages = PdfReader(BytesIO(answer.content)).pages
        text = "".join("".join(page.extract_text().split()) for page in pages)
        names = [world.patches[path].name for path in world.micro_grids()][1:]
        for each in (*words, *names, GRID_1, "Planner"):
            assert "".join(each.split()) in text, each
        assert NAME[1:] in text and (NAME in text or not any(file.is_file() for file in FILES))
        fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
        below = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
        assert below and all("/FontFile2" in one for one in below)
