"""Run a job in a sandboxed process: JSON on standard input, JSON on standard output."""

import errno
import json
import sys
from collections.abc import Callable, Mapping
from importlib.abc import MetaPathFinder
from typing import Any

from shapely.errors import GEOSException

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem, too_demanding

LIMIT_OF_ERROR = {errno.EFBIG: "disk", errno.ENOMEM: "memory", errno.EMFILE: "open_files"}


class BlockedImports(MetaPathFinder):
    """Blocks optional imports of pyogrio and pyarrow, which take 3 s and 75 MB and are not used here."""

    def find_spec(self, name: str, *_: object) -> None:
        if name in ("pandas", "geopandas"):
            raise ModuleNotFoundError(name, name=name)


def run_job(work: Callable[[Mapping[str, Any]], Any]) -> int:
    """Read a job from standard input as JSON, and write its outcome to standard output as JSON.

    The exit code is 0, or `REFUSED` with a list of problems instead.
    """
    sys.meta_path.insert(0, BlockedImports())
    try:
        outcome = work(json.load(sys.stdin))
    except FileRefused as refused:
        return _refused(refused.problems)
    except (MemoryError, OverflowError, GEOSException):
        return _refused(too_demanding(LIMITS, "memory").problems)
    except OSError as error:
        if error.errno not in LIMIT_OF_ERROR:
            raise
        return _refused(too_demanding(LIMITS, LIMIT_OF_ERROR[error.errno]).problems)
    sys.stdout.write(json.dumps(outcome, default=str))
    return 0


def _refused(problems: tuple[Problem, ...]) -> int:
    sys.stdout.write(json.dumps([p.as_json() for p in problems], default=str))
    return REFUSED
