"""The process that writes a file. Run as `python -m layers.exports.rendering`, its job on standard input as JSON."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geo.datum import Datum
from layers.exports.apart import REFUSED, bound_process
from layers.exports.errors import CannotHold
from layers.exports.rules import Format
from layers.exports.writing import Rendering, render


def rendering_of(job: Mapping[str, Any]) -> Rendering:
    return Rendering(
        rows=Path(job["rows"]),
        target=Path(job["target"]),
        layer=job["layer"],
        format=Format(job["format"]),
        datum=Datum(job["datum"]),
        kinds=job["kinds"],
        points=job["points"],
    )


def main() -> int:
    """Render; the exit code is `REFUSED` for what the format cannot hold, with its params on standard output."""
    bound_process()
    try:
        answer: Any = render(rendering_of(json.load(sys.stdin)))
    except CannotHold as refused:
        sys.stdout.write(json.dumps(refused.params))
        return REFUSED
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
