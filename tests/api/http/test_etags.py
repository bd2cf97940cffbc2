"""Conditional requests."""

import gzip

import httpx
import pytest
from starlette.datastructures import MutableHeaders

from api.http.etags import condition_of, etag_of, tags_of
from api.http.gzip import weaken_etag
from geo.errors import Stale
from geo.store import Store
from geo.versions import require_current
from tests.reporting import report
from tests.worlds import ClientAs, World


@pytest.mark.parametrize(
    ("header", "current"),
    [
        ('"7"', True), ('W/"7"', True), ('"1", "7"', True), ('W/"1",W/"7"', True), (' "7" ,, ', True),
        ("*", True), (" * ", True), (None, True), ('"6"', False), ('"a", "b"', False), ('"07"', False),
        ("", False), ("7", False), ('"7', False), ('"7" "8"', False), ('"-7"', False), ('"99999999999"', False),
        ('w/"7"', False), ('"7", x', False), ('"*"', False),
    ],
)  # fmt: skip
def test_if_match_names_versions_in_lists_weakly_or_all(header: str | None, *, current: bool) -> None:
    if current:
        require_current(7, condition_of(header))
    else:
        with pytest.raises(Stale):
            require_current(7, condition_of(header))


@pytest.mark.parametrize(("header", "refused"), [('"7"', True), ('W/"7"', True), ("*", True), ('"6"', False)])
def test_a_change_unless_a_version_is_current(header: str, *, refused: bool) -> None:
    try:
        require_current(7, condition_of(None, header))
    except Stale:
        assert refused
    else:
        assert not refused


def test_an_etag_is_the_version_in_quotes() -> None:
    assert etag_of(123_456) == '"123456"'


def test_a_tag_may_hold_a_comma() -> None:
    tags = tags_of('"a,b", W/"c"')
    assert tags is not None and tags.name('"a,b"') and tags.name('"c"') and not tags.name('"a"')


def test_compression_weakens_a_strong_tag_once() -> None:
    for given, shown in (('"1"', 'W/"1"'), ('W/"1"', 'W/"1"')):
        headers = MutableHeaders({"ETag": given, "Content-Encoding": "gzip"})
        weaken_etag(headers)
        assert headers["etag"] == shown


def through_gzip(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Put a proxy before the server that compresses every JSON response and weakens its tag, as nginx does."""
    inner = client._transport

    class Proxy(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await inner.handle_async_request(request)
            body = await answer.aread()
            headers = dict(answer.headers) | {"content-encoding": "gzip"}
            if "etag" in headers:
                headers["etag"] = f"W/{headers['etag'].removeprefix('W/')}"
            headers.pop("content-length", None)
            compressed = gzip.compress(body) if answer.status_code != 304 else b""
            return httpx.Response(answer.status_code, headers=headers, content=compressed)

    return httpx.AsyncClient(transport=Proxy(), base_url=client.base_url, headers=client.headers)


async def test_a_change_passes_a_proxy_that_compresses(client_as: ClientAs, store: Store, world: World) -> None:
    url = f"/api/incidents/{await report(store, world, world.micro_grids()[0])}"
    async with through_gzip(client_as("operator")) as client:
        tag = (await client.get(url)).headers["etag"]
        assert tag == 'W/"1"'
        assert (await client.get(url, headers={"If-None-Match": tag})).status_code == 304
        changed = await client.patch(url, json={"title": "Wall"}, headers={"If-Match": tag})
        assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
        stale = await client.patch(url, json={"title": "Fence"}, headers={"If-Match": tag})
        assert (stale.status_code, stale.json()["code"]) == (412, "version.stale")


async def test_every_etag_can_be_asked_for_again(client_as: ClientAs, store: Store, world: World) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    client = client_as("operator")
    for path in (f"/api/incidents/{incident}", "/api/forces/1", "/ogc/tiles/WebMercatorQuad/0/0/0"):
        got = await client.get(path)
        tag = got.headers["etag"]
        for condition in (tag, f'"other", {tag}', "*"):
            again = await client.get(path, headers={"If-None-Match": condition})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
            assert again.headers["cache-control"] == got.headers["cache-control"]
            assert "content-type" not in again.headers
        assert (await client.head(path, headers={"If-None-Match": tag})).status_code == 304
        assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
        assert (await client.get(path, headers={"If-Match": '"other"'})).status_code == 412
        assert (await client.get(path, headers={"If-Match": tag})).status_code == 200
