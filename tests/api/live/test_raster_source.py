"""Raster tiles of another server: what is passed on, what is refused, and how often it is asked. A real server each."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from api.live.raster_source import AT_ONCE, FAULTS_IN_A_ROW, KEPT_BYTES, MOST_BYTES, PAUSE_SECONDS, RasterSource
from geo.errors import MaplebridgeError
from layers.basemap.errors import RasterFailed, RasterTooSlow
from layers.tiles import Tile
from tests.upstream import KEY, PICTURE, Answer, Upstream, upstream

TILE = Tile(10, 855, 418)
PATIENCE = 0.2


class Watch:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def served() -> AsyncIterator[Upstream]:
    async with upstream() as served:
        yield served


@pytest.fixture
async def source(served: Upstream, watch: Watch) -> AsyncIterator[RasterSource]:
    templates = [f"{served.url}/vec_{{s}}/{{z}}/{{y}}/{{x}}?tk={{key}}", f"{served.url}/cva?z={{z}}&x={{x}}&y={{y}}"]
    source = RasterSource(templates, key=KEY, credit="天地图", max_zoom=18, clock=watch, patience=PATIENCE)
    yield source
    await source.close()


async def fault_of(source: RasterSource, tile: Tile = TILE) -> MaplebridgeError:
    with pytest.raises((RasterFailed, RasterTooSlow)) as caught:
        await source.tile(0, tile)
    return caught.value


async def test_each_layer_is_asked_by_its_own_address(source: RasterSource, served: Upstream) -> None:
    assert await source.tile(0, TILE) == await source.tile(1, TILE) == PICTURE
    assert served.asked == [f"/vec_1/10/418/855?tk={KEY}", "/cva?z=10&x=855&y=418"]


async def test_a_tile_is_asked_once_for_all_and_again_after_a_day(
    source: RasterSource, served: Upstream, watch: Watch
) -> None:
    bodies = await asyncio.gather(*(source.tile(0, TILE) for _ in range(20)))
    assert {*bodies} == {PICTURE} and len(served.asked) == 1
    watch.passed += 86_401
    await source.tile(0, TILE)
    assert len(served.asked) == 2


async def test_few_are_asked_at_a_time(source: RasterSource, served: Upstream) -> None:
    await asyncio.gather(*(source.tile(0, Tile(10, x, 400)) for x in range(100)))
    assert len(served.asked) == 100 and 1 < served.busiest <= AT_ONCE


@pytest.mark.parametrize("status", [204, 404])
async def test_where_there_is_no_picture_there_is_none_and_it_is_not_asked_again(
    source: RasterSource, served: Upstream, status: int
) -> None:
    served.answer = lambda path: Answer(status, b"" if status == 204 else b"none")
    assert [await source.tile(0, TILE) for _ in range(3)] == [b"", b"", b""]
    assert len(served.asked) == 1


@pytest.mark.parametrize(
    ("answer", "params"),
    [
        (Answer(403, b"wrong key"), {"reason": "status", "status": 403}),
        (Answer(500, b""), {"reason": "status", "status": 500}),
        (Answer(302, b"", ("Location: http://127.0.0.1:1/elsewhere",)), {"reason": "redirect"}),
        (Answer(body=b"<html>quota</html>"), {"reason": "type"}),
        (Answer(body=b'<svg xmlns="http://www.w3.org/2000/svg"/>'), {"reason": "type"}),
        (Answer(body=PICTURE + bytes(MOST_BYTES)), {"reason": "size"}),
        (Answer(headers=("Content-Type: image/png", "Content-Encoding: gzip")), {"reason": "connection"}),
        (Answer(hangs=True), {"limit": PATIENCE}),
    ],
)
async def test_other_answers_are_faults_that_name_no_address(
    source: RasterSource, served: Upstream, answer: Answer, params: dict[str, object]
) -> None:
    served.answer = lambda path: answer
    fault = await fault_of(source)
    assert fault.params == params
    assert (fault.__cause__ is None and fault.__suppress_context__) or fault.__context__ is None
    assert len(served.asked) == 1
    served.answer = lambda path: Answer()
    assert await source.tile(0, TILE) == PICTURE, "a fault is not kept"


async def test_a_server_that_is_away_is_left_alone_for_a_while(
    source: RasterSource, served: Upstream, watch: Watch
) -> None:
    served.answer = lambda path: Answer(403, b"wrong key")
    with capture_logs() as logs:
        for x in range(10):
            assert (await fault_of(source, Tile(10, x, 0))).params["status"] == 403
    assert len(served.asked) == FAULTS_IN_A_ROW
    assert [line["event"] for line in logs] == ["raster_source_failing"] and KEY not in str(logs)
    watch.passed += PAUSE_SECONDS
    await fault_of(source)
    await fault_of(source)
    assert len(served.asked) == FAULTS_IN_A_ROW + 1, "one more try"
    watch.passed += PAUSE_SECONDS
    served.answer = lambda path: Answer()
    assert await source.tile(0, TILE) == PICTURE
    served.answer = lambda path: Answer(500)
    await fault_of(source, Tile(9, 0, 0))
    served.answer = lambda path: Answer()
    assert await source.tile(0, Tile(9, 1, 0)) == PICTURE, "a fault alone makes no pause"


async def test_no_server_at_all_is_a_fault(watch: Watch) -> None:
    source = RasterSource(["http://127.0.0.1:9/{z}/{x}/{y}"], key="", credit="x", max_zoom=18, clock=watch)
    assert (await fault_of(source)).params == {"reason": "connection"}
    await source.close()


async def test_what_is_kept_is_bounded(source: RasterSource, served: Upstream) -> None:
    large = PICTURE + bytes(MOST_BYTES - len(PICTURE))
    served.answer = lambda path: Answer(body=large)
    fit = KEPT_BYTES // MOST_BYTES
    for x in range(fit + 2):
        await source.tile(0, Tile(10, x, 0))
    asked = len(served.asked)
    await source.tile(0, Tile(10, fit + 1, 0))
    assert len(served.asked) == asked
    await source.tile(0, Tile(10, 0, 0))
    assert len(served.asked) == asked + 1, "the oldest had gone"
