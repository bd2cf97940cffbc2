"""App factory: builds the server from its settings, pack and store."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache

from fastapi import APIRouter, Depends, FastAPI

from api.http import errors
from api.http.addresses import check_address
from api.http.body_decoding import BodyDecoding
from api.http.body_limits import BodyLimit
from api.http.cross_origin import CrossOrigin
from api.http.etags import Conditional
from api.http.gzip import GzipResponses
from api.http.head_limits import HeadLimit
from api.http.hosts import KnownHosts
from api.http.methods import EveryMethod, on_wrong_method, routes_of
from api.http.middleware import RequestShell
from api.http.openapi import DescribedApp
from api.http.parameters import check_parameters
from api.http.public_address import PublicAddress
from api.http.routers import (
    accounts,
    alarms,
    attachments,
    basemap,
    board,
    cameras,
    candidates,
    cases,
    checklists,
    closures,
    commands,
    county,
    desk,
    dispatch_proposals,
    division_days,
    divisions,
    drafts,
    duplicates,
    early_warnings,
    export,
    follow_ups,
    force_cards,
    forces,
    grids,
    guide,
    health,
    hotspot_cells,
    hotspots,
    incident_report,
    incidents,
    indicators,
    key_areas,
    lists,
    metrics,
    network_files,
    networks,
    notes,
    notices,
    ogc,
    pages,
    plan_files,
    plans,
    positions,
    presence,
    proposals,
    publishing,
    push,
    reach,
    register,
    registry,
    replay,
    reports,
    returns,
    roster_feed,
    roster_files,
    rosters,
    rounds,
    search,
    session,
    shift,
    snapshot,
    staff,
    statistics,
    tasks,
    tiles,
    tilesets,
    view_export,
    viewing,
    wall,
    weighing,
)
from api.http.routers import live as live_socket
from api.http.sign_in.basic import BasicSignIn
from api.http.sign_in.callers import KnownDevices
from api.http.sign_in.passwords import PasswordSignIn
from api.live.live import Live, LiveSettings
from api.place.pack import Pack
from api.services import Services
from api.settings import Settings
from api.watch.byte_stores import watch_bytes
from api.watch.calendar import calendar_in, watch_calendar
from api.watch.cases import watch_cases
from api.watch.clock import SteadyClock
from api.watch.deadlines import watch_deadlines
from api.watch.early_warnings import watch_early_warnings
from api.watch.loops import Loop
from api.watch.maintenance import Kept
from api.watch.notice_senders import senders_of
from api.watch.outbox import watch_outbox
from api.watch.push_service import push_of
from api.watch.task_hook import hook_of
from api.watch.task_messages import WatchedWay, watch_task_messages
from console.feed.kinds import Kinds
from console.notices.sending import Sender
from console.planning.deadlines import first_days
from console.situation.kinds import KINDS
from geo.store import Store
from layers.hotspots.cell_sets import CellSets

ROUTERS = (
    alarms.router,
    attachments.router,
    attachments.uploads,
    basemap.router,
    presence.router,
    candidates.router,
    reach.router,
    board.router,
    cases.router,
    checklists.router,
    closures.router,
    commands.router,
    commands.batches,
    desk.router,
    dispatch_proposals.router,
    follow_ups.router,
    force_cards.router,
    grids.router,
    forces.router,
    incident_report.router,
    health.router,
    hotspot_cells.router,
    hotspots.router,
    incidents.router,
    indicators.files,
    indicators.router,
    early_warnings.router,
    key_areas.router,
    live_socket.router,
    lists.router,
    metrics.router,
    networks.router,
    network_files.router,
    notes.router,
    notices.router,
    register.router,
    registry.router,
    staff.router,
    accounts.router,
    accounts.secret_router,
    replay.router,
    reports.router,
    returns.router,
    roster_feed.router,
    roster_feed.calendars,
    roster_files.router,
    rosters.router,
    rounds.router,
    session.router,
    cameras.router,
    county.router,
    division_days.router,
    divisions.router,
    drafts.router,
    duplicates.router,
    export.router,
    ogc.router,
    positions.batches,
    pages.router,
    plans.router,
    plan_files.router,
    proposals.router,
    publishing.router,
    push.router,
    push.proofs,
    guide.router,
    positions.phones,
    search.router,
    shift.router,
    snapshot.router,
    statistics.router,
    tasks.router,
    reports.batches,
    session.mine,
    tiles.router,
    tilesets.router,
    view_export.router,
    viewing.router,
    wall.router,
    weighing.router,
)


def create_app(
    settings: Settings, *, pack: Pack, store: Store, now: SteadyClock | None = None, kinds: Kinds = KINDS
) -> FastAPI:
    """Create the server of one county. It closes the store when it stops."""
    now = now or SteadyClock()
    cell_sets = CellSets()
    senders = senders_of(settings, now=now)
    push, hook = push_of(settings, now=now), hook_of(settings, now=now)
    pack.times.use(calendar_in(settings.calendar_dir))
    live = Live(store, _live_settings(settings, pack), cell_sets=cell_sets, now=now, kinds=kinds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with live.run():
            yield
        await app.state.services.close()
        await store.close()

    app = DescribedApp(
        title="Maplebridge",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}] if settings.public_url else None,
    )
    services = app.state.services = Services(
        settings=settings,
        pack=pack,
        store=store,
        now=now,
        cell_sets=cell_sets,
        live=live,
        kinds=kinds,
        senders=tuple(sender.name for sender in senders),
        push=push,
    )
    live.roads = services.roads
    live.maps = services.maps_version
    live.ways = tuple(WatchedWay(way) for way in (push, hook) if way is not None)
    live.loops += _loops(services, senders)
    app.state.password_sign_in = PasswordSignIn(store, KnownDevices(settings.data_dir), live.failed_sign_ins)
    app.state.basic_sign_in = BasicSignIn(app.state.password_sign_in)
    app.state.routes = [*app.routes, *routes_of(ROUTERS)]
    _add_middleware(app, settings)
    app.router.routes.extend(_composed().routes)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Add what stands around all routes; the last added is the first to see a request."""
    errors.install(app)
    app.add_exception_handler(405, on_wrong_method)
    app.add_middleware(Conditional)
    app.add_middleware(GzipResponses)
    app.add_middleware(BodyLimit, most=settings.max_body_bytes)
    app.add_middleware(EveryMethod, routes=app.state.routes)
    app.add_middleware(CrossOrigin, origins=settings.public_origins)
    app.add_middleware(PublicAddress, public_url=settings.public_url)
    app.add_middleware(KnownHosts, settings=settings)
    app.add_middleware(BodyDecoding, most=settings.max_body_bytes)
    app.add_middleware(HeadLimit)
    app.add_middleware(RequestShell, is_behind_tls=settings.is_behind_tls)


