"""How far properties are looked into: so that the suite stays short, and ten times as far when faults are hunted.

`MAPLEBRIDGE_FAULTS=full` asks for the latter.
"""

import os

DEEPER = 10 if os.environ.get("MAPLEBRIDGE_FAULTS") == "full" else 1


def examples(usual: int) -> int:
    """How many examples to try, where `usual` are enough for every day."""
    return usual * DEEPER
