"""Parse a file in a sandboxed process: job `{path, choices, scratch, rows}`, output the header; writes `rows`."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingest.files.choices import Choices
from ingest.files.job_runner import run_job
from ingest.files.limits import LIMITS
from ingest.files.readers import read


def parse(job: Mapping[str, Any]) -> dict[str, Any]:
    path, rows, scratch = (Path(job[name]) for name in ("path", "rows", "scratch"))
    return asdict(read(path, rows, choices=Choices(**job["choices"]), scratch=scratch, limits=LIMITS))


if __name__ == "__main__":
    sys.exit(run_job(parse))
