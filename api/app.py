"""The app factory: everything is put together here, and only here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from api import errors
from api.pack import Pack
from api.routers import candidates, forces, hotspots, tasks
from api.services import Clock, Services
from api.settings import Settings
from geo.store import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, pack: Pack, store: Store, now: Clock = utc_now) -> FastAPI:
    """The server for one county. It closes the store when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await store.close()

    app = FastAPI(
        title="Maplebridge 枫桥",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = Services(settings=settings, pack=pack, store=store, now=now)
    errors.install(app)
    for room in (candidates, forces, hotspots, tasks):
        app.include_router(room.router)
    return app
