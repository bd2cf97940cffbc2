"""Tasks that go back to their sender because the grid's list 准入、禁入 does not permit the service."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.grids.rules import ServiceInForce, Verdict, plain
from console.tasks.tables import Task
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import Ltree
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID

NOT_PERMITTED = "not_permitted"
"""The reason of a task that went back. Its note is what was asked for."""
MOST_LISTED = 500


class ServiceNotForbidden(MaplebridgeError):
    """The lists in force at the incident's place let grid workers be asked for this, or do not mention it."""

    code = "task.service_not_forbidden"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Returned:
    """A task that went back, and the code and name of the grid that its incident lies in, empty outside of any."""

    task: Task
    grid: str
    grid_name: str


def require_outside(services: Collection[ServiceInForce], title: str) -> None:
    """Raise `ServiceNotForbidden` unless the lists forbid a service, or permit others and not this one."""
    verdicts = {plain(one.service.title): one.service.verdict for one in services}
    said = verdicts.get(plain(title))
    if not plain(title) or said is Verdict.ALLOWED or (said is None and Verdict.ALLOWED not in verdicts.values()):
        raise ServiceNotForbidden


async def list_returned(
    session: AsyncSession, actor: Actor, *, since: datetime, until: datetime, within: str, day: date
) -> Sequence[Returned]:
    """Return the tasks that went back in a time, the latest first, at most `MOST_LISTED`, with the grids of a day.
    Raises `Forbidden`.
    """
    actor.require(Permission.READ_INCIDENTS)
    inside = Task.division_path.op("<@")(cast(within, Ltree))
    wanted = select(Task).where(Task.reason == NOT_PERMITTED, Task.ended_at >= since, Task.ended_at < until, inside)
    tasks = (await session.scalars(wanted.order_by(Task.ended_at.desc(), Task.id).limit(MOST_LISTED))).all()
    codes = {code for task in tasks for code in task.division_path.split(".")}
    grids = select(Division.code, Division.name).where(Division.code.in_(codes), Division.level == GRID, on_day(day))
    names = {grid.code: grid.name for grid in await session.execute(grids)}
    found = []
    for task in tasks:
        grid = next((code for code in task.division_path.split(".") if code in names), "")
        found.append(Returned(task, grid, names.get(grid, "")))
    return found
