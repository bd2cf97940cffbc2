"""Starts `maplebridge serve` in a process of its own, forked from one that has imported the product already.

Importing takes most of a start, and is the same each time. What it makes once a process, such as the models of a pack,
is there too, and the garbage collection that each server begins with leaves all of it out.
"""

import os
import resource
import signal
import sys
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import api.keeping.commands
import api.keeping.commands.serve
from tests.shared import CHECKOUT
from tests.suite.orphans import end_with_parent

OPEN_FILES = 1024
"""Fewer than a test machine may allow: what a login shell or systemd gives a program to begin with."""

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.browser.server_forking"])


def forked(environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Start the server with this environment; its output goes to the end of `log`."""
    log.touch()
    process = _FORKING.Process(target=_serve, args=(dict(environment), log), daemon=True)
    process.start()
    return process


def _serve(environment: dict[str, str], log: Path) -> None:
    end_with_parent()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(CHECKOUT)
    with log.open("ab") as end:
        os.dup2(end.fileno(), sys.stdout.fileno())
        os.dup2(end.fileno(), sys.stderr.fileno())
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Its parent, which forks, ignores it.
    sys.argv = ["maplebridge", "serve"]
    api.keeping.commands.main()
