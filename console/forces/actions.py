"""Changing forces, inside the caller's transaction."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, any_, cast, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.feed.actions import append
from console.forces.events import change_of
from console.forces.queries import device_holders, division_paths_by_code, get_visible_force, is_busy
from console.forces.rules import DeviceTaken, Duty, ForceBusy, ForceRecord, RegistrationCounts
from console.forces.tables import Force
from geo.errors import Stale
from geo.store import BulkInsert, point_text, update_on

KEPT = ("duty", "version")
"""Columns that a list of staff does not set anew. The roster has the later word on duty; a version counts changes."""
UPSERT = BulkInsert(
    Force, then=f"{update_on(Force, 'code', kept=KEPT, also='version = forces.version + 1')} RETURNING id"
)
OnDivisionChange = Callable[[AsyncSession, Collection[int]], Awaitable[None]]
"""What happens to other things of forces, by their ids, that are posted to another division."""


async def register_many(
    session: AsyncSession, records: Sequence[ForceRecord], *, on_division_change: OnDivisionChange, now: datetime
) -> RegistrationCounts:
    """Add forces, or bring those of the same code up to date, and tell of those that changed.

    The same list again changes nothing. Of several records with one code the last counts. A device may pass from one
    of them to another. Raises DeviceTaken where one belongs to a force that is not among them.

    Those who lose sight of a force that is posted elsewhere are sent `gone`; `on_division_change` is told of it.
    """
    rows = [_row(record) for record in {record.code: record for record in records}.values()]
    if not rows:
        return RegistrationCounts(added=0, changed=0, unchanged=0)
    await _release_devices(session, {row["device_id"]: row["code"] for row in rows if row["device_id"]}, rows)
    posts = await division_paths_by_code(session, [row["code"] for row in rows])
    ids = (await UPSERT.run(session, rows)).scalars().all()
    found = select(Force).where(Force.id == any_(cast([*ids], ARRAY(BigInteger)))).order_by(Force.id)
    touched = (await session.scalars(found.execution_options(populate_existing=True))).all()
    await append(session, [change_of(force, left_path=posts.get(force.code)) for force in touched], now=now)
    moved = [force for force in touched if force.division_path != posts.get(force.code, force.division_path)]
    if moved:
        await on_division_change(session, [force.id for force in moved])
    added = sum(force.version == 1 for force in touched)
    return RegistrationCounts(added=added, changed=len(touched) - added, unchanged=len(rows) - len(touched))


async def set_duty(
    session: AsyncSession, actor: Actor, force_id: int, *, duty: Duty, expected: int | None, now: datetime
) -> Force:
    """Put a force on duty, on call or off. `expected` is the version that the actor saw, None when they do not say.

    Raises ForceBusy for one that has a task, wherever that is, and is to go off: it is recalled first, or it would
    vanish from the map on its way.
    """
    actor.require(Permission.EDIT_FORCES)
    force = await get_visible_force(session, actor, force_id, lock=True)
    if expected is not None and expected != force.version:
        raise Stale(version=force.version)
    if force.duty == duty:
        return force
    if duty is Duty.OFF and await is_busy(session, force_id):
        raise ForceBusy(force=force_id)
    force.duty = duty.value
    force.version += 1
    await append(session, [change_of(force)], now=now)
    return force


async def _release_devices(
    session: AsyncSession, claimed: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Take the devices that are claimed from those who had them, so that whoever claims one finds it free.

    Only from those whose own row says that they have another now, or none.
    """
    holders = await device_holders(session, claimed)
    codes = {row["code"] for row in rows}
    taken = {device: code for device, code in holders.items() if code != claimed[device]}
    if kept := {device: code for device, code in taken.items() if code not in codes}:
        raise DeviceTaken(devices=kept)
    if taken:
        await session.execute(update(Force).where(Force.device_id.in_(taken)).values(device_id=None))


def _row(record: ForceRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "name": record.name,
        "kind": record.kind,
        "organisation": record.organisation,
        "specialities": list(record.specialities),
        "languages": list(record.languages),
        "mode": record.mode,
        "home": point_text(record.lon, record.lat),
        "device_id": record.device_id,
        "duty": record.duty.value,
        "division_path": record.division_path,
        "version": 1,
    }
