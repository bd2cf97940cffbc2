"""Raster tiles of another server over HTTP: the page gets pictures and a credit, and nobody gets the key."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from api import logs
from api.keeping.commands.checks import run_checks
from api.keeping.words.refused import settings_refusal
from api.live.raster_source import RasterSource, source_of
from api.settings import Settings
from tests.upstream import KEY, PICTURE, Answer, Upstream, upstream
from tests.worlds import ClientAs

AT = "10/855/418"
CREDIT = "天地图 GS(2024)0568号"


def settings_for(served: Upstream, **more: object) -> Settings:
    urls = (f"{served.url}/vec_w/{{z}}/{{y}}/{{x}}?tk={{key}}", f"{served.url}/cva_w/{{z}}/{{y}}/{{x}}?tk={{key}}")
    return Settings(raster_urls=urls, raster_key=SecretStr(KEY), raster_credit=CREDIT, raster_datum="cgcs2000", **more)


@pytest.fixture
async def served() -> AsyncIterator[Upstream]:
    async with upstream() as served:
        yield served


@pytest.fixture
async def source(app: FastAPI, served: Upstream) -> RasterSource:
    """The server's source of raster tiles, as settings would have it."""
    source = app.state.services.rasters.source = source_of(settings_for(served))
    assert source is not None
    return source


def url(layer: int = 0, at: str = AT) -> str:
    return f"/api/basemap/raster/{layer}/{at}"


async def test_without_a_raster_map_there_is_none_and_no_tile(client_as: ClientAs) -> None:
    operator = client_as("operator")
    assert (await operator.get("/api/county")).json()["raster"] is None
    assert (await operator.get(url())).status_code == 404


async def test_the_page_gets_pictures_and_the_credit(
    client_as: ClientAs, source: RasterSource, served: Upstream
) -> None:
    operator = client_as("operator")
    told = (await operator.get("/api/county")).json()["raster"]
    expected = {"layers": 2, "credit": CREDIT, "min_zoom": 1, "max_zoom": 18, "bbox": None}
    assert told == expected | {"version": source.info.version}
    for layer in (0, 1):
        answer = await operator.get(url(layer), params={"version": told["version"]})
        assert (answer.status_code, answer.content) == (200, PICTURE)
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["cache-control"] == "private, max-age=86400"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert [path.split("/")[1] for path in served.asked] == ["vec_w", "cva_w"]


async def test_a_picture_says_what_it_is_whatever_the_other_server_says(
    client_as: ClientAs, source: RasterSource, served: Upstream
) -> None:
    served.answer = lambda path: Answer(body=b"\xff\xd8\xff\xe0 jpeg", headers=("Content-Type: text/html",))
    assert (await client_as("operator").get(url())).headers["content-type"] == "image/jpeg"


async def test_tiles_need_sign_in_a_right_and_an_address_that_there_is(
    client_as: ClientAs, client: httpx.AsyncClient, source: RasterSource, served: Upstream
) -> None:
    operator = client_as("operator")
    assert (await client.get(url())).status_code == 401
    assert (await client_as("source").get(url())).status_code == 403
    for wrong in (url(2), url(at="2/4/0"), url(at="0/0/0"), url(at="19/0/0")):
        assert (await operator.get(wrong)).status_code == 404
    for wrong in (url(-1), url(8), url(at="99/0/0"), url(at="10/-1/0"), url(at="10/../1")):
        assert (await operator.get(wrong)).status_code in (404, 422)
    assert served.asked == []


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (Answer(404, b""), 404, "not_found"),
        (Answer(403, f"bad key {KEY}".encode()), 502, "raster.failed"),
        (Answer(302, b"", (f"Location: http://127.0.0.1:1/?tk={KEY}",)), 502, "raster.failed"),
        (Answer(body=f"<html>{KEY}".encode()), 502, "raster.failed"),
        (Answer(hangs=True), 504, "raster.too_slow"),
    ],
)
async def test_the_key_is_in_no_answer_and_no_log(
    client_as: ClientAs, source: RasterSource, served: Upstream, answer: Answer, status: int, code: str
) -> None:
    source._patience = 0.2
    served.answer = lambda path: answer
    stream, root = StringIO(), logging.getLogger()
    before, level = root.handlers, root.level
    logs.configure("DEBUG", stream=stream)
    try:
        operator = client_as("operator")
        answers = [await operator.get(url(at=f"10/{x}/0")) for x in range(4)]
        answers += [await operator.get("/api/county"), await operator.get("/api/openapi.json")]
    finally:
        root.handlers, _ = before, root.setLevel(level)
    assert [(each.status_code, each.json()["code"]) for each in answers[:4]] == [(status, code)] * 4
    assert all(KEY not in each.text + str(each.headers) for each in answers)
    assert KEY not in stream.getvalue() and "vec_w" not in stream.getvalue()
    assert any(KEY in path for path in served.asked)


async def test_doctor_asks_once_and_names_the_host_alone(served: Upstream, tmp_path: Path) -> None:
    settings = settings_for(served, data_dir=tmp_path, database_url="postgresql://x@127.0.0.1:9/x")
    assert KEY not in repr(settings)
    for answer, good in ((Answer(), True), (Answer(403, KEY.encode()), False)):
        served.answer = lambda path, answer=answer: answer
        (found,) = [f for f in await asyncio.to_thread(run_checks, settings) if f.name == "raster map"]
        assert found.good == good and CREDIT in found.detail and "127.0.0.1" in found.detail
        assert KEY not in str(found) and "vec_w" not in str(found)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("raster_datum", "gcj02", "WGS-84 or CGCS2000"),
        ("raster_datum", "bd09", "WGS-84 or CGCS2000"),
        ("raster_datum", None, "MAPLEBRIDGE_RASTER_DATUM"),
        ("raster_credit", None, "MAPLEBRIDGE_RASTER_CREDIT"),
        ("raster_key", None, "MAPLEBRIDGE_RASTER_KEY"),
        ("raster_urls", ["https://webrd01.is.autonavi.com/{z}/{x}/{y}"], "GCJ-02"),
        ("raster_urls", ["https://tiles.test/{z}/{x}"], "{z}/{x}/{y}.png"),
        ("raster_urls", [f"https://tiles.test/{{z}}/{{x}}/{{y}}/{{{KEY}}}"], "z, x, y, s, key"),
        ("raster_urls", [f"https://a:{KEY}@tiles.test/{{z}}/{{x}}/{{y}}"], "host"),
        ("raster_urls", ["https://{x}.test/{z}/{x}/{y}"], "host"),
        ("raster_urls", ["file:///etc/{z}/{x}/{y}"], "not like"),
    ],
)
def test_a_wrong_raster_map_is_refused_with_the_way_out(
    setting: str, value: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    given: dict[str, object] = {
        "raster_urls": ["https://t{s}.tianditu.gov.cn/vec_w/{z}/{x}/{y}?tk={key}"],
        "raster_key": KEY,
        "raster_credit": CREDIT,
        "raster_datum": "wgs84",
        setting: value,
    }
    for name, one in given.items():
        if one is not None:
            monkeypatch.setenv(f"MAPLEBRIDGE_{name.upper()}", json.dumps(one) if isinstance(one, list) else str(one))
    with pytest.raises(ValidationError) as caught:
        Settings()
    refusal = settings_refusal(caught.value)
    assert words in refusal and KEY not in refusal
