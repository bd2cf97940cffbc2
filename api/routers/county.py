"""The place itself, as a screen must know it before it draws anything."""

from fastapi import APIRouter
from sqlalchemy import exists, select

from api.pack import Pack
from api.unit import CurrentServices, CurrentSession, UnitRoute
from api.wire.layers import (
    CategoryOut,
    CodedOut,
    CountyOut,
    ForceKindOut,
    HotspotDefaultsOut,
    NamesOut,
    RiskOut,
)
from ingest.county.figures import Coded, Names
from layers.divisions.queries import Bbox, find_bbox, on_day
from layers.divisions.tables import Division

router = APIRouter(route_class=UnitRoute, tags=["county"])


@router.get("/api/county", response_model=CountyOut)
async def read_county(session: CurrentSession, services: CurrentServices) -> CountyOut:
    """What the pack says of the place, with the box round it. Its outline is no secret to any of its users."""
    day = services.today()
    bbox = await find_bbox(session, services.pack.root.code, day=day)
    generated = await session.scalar(select(exists().where(Division.generated, on_day(day))))
    return county_of(services.pack, bbox=bbox, generated=bool(generated))


def county_of(pack: Pack, *, bbox: Bbox | None, generated: bool) -> CountyOut:
    """The pack as screens read it."""
    spots = pack.hotspots
    return CountyOut(
        code=pack.root.code,
        name=_names(pack.root.names),
        centre=_names(pack.names),
        timezone=pack.timezone,
        review_number=pack.root.boundary.review_number,
        source=_names(pack.root.boundary.source),
        levels=[CodedOut(code=level.level, name=_names(level.names)) for level in pack.root.levels],
        classes=_coded(pack.classes),
        categories=[CategoryOut(code=c.code, name=_names(c.names), class_=c.kind) for c in pack.categories],
        risks=[
            RiskOut(code=r.code, name=_names(r.names), colour=r.colour, first_minutes=r.first_response_minutes)
            for r in pack.risks
        ],
        force_kinds=[
            ForceKindOut(code=k.code, name=_names(k.names), mode=k.mode, colour=k.colour) for k in pack.force_kinds
        ],
        languages=_coded(pack.languages),
        windows=[window.code for window in spots.windows],
        hotspots=HotspotDefaultsOut(
            res=spots.resolution, window=spots.window, resolutions=list(spots.resolutions), q=spots.q
        ),
        bbox=bbox,
        generated=generated,
    )


def _names(names: Names) -> NamesOut:
    return NamesOut(zh=names.zh, en=names.en)


def _coded(things: tuple[Coded, ...]) -> list[CodedOut]:
    return [CodedOut(code=thing.code, name=_names(thing.names)) for thing in things]
