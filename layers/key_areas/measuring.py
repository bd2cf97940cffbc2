"""Coverage of key areas, kept as long as neither they, nor the cameras near, nor the buildings change."""

from collections.abc import Sequence

from layers.basemap.archive import Basemap
from layers.basemap.buildings import BuildingsOf
from layers.key_areas.queries import MOST_AREAS, ReachedArea
from layers.key_areas.rules import Coverage, ViewOfCamera, coverage_of

Key = tuple[bytes, tuple[ViewOfCamera, ...], str]


class Coverages:
    """Remembers the coverage of each area."""

    def __init__(self) -> None:
        self._known: dict[Key, Coverage] = {}

    def of(self, areas: Sequence[ReachedArea], basemap: Basemap | None) -> list[Coverage]:
        """Return the coverage of areas, cut by the basemap's buildings if there is one. Takes up to some seconds."""
        found = [self._of(area, basemap) for area in areas]
        while len(self._known) > 2 * MOST_AREAS:
            self._known.pop(next(iter(self._known)), None)
        return found

    def _of(self, area: ReachedArea, basemap: Basemap | None) -> Coverage:
        key = (area.outline.wkb, tuple(area.cameras), basemap.info.version if basemap else "")
        known = self._known.get(key)
        if known is None:
            buildings = BuildingsOf(basemap) if basemap else None
            known = self._known[key] = coverage_of(area.outline, area.cameras, buildings=buildings)
        return known
