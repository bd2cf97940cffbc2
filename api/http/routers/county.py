"""Configuration of the county, which screens load first."""

from collections.abc import Iterable
from dataclasses import asdict

from fastapi import APIRouter
from sqlalchemy import exists, select

from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.layers import (
    BasemapOut,
    CategoryOut,
    CodedOut,
    CountyOut,
    DuplicatesOut,
    ForceKindOut,
    HotspotDefaultsOut,
    LevelOut,
    NamesOut,
    RasterOut,
    RiskOut,
    RoadsOut,
    TravelOut,
)
from api.place.pack import Pack
from geo.terms import Coded, Names
from layers.basemap.archive import LEAST_ZOOM, MOST_ZOOM, Basemap
from layers.basemap.raster import Raster
from layers.divisions.queries import Bbox, find_bbox, on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID
from layers.hotspots.rules import FALSE_DISCOVERY
from layers.roads.graph import OPENSTREETMAP, Graph
from layers.tiles import LevelZoom

router = APIRouter(route_class=TransactionRoute, tags=["county"])


@router.get("/api/county", response_model=CountyOut)
async def read_county(session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> CountyOut:
    """Return the county's configuration and bounding box. Every signed-in user may read them."""
    day = services.today()
    bbox = await find_bbox(session, services.pack.root.code, day=day)
    generated = await session.scalar(select(exists().where(Division.generated, on_day(day))))
    zooms = await services.level_zooms.get(session, actor.scope, day=day, now=services.now())
    county = county_of(
        services.pack, bbox=bbox, zooms=zooms, generated=bool(generated), demo_speed=services.settings.demo_speed
    )
    roads, basemap = _roads(services.roads.now()), _basemap(services.basemaps.now())
    return county.model_copy(
        update={
            "lines": services.live.lines.version,
            "roads": roads,
            "basemap": basemap,
            "raster": _raster(services.rasters.now()),
        }
    )


def _roads(graph: Graph | None) -> RoadsOut | None:
    if graph is None:
        return None
    if graph.info is None:
        return RoadsOut(engine="server", credit=OPENSTREETMAP)
    said = graph.info
    return RoadsOut(
        engine="library",
        version=said.version,
        built_at=said.built_at,
        data_at=said.data_at,
        origin=said.origin,
        credit=said.credit or None,
        ways=said.ways,
    )


def _basemap(basemap: Basemap | None) -> BasemapOut | None:
    if basemap is None:
        return None
    said = basemap.info
    return BasemapOut(
        version=said.version,
        built_at=said.built_at,
        data_at=said.data_at,
        origin=said.origin,
        credit=said.credit or None,
        bbox=said.bbox,
        min_zoom=LEAST_ZOOM,
        max_zoom=MOST_ZOOM,
    )


def _raster(raster: Raster | None) -> RasterOut | None:
    return None if raster is None else RasterOut(**asdict(raster.info))


def county_of(
    pack: Pack, *, bbox: Bbox | None, zooms: Iterable[LevelZoom], generated: bool, demo_speed: float | None = None
) -> CountyOut:
    """Convert the pack to the wire format."""
    return CountyOut(
        code=pack.root.code,
        name=_names(pack.root.names),
        centre=_names(pack.names),
        timezone=pack.timezone,
        review_number=pack.root.boundary.review_number,
        source=_names(pack.root.boundary.source),
        levels=_levels(pack, zooms),
        classes=_coded(pack.incidents.classes),
        categories=[
            CategoryOut(code=c.code, name=_names(c.names), class_=c.class_code, risk=c.risk)
            for c in pack.incidents.categories
        ],
        risks=[
            RiskOut(code=r.code, name=_names(r.names), colour=r.colour, first_minutes=r.first_response_minutes)
            for r in pack.incidents.risks
        ],
        force_kinds=[
            ForceKindOut(code=k.code, name=_names(k.names), mode=k.mode, colour=k.colour) for k in pack.forces.kinds
        ],
        languages=_coded(pack.forces.languages),
        sources=_coded(pack.reports.sources),
        duplicates=DuplicatesOut(metres=pack.incidents.duplicates.metres, minutes=pack.incidents.duplicates.minutes),
        recall_reasons=_coded(pack.tasks.recall_reasons),
        decline_reasons=_coded(pack.tasks.decline_reasons),
        outcomes=_coded(pack.tasks.outcomes),
        far_m=pack.tasks.far_m,
        travel=[
            TravelOut(mode=way.mode, start_minutes=way.start_minutes, minutes_per_km=way.minutes_per_km)
            for way in pack.dispatch.travel
        ],
        telephone=pack.telephone,
        windows=list(pack.hotspots.windows),
        hotspots=_hotspots(pack),
        bbox=bbox,
        generated=generated,
        stale_after_s=pack.dispatch.stale_after_seconds,
        unseen_after_s=pack.dispatch.unseen_seconds,
        demo_speed=demo_speed,
    )


def _hotspots(pack: Pack) -> HotspotDefaultsOut:
    spots = pack.hotspots
    return HotspotDefaultsOut(
        res=spots.resolution,
        window=spots.window,
        resolutions=list(spots.resolutions),
        q=FALSE_DISCOVERY,
        least_incidents=spots.least_incidents,
    )


def _levels(pack: Pack, zooms: Iterable[LevelZoom]) -> list[LevelOut]:
    apparent = {zoom.level: zoom.apparent for zoom in zooms}
    codes = [level.level for level in pack.root.levels]
    finest = codes[codes.index(GRID) :] if GRID in codes else []
    return [
        LevelOut(
            code=level.level,
            name=_names(level.names),
            zoom=apparent.get(level.level),
            grid=level.level in finest,
        )
        for level in pack.root.levels
    ]


def _names(names: Names) -> NamesOut:
    return NamesOut(zh=names.zh, en=names.en)


def _coded(things: tuple[Coded, ...]) -> list[CodedOut]:
    return [CodedOut(code=thing.code, name=_names(thing.names)) for thing in things]
