"""The process that renders an exported view. Run as `python -m layers.view_export_rendering`: a sheet and its assets on
standard input as JSON, the page on standard output.
"""

import sys

if __name__ == "__main__":
    # folium takes pandas in where it finds it: a third of this process's time, and no view has a table.
    sys.modules["pandas"] = None  # type: ignore[assignment]

from pydantic import TypeAdapter

from layers.exports.apart import bound_process
from layers.view_export import Assets, Sheet
from layers.view_export_folium import render

JOB: TypeAdapter[tuple[Sheet, Assets]] = TypeAdapter(tuple[Sheet, Assets])


def main() -> None:
    bound_process()
    page = render(*JOB.validate_json(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(page.encode())


if __name__ == "__main__":
    main()
