"""The guide of each screen, in both languages, for anybody: it holds nothing of the place."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.http.guide import NAMES, TAG, page_of
from api.http.language import Lang
from api.http.public_address import prefix_of
from api.http.routers.pages import REVALIDATE, completed, file_within
from api.services import services_of
from geo.errors import NotFound

router = APIRouter(include_in_schema=False)

TITLE = "<title>Maplebridge 枫桥</title>"
PLACE = '<div id="guide"></div>'
"""As `static/guide.html` is built."""


@router.get("/guide/images/{name}")
async def picture(name: str, request: Request) -> FileResponse:
    """Serve a picture of the guide."""
    file = file_within(services_of(request).settings.static_dir / "guide" / "images", name)
    return FileResponse(file, media_type="image/webp", headers={"Cache-Control": REVALIDATE})


@router.get("/guide/{name}")
async def guide(name: str, request: Request, lang: Annotated[str | None, Query()] = None) -> Response:
    """Serve the guide of a screen. Without `lang`, in the browser's language."""
    if name not in NAMES:
        raise NotFound
    spoken = _language(lang, request.headers.get("accept-language", ""))
    folder = services_of(request).settings.static_dir
    try:
        page = await asyncio.to_thread(page_of, folder / "guide", name, spoken, prefix=prefix_of(request))
    except FileNotFoundError as missing:
        raise NotFound from missing
    shell = await asyncio.to_thread(file_within(folder, "guide.html").read_text, "utf-8")
    shell = shell.replace(TITLE, f"<title>{page.title}</title>").replace('lang="zh-CN"', f'lang="{TAG[spoken]}"', 1)
    return completed(request, shell.replace(PLACE, page.body))


def _language(asked: str | None, accepted: str) -> Lang:
    """The language asked for, else Chinese unless the browser prefers English."""
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    return "en" if accepted.lower().startswith("en") else "zh"
