"""What raster tiles there are: pictures of 256 pixels in Web Mercator, of one or more layers drawn over each other."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

from layers.basemap.archive import body_of, open_tiles
from layers.current import InUse, load_current, save_current
from layers.tiles import Tile

ImageType = Literal["image/png", "image/jpeg", "image/webp"]
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class RasterInfo:
    """A raster map: its version, number of layers, who is to be credited, its zooms, and west, south, east, north of
    what it covers (None: not known). Its datum is WGS-84 or, the same to a metre, CGCS2000.
    """

    version: str
    layers: int
    credit: str
    min_zoom: int
    max_zoom: int
    bbox: Bbox | None = None

    def save(self, folder: Path) -> None:
        """Make this the raster map of the folder, in one step."""
        save_current(folder, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> "RasterInfo | None":
        """Read which raster map a folder has, None if there is none."""
        said = load_current(folder)
        return cls(**{**said, "bbox": tuple(said["bbox"]) if said["bbox"] else None}) if said else None


class Raster(Protocol):
    """A raster map in use."""

    @property
    def info(self) -> RasterInfo: ...

    async def tile(self, layer: int, tile: Tile) -> bytes:
        """Return a picture, empty where there is none. Raises `RasterFailed` and `RasterTooSlow`."""
        ...


def raster_file(folder: Path, version: str) -> Path:
    return folder / f"raster-{version}.mbtiles"


class RasterFile:
    """A raster map in one MBTiles file, open. Raises `sqlite3.Error` and `OSError` when it cannot be read."""

    def __init__(self, folder: Path, info: RasterInfo) -> None:
        self.info = info
        self._tiles = open_tiles(raster_file(folder, info.version))
        body_of(self._tiles, Tile(0, 0, 0))

    async def tile(self, layer: int, tile: Tile) -> bytes:
        """Return a picture, empty where there is none."""
        return body_of(self._tiles, tile)

    def close(self) -> None:
        self._tiles.close()


class RasterFiles(InUse[RasterFile]):
    """The raster map of a folder that is in use."""

    def open(self) -> RasterFile | None:
        info = RasterInfo.load(self.folder)
        return RasterFile(self.folder, info) if info else None


def image_type(body: bytes) -> ImageType | None:
    """Return the type of a picture by its first bytes, None for anything that is no PNG, JPEG or WebP."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    return None
