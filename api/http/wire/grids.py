"""JSON of what grids have besides their lines: party branch, services, posts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field

from api.http.wire.shapes import Day, Id, In, Out
from console.grids.queries import GridDetails, StaffedPost
from console.grids.rules import Post, Service, ServiceInForce, Verdict
from console.grids.tables import GridPost
from ingest.reports.fields import PlainText, null_means
from layers.divisions.tables import Division

Name = Annotated[PlainText, null_means("", given=str)]


class BranchIn(In):
    """A grid's party branch from a day on, today by default; an empty name for none."""

    name: Name = Field("", max_length=100)
    first_day: Day | None = None


class ServiceIn(In):
    """A service that may or may not be asked of grid workers, and what that rests on."""

    title: PlainText = Field(min_length=1, max_length=200)
    verdict: Verdict
    basis: Name = Field("", max_length=200)

    def as_service(self) -> Service:
        return Service(self.title, self.verdict, self.basis)


class ServicesIn(In):
    """A division's whole list of services from a day on, today by default."""

    items: list[ServiceIn] = Field(max_length=200)
    first_day: Day | None = None


class GridPostIn(In):
    """A post for a force, from a day on, today by default; `until` is the day after its last one."""

    force: Id
    post: Post
    first_day: Day | None = None
    until: Day | None = None


class PostEndIn(In):
    """The day after a post's last one, today by default."""

    until: Day | None = None


class ServiceOut(Out):
    """A service in force, with the code of the division whose list says so."""

    title: str
    verdict: Verdict
    basis: str
    division: str

    @classmethod
    def of(cls, one: ServiceInForce) -> Self:
        service = one.service
        return cls(title=service.title, verdict=service.verdict, basis=service.basis, division=one.division)


class ServicesOut(Out):
    """What holds in a division, and its own list."""

    division: str
    day: date
    in_force: list[ServiceOut]
    own: list[ServiceOut]

    @classmethod
    def told(cls, division: Division, services: Sequence[ServiceInForce], own: Sequence[Service], *, day: date) -> Self:
        ours = [ServiceOut.of(ServiceInForce(one, division.code)) for one in own]
        return cls(division=division.code, day=day, in_force=[ServiceOut.of(one) for one in services], own=ours)


class GridPostOut(Out):
    """A post. `name` is null where the account does not see names of forces."""

    id: int
    grid: str
    force: int
    name: str | None
    post: Post
    first_day: date
    until: date | None

    @classmethod
    def of(cls, one: StaffedPost) -> Self:
        held = one.held
        return cls(
            id=held.id,
            grid=held.grid,
            force=held.force_id,
            name=one.name,
            post=held.post,
            first_day=held.first_day,
            until=held.until,
        )

    @classmethod
    def of_row(cls, row: GridPost) -> Self:
        return cls(
            id=row.id,
            grid=row.division_code,
            force=row.force_id,
            name=None,
            post=Post(row.post),
            first_day=row.first_day,
            until=row.until,
        )


class GridOut(Out):
    """What a grid has on a day. `branch` is null without one."""

    code: str
    name: str
    parent_code: str | None
    day: date
    branch: str | None
    services: list[ServiceOut]
    posts: list[GridPostOut]

    @classmethod
    def of(cls, details: GridDetails, *, day: date) -> Self:
        grid = details.division
        return cls(
            code=grid.code,
            name=grid.name,
            parent_code=grid.parent_code,
            day=day,
            branch=details.branch or None,
            services=[ServiceOut.of(one) for one in details.services],
            posts=[GridPostOut.of(one) for one in details.posts],
        )


class GridSummaryOut(Out):
    """A grid with its party branch, and how many posts are held there."""

    code: str
    name: str
    parent_code: str | None
    branch: str | None
    posts: int


class SharedWorkerOut(Out):
    """A worker with several posts 一人两岗."""

    force: int
    name: str | None
    posts: list[GridPostOut]


class GridsOut(Out):
    """The grids of a division, and the workers who hold several posts in it."""

    division: str
    day: date
    items: list[GridSummaryOut]
    shared: list[SharedWorkerOut]

    @classmethod
    def told(
        cls,
        division: str,
        grids: Sequence[Division],
        branches: Mapping[str, str],
        posts: Sequence[StaffedPost],
        *,
        day: date,
    ) -> Self:
        by_force: dict[int, list[StaffedPost]] = {}
        for one in posts:
            by_force.setdefault(one.held.force_id, []).append(one)
        items = [
            GridSummaryOut(
                code=grid.code,
                name=grid.name,
                parent_code=grid.parent_code,
                branch=branches.get(grid.code),
                posts=sum(one.held.grid == grid.code for one in posts),
            )
            for grid in grids
        ]
        shared = [
            SharedWorkerOut(force=force, name=held[0].name, posts=[GridPostOut.of(one) for one in held])
            for force, held in sorted(by_force.items())
            if len(held) > 1
        ]
        return cls(division=division, day=day, items=items, shared=shared)
