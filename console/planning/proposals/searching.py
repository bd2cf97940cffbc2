"""The process that searches a proposal. Run as `python -m console.planning.proposals.searching`: a job as JSON on
standard input; lines of progress on standard output, and the result as the last one.
"""

import os
import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any

import orjson

from geo.coverage.evening.evening import Evened, even_out
from geo.coverage.evening.growing import grown
from geo.coverage.evening.land import Land, Layer

MEMORY_BYTES = 512_000_000
NICENESS = 10
"""The server beside goes first."""
ASKING_SECONDS = 2
"""For the causes of what stays uneven, after the search."""
SPARE_SECONDS = 30


def job_of(land: Land, seeds: Mapping[int, int], *, seconds: float) -> bytes:
    """Return the job for a search of so many seconds."""
    fields = {each.name: getattr(land, each.name) for each in dataclass_fields(land)}
    fields["between"] = [{"of_groups": layer.of_groups, "parts": layer.parts} for layer in land.between]
    return orjson.dumps({"land": fields, "seeds": [*seeds.items()], "seconds": seconds})


def land_of(fields: Mapping[str, Any]) -> Land:
    """Read land from a job."""
    between = [Layer(**layer) for layer in fields["between"]]
    return Land(**{**fields, "owners": tuple(fields["owners"]), "between": between})


def main() -> None:
    job = orjson.loads(sys.stdin.buffer.read())
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    most = int(job["seconds"]) + SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, most))
    _write(result_of(_searched(land_of(job["land"]), dict(job["seeds"]), seconds=job["seconds"])))


def _searched(land: Land, seeds: Mapping[int, int], *, seconds: float) -> Evened:
    end, server = time.monotonic() + seconds, os.getppid()

    def over(spare: float = 0.0) -> bool:
        return time.monotonic() >= end + spare or os.getppid() != server

    def tell(share: float, worst: float) -> None:
        spent = 1 - max(end - time.monotonic(), 0.0) / seconds
        _write({"share": round(max(share, spent), 3), "worst": round(worst, 4)})

    start = grown(land, seeds) if seeds else None
    return even_out(land, over, start=start, tell=tell, stop_asking=lambda: over(ASKING_SECONDS))


def result_of(evened: Evened) -> dict[str, Any]:
    """Return what was found as JSON-ready values."""
    return {
        "alternatives": evened.alternatives,
        "bottlenecks": [asdict(one) for one in evened.bottlenecks],
        "settled": evened.is_settled,
    }


def _write(line: Mapping[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
