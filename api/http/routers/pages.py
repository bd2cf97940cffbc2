"""The screens: one page at a few addresses, and its assets, whose names change with their content."""

from pathlib import Path
from types import MappingProxyType

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from api.services import services_of
from geo.errors import NotFound

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"

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
"""Told here, not by the machine's own table: a browser refuses a worker whose `.mjs` is not JavaScript."""


@router.get("/")
@router.get("/wall")
@router.get("/patrol")
async def page(request: Request) -> FileResponse:
    """The page. Which screen it shows, and whether it asks for a name first, is the page's own affair."""
    file = _within(services_of(request).settings.static_dir, "index.html")
    return FileResponse(file, media_type="text/html; charset=utf-8", headers={"Cache-Control": ASK_EACH_TIME})


@router.get("/assets/{name:path}")
async def asset(name: str, request: Request) -> FileResponse:
    """A built file, packed when the build packed it and the browser takes it."""
    file = _within(services_of(request).settings.static_dir / "assets", name)
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    media_type = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    packed = file.with_name(f"{file.name}.gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        return FileResponse(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
    return FileResponse(file, media_type=media_type, headers=headers)


def _within(folder: Path, name: str) -> Path:
    """The file of that name below a folder. Raises `NotFound` for what is missing and for what lies outside."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise NotFound(path=name)
    return file
