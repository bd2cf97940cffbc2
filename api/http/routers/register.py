"""The register over HTTP: units, who holds which post, and giving and ending posts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.register import (
    RegisterOut,
    ShortfallOut,
    StaffPostEndedOut,
    StaffPostEndIn,
    StaffPostIn,
    StaffPostOut,
    StaffPostsOut,
    UnitDetailsOut,
    UnitOut,
)
from api.http.wire.shapes import Id, Page
from api.services import Services
from console.access.rules import ROLES, Actor, Permission
from console.cases.centres import MOVERS
from console.flow.seats import needs_post
from console.register.actions import Moment, end_post, give_post
from console.register.editing import add_person
from console.register.queries import (
    UnitFilter,
    get_unit,
    held_post,
    manned_by,
    page_of_units,
    posts_in,
    posts_of,
    shortfalls_of,
    units_named,
)
from console.register.rules import NewPost, StaffRecord, require_known
from console.register.tables import Unit
from console.register.terms import RegisterTerms
from geo.errors import NotFound
from layers.divisions.queries import find_by_code

router = APIRouter(route_class=TransactionRoute, tags=["register"], dependencies=[allowed(Permission.READ_LAYERS)])

OfUnit = Annotated[str, Path(max_length=80, description="A unit's code.")]
Code = Query(max_length=64)
MOST_NAMED = 40


@router.get("/api/register")
async def read_register(session: CurrentSession, services: CurrentServices) -> RegisterOut:
    """Return the pack's words for units, and the units within reach that are short of staff."""
    terms = services.pack.registry
    named = {minimum.code: minimum.names.model_dump() for minimum in terms.minimums}
    short = await shortfalls_of(session, terms.minimums, day=services.today())
    found = [
        ShortfallOut(minimum=one.minimum, names=named[one.minimum], unit=one.unit, least=one.least, held=one.held)
        for one in short
    ]
    return RegisterOut.of(terms, found)


@router.get("/api/units")
async def list_units(
    session: CurrentSession,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: str | None = None,
    kind: Annotated[str | None, Code] = None,
    level: Annotated[str | None, Code] = None,
    parent: Annotated[str | None, Query(max_length=80, description="The code of the unit above.")] = None,
    division: Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="In this division and all below.")] = None,
    attendance: Literal["resident", "rotating", "on_call"] | None = None,
    handles: Annotated[str | None, Query(max_length=64, description="A category or class that it handles.")] = None,
    words: Annotated[str | None, Query(max_length=60, description="A part of a name or code.")] = None,
    below: Annotated[bool, Query(description="False: only those of `division` itself.")] = True,
    codes: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9_.,-]{1,3240}$", description="These alone, by commas: at most 40, closed ones too."),
    ] = None,
) -> Page[UnitOut]:
    """List the open units within reach and those of the divisions above, in the order of the register."""
    day = services.today()
    if codes is not None:
        return await _page(session, await units_named(session, codes.split(",")[:MOST_NAMED]), None, day=day)
    found = None if division is None else await find_by_code(session, division, day=day)
    if division is not None and found is None:
        raise NotFound
    wanted = UnitFilter(
        kinds=[kind] if kind else (),
        level=level,
        parent=parent,
        within=found.division_path if found else None,
        attendance=attendance,
        handles=handles,
        words=words or None,
        below=below,
    )
    page, following = await page_of_units(session, wanted, day=day, limit=limit, cursor=cursor)
    return await _page(session, page, following, day=day)


async def _page(session: AsyncSession, units: Sequence[Unit], following: str | None, *, day: date) -> Page[UnitOut]:
    accepting = await manned_by(session, [unit.id for unit in units], roles=MOVERS, day=day)
    return Page[UnitOut](items=[UnitOut.of(unit, accepts=unit.id in accepting) for unit in units], next=following)


@router.get("/api/units/{unit}")
async def read_unit(
    unit: OfUnit, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> UnitDetailsOut:
    """Read one unit, with who holds its posts today."""
    row = await get_unit(session, unit)
    held = await posts_in(session, [row.id], day=services.today())
    return UnitDetailsOut.with_posts(row, held, named=actor.may(Permission.READ_POSTS))


@router.get("/api/posts")
async def list_posts(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    unit: Annotated[str | None, Query(max_length=80, description="The posts of this unit.")] = None,
) -> StaffPostsOut:
    """List the account's own posts of today; or, to those who may read them, the posts of a unit."""
    day = services.today()
    if unit is None:
        held = await posts_of(session, actor.user_id, day=day)
        if not held and _works_in_units(actor, services):
            return StaffPostsOut(items=[], missing=True)
    else:
        actor.require(Permission.READ_POSTS)
        held = await posts_in(session, [(await get_unit(session, unit)).id], day=day)
    return StaffPostsOut(items=[StaffPostOut.of(post) for post in held])


@router.post("/api/posts", status_code=201, max_body_size=STEP_BYTES)
async def post_post(
    body: StaffPostIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> StaffPostOut:
    """Give a post to a person of the staff, or to somebody new. 403 in a unit that is not of one's own division.

    409 `post.held` if they hold it already, `unit.closed` in a closed unit, `staff.exists` if a new person's code is
    another's.
    """
    person_id = body.person or await _added(session, actor, body, now=services.now())
    new = body.as_post(services.today(), person_id=person_id)
    _require_words(new, services.pack.registry)
    row = await give_post(session, actor, new, at=_moment(services), reason=body.reason)
    return StaffPostOut.of(await held_post(session, row.id))


@router.post("/api/posts/{staff_post_id}/end", max_body_size=STEP_BYTES)
async def end(
    staff_post_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    body: StaffPostEndIn | None = None,
) -> StaffPostEndedOut:
    """End a post today. Its open cases go to the `successor`, another post of the unit, or to the unit's queue."""
    said = body or StaffPostEndIn()
    post, moved = await end_post(
        session,
        actor,
        staff_post_id,
        successor=said.successor,
        cases=services.open_cases,
        at=_moment(services),
        reason=said.reason,
    )
    return StaffPostEndedOut(until=post.until or services.today(), cases=moved)


async def _added(session: AsyncSession, actor: Actor, body: StaffPostIn, *, now: datetime) -> int:
    """Add the new person of a post to the staff of its unit's division, and return the id."""
    unit, said = await get_unit(session, body.unit), body.new_person
    assert said is not None  # The shape asks for one of both.
    record = StaffRecord(said.code, said.name, unit.division_path)
    return (await add_person(session, actor, record, reason=body.reason, now=now)).id


def _works_in_units(actor: Actor, services: Services) -> bool:
    """Whether the account has cases by a post alone. Those who receive at the door sit in the centre without one."""
    work, registered = services.casework, services.pack.registry.unit_kinds
    handles = actor.may(Permission.MOVE_CASES) and not actor.may(Permission.REPORT_INCIDENTS)
    return bool(work and registered and handles and needs_post(work.terms, actor.role))


def _moment(services: Services) -> Moment:
    return Moment(services.now(), services.today())


def _require_words(new: NewPost, terms: RegisterTerms) -> None:
    """Raise `PostUnknown` for a title or a role that there is not."""
    require_known(new.title, [title.code for title in terms.titles], name="title")
    require_known(new.role, ROLES, name="role")
