"""Packed bodies are unpacked piece by piece, within bounds."""

import gzip

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.http.body_decoding import PIECE, BodyDecoding

LARGEST: list[int] = []


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    pieces = [piece async for piece in Request(scope, receive).stream()]
    LARGEST.append(max(map(len, pieces)))
    await Response(str(sum(map(len, pieces))))(scope, receive, send)


async def sent(body: bytes, *, most: int) -> httpx.Response:
    shell = httpx.ASGITransport(BodyDecoding(echo, most=most), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=shell, base_url="http://here") as client:
        return await client.post("/", content=body, headers={"Content-Encoding": "gzip"})


async def test_a_body_is_never_unpacked_further_than_it_is_read() -> None:
    assert (await sent(gzip.compress(b"x" * 5_000_000), most=10_000)).text == "5000000"
    assert max(LARGEST) <= PIECE


async def test_what_is_sent_is_bounded_even_if_nothing_is_in_it() -> None:
    assert (await sent(gzip.compress(b"") * 400, most=10_000)).text == "0"
    assert (await sent(gzip.compress(b"") * 600, most=10_000)).status_code != 200
