"""The basemap in use: vector tiles in one MBTiles file beside others in a folder. `current.json` names the one in use.

A new one is renamed into its place: a tile is from one file or from the other.
"""

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import structlog

from layers.current import Seen, load_current, save_current, seen_of

log = structlog.get_logger()

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


def tiles_file(folder: Path, version: str) -> Path:
    return folder / f"basemap-{version}.mbtiles"


class Basemap:
    """One basemap, open. Raises `sqlite3.Error` and `OSError` when its file cannot be read."""

    def __init__(self, folder: Path, info: BasemapInfo) -> None:
        self.info = info
        file = quote(str(tiles_file(folder, info.version).resolve()))
        self._db = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self.tile(0, 0, 0)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return a tile's body, compressed by gzip; empty where nothing is drawn."""
        row = self._db.execute(TILE, (z, x, 2**z - 1 - y)).fetchone()
        return bytes(row[0]) if row else b""

    def close(self) -> None:
        self._db.close()


@dataclass(slots=True)
class Basemaps:
    """The basemap in use, looked up anew for each tile: a new one is found as soon as it is there."""

    folder: Path
    _basemap: Basemap | None = None
    _seen: Seen | None = None

    def now(self) -> Basemap | None:
        """Return the basemap in use, None without one."""
        if self._seen != (seen := seen_of(self.folder)):
            self.close()
            self._basemap, self._seen = self._open() if seen else None, seen
        return self._basemap

    def close(self) -> None:
        if self._basemap is not None:
            self._basemap.close()

    def _open(self) -> Basemap | None:
        try:
            info = BasemapInfo.load(self.folder)
            return Basemap(self.folder, info) if info else None
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("basemap_unreadable", fault=str(error))
            return None
