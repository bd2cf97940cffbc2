"""`maplebridge import counts`: households, premises and enterprises by division."""

from api.keeping.commands.import_options import (
    AsJson,
    DryRun,
    Encoding,
    File,
    Header,
    Layer,
    Map,
    Set,
    SkipBad,
    Value,
    options_of,
)
from api.keeping.commands.import_running import run
from geo.datum import Datum
from ingest.files.choices import Choices


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
