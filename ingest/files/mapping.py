"""Map a table's columns to fields, and prepare a table before its rows are checked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from geo.datum import Datum
from ingest.files.dates import PLAIN, DateFormat
from ingest.files.field_names import ALIASES, MOMENTS, plain_name
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import REJECTED_BECAUSE, REJECTED_ROW, Record, Table

EXCHANGED = {"lon": "lat", "lat": "lon", "lonlat": "latlon", "latlon": "lonlat"}
PARTS_OF = {parts[0]: parts for parts in MOMENTS}
DATUM = "datum"
"""Column in which an export names the datum of its coordinates."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options for reading a file.

    `columns`: field → column; `constants`: field → value of a field without a column; `values`: field → {value in the
    file → value to use}. `zone` is the time zone of times without one. `distinct` keeps one row for
    each value of that column. `codes_from_names` derives missing codes. `outside` is the code of the
    division for forces whose home is outside the county, who are refused otherwise. `dates` tells the order of dates
    that leave it open. `crs` is the coordinate system of a file that declares none or a wrong one; `swap_xy` exchanges
    x and y of all its coordinates. Grids: faults of
    borders up to `repair` metres wide are mended, and with `merge_parts` rows of one code are parts of one grid; with
    `cut_enclaves` a grid that is drawn over another is cut out of it. `aliases` are names of columns, in lower case, of
    fields that the pack declares.
    """

    datum: Datum
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    distinct: str | None = None
    codes_from_names: bool = False
    outside: str | None = None
    dates: DateFormat = PLAIN
    crs: str | None = None
    swap_xy: bool = False
    repair: float | None = None
    merge_parts: bool = False
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cut_enclaves: bool = False


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Sources of a table's fields: `columns` by field, `constants` for fields without a column.

    `dates` and `from_1904` tell how its days are written and counted. `codes` keeps the codes that rows have read, by
    field and what is written: a column of codes repeats few words. `parts_of_moments` keeps the answers of `moments`.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    dates: DateFormat = PLAIN
    from_1904: bool = False
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    parts_of_moments: dict[str, list[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether the field has a column or a constant."""
        return name in self.columns or name in self.constants

    def moments(self, name: str) -> list[str]:
        """Return the fields of a moment that it has: `x_at` itself, its day `x_date` and its time of day `x_time`."""
        if name not in self.parts_of_moments:
            self.parts_of_moments[name] = [part for part in PARTS_OF.get(name, (name,)) if self.has(part)]
        return self.parts_of_moments[name]

    def raw(self, record: Record, name: str) -> Any:
        """Return the field's value as written in the file, after replacement."""
        column = self.columns.get(name)
        value = self.constants.get(name) if column is None else record.values.get(column)
        replaced = self.values.get(name)
        return value if replaced is None else replaced.get(str(value), value)


def map_fields(table: Table, wanted: Sequence[str], options: Options) -> FieldMapping:
    """Find each wanted field's column. Raises FileRefused for a field or column that does not exist."""
    named = {*options.columns, *options.constants, *options.values}
    problems = [Problem("map.no_such_field", field=f, params={"fields": list(wanted)}) for f in named - set(wanted)]
    problems += [
        Problem("map.no_such_column", field=f, params={"column": c, "columns": list(table.columns)})
        for f, c in options.columns.items()
        if c not in table.columns
    ]
    columns = dict(options.columns)
    for name in wanted:
        found = _columns_named(table.columns, ALIASES.get(name, ()) + options.aliases.get(name, ()))
        if not found or name in columns or name in options.constants or found[0] in _told_of_moment(name, options):
            continue
        columns[name] = found[0]
        if len(found) > 1:
            problems.append(Problem("map.which_column", field=name, params={"columns": found}))
    if problems:
        raise FileRefused(sorted(problems, key=lambda p: (p.code, p.field or "")))
    return FieldMapping(
        columns=_with_axes_exchanged(columns) if options.swap_xy else columns,
        constants=options.constants,
        values=options.values,
        dates=options.dates,
        from_1904=table.counts_from_1904,
    )


def _with_axes_exchanged(columns: Mapping[str, str]) -> dict[str, str]:
    return {EXCHANGED.get(name, name): column for name, column in columns.items()}


def _told_of_moment(name: str, options: Options) -> set[str]:
    """Return the columns that the options name for other parts of the same moment: such a column says nothing twice."""
    parts = next((parts for parts in MOMENTS if name in parts), ())
    return {options.columns[part] for part in parts if part in options.columns}


def _columns_named(columns: Sequence[str], aliases: Sequence[str]) -> list[str]:
    """Return the columns of the first alias that any has, in full or else but for marks and remarks."""
    exact = {column.strip().casefold(): column for column in columns}
    if found := next((exact[alias] for alias in aliases if alias in exact), None):
        return [found]
    alike = ([column for column in columns if plain_name(column) == plain_name(alias)] for alias in aliases)
    return next(filter(None, alike), [])


def unused_columns(table: Table, fields: FieldMapping) -> list[str]:
    """List columns that no field is read from."""
    return sorted(set(table.columns) - set(fields.columns.values()) - {DATUM, REJECTED_ROW, REJECTED_BECAUSE})


def check_datum(table: Table, options: Options) -> None:
    """Raise FileRefused if the table's datum column differs from the given datum."""
    if DATUM not in table.columns:
        return
    said = {str(record.values.get(DATUM)).casefold() for record in table.records} & set(Datum)
    if other := sorted(said - {options.datum.value}):
        raise refuse("datum.differs", said=other[0], given=options.datum.value)


def distinct(table: Table, options: Options) -> Table:
    """Keep the first row of each value of `options.distinct`, with the median coordinates of all its rows.

    So a log of unit positions becomes a list of units, each in the middle of its area.
    """
    if options.distinct is None:
        return table
    if options.distinct not in table.columns:
        raise refuse("map.no_such_column", column=options.distinct, columns=list(table.columns))
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in table.records:
        groups[record.values.get(options.distinct)].append(record)
    groups.pop(None, None)
    fields = map_fields(
        table, ("lon", "lat"), replace(options, columns=_only_coordinates(options.columns), constants={}, values={})
    )
    return replace(table, records=[_median(group, fields) for group in groups.values()])


def _only_coordinates(columns: Mapping[str, str]) -> dict[str, str]:
    return {name: column for name, column in columns.items() if name in ("lon", "lat")}


def _median(group: Sequence[Record], fields: FieldMapping) -> Record:
    values = dict(group[0].values)
    for column in fields.columns.values():
        numbers = [number for r in group if (number := _number(r.values.get(column))) is not None]
        if numbers:
            values[column] = median(numbers)
    return replace(group[0], values=values)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None
