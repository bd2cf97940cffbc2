"""Bodies of snapshots, JSON-ready: one shape for the present and for a replayed moment."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.live.force_positions import ForcePositions, fixes_columns
from api.live.hotspots import hotspot_reader, hotspots_body, view_of
from api.place.pack import Pack
from console.feed.bodies import Body
from console.feed.kinds import Kind, Kinds
from console.feed.rules import Audience, Cursor
from console.positions.rules import masked
from console.situation.queries import Situation
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.queries import Unrated, read_unrated
from layers.hotspots.rules import Hotspots, quarter_of


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A situation with its position in the feed, its moment, and its hotspots, yet to be rated.

    `recorded_from`, of a replay: when the record begins.
    """

    at: datetime
    cursor: Cursor
    situation: Situation
    hotspots: Hotspots | Unrated
    recorded_from: datetime | None = None


def as_published(situation: Situation, audience: Audience, force_positions: ForcePositions) -> Situation:
    """Return the present situation with the positions that the audience's socket has been sent, if it is masked."""
    if not audience.masked:
        return situation
    forces = [position.force_id for position in situation.positions]
    return replace(situation, positions=force_positions.shown(forces, audience))


def masked_positions(situation: Situation, audience: Audience) -> Situation:
    """Return a situation of a whole minute with its positions masked, if the audience is."""
    if not audience.masked:
        return situation
    return replace(situation, positions=[*map(masked, situation.positions)])


async def hotspots_for(
    session: AsyncSession, audience: Audience, *, pack: Pack, cell_sets: CellSets, at: datetime
) -> Hotspots | Unrated:
    """Read the pack's default view of the audience's hotspots; empty for a force, which sees no statistics."""
    view = view_of(pack, masked=audience.masked)
    if audience.force_id is not None:
        return Hotspots(view=view, as_of=quarter_of(at), total=0, cells=())
    return await read_unrated(session, hotspot_reader(audience.scope, at=at, pack=pack, cell_sets=cell_sets), view)


async def snapshot_body(snapshot: Snapshot, audience: Audience, kinds: Kinds) -> dict[str, Any]:
    """Rate the hotspots and build the fields of `SnapshotOut`; hold no connection meanwhile.

    Bodies are masked for a masked audience; its positions must be masked already.
    """
    situation, hotspots = snapshot.situation, snapshot.hotspots
    found = await hotspots.rated() if isinstance(hotspots, Unrated) else hotspots
    return {
        "epoch": snapshot.cursor.epoch,
        "pos": snapshot.cursor.pos,
        "at": snapshot.at,
        "recorded_from": snapshot.recorded_from,
        "scope": audience.scope.rsplit(".", 1)[-1],
        **{kind.plural: _shown(kind, situation.bodies[name], audience) for name, kind in kinds.items()},
        "fixes": fixes_columns(situation.positions),
        "hotspots": hotspots_body(found),
    }


def _shown(kind: Kind[Any], bodies: list[Body], audience: Audience) -> list[Body]:
    if not audience.masked:
        return bodies
    return [body for each in bodies if (body := kind.shown(each, masked=True)) is not None]
