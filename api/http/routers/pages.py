"""The front end: a page for the staff, one for residents, and their assets, whose names change with their content."""

from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from api.services import services_of
from geo.errors import NotFound

router = APIRouter(include_in_schema=False)

CACHE_FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

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
async def page(request: Request) -> FileResponse:
    """Serve the staff's page. The script in it chooses the screen and asks for sign-in."""
    return _page(request, "index.html")


@router.get("/report")
@router.get("/case/{code}")
async def public_page(request: Request) -> FileResponse:
    """Serve the residents' page, which needs no sign-in."""
    return _page(request, "public.html")


def _page(request: Request, name: str) -> FileResponse:
    file = _within(services_of(request).settings.static_dir, name)
    return FileResponse(file, media_type="text/html; charset=utf-8", headers={"Cache-Control": REVALIDATE})


@router.get("/assets/{name:path}")
async def asset(name: str, request: Request) -> FileResponse:
    """Serve a built file, gzipped if the build made a gzipped form and the browser accepts it."""
    file = _within(services_of(request).settings.static_dir / "assets", name)
    headers = {"Cache-Control": CACHE_FOREVER, "Vary": "Accept-Encoding"}
    media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    packed = file.with_name(f"{file.name}.gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        return FileResponse(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(file, media_type=media_type, headers=headers)


def _within(folder: Path, name: str) -> Path:
    """Return the path of a file below a folder. Raises `NotFound` if it is missing or outside."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise NotFound(path=name)
    return file
