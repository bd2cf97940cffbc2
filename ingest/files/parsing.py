"""The parser's own process. Run by `ingest.files.child` as `python -m ingest.files.parsing`.

Reads `{path, layer, scratch, rows}` as JSON on its standard input, writes the rows to the file `rows` and answers on
its standard output: the heading as JSON with exit code 0, or a list of problems with exit code `REFUSED`.
"""

import errno
import json
import sys
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from pathlib import Path

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem, too_demanding
from ingest.files.readers import read

FULL = (errno.EFBIG, errno.ENOMEM, errno.EMFILE)


class Unneeded(MetaPathFinder):
    """Keeps out what pyogrio and pyarrow load if it is there: 3 s and 75 MB for nothing that is used here."""

    def find_spec(self, name: str, *_: object) -> None:
        if name in ("pandas", "geopandas"):
            raise ModuleNotFoundError(name, name=name)


def main() -> int:
    """Read one file and write it out. The exit code is 0, or `REFUSED`."""
    sys.meta_path.insert(0, Unneeded())
    job = json.load(sys.stdin)
    try:
        heading = read(
            Path(job["path"]),
            Path(job["rows"]),
            layer=job["layer"],
            scratch=Path(job["scratch"]),
            limits=LIMITS,
        )
    except FileRefused as refused:
        return _refused(refused.problems)
    except (MemoryError, OverflowError):
        return _refused(too_demanding(LIMITS).problems)
    except OSError as error:
        if error.errno not in FULL:
            raise
        return _refused(too_demanding(LIMITS).problems)
    sys.stdout.write(json.dumps(asdict(heading), default=str))
    return 0


def _refused(problems: tuple[Problem, ...]) -> int:
    sys.stdout.write(json.dumps([p.as_json() for p in problems], default=str))
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
