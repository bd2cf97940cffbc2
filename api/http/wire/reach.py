"""JSON of the 15-minute circle 15分钟解纷圈."""

from datetime import datetime
from typing import Any, Self

import orjson
import shapely
from pydantic import Field

from api.http.wire.shapes import Out
from console.reach.circles import Circle, Hole
from console.reach.rules import Move, Share, Spot

DIGITS = 5
"""Decimals of a degree, about a metre."""
SIMPLER_DEGREES = 0.0001


class ReachShareOut(Out):
    """How much of the grids and of the last year's incidents is inside, from 0 to 1. Null where there are none."""

    grids: float | None
    incidents: float | None

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(grids=_part(share.grids, share.of_grids), incidents=_part(share.incidents, share.of_incidents))


class CountsOut(Out):
    """What the shares are made of."""

    grids: int = Field(description="Grids inside.")
    of_grids: int
    doubtful_grids: int = Field(description="Inside by forces alone whose position is old or not known.")
    incidents: int = Field(description="The last year's incidents inside: each counts with its grid.")
    of_incidents: int
    doubtful_incidents: int
    unplaced: int = Field(description="The last year's incidents of a grid that is no more, or of none. Not counted.")


class ForcesOut(Out):
    """Who is counted: on duty, or on call with the time to answer; not those on leave."""

    counted: int
    doubtful: int = Field(description="Whose position is old or not known.")
    estimated: int = Field(description="Whose travel is an estimate: without roads, all.")


class ReachGridOut(Out):
    """A grid by name, and a point in it, WGS-84."""

    code: str
    name: str
    lon: float
    lat: float


class HoleOut(Out):
    """Grids outside that lie side by side. `grid` is the one of them with the most incidents."""

    grid: ReachGridOut
    grids: int
    incidents: int = Field(description="Of the last year.")

    @classmethod
    def of(cls, hole: Hole) -> Self:
        return cls(grid=grid_of(hole.spot), grids=hole.grids, incidents=hole.incidents)


class ForceNameOut(Out):
    """A force by name."""

    id: int
    name: str


class ReachMoveOut(Out):
    """The one move that closes most: this force, free now, would wait in that grid."""

    force: ForceNameOut
    to: ReachGridOut
    grids: int = Field(description="Grids won, less those lost.")
    incidents: int = Field(description="The last year's incidents in them.")

    @classmethod
    def of(cls, move: Move, target: Spot) -> Self:
        force = ForceNameOut(id=move.force, name=move.name)
        return cls(force=force, to=grid_of(target), grids=move.grids, incidents=move.incidents)


class ReachOut(Out):
    """What those on duty now reach in time within the caller's division."""

    at: datetime
    minutes: int
    complete: bool = Field(description="False: some ways are still looked for; ask again.")
    share: ReachShareOut
    counts: CountsOut
    forces: ForcesOut
    centres: ReachShareOut | None = Field(
        description="What residents reach: a centre or station by e-bike. Null without any."
    )
    polygon: dict[str, Any] | None = Field(
        description="The grids inside as one GeoJSON shape, for the eye. Null where nothing is inside, and on walls."
    )
    holes: list[HoleOut] = Field(description="Most incidents first.")
    move: ReachMoveOut | None = Field(description="Null where none would gain anything.")

    @classmethod
    def of(cls, circle: Circle, *, masked: bool) -> Self:
        """Without the shape, the holes and the move if `masked`: they would tell where forces are."""
        share = circle.share
        return cls(
            at=circle.at,
            minutes=circle.minutes,
            complete=circle.complete,
            share=ReachShareOut.of(share),
            counts=CountsOut(
                grids=share.grids,
                of_grids=share.of_grids,
                doubtful_grids=share.doubtful_grids,
                incidents=share.incidents,
                of_incidents=share.of_incidents,
                doubtful_incidents=share.doubtful_incidents,
                unplaced=circle.unplaced,
            ),
            forces=ForcesOut(
                counted=len(circle.origins),
                doubtful=sum(not one.sure for one in circle.origins),
                estimated=circle.estimated,
            ),
            centres=None if circle.centres is None else ReachShareOut.of(circle.centres),
            polygon=None if masked or circle.inside is None else _drawn(circle.inside),
            holes=[] if masked else [HoleOut.of(hole) for hole in circle.holes],
            move=None
            if masked or circle.move is None or circle.target is None
            else ReachMoveOut.of(circle.move, circle.target),
        )


def grid_of(spot: Spot) -> ReachGridOut:
    return ReachGridOut(code=spot.code, name=spot.name, lon=spot.lon, lat=spot.lat)


def _part(n: int, of: int) -> float | None:
    return n / of if of else None


def _drawn(shape: shapely.Geometry) -> dict[str, Any]:
    simpler = shapely.simplify(shape, SIMPLER_DEGREES)
    found: dict[str, Any] = orjson.loads(shapely.to_geojson(shapely.set_precision(simpler, 10**-DIGITS)))
    return found
