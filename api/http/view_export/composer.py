"""Read the content of an exported view: the same rows, masked in the same way, as the screens show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.language import Lang
from api.http.view_export.incidents import IncidentDrawing
from api.http.view_export.words import WORDS
from api.live.hotspots import hotspot_reader, view_of
from api.services import Services
from console.access.rules import Actor
from console.access.sight import Sight, Subject, sees_masked, sight_of
from console.feed.bodies import Body
from console.incidents.events import KIND, body_of
from console.incidents.tables import Incident
from geo.store import SRID
from layers.catalogue import Layer
from layers.divisions.queries import Bbox
from layers.divisions.tables import Division
from layers.features import FeaturePage, Wanted, read_page
from layers.hotspots.features import page_of
from layers.hotspots.queries import Unrated, read_unrated
from layers.hotspots.rules import Hotspots
from layers.view_export import Assets, AssetsMissing, Feature, Label, Listing, Sheet, StyledFeatures

MAX_FEATURES = 5_000
"""Features of one layer at most, so that the file opens quickly on any machine."""

MASK_DEGREES = 0.02
"""An incident lies nearer than this to its masked place, up to 80 degrees of latitude."""

WIDTH_PIXELS = 1_000
CLASS_COLOURS = MappingProxyType({"none": "#443074", "fading": "#8c96a5", "persistent": "#a886ea", "new": "#d8c4ff"})


@dataclass(frozen=True, slots=True)
class Request:
    """The view to export."""

    bbox: Bbox
    layers: frozenset[str]
    lang: Lang


@cache
def read_assets(folder: Path) -> Assets:
    """Read Leaflet's script and style from the front end's build. Raises `AssetsMissing`."""
    try:
        return Assets(
            script=(folder / "leaflet.js").read_text("utf-8"), style=(folder / "leaflet.css").read_text("utf-8")
        )
    except FileNotFoundError as error:
        raise AssetsMissing from error


@dataclass(frozen=True, slots=True)
class Read:
    """Content of a view, read from the database before it is drawn."""

    boundaries: list[StyledFeatures]
    labels: list[Label]
    hexes: Unrated | None
    points: list[StyledFeatures]
    listing: Listing | None
    scope: str


class Composer:
    """Reads what the actor may see, and then, without the session, builds the sheet."""

    def __init__(self, session: AsyncSession, actor: Actor, services: Services, asked: Request) -> None:
        self._session = session
        self._actor = actor
        self._services = services
        self._asked = asked
        self._words = WORDS[asked.lang]

    async def read(self) -> Read:
        points: list[StyledFeatures] = []
        listing = None
        for name in ("cameras", "places"):
            if name in self._asked.layers:
                points += await self._points(name)
        if "incidents" in self._asked.layers:
            incidents, listing = await self._incidents()
            points += incidents
        return Read(
            boundaries=await self._boundaries(),
            labels=await self._labels(),
            hexes=await self._unrated() if "hexes" in self._asked.layers else None,
            points=points,
            listing=listing,
            scope=await self._scope(),
        )

    async def sheet(self, read: Read) -> Sheet:
        """Rate and draw. Hold no connection meanwhile."""
        hexes = [] if read.hexes is None else self._hexes(await read.hexes.rated())
        is_generated = any(each["properties"]["generated"] for drawn in read.boundaries for each in drawn.features)
        return Sheet(
            title=getattr(self._services.pack.root.names, self._asked.lang),
            facts=self._facts(read.scope, generated=is_generated),
            bbox=self._asked.bbox,
            drawn=[*read.boundaries, *hexes, *read.points],
            labels=read.labels,
            listing=read.listing,
            legend=self._words["legend"],
        )

    async def _scope(self) -> str:
        """Return name and code of the caller's division."""
        named = select(Division.name).where(Division.division_path == self._actor.scope)
        name = await self._session.scalar(named.order_by(Division.valid_from.desc()).limit(1))
        code = self._actor.scope.rpartition(".")[2]
        return f"{name} ({code})" if name else code

    def _facts(self, scope: str, *, generated: bool) -> list[tuple[str, str]]:
        pack, words = self._services.pack, self._words
        at = self._services.now().astimezone(pack.zone)
        boundary = pack.root.boundary
        facts = [
            (words["time"], at.strftime("%Y-%m-%d %H:%M %z")),
            (words["made_by"], self._actor.username),
            (words["scope"], scope),
            (words["source"], getattr(boundary.source, self._asked.lang)),
        ]
        if boundary.review_number:
            facts.append((words["review"], boundary.review_number))
        if generated:
            facts.append((words["note"], words["generated"]))
        return facts

    async def _boundaries(self) -> list[StyledFeatures]:
        """Read the boundaries of each level that is drawn at this zoom, finest first so that coarser borders lie on
        top.
        """
        layer, levels = self._layer("divisions"), await self._levels()
        names: dict[str, str] = {
            level.level: getattr(level.names, self._asked.lang) for level in self._services.pack.root.levels
        }
        return [
            StyledFeatures(
                name=names.get(level, level),
                features=await self._features(layer, {"level": level}),
                colour="#5b7088" if rank > 1 else "#8aa0b8",
                weight=max(0.6, 2.4 - 0.5 * rank),
                tooltip={"name": self._words["name"]} if rank else {},
            )
            for rank, level in reversed(list(enumerate(levels)))
        ]

    async def _levels(self) -> list[str]:
        west, _, east, _ = self._asked.bbox
        zoom = log2(WIDTH_PIXELS * 360 / 512 / max(east - west, 1e-6))
        services = self._services
        zooms = await services.level_zooms.get(
            self._session, self._actor.scope, day=services.today(), now=services.now()
        )
        return [each.level for each in zooms if each.zoom <= zoom]

    async def _labels(self) -> list[Label]:
        """Read the names of all levels drawn below the root, the coarser of the lower rank, and of the next level."""
        levels = await self._levels()
        drawn = levels[1:] or levels
        known: list[str] = [level.level for level in self._services.pack.root.levels]
        following = known[known.index(levels[-1]) + 1 :][:1] if levels else []
        layer = self._layer("divisions_label")
        return [
            _label(each, rank=rank, near=level in following)
            for rank, level in enumerate([*drawn, *following])
            for each in await self._features(layer, {"level": level})
        ]

    async def _unrated(self) -> Unrated:
        services, actor = self._services, self._actor
        view = view_of(services.pack, masked=sees_masked(actor, Subject.HOTSPOTS))
        reader = hotspot_reader(actor.scope, at=services.now(), pack=services.pack, cell_sets=services.cell_sets)
        return await read_unrated(self._session, reader, view)

    def _hexes(self, found: Hotspots) -> list[StyledFeatures]:
        words = {"count": self._words["count"], "expected": self._words["expected"]}
        return [
            StyledFeatures(
                name=self._words[klass],
                group=f"{self._words['hexes']} {found.view.window}",
                features=_loaded(page_of(found, Wanted(MAX_FEATURES, bbox=self._asked.bbox, filters={"class": klass}))),
                colour=colour,
                fill=0.15 if klass == "none" else 0.45,
                tooltip=words,
            )
            for klass, colour in CLASS_COLOURS.items()
        ]

    async def _points(self, name: str) -> list[StyledFeatures]:
        colour, radius = {"cameras": ("#9db4c6", 1.5), "places": ("#7fd6c2", 2.5)}[name]
        features = await self._features(self._layer(name), {})
        tooltip = {"name": self._words["name"]}
        return [
            StyledFeatures(self._words[name], features, colour, fill=0.7, weight=0.5, radius=radius, tooltip=tooltip)
        ]

    async def _incidents(self) -> tuple[list[StyledFeatures], Listing | None]:
        """Read open incidents, by urgency, and their list: exact for roles that may read them, masked for walls, none
        for others.

        Without titles and descriptions: a file is passed on, and its readers are not audited.
        """
        sight = sight_of(self._actor.role, Subject.INCIDENTS)
        if sight not in (Sight.OPEN, Sight.MASKED):
            return [], None
        shown = await self._shown_incidents(masked=sight is Sight.MASKED)
        pack, now = self._services.pack, self._services.now()
        drawing = IncidentDrawing(pack, lang=self._asked.lang, now=now, villages=await self._villages(shown))
        return drawing.layers(shown), drawing.listing(shown)

    async def _villages(self, bodies: Sequence[Body]) -> dict[str, str]:
        codes = {body["division"] for body in bodies if body["division"]}
        rows = await self._session.execute(select(Division.code, Division.name).where(Division.code.in_(codes)))
        return {row.code: row.name for row in rows}

    async def _shown_incidents(self, *, masked: bool) -> list[Body]:
        """Read the bodies that lie in the box as they are shown: a box must not tell on which side of its edge a masked
        incident lies.
        """
        west, south, east, north = self._asked.bbox
        wider = MASK_DEGREES if masked else 0.0
        box = (west - wider, south - wider, east + wider, north + wider)
        found = await open_incidents(self._session, bbox=box, limit=MAX_FEATURES)
        bodies = [body for each in found if (body := KIND.shown(body_of(each), masked=masked))]
        return [body for body in bodies if west <= body["lon"] <= east and south <= body["lat"] <= north]

    async def _features(self, layer: Layer, filters: Mapping[str, Any]) -> Sequence[Feature]:
        wanted = Wanted(limit=MAX_FEATURES, bbox=self._asked.bbox, filters=filters)
        return _loaded(await read_page(self._session, layer, wanted, day=self._services.today()))

    def _layer(self, code: str) -> Layer:
        layer = self._services.catalogue.get(code)
        assert layer is not None
        return layer


def _label(feature: Feature, *, rank: int, near: bool) -> Label:
    lon, lat = feature["geometry"]["coordinates"]
    return Label(lon, lat, feature["properties"]["name"], rank, near)


def _loaded(page: FeaturePage) -> list[Feature]:
    features: list[Feature] = orjson.loads(orjson.dumps(page.features))
    return features


async def open_incidents(session: AsyncSession, *, bbox: Bbox, limit: int) -> Sequence[Incident]:
    """List the newest open incidents in a box. The caller masks them for its reader."""
    within = Incident.geom.op("&&")(func.ST_MakeEnvelope(*bbox, SRID))
    wanted = select(Incident).where(Incident.closed_at.is_(None), within).order_by(Incident.id.desc()).limit(limit)
    return (await session.scalars(wanted)).all()
