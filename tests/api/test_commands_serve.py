"""The server does not go through what it has loaded in search of rubbish, and still finds what it makes itself."""

import subprocess
import sys

from tests.demos import environment
from tests.shared import CHECKOUT

SCRIPT = """
import gc, weakref
import api.app
from api.commands.serve import NEW_OBJECTS, spare_the_collector

class Rubbish:
    def __init__(self):
        self.me = self

loaded = len(gc.get_objects())
spare_the_collector()
spared = gc.get_freeze_count()
left = [weakref.ref(Rubbish()) for _ in range(3 * NEW_OBJECTS)]
alive = sum(one() is not None for one in left)
print(spared >= 0.9 * loaded, alive < 2 * NEW_OBJECTS)
"""


def test_the_collector_is_spared_what_is_loaded_and_takes_what_comes_later() -> None:
    """In a process of its own: what is spared stays spared."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment(CHECKOUT), capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]
