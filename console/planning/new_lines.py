"""Write the lines of a plan into the divisions from a day on, and put back what they replaced."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean, ColumnElement, any_, cast, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.planning.carrying import ROUNDING, carry, share_out
from console.planning.handover import Change
from geo.coverage.refusals import PlanRefused
from geo.errors import ErrorKind
from layers.divisions.actions import add_many
from layers.divisions.queries import KIND, on_day
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division

SHARES = "workers_of"
"""Property of a grid without anybody of its own: the code of the grid whose workers answer for it too 一人两岗."""


class LaterLines(PlanRefused):
    """Lines of `codes` for a day after the plan's first, `day`, are there already. Way out: publish for that day or
    later, on those lines.
    """

    code = "plan.later_lines"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Standing:
    """A version of a division that is in force, as far as a new one takes over from it."""

    id: int
    valid_from: date
    generated: bool
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewLines:
    """What a change does to the stored divisions: versions to end, by id, and divisions that begin.

    Those of `renewed`, by the id of the version before, keep their shape to the last byte: they only lie elsewhere in
    the tree, or have another name.
    """

    ending: Sequence[int]
    beginning: Sequence[NewDivision]
    renewed: Mapping[int, NewDivision] = field(default_factory=dict)


def _is_one_of(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Clause: among many values, sent as one array: thousands of parameters take long to write into a statement."""
    return cast(column == any_(cast([*values], ARRAY(column.type))), Boolean)


async def require_no_later_lines(session: AsyncSession, codes: Collection[str], *, day: date) -> None:
    """Raise `LaterLines` where a division has a version that begins, or one that ends, after a day."""
    known = select(Division.code, Division.valid_from, Division.valid_to).where(
        _is_one_of(Division.code, codes), or_(Division.valid_from > day, Division.valid_to > day)
    )
    found = (await session.execute(known)).all()
    if found:
        raise LaterLines(
            *sorted({code for code, _, _ in found}),
            day=max(end or first for _, first, end in found).isoformat(),
        )


async def read_standing(session: AsyncSession, codes: Collection[str], *, day: date) -> dict[str, Standing]:
    """Return the versions of divisions that are in force on a day, by code."""
    columns = Division.code, Division.id, Division.valid_from, Division.generated, Division.properties
    rows = await session.execute(select(*columns).where(_is_one_of(Division.code, codes), on_day(day)))
    return {code: Standing(*found) for code, *found in rows}


@dataclass(frozen=True, slots=True)
class Counts:
    """Households and enterprises by code, of all levels, as they are stored before."""

    households: Mapping[str, int | None]
    enterprises: Mapping[str, int | None]


def new_lines_of(
    change: Change,
    standing: Mapping[str, Standing],
    counts: Counts,
    *,
    shared: Mapping[str, str],
    first_day: date,
    source: str,
) -> NewLines:
    """Work out the versions that end and the divisions that begin on the first day of a change. Takes seconds for a
    county: run it in a thread. `shared`: see `handover.GridWorkers`.
    """
    ended, begun = change.versions
    households = carried(change, counts.households)
    enterprises = carried(change, counts.enterprises)
    finals = change.after.codes
    new = {
        code: replace(
            _new_division(change, code, standing, shared=finals.get(shared.get(code, ""), shared.get(code))),
            valid_from=first_day,
            source=source,
            households=households.get(code),
            enterprises=enterprises.get(code),
        )
        for code in begun
    }
    same = {
        code: standing[code].id
        for code in begun
        if code in standing and standing[code].valid_from < first_day and change.keeps_shape(code)
    }
    return NewLines(
        ending=[standing[code].id for code in ended if code in standing],
        beginning=[new[code] for code in begun if code not in same],
        renewed={version: new[code] for code, version in same.items()},
    )


