"""JSON of routes, rounds and visits."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

import shapely
from geoalchemy2.shape import to_shape
from pydantic import Field

from api.http.wire.shapes import In, Latitude, Longitude, Out
from console.rounds.queries import Record
from console.rounds.routes import PointWanted
from console.rounds.rules import MOST_POINTS, How, is_far
from console.rounds.tables import PatrolRoute, RoundMark, Visit
from ingest.reports.fields import PlainText, null_means

Words = Annotated[PlainText, null_means("", given=str)]
VisitKind = Literal["household", "enterprise"]
DEVICE_TIME = "What the phone's clock said, right or wrong."
DOUBTFUL = "The phone's clock cannot have been right: `at` is the likeliest time."


class RoutePointIn(In):
    """A point of a route. One that is there already has its `id`, and keeps the code of its slip."""

    id: Words = Field("", max_length=16, description="Left out for a new point.")
    name: PlainText = Field(min_length=1, max_length=100)
    lon: Longitude
    lat: Latitude


class PatrolRouteEdit(In):
    """A route's name and points, in the order in which they are gone round."""

    name: PlainText = Field(min_length=1, max_length=100)
    points: Annotated[list[RoutePointIn], Field(min_length=1, max_length=MOST_POINTS)]

    def wanted(self) -> list[PointWanted]:
        return [PointWanted(one.name, one.lon, one.lat, one.id) for one in self.points]


class PatrolRouteIn(PatrolRouteEdit):
    """A new route of a grid."""

    grid: str = Field(pattern=r"^\w{1,32}$", description="The grid's code.")


class RoutePointOut(Out):
    """A point. `code` is empty for those who go on rounds: it stands on the slip at the place."""

    id: str
    name: str
    lon: float
    lat: float
    code: str


class PatrolRouteOut(Out):
    """A route of a grid."""

    id: int
    grid: str
    name: str
    points: list[RoutePointOut]
    changed_at: datetime
    retired_at: datetime | None
    division_path: str
    version: int

    @classmethod
    def of(cls, route: PatrolRoute, *, with_codes: bool) -> Self:
        unseen = {} if with_codes else {"code": ""}
        return cls(
            id=route.id,
            grid=route.division_code,
            name=route.name,
            points=[RoutePointOut(**(point | unseen)) for point in route.points],
            changed_at=route.changed_at,
            retired_at=route.retired_at,
            division_path=route.division_path,
            version=route.version,
        )


class RoundMarkOut(Out):
    """A report at a point: reported from so far away, never proved.

    `lon` and `lat`, where the phone said that it was, are null once positions of that age are deleted.
    """

    id: UUID = Field(description="Of the command.")
    how: How
    at: datetime
    device_at: datetime = Field(description=DEVICE_TIME)
    received_at: datetime
    doubtful: bool = Field(description=DOUBTFUL)
    lon: float | None
    lat: float | None
    distance_m: float | None = Field(description="Metres from the reported position to the point.")
    accuracy_m: float | None
    age_s: float | None
    far: bool = Field(description="Over 100 m away, even at the near edge of its accuracy.")
    reason: str

    @classmethod
    def of(cls, mark: RoundMark) -> Self:
        lon, lat = (None, None) if mark.place is None else shapely.get_coordinates(to_shape(mark.place))[0].round(7)
        return cls(
            id=mark.id,
            how=How(mark.how),
            at=mark.at,
            device_at=mark.device_at,
            received_at=mark.received_at,
            doubtful=mark.doubtful,
            lon=lon,
            lat=lat,
            distance_m=mark.distance_m,
            accuracy_m=mark.accuracy_m,
            age_s=mark.age_s,
            far=is_far(mark.distance_m, mark.accuracy_m),
            reason=mark.reason,
        )


class RoundPointOut(Out):
    """A point of a round and what was reported there: the last report counts, `earlier` ones are on record.

    Without a report `last` is null: nothing was said of it.
    """

    id: str
    name: str
    lon: float
    lat: float
    last: RoundMarkOut | None
    earlier: list[RoundMarkOut]


class PatrolRoundOut(Out):
    """A round: who went when, and what was reported at each point. `checked`, `left_out` and `unreported` add up to the
    points.
    """

    id: UUID
    route: int
    route_name: str
    grid: str
    force: int
    force_name: str
    started_at: datetime
    ended_at: datetime | None
    note: str
    points: list[RoundPointOut]
    checked: int
    left_out: int
    unreported: int
    far: int = Field(description="Of those checked: reported from far away.")
    division_path: str
    version: int

    @classmethod
    def of(cls, record: Record) -> Self:
        row = record.round
        reports: dict[str, list[RoundMarkOut]] = {}
        for mark in record.marks:
            reports.setdefault(mark.point, []).append(RoundMarkOut.of(mark))
        points = [
            RoundPointOut(
                id=point["id"],
                name=point["name"],
                lon=point["lon"],
                lat=point["lat"],
                last=told[-1] if told else None,
                earlier=told[:-1],
            )
            for point in row.points
            for told in [reports.get(point["id"], [])]
        ]
        last = [point.last for point in points if point.last is not None]
        left_out = sum(one.how is How.LEFT_OUT for one in last)
        return cls(
            id=row.id,
            route=row.route_id,
            route_name=row.route_name,
            grid=row.division_code,
            force=row.force_id,
            force_name=row.force_name,
            started_at=row.started_at,
            ended_at=row.ended_at,
            note=row.note,
            points=points,
            checked=len(last) - left_out,
            left_out=left_out,
            unreported=len(points) - len(last),
            far=sum(one.far for one in last),
            division_path=row.division_path,
            version=row.version,
        )


class RoundsOut(Out):
    """The rounds of a day in a division, the latest first, at most 500."""

    day: date
    items: list[PatrolRoundOut]


class VisitOut(Out):
    """A visit by a force."""

    id: UUID
    grid: str
    kind: VisitKind
    count: int
    matter: str
    force: int
    force_name: str
    at: datetime
    device_at: datetime = Field(description=DEVICE_TIME)
    received_at: datetime
    doubtful: bool = Field(description=DOUBTFUL)

    @classmethod
    def of(cls, row: Visit) -> Self:
        return cls(
            id=row.id,
            grid=row.division_code,
            kind="household" if row.kind == "household" else "enterprise",
            count=row.count,
            matter=row.matter,
            force=row.force_id,
            force_name=row.force_name,
            at=row.at,
            device_at=row.device_at,
            received_at=row.received_at,
            doubtful=row.doubtful,
        )


class GridVisitsOut(Out):
    """How many households and premises of a grid were called on in a day."""

    grid: str
    households: int
    enterprises: int


class VisitsOut(Out):
    """The visits of a day in a division, the latest first, at most 500; and all of them by grid."""

    day: date
    items: list[VisitOut]
    by_grid: list[GridVisitsOut]

    @classmethod
    def told(cls, day: date, visits: Sequence[Visit], counts: Mapping[tuple[str, str], int]) -> Self:
        grids = sorted({grid for grid, _ in counts})
        return cls(
            day=day,
            items=[VisitOut.of(one) for one in visits],
            by_grid=[
                GridVisitsOut(
                    grid=grid,
                    households=counts.get((grid, "household"), 0),
                    enterprises=counts.get((grid, "enterprise"), 0),
                )
                for grid in grids
            ],
        )
