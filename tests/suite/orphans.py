"""End what a test has forked when the tests end, however they end: a killed run would leave its servers running."""

import os
from multiprocessing import parent_process
from threading import Thread


def end_with_parent() -> None:
    """End this process as soon as the one that asked for it, by `multiprocessing`, has ended."""
    Thread(target=_wait, name="end-with-parent", daemon=True).start()


def _wait() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