def _new_division(change: Change, code: str, standing: Mapping[str, Standing], *, shared: str | None) -> NewDivision:
    """Build a division without its day, source and counts. What is not drawn stays with the code."""
    coverage = change.after.coverage
    division, was = coverage.divisions[code], standing.get(code)
    path, above = change.after.path(code), standing.get(division.parent or "")
    properties = {name: value for name, value in (was.properties if was else {}).items() if name not in (SHARES, KIND)}
    properties |= {KIND: division.kind} if division.kind else {}
    properties |= {SHARES: shared} if shared else {}
    return NewDivision(
        code=path.rpartition(".")[2],
        level=division.level,
        name=division.name,
        path=path,
        valid_from=date.min,
        geometry=_multi(coverage.outline(code)),
        generated=was.generated if was else bool(above and above.generated),
        properties=properties,
    )


def _multi(shape: BaseGeometry) -> MultiPolygon:
    return MultiPolygon(shapely.get_parts(shape).tolist())


def carried(change: Change, counts: Mapping[str, int | None]) -> dict[str, int | None]:
    """Carry counts to the lines after, for all levels: exact where land stays whole, else shared out by area.

    A division above the smallest has the sum of those below it where it had a count before and they have one; where
    only it has one, that is shared out among the divisions of its level.
    """
    before, after = change.before.coverage, change.after.coverage
    spread = carry(before, after, change.touched)
    given = np.array([*(_known(counts.get(code)) for code in before.finest), 0], dtype=np.int64)
    finest = dict(zip(after.finest, spread.of(given)[:-1].tolist(), strict=True))
    found: dict[str, int | None] = {code: None if n < 0 else n for code, n in finest.items()}
    for level in after.levels:
        found |= _of_level(change, level, counts, finest)
    return found


def _known(count: int | None) -> int:
    return -1 if count is None else count


def _of_level(
    change: Change, level: str, counts: Mapping[str, int | None], finest: Mapping[str, int]
) -> dict[str, int | None]:
    before, after = change.before.coverage, change.after.coverage
    codes = [code for code, one in after.divisions.items() if one.level == level and code not in finest]
    if all(counts.get(code) is None for code, one in before.divisions.items() if one.level == level):
        return dict.fromkeys(codes)
    if any(n >= 0 for n in finest.values()):
        below = {code: [finest[one] for one in after.tree.finest_below([code])] for code in codes}
        return {code: sum(max(n, 0) for n in found) for code, found in below.items()}
    return _shared_out(change, codes, level, counts)


def _shared_out(
    change: Change, codes: Sequence[str], level: str, counts: Mapping[str, int | None]
) -> dict[str, int | None]:
    before, after = change.before.coverage, change.after.coverage
    found: dict[str, int | None] = {code: counts[code] for code in codes if code in counts and change.keeps_shape(code)}
    rest = [code for code in codes if code not in found]
    shapes = np.array([after.outline(code) for code in rest], dtype=object)
    for code, one in before.divisions.items():
        count = counts.get(code)
        if one.level != level or code in found or count is None or not rest:
            continue
        outline = before.outline(code)
        common = shapely.area(shapely.intersection(shapes, outline))
        at = np.flatnonzero(common > ROUNDING * outline.area)
        for i, share in zip(at.tolist(), share_out(count, common[at]).tolist(), strict=True):
            found[rest[i]] = (found.get(rest[i]) or 0) + share
    return found


_TAKE = text(
    """
    WITH taken AS (DELETE FROM divisions WHERE id = ANY(:ids) AND valid_from >= :day RETURNING *)
    SELECT to_jsonb(taken) - 'geom' - 'label_point'
        || jsonb_build_object(
            'geom', encode(ST_AsEWKB(geom), 'hex'), 'label_point', encode(ST_AsEWKB(label_point), 'hex')
        )
    FROM taken
    """
)
_COLUMNS = (
    "code, level, name, parent_code, division_path, valid_from, valid_to, geom, label_point, area_m2, generated,"
    " source, households, enterprises, properties"
)
_GIVEN = f"""
    SELECT {{id}} {_COLUMNS}
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS given, LATERAL jsonb_populate_record(NULL::divisions, given)
"""  # noqa: S608
_PUT_BACK = text(f"INSERT INTO divisions (id, {_COLUMNS}) OVERRIDING SYSTEM VALUE {_GIVEN.format(id='id,')}")
_PUT_BACK_ANEW = text(f"INSERT INTO divisions ({_COLUMNS}) {_GIVEN.format(id='')}")
_BEGIN_AGAIN = text(
    f"""
    INSERT INTO divisions ({_COLUMNS})
    SELECT code, level, name, parent_code, division_path, :day, NULL, geom, label_point, area_m2, generated, source,
        households, enterprises, properties
    FROM divisions WHERE id = ANY(:ids)
    """  # noqa: S608
)


