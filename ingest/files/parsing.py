"""The parser's own process. Run by `ingest.files.child` as `python -m ingest.files.parsing`.

Reads `{path, layer, scratch}` as JSON on its standard input and answers on its standard output: Arrow rows with exit
code 0, or a JSON list of problems with exit code `REFUSED`.
"""

import json
import sys
from pathlib import Path

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem
from ingest.files.readers import read


def main() -> int:
    """Read one file and write it out. The exit code is 0, or `REFUSED`."""
    job = json.load(sys.stdin)
    try:
        answer = read(Path(job["path"]), layer=job["layer"], scratch=Path(job["scratch"]), limits=LIMITS)
    except FileRefused as refused:
        return _refused(refused.problems)
    except (MemoryError, OverflowError):
        return _refused((Problem("file.too_demanding"),))
    sys.stdout.buffer.write(answer)
    return 0


def _refused(problems: tuple[Problem, ...]) -> int:
    sys.stdout.write(json.dumps([p.as_json() for p in problems]))
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
