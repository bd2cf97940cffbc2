"""`maplebridge serve`: run the server."""

import gc
import resource
import sys

import uvicorn

from api import logs
from api.app import create_app
from api.keeping.commands.database import STARTING_SECONDS, open_database, require_migrated, wait_until_reachable
from api.keeping.commands.ports import require_free
from api.live.transport import UVICORN
from api.place.reading import load_pack
from api.settings import Settings
from geo.store import Store
from geo.store.patience import PATIENCE_SECONDS

GRACE_SECONDS = 10

NEW_OBJECTS = 20_000
"""New objects that start a garbage collection. A batch of reports makes about this many."""

TURN_SECONDS = 0.0005
"""Longest turn of a thread, such as one that draws an export, while another wants to run (Python's own is 5 ms).

A request hands over some dozens of times, and waits for as many turns.
"""

MOST_FILES = 65_536
"""Limit of open files, since each connection takes one. The usual limit of 1,024 is too low for a busy day."""


def serve() -> None:
    """Serve the county over HTTP until SIGTERM or Ctrl-C; open requests are completed first."""
    settings = Settings()
    pack = load_pack(settings.county)
    require_free(settings.host, settings.port)
    logs.configure(settings.log_level)
    with open_database(settings) as urls:
        wait_until_reachable(urls, seconds=STARTING_SECONDS)
        require_migrated(urls)
        store = Store(urls.app, pool_size=settings.database_pool, patience=PATIENCE_SECONDS)
        app = create_app(settings, pack=pack, store=store)
        freeze_loaded_objects()
        sys.setswitchinterval(TURN_SECONDS)
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


def freeze_loaded_objects() -> None:
    """Exclude everything loaded so far from garbage collection, which took a fifth of a busy server's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def allow_connections() -> None:
    """Raise the limit of open files as far as the hard limit of the process allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    permitted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if 0 <= soft < permitted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (permitted, hard))
