"""Real outlines and names of counties, from the lists that ship with the packages."""

from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import Polygon

from ingest.county.gazetteer import Gazetteer
from ingest.county.outlines import outline_of


@dataclass(frozen=True, slots=True)
class NationalLists:
    """`names` is the folder of town and village names."""

    names: Path

    def outline(self, county: str) -> Polygon:
        """Return the outline of a county. Raises `OutlineMissing`."""
        return outline_of(county)

    def gazetteer(self, county: str) -> Gazetteer:
        """Read the names of a county. Raises `GazetteerMissing`."""
        return Gazetteer.read(self.names, county)
