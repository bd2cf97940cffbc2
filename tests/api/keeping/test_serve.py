"""The server's process: garbage collection and the limit of open files. Each in a subprocess, since both are
permanent.
"""

import subprocess
import sys

import pytest

from tests.demos import environment
from tests.shared import CHECKOUT

pytestmark = pytest.mark.served

COLLECTOR = """
import gc, weakref
import api.app
from api.keeping.commands.serve import NEW_OBJECTS, freeze_loaded_objects

class Garbage:
    def __init__(self):
        self.me = self

loaded = len(gc.get_objects())
freeze_loaded_objects()
spared = gc.get_freeze_count()
left = [weakref.ref(Garbage()) for _ in range(3 * NEW_OBJECTS)]
alive = sum(one() is not None for one in left)
print(spared >= 0.9 * loaded, alive < 2 * NEW_OBJECTS)
"""

CONNECTIONS = """
import resource, socket
from api.keeping.commands.serve import allow_connections

resource.setrlimit(resource.RLIMIT_NOFILE, (128, 1024))
allow_connections()
print(resource.getrlimit(resource.RLIMIT_NOFILE), len([socket.socketpair() for _ in range(400)]))
"""


def test_loaded_objects_are_excluded_from_garbage_collection_and_new_ones_are_not() -> None:
    assert _run(COLLECTOR) == "True True"


def test_the_limit_of_open_files_is_raised_to_the_hard_limit() -> None:
    assert _run(CONNECTIONS) == "(1024, 1024) 400"


def _run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(CHECKOUT), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
