"""Raster tiles of another server, such as 天地图, fetched for the page: the key stays here.

Its addresses hold the key, so they are neither logged nor returned: an error has its reason alone.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

import httpx
import structlog

from api.live.single_flight import SingleFlight
from api.settings import Settings
from geo.errors import MaplebridgeError
from layers.basemap.errors import RasterFailed, RasterTooSlow
from layers.basemap.raster import Raster, RasterFiles, RasterInfo, image_type
from layers.tiles import Tile

log = structlog.get_logger()

AT_ONCE = 8
PATIENCE_SECONDS = 5.0
MOST_BYTES = 2_000_000
"""The largest picture that is passed on."""
KEPT_BYTES = 32_000_000
KEPT_SECONDS = 86_400.0
EMPTY_BYTES = 500
"""What a kept tile counts at least."""
FAULTS_IN_A_ROW = 3
PAUSE_SECONDS = 15.0
"""After so many faults the other server is left alone for so long."""
SUBDOMAINS = 8
LEAST_ZOOM = 1

Address = tuple[int, Tile]


class RasterSource:
    """The layers of another server, by templates with `{z}`, `{x}`, `{y}`, and maybe `{s}`, 0 to 7, and `{key}`."""

    def __init__(
        self,
        templates: Sequence[str],
        *,
        key: str,
        credit: str,
        max_zoom: int,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._templates = templates
        self._key = key
        self._clock = clock
        self._patience = patience
        self._client = httpx.AsyncClient(headers={"User-Agent": "Maplebridge"}, follow_redirects=False)
        self._flight: SingleFlight[bytes] = SingleFlight(most=AT_ONCE)
        self._kept: OrderedDict[Address, tuple[float, bytes]] = OrderedDict()
        self._kept_bytes = 0
        self._faults = 0
        self._resting_until = 0.0
        self._last_fault: MaplebridgeError = RasterFailed(reason="connection")
        version = sha256("\n".join(templates).encode()).hexdigest()[:12]
        self.info = RasterInfo(version, len(templates), credit, LEAST_ZOOM, max_zoom)

    async def tile(self, layer: int, tile: Tile) -> bytes:
        """Return a picture, empty where there is none. Raises `RasterFailed` and `RasterTooSlow`."""
        address = layer, tile
        if (body := self._found(address)) is not None:
            return body
        return await self._flight.ask(address, lambda: self._read(address))

    async def close(self) -> None:
        await self._client.aclose()

    async def _read(self, address: Address) -> bytes:
        """Fetch a tile, if no other has meanwhile. While the server rests, its last fault is raised again."""
        if (body := self._found(address)) is not None:
            return body
        if self._clock() < self._resting_until:
            raise type(self._last_fault)(**self._last_fault.params)
        try:
            body = await self._fetch(self._url(*address))
        except (RasterFailed, RasterTooSlow) as fault:
            self._fault(fault)
            raise
        self._faults = 0
        self._keep(address, body)
        return body

    async def _fetch(self, url: str) -> bytes:
        """Fetch a picture. Errors are raised anew, without those that name the address."""
        try:
            async with asyncio.timeout(self._patience), self._client.stream("GET", url) as answer:
                body = await _body_of(answer)
        except (TimeoutError, httpx.TimeoutException):
            raise RasterTooSlow(limit=self._patience) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise RasterFailed(reason="connection") from None
        if body and image_type(body) is None:
            raise RasterFailed(reason="type")
        return body

    def _url(self, layer: int, tile: Tile) -> str:
        values = {"z": tile.z, "x": tile.x, "y": tile.y, "s": (tile.x + tile.y) % SUBDOMAINS, "key": self._key}
        url = self._templates[layer]
        for name, value in values.items():
            url = url.replace(f"{{{name}}}", str(value))
        return url

    def _fault(self, fault: MaplebridgeError) -> None:
        self._faults += 1
        self._last_fault = fault
        if self._faults >= FAULTS_IN_A_ROW and self._clock() >= self._resting_until:
            self._resting_until = self._clock() + PAUSE_SECONDS
            log.warning("raster_source_failing", code=fault.code, **fault.params)

    def _found(self, address: Address) -> bytes | None:
        until, body = self._kept.get(address, (0.0, b""))
        return body if self._clock() < until else None

    def _keep(self, address: Address, body: bytes) -> None:
        """Keep a tile, and as many before it as fit."""
        _, before = self._kept.pop(address, (0.0, None))
        self._kept[address] = self._clock() + KEPT_SECONDS, body
        self._kept_bytes += _size(body) - (_size(before) if before is not None else 0)
        while self._kept_bytes > KEPT_BYTES:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._kept_bytes -= _size(oldest)


def _size(body: bytes) -> int:
    return len(body) + EMPTY_BYTES


async def _body_of(answer: httpx.Response) -> bytes:
    """Read an answer of bounded size; empty where the server has no such tile. Redirects are not followed."""
    if answer.status_code in (204, 404):
        return b""
    if answer.is_redirect:
        raise RasterFailed(reason="redirect")
    if answer.status_code != 200:
        raise RasterFailed(reason="status", status=answer.status_code)
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise RasterFailed(reason="size")
    return bytes(body)


class RasterMaps:
    """The raster map of the settings, or the one of a file."""

    def __init__(self, settings: Settings) -> None:
        self.source = source_of(settings)
        self.files = RasterFiles(settings.raster_dir)

    def now(self) -> Raster | None:
        """Return the raster map in use, None without one."""
        return self.source or self.files.now()

    async def close(self) -> None:
        self.files.close()
        if self.source:
            await self.source.close()


def source_of(settings: Settings) -> RasterSource | None:
    """Return the server of raster tiles that the settings name."""
    if not settings.raster_urls:
        return None
    return RasterSource(
        settings.raster_urls,
        key=settings.raster_key.get_secret_value() if settings.raster_key else "",
        credit=settings.raster_credit or "",
        max_zoom=settings.raster_max_zoom,
    )
