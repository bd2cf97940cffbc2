"""The printed report of an incident: what it says to whom, in which language."""

from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from api.http.incident_report.assets import FOLDER
from api.http.routers import incident_report
from api.settings import ROOT as CHECKOUT
from api.settings import Settings
from tests.worlds import WEST, ClientAs, World

BUILT = CHECKOUT / "static" / "dist" / FOLDER


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """With the front end's own build, which ships the font and the words."""
    if not (BUILT / "report.json").is_file():
        pytest.skip("the front end is not built, and it ships the font")
    (tmp_path / FOLDER).symlink_to(BUILT)
    return Settings(data_dir=tmp_path, static_dir=tmp_path)


def text_of(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    reader = PdfReader(BytesIO(answer.content))
    return "\n".join(page.extract_text() for page in reader.pages)


async def reported(client_as: ClientAs, world: World, **changes: Any) -> dict[str, Any]:
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    body = {"source": "window", "category": "dispute.family", "title": "夫妻争吵", "lon": lon, "lat": lat, **changes}
    answer = await client_as("operator").post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_report_says_what_where_who_and_when_in_the_readers_language(client_as: ClientAs, world: World) -> None:
    incident = await reported(client_as, world, description="邻居报告有人受伤，请尽快到场。", address="东门市场12号")
    operator, path = client_as("operator"), f"/api/incidents/{incident['id']}"
    force = world.forces["patrol_west"]
    task = (await operator.post(f"{path}/tasks", json={"force": force})).json()
    await operator.post(f"/api/tasks/{task['id']}/recall", json={"reason": "closer"})
    await operator.patch(path, json={"title": "夫妻争吵，有人受伤"})
    await operator.post(f"{path}/notes", json={"note": "已联系村委会"})
    zh = text_of(await operator.get(f"{path}/report.pdf"))
    for words in (
        "事件报告", incident["case_code"], "夫妻争吵，有人受伤", "婚姻家庭纠纷", "邻居报告有人受伤，请尽快到场。",
        "东门市场12号", "West South Village grid 1", "Force patrol_west", "主办", "已联系村委会",
        "夫妻争吵 → 夫妻争吵，有人受伤", "已撤回", "有更近的力量",
        "GS(2024)0650号", "Operator 制作于 2026-03-02 10:00",
    ):  # fmt: skip
        assert words.replace(" ", "") in zh.replace(" ", "").replace("\n", ""), words
    en = text_of(await operator.get(f"{path}/report.pdf", params={"lang": "en"}))
    assert "Incident report" in en and "Units sent" in en and "Marriage and family" in en


async def test_a_report_is_for_readers_of_incidents_and_names_forces_to_those_who_see_them(
    client_as: ClientAs, world: World
) -> None:
    incident = await reported(client_as, world)
    path = f"/api/incidents/{incident['id']}"
    await client_as("operator").post(f"{path}/tasks", json={"force": world.forces["patrol_west"]})
    assert "Force patrol_west" in text_of(await client_as("auditor").get(f"{path}/report.pdf"))
    clerks = text_of(await client_as("clerk").get(f"{path}/report.pdf"))
    assert "夫妻争吵" in clerks and "patrol_west" not in clerks
    for who in ("wall", "planner", "patrol_west", "source", "admin"):
        assert (await client_as(who).get(f"{path}/report.pdf")).status_code == 403, who
    assert (await client_as("operator_east").get(f"{path}/report.pdf")).status_code == 404


async def test_a_report_of_an_unplaced_incident_with_letters_that_no_font_has_is_printed(
    client_as: ClientAs, world: World
) -> None:
    words = {"lon": None, "lat": None, "address": "东门", "title": "Emoji 😀 and ᚠ", "description": "长" * 4000}
    incident = await reported(client_as, world, **words)
    answer = await client_as("operator").get(f"/api/incidents/{incident['id']}/report.pdf")
    assert "Emoji" in text_of(answer) and len(PdfReader(BytesIO(answer.content)).pages) > 1


async def test_a_report_is_drawn_by_another_process_and_refused_by_its_own_code_where_that_ends(
    client_as: ClientAs, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = await reported(client_as, world)
    monkeypatch.setattr(incident_report, "DRAWING", "no_such_module")
    answer = await client_as("operator").get(f"/api/incidents/{incident['id']}/report.pdf")
    assert (answer.status_code, answer.json()["code"]) == (422, "report.too_demanding")
