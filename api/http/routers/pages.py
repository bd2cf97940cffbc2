"""The front end: a page for the staff, one for residents, and their assets, whose names change with their content."""

import asyncio
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.http.public_address import prefix_of
from api.services import services_of
from geo.errors import NotFound

router = APIRouter(include_in_schema=False)

CACHE_FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
LONGEST_NUMBER = 12
NO_PREFIX = '<meta name="path-prefix" content="" />'
"""As the pages are built; `static/src/wire/platform.ts` reads it."""

MEDIA_TYPES = MappingProxyType(
    {
        ".css": "text/css",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
    }
)
"""Fixed here instead of read from the machine's table: browsers refuse a worker whose `.mjs` is not JavaScript."""


@router.get("/")
@router.get("/wall")
@router.get("/patrol")
@router.get("/start")
@router.get("/planner")
@router.get("/desk")
@router.get("/lists")
@router.get("/cases")
@router.get("/board")
@router.get("/figures")
@router.get("/changes")
@router.get("/registry")
@router.get("/admin")
@router.get("/roster")
async def page(request: Request) -> Response:
    """Serve the staff's page. The script in it chooses the screen and asks for sign-in."""
    return await _page(request, "index.html")


@router.get("/report")
async def public_page(request: Request) -> Response:
    """Serve the residents' page, which needs no sign-in."""
    return await _page(request, "public.html")


@router.get("/case/{code}")
async def case_page(code: str, request: Request) -> Response:
    """Serve the staff's page for the number of an incident, and the residents' page for a case code.

    A case code has more characters than any number here, and may be made of digits alone.
    """
    is_number = code.isascii() and code.isdigit() and len(code) <= LONGEST_NUMBER
    return await _page(request, "index.html" if is_number else "public.html")


async def _page(request: Request, name: str) -> Response:
    """Return a built page."""
    file = file_within(services_of(request).settings.static_dir, name)
    return completed(request, await asyncio.to_thread(file.read_text, "utf-8"))


def completed(request: Request, text: str) -> Response:
    """Return a page with the path prefix written into it: the addresses of its assets, and what its script reads."""
    prefix = prefix_of(request)
    page = text.replace('="./assets/', f'="{prefix}/assets/').replace(NO_PREFIX, NO_PREFIX.replace('""', f'"{prefix}"'))
    body = page.encode()
    headers = {"Cache-Control": REVALIDATE, "ETag": f'"{blake2b(body, digest_size=12).hexdigest()}"'}
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/sw.js")
async def worker(request: Request) -> FileResponse:
    """Serve the phone's worker. It is asked for anew each time: its text changes with the version."""
    file = file_within(services_of(request).settings.static_dir, "sw.js")
    return FileResponse(file, media_type="text/javascript", headers={"Cache-Control": REVALIDATE})


@router.get("/manifest.webmanifest")
async def manifest(request: Request) -> FileResponse:
    """Serve what a phone needs to install the patrol's page."""
    file = file_within(services_of(request).settings.static_dir, "manifest.webmanifest")
    return FileResponse(file, media_type="application/manifest+json", headers={"Cache-Control": REVALIDATE})


@router.get("/assets/{name:path}")
async def asset(name: str, request: Request) -> FileResponse:
    """Serve a built file, gzipped if the build made a gzipped form and the browser accepts it."""
    file = file_within(services_of(request).settings.static_dir / "assets", name)
    headers = {"Cache-Control": CACHE_FOREVER, "Vary": "Accept-Encoding"}
    media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    packed = file.with_name(f"{file.name}.gz")
    if "gzip" in request.headers.get("accept-encoding", "") and _is_file(packed):
        return FileResponse(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(file, media_type=media_type, headers=headers)


def file_within(folder: Path, name: str) -> Path:
    """Return the path of a file below a folder. Raises `NotFound` if it is missing or outside."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not _is_file(file):
        raise NotFound
    return file


def _is_file(path: Path) -> bool:
    """Return whether a path is a file. One that is longer than the system allows is none."""
    try:
        return path.is_file()
    except OSError:
        return False
