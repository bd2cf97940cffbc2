"""Packed bodies are unpacked piece by piece, within bounds."""

import gzip

import httpx
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.body_decoding import MOST_MEMBERS, PIECE, BodyDecoding

LARGEST: list[int] = []


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    pieces = [piece async for piece in Request(scope, receive).stream()]
    LARGEST.append(max(map(len, pieces)))
    await Response(str(sum(map(len, pieces))))(scope, receive, send)


async def sent(body: bytes, *, most: int, limit: int = 10_000_000) -> httpx.Response:
    """Send a gzip body to a route that reads `limit` bytes."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        scope[MAX_BODY_SIZE_SCOPE_KEY] = limit
        await echo(scope, receive, send)

    shell = httpx.ASGITransport(BodyDecoding(route, most=most), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=shell, base_url="http://here") as client:
        return await client.post("/", content=body, headers={"Content-Encoding": "gzip"})


async def test_a_body_is_never_unpacked_further_than_it_is_read() -> None:
    assert (await sent(gzip.compress(b"x" * 5_000_000), most=10_000)).text == "5000000"
    assert max(LARGEST) <= PIECE


async def test_what_is_sent_is_bounded_even_if_nothing_is_in_it() -> None:
    assert (await sent(gzip.compress(b"") * 400, most=10_000)).text == "0"
    assert (await sent(gzip.compress(b"") * 600, most=10_000)).status_code != 200


async def test_members_of_a_file_are_few() -> None:
    assert (await sent(gzip.compress(b"x") * MOST_MEMBERS, most=1_000_000)).text == str(MOST_MEMBERS)
    assert (await sent(gzip.compress(b"") * (MOST_MEMBERS + 1), most=1_000_000)).status_code != 200


async def test_no_more_is_sent_than_the_route_reads() -> None:
    packed = gzip.compress(b"x" * 100) * 300
    assert (await sent(packed, most=1_000_000)).text == "30000"
    assert (await sent(packed, most=1_000_000, limit=4096)).status_code != 200
    assert (await sent(gzip.compress(bytes(range(256)) * 16, 0), most=1_000_000, limit=4096)).text == "4096"