def _loops(services: Services, senders: Sequence[Sender]) -> list[Loop]:
    """The loops that need more than the live part."""
    live, pack, folder = services.live, services.pack, services.settings.calendar_dir
    of_plans = first_days(services.drafts, pack.zone)
    store, root, now = live.background, live.root, services.now
    return [
        watch_deadlines(store, of_plans, services.of_clocks, root=root, now=now),
        watch_calendar(store, pack.times, services.cases, folder=folder, root=root, now=now),
        watch_bytes(store, services.byte_store, root=root, now=now),
        *watch_outbox(store, senders, root=root, now=now),
        *watch_task_messages(store, live.ways, root=root, now=now),
        watch_cases(store, pack.casework, services.delivery, root=root, now=now),
        watch_early_warnings(store, pack.times, root=root, depth=pack.root.town_depth, zone=pack.zone, now=now),
    ]


@cache
def _composed() -> APIRouter:
    """All routes with what they share, composed once a process: it takes longer than most requests."""
    composed = APIRouter(dependencies=[Depends(check_address), Depends(check_parameters)])
    for router in ROUTERS:
        composed.include_router(router)
    return composed


def _live_settings(settings: Settings, pack: Pack) -> LiveSettings:
    return LiveSettings(
        root=pack.root.code,
        zone=pack.zone,
        kept=Kept(position_days=settings.position_days, feed_days=settings.feed_days),
        source_stale_after=timedelta(minutes=settings.source_stale_minutes),
        folder=settings.data_dir,
        masked_least=pack.hotspots.masked_least,
        least_hot=pack.hotspots.least_incidents,
        account_sockets=settings.account_sockets,
        times=pack.times,
        nats_url=settings.nats_url,
    )
