"""What grids have besides their lines, over HTTP: party branches, lists of services, posts and shared workers."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.http.body_limits import REPORT_BYTES, STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.grids import BranchIn, GridOut, GridPostIn, GridPostOut, GridsOut, PostEndIn, ServicesIn, ServicesOut
from api.http.wire.shapes import Day, Id
from api.services import Services
from console.access.rules import Permission
from console.grids.actions import Moment, NewPost, end_post, give_post, set_branch, set_services
from console.grids.queries import (
    branches_in,
    details_of,
    get_known_division,
    get_visible_division,
    grids_in,
    own_services,
    posts_in,
    services_of,
)

router = APIRouter(route_class=TransactionRoute, tags=["grids"], dependencies=[allowed(Permission.READ_LAYERS)])

Code = Annotated[str, Path(pattern=r"^\w{1,32}$", description="A division's code.")]
OnDay = Annotated[Day | None, Query(description="The day that is meant; today by default.")]


def _moment(services: Services) -> Moment:
    return Moment(services.now(), services.today())


@router.get("/api/grids")
async def list_grids(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: Annotated[
        str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; the account's own by default.")
    ] = None,
    day: OnDay = None,
) -> GridsOut:
    """List the grids of a division with their party branches, and the workers who hold several posts."""
    asked, code = day or services.today(), division or actor.scope.rpartition(".")[2]
    found = await get_visible_division(session, actor, code, day=asked)
    path = found.division_path
    return GridsOut.told(
        code,
        await grids_in(session, path, day=asked),
        await branches_in(session, path, day=asked),
        await posts_in(session, actor, path, day=asked),
        day=asked,
    )


@router.get("/api/grids/{code}")
async def read_grid(
    code: Code, session: CurrentSession, actor: CurrentActor, services: CurrentServices, day: OnDay = None
) -> GridOut:
    """Return what a grid has on a day: its party branch, the services in force, and its posts."""
    asked = day or services.today()
    return GridOut.of(await details_of(session, actor, code, day=asked), day=asked)


@router.put("/api/grids/{code}/branch", max_body_size=STEP_BYTES)
async def put_branch(
    code: Code, body: BranchIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> GridOut:
    """Set the party branch of a grid from a day on. What was before stays on record."""
    first_day = body.first_day or services.today()
    await set_branch(session, actor, code, body.name, first_day=first_day, at=_moment(services))
    return GridOut.of(await details_of(session, actor, code, day=first_day), day=first_day)


@router.get("/api/divisions/{code}/services")
async def read_services(
    code: Code, session: CurrentSession, services: CurrentServices, day: OnDay = None
) -> ServicesOut:
    """Return what the workers of a division's grids may and may not be asked to do on a day.

    A force reads those of the town that it is sent to, too.
    """
    asked = day or services.today()
    division = await get_known_division(session, code, day=asked)
    in_force = await services_of(session, division.division_path, day=asked)
    return ServicesOut.told(division, in_force, await own_services(session, code, day=asked), day=asked)


@router.put("/api/divisions/{code}/services", max_body_size=REPORT_BYTES)
async def put_services(
    code: Code, body: ServicesIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ServicesOut:
    """Set a division's list of services from a day on. It holds there and in all below."""
    first_day = body.first_day or services.today()
    wanted = [one.as_service() for one in body.items]
    await set_services(session, actor, code, wanted, first_day=first_day, at=_moment(services))
    return await read_services(code, session, services, first_day)


@router.post("/api/grids/{code}/posts", status_code=201, max_body_size=STEP_BYTES)
async def post_post(
    code: Code, body: GridPostIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> GridPostOut:
    """Give a force a post in a grid. 409 `grid.too_many_posts` beyond the pack's `most_posts` at a time."""
    new = NewPost(body.force, body.post, body.first_day or services.today(), body.until)
    most = services.pack.networks.most_posts
    return GridPostOut.of_row(await give_post(session, actor, code, new, most=most, at=_moment(services)))


@router.post("/api/grid-posts/{post_id}/end", max_body_size=STEP_BYTES)
async def end(
    post_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    body: PostEndIn | None = None,
) -> GridPostOut:
    """End a post before a day, today by default. It stays on record."""
    until = (body and body.until) or services.today()
    return GridPostOut.of_row(await end_post(session, actor, post_id, until=until, at=_moment(services)))
