"""The process that draws an incident's report. Run as `python -m api.http.incident_report.rendering`: a sheet and the
font's parts on standard input as JSON, the PDF on standard output.
"""

import sys

from pydantic import TypeAdapter

from api.http.incident_report.assets import FontParts
from api.http.incident_report.drawing import draw
from api.http.incident_report.sheet import ReportSheet
from layers.exports.apart import bound_process

JOB: TypeAdapter[tuple[ReportSheet, FontParts]] = TypeAdapter(tuple[ReportSheet, FontParts])


def main() -> None:
    bound_process()
    sys.stdout.buffer.write(draw(*JOB.validate_json(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
