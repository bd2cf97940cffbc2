"""`maplebridge serve`: the server alone."""

import gc
import resource

import uvicorn

from api import logs
from api.app import create_app
from api.keeping.commands.database import opened, require_migrated
from api.keeping.commands.ports import require_free
from api.live.transport import UVICORN
from api.place.pack import load_pack
from api.settings import Settings
from geo.store import Store
from geo.store.patience import PATIENCE_SECONDS

GRACE_SECONDS = 10

NEW_OBJECTS = 20_000
"""So many more than before, and the collector looks for rubbish among them. A batch of reports makes that many."""

MOST_FILES = 65_536
"""Connections are files. A shell or systemd allows 1,024 unless asked, fewer than a busy day's screens need."""


def serve() -> None:
    """Serve the county over HTTP until told to stop; requests under way are answered first."""
    settings = Settings()
    pack = load_pack(settings.county)
    require_free(settings.host, settings.port)
    logs.configure(settings.log_level)
    with opened(settings) as urls:
        require_migrated(urls)
        store = Store(urls.app, pool_size=settings.database_pool, patience=PATIENCE_SECONDS)
        app = create_app(settings, pack=pack, store=store)
        spare_the_collector()
        allow_connections()
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            **UVICORN,
        )


def spare_the_collector() -> None:
    """What is loaded by now stays loaded: going through it again and again took a fifth of a busy server's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def allow_connections() -> None:
    """Raise the number of open files to what whoever keeps the machine permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    permitted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if 0 <= soft < permitted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (permitted, hard))
