"""JSON of key areas."""

from typing import Annotated, Self

import shapely
from pydantic import Field

from api.http.wire.shapes import Out
from layers.key_areas.queries import ReachedArea
from layers.key_areas.rules import Coverage

CornerOut = Annotated[tuple[float, float], Field(description="Longitude and latitude in degrees, WGS-84.")]


class KeyAreaOut(Out):
    """A key area, with the `online`, `offline` and `unknown` cameras that stand in it or whose view reaches into it.

    Of the cones as entered, `fixed_share` (0 to 1) of it is covered by the `fixed` ones, which have a direction;
    `turning_share` lies within the range of the `turning` ones, which can turn there. `cut`: nothing is seen behind the
    buildings of the basemap; without a basemap cones are not cut.
    """

    id: int
    code: str
    kind: str
    name: str
    division: str
    outlines: list[list[CornerOut]] = Field(description="Its outer rings, the first point again at the end of each.")
    area_m2: float
    online: int
    offline: int
    unknown: int
    fixed: int
    turning: int
    fixed_share: float
    turning_share: float
    cut: bool

    @classmethod
    def of(cls, area: ReachedArea, found: Coverage) -> Self:
        states = [area.states[i] for i in found.counted]
        turning = sum(area.cameras[i].ptz for i in found.counted)
        rings = [shapely.get_coordinates(shapely.get_exterior_ring(one)) for one in shapely.get_parts(area.outline)]
        return cls(
            id=area.id,
            code=area.code,
            kind=area.kind,
            name=area.name,
            division=area.division,
            outlines=[ring.round(6).tolist() for ring in rings],
            area_m2=round(found.area_m2),
            online=states.count("online"),
            offline=states.count("offline"),
            unknown=states.count("unknown"),
            fixed=len(found.counted) - turning,
            turning=turning,
            fixed_share=round(found.fixed_share, 4),
            turning_share=round(found.turning_share, 4),
            cut=found.cut,
        )


class KeyAreasOut(Out):
    """Key areas within reach, by name; 500 at most."""

    items: list[KeyAreaOut]
