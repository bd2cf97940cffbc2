"""Add and change forces, inside the caller's transaction."""

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
from geo.datum import Datum
from geo.store import BulkInsert, point_text, update_on
from geo.versions import Expected, require_current

KEPT = ("duty", "version")
"""Columns that a list of staff does not overwrite: duty is set by operators, and the version counts changes."""
UPSERT = BulkInsert(
    Force, then=f"{update_on(Force, 'code', kept=KEPT, also='version = forces.version + 1')} RETURNING id"
)
OnDivisionChange = Callable[[AsyncSession, Collection[int]], Awaitable[None]]
"""Updates other rows of forces, given by id, whose division has changed."""


async def register_many(
    session: AsyncSession, records: Sequence[ForceRecord], *, on_division_change: OnDivisionChange, now: datetime
) -> RegistrationCounts:
    """Add forces or update those of the same code, and append an event for each that changed.

    The same list again changes nothing. Of several records with one code the last counts. A device may move between
    forces of the list. Raises DeviceTaken if one belongs to a force outside it.

    Clients that may no longer see a force after its division changed are sent `gone`; `on_division_change` is called
    with these forces.
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
    session: AsyncSession, actor: Actor, force_id: int, *, duty: Duty, expected: Expected, now: datetime
) -> Force:
    """Set a force on duty, on call or off duty. `expected` is the version that the actor saw, or None.

    Raises ForceBusy for a force with an active task, in any division, that is to go off duty: it would disappear from
    the map on its way. Recall it first.
    """
    actor.require(Permission.EDIT_FORCES)
    force = await get_visible_force(session, actor, force_id, lock=True)
    require_current(force.version, expected)
    if force.duty == duty:
        return force
    if duty is Duty.OFF and await is_busy(session, force_id):
        raise ForceBusy(force=force_id)
    force.duty = duty.value
    force.version += 1
    await append(session, [change_of(force)], now=now)
    return force


async def set_device_datum(
    session: AsyncSession, actor: Actor, force_id: int, *, datum: Datum | None, expected: Expected, now: datetime
) -> Force:
    """Set the datum of a force's device for its next positions. `expected` is the version the actor saw, or None."""
    actor.require(Permission.EDIT_FORCES)
    force = await get_visible_force(session, actor, force_id, lock=True)
    require_current(force.version, expected)
    if force.device_datum == datum:
        return force
    force.device_datum = datum
    force.version += 1
    await append(session, [change_of(force)], now=now)
    return force


async def _release_devices(
    session: AsyncSession, claimed: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Release the claimed devices from their present holders, so that the upsert does not violate uniqueness.

    Only from holders whose own row in the list has another device, or none.
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
        "device_datum": record.device_datum,
        "telephone": record.telephone,
        "duty": record.duty.value,
        "division_path": record.division_path,
        "version": 1,
    }