_RENEW = text(
    f"""
    INSERT INTO divisions ({_COLUMNS})
    SELECT new.code, new.level, new.name, new.parent_code, CAST(new.path AS ltree), :day, NULL, was.geom,
        was.label_point, was.area_m2, was.generated, new.source, new.households, new.enterprises, new.properties
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (of bigint, code varchar, level varchar, name varchar,
        parent_code varchar, path text, source varchar, households integer, enterprises integer, properties jsonb)
    JOIN divisions AS was ON was.id = new.of
    """  # noqa: S608
)


async def put_in_force(session: AsyncSession, new: NewLines, *, first_day: date) -> dict[str, Any]:
    """End and begin divisions; return what undoing needs: the ids of versions that ended and that began, and whole rows
    of those that had begun that very day.
    """
    replaced = [row for (row,) in await session.execute(_TAKE, {"ids": [*new.ending], "day": first_day})]
    gone = {row["id"] for row in replaced}
    ended = [one for one in new.ending if one not in gone]
    await _end(session, ended, day=first_day)
    await add_many(session, new.beginning)
    if new.renewed:
        rows = [{"of": of, **_fields(line)} for of, line in new.renewed.items()]
        await session.execute(_RENEW, {"rows": _text(rows), "day": first_day})
    codes = [line.code for line in (*new.beginning, *new.renewed.values())]
    begun = (
        select(Division.id)
        .where(_is_one_of(Division.code, codes), Division.valid_from == first_day)
        .order_by(Division.id)
    )
    return {"ended": ended, "replaced": replaced, "begun": [*await session.scalars(begun)]}


def _fields(line: NewDivision) -> dict[str, Any]:
    return {
        "code": line.code,
        "level": line.level,
        "name": line.name,
        "parent_code": line.parent_code,
        "path": line.path,
        "source": line.source,
        "households": line.households,
        "enterprises": line.enterprises,
        "properties": dict(line.properties),
    }


def _text(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps([dict(row) for row in rows]).decode()


async def _end(session: AsyncSession, ids: Sequence[int], *, day: date | None) -> None:
    ending = update(Division).where(_is_one_of(Division.id, ids)).values(valid_to=day)
    await session.execute(ending, execution_options={"synchronize_session": False})


async def still_stand(session: AsyncSession, lines: Mapping[str, Any]) -> bool:
    """Tell whether all divisions that began by a publication are still in force, unchanged by anything later."""
    found = select(Division.id).where(_is_one_of(Division.id, lines["begun"]), Division.valid_to.is_(None))
    return {*await session.scalars(found)} == {*lines["begun"]}


async def put_back(session: AsyncSession, lines: Mapping[str, Any], *, first_day: date, today: date) -> None:
    """Put back the divisions that a publication replaced: as if it had never been on its first day, else from today on.

    What was in force for a while stays so for those days.
    """
    if today <= first_day:
        await session.execute(text("DELETE FROM divisions WHERE id = ANY(:ids)"), {"ids": lines["begun"]})
        await _end(session, lines["ended"], day=None)
        if lines["replaced"]:
            await session.execute(_PUT_BACK, {"rows": _text(lines["replaced"])})
        return
    await _end(session, lines["begun"], day=today)
    await session.execute(_BEGIN_AGAIN, {"ids": lines["ended"], "day": today})
    if lines["replaced"]:
        again = [row | {"valid_from": today.isoformat()} for row in lines["replaced"]]
        await session.execute(_PUT_BACK_ANEW, {"rows": _text(again)})
