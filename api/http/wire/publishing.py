"""JSON of what changes hands by a plan."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field

from api.http.wire.shapes import Out
from console.planning.handover import Rule, Thing
from console.planning.shown import Shown, ShownTransfers


class TransferOut(Out):
    """A thing that changes hands, from which division to which.

    `by`: `point`, where it lies; `code`, with its division; `land`, with most of the land of a division that ends;
    `choice`, as the publisher said; `follows`, with the incident that it belongs to. A `home` lies in another grid, and
    its force stays where it is posted.
    """

    thing: Thing
    id: int
    name: str
    from_path: str
    to_path: str
    by: Rule
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, one: Shown) -> Self:
        return cls(
            thing=one.thing,
            id=one.subject_id,
            name=one.name,
            from_path=one.from_path,
            to_path=one.to_path,
            by=one.by,
            lon=one.point[0] if one.point else None,
            lat=one.point[1] if one.point else None,
        )


class TransfersOut(Out):
    """What changes hands by a plan, each thing once. `applied`: it has been done; else it is as of now.

    `counts` are all, whatever page this is; null where the account may not know. `masked`: incidents and forces are not
    listed one by one, and incidents are counted at their masked places. `shared`: for a grid without anybody of its
    own, the grid whose workers answer for it too, unless other forces are named when publishing. `nobody`: grids that
    need a force before the plan can be published. `codes`: the final code of each provisional one.
    """

    version: int
    first_day: date | None
    applied: bool
    masked: bool
    counts: dict[Thing, int | None]
    codes: dict[str, str]
    shared: dict[str, str]
    nobody: list[str]
    items: list[TransferOut]
    next: str | None = Field(None, description="Cursor of the following page.")

    @classmethod
    def of(cls, found: ShownTransfers, *, version: int, page: Sequence[Shown], following: str | None) -> Self:
        return cls(
            version=version,
            first_day=found.first_day,
            applied=found.applied,
            masked=found.masked,
            counts=dict(found.counts),
            codes=dict(found.codes),
            shared=dict(found.workers.shared),
            nobody=list(found.workers.unserved),
            items=[TransferOut.of(one) for one in page],
            next=following,
        )
