"""Served files of the front end: names, types and caching."""

import gzip
from pathlib import Path

import httpx
import pytest

from api.settings import Settings


@pytest.fixture
def built(settings: Settings) -> Path:
    """A small built front end, beside a file that is not part of it."""
    assets = settings.static_dir / "assets"
    assets.mkdir()
    (settings.static_dir / "index.html").write_text("<!doctype html><title>page</title>")
    (settings.static_dir / "public.html").write_text("<!doctype html><title>residents</title>")
    (settings.static_dir / "secret.txt").write_text("not served")
    (assets / "worker-1a2b.mjs").write_text("self.onmessage = null;")
    (assets / "index-1a2b.js").write_text("export {};")
    (assets / "index-1a2b.js.gz").write_bytes(gzip.compress(b"export {};"))
    return assets


@pytest.mark.parametrize("path", ["/", "/wall", "/patrol"])
async def test_every_screen_is_the_same_page_and_is_revalidated(
    path: str, built: Path, client: httpx.AsyncClient
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/report", "/case/330509-2026-000017-8"])
async def test_residents_get_their_own_page_without_signing_in(
    path: str, built: Path, client: httpx.AsyncClient
) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "residents" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_worker_is_served_as_javascript_and_cached_for_ever(built: Path, client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/worker-1a2b.mjs")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_a_gzipped_file_is_sent_to_browsers_that_accept_it(built: Path, client: httpx.AsyncClient) -> None:
    packed = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "gzip"})
    plain = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == "export {};"


@pytest.mark.parametrize("name", ["missing.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", ""])
async def test_nothing_outside_the_assets_is_served(name: str, built: Path, client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/assets/{name}")
    assert answer.status_code == 404
    assert "not served" not in answer.text


async def test_without_a_build_the_page_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).status_code == 404
