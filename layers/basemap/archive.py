"""The basemap in use: vector tiles in one MBTiles file beside others in a folder. `current.json` names the one in use.

A new one is renamed into its place: a tile is from one file or from the other.
"""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from layers.current import InUse, load_current, save_current
from layers.tiles import Tile

LEAST_ZOOM, MOST_ZOOM = 8, 14
"""Maps draw nearer ones from the deepest."""
TILE = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
Origin = Literal["made", "given"]
Bbox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BasemapInfo:
    """A basemap: its version, when it was built, of when its data are (None: the file does not say), whether they are
    made or given, who is to be credited, west, south, east, north of what it covers, how many things it draws, how many
    shapes lacked a part, and how many of these were closed at the border. The others are left out.
    """

    version: str
    built_at: datetime
    data_at: datetime | None
    origin: Origin
    credit: str
    bbox: Bbox
    things: int
    incomplete: int
    closed: int

    def save(self, folder: Path) -> None:
        """Make this the basemap in use, in one step."""
        save_current(folder, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> "BasemapInfo | None":
        """Read which basemap is in use, None if there is none."""
        said = load_current(folder)
        if said is None:
            return None
        moments = {name: said[name] and datetime.fromisoformat(said[name]) for name in ("built_at", "data_at")}
        return cls(**{**said, **moments, "bbox": tuple(said["bbox"])})


def open_tiles(file: Path) -> sqlite3.Connection:
    """Open an MBTiles file for reading."""
    return sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def body_of(tiles: sqlite3.Connection, tile: Tile) -> bytes:
    """Return a tile's body, empty where there is none."""
    row = tiles.execute(TILE, (tile.z, tile.x, 2**tile.z - 1 - tile.y)).fetchone()
    return bytes(row[0]) if row else b""


def tiles_file(folder: Path, version: str) -> Path:
    return folder / f"basemap-{version}.mbtiles"


class Basemap:
    """One basemap, open. Raises `sqlite3.Error` and `OSError` when its file cannot be read."""

    def __init__(self, folder: Path, info: BasemapInfo) -> None:
        self.info = info
        self.file = tiles_file(folder, info.version)
        self._db = open_tiles(self.file)
        self.tile(0, 0, 0)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return a tile's body, compressed by gzip; empty where nothing is drawn."""
        return body_of(self._db, Tile(z, x, y))

    def close(self) -> None:
        self._db.close()


class Basemaps(InUse[Basemap]):
    """The basemap in use."""

    def open(self) -> Basemap | None:
        info = BasemapInfo.load(self.folder)
        return Basemap(self.folder, info) if info else None
