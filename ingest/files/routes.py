"""Check the points of routes for rounds: a row a point, in the order in which a route is gone round."""

from collections.abc import Callable, Collection

from shapely import Point

from ingest.files.cells import Row
from ingest.files.checked_rows import Checked, RoutePointRow
from ingest.files.checking import CountyOutline, no_news, read_rows
from ingest.files.mapping import Options
from ingest.files.places import POINT_FIELDS
from ingest.files.table import Table

ROUTE_FIELDS = ("division", "route", "name", *POINT_FIELDS)
LONGEST_NAME = 100


def check_routes(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    grids: Collection[str],
    on_rows: Callable[[int], None] = no_news,
) -> Checked[RoutePointRow]:
    """Check points, each with the code of its route's grid. `grids`: the codes that there are."""

    def read(row: Row) -> RoutePointRow:
        point = row.point(options.datum)
        county.check(row, point)
        grid = row.text("division", required=True, longest=32)
        if grid and grid not in grids:
            row.add_problem("route.no_grid", "division", value=grid)
        return RoutePointRow(
            row=row.record.row,
            grid=grid,
            route=row.text("route", required=True, longest=LONGEST_NAME),
            name=row.text("name", required=True, longest=LONGEST_NAME),
            point=point or Point(),
        )

    return read_rows(table, ROUTE_FIELDS, options, read, county=county, on_rows=on_rows)
