"""`maplebridge import units|counts`: the register's units, and counts of households, premises and enterprises."""

from api.keeping.commands.import_options import (
    AsJson,
    Crs,
    DatumOption,
    DryRun,
    Encoding,
    File,
    Header,
    Layer,
    Map,
    Set,
    SkipBad,
    SwapXy,
    Value,
    options_of,
)
from api.keeping.commands.import_running import run
from geo.datum import Datum
from ingest.files.choices import Choices


def units(
    file: File,
    datum: DatumOption = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    skip_bad: SkipBad = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import units of the register: code, kind, name, name_en, division, parent, hours, telephone, services (a;b),
    specialities, attendance, running, lon, lat. Updates known codes; a unit without a place is on no map."""
    options = options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy)
    choices = Choices(layer, encoding, header, keep_bad_rows=skip_bad is not None)
    run("units", file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)


def counts(
    file: File,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    skip_bad: SkipBad = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import counts by grid: division, households, premises, enterprises, counted_on (today). Never persons."""
    options = options_of(Datum.WGS84, map_, set_, value)
    choices = Choices(layer, encoding, header, keep_bad_rows=skip_bad is not None)
    run("counts", file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)
