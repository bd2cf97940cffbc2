"""Make up the streets and water of a generated county, along the lines that its generator draws."""

from pathlib import Path

from api.intake.county import generate
from api.place.pack import Pack
from ingest.county.streets.osm_file import write_sheet
from ingest.county.streets.sheet import make_map
from ingest.county.trees import Land


def make_roads(pack: Pack, file: Path, *, land: Land) -> None:
    """Write the made-up map of a pack's county as an OpenStreetMap file; the same pack gives the same bytes.

    Raises `NothingToGenerate` if the pack has no generator.
    """
    divisions = generate(pack, land).divisions
    assert pack.demo.generator is not None
    write_sheet(make_map(divisions, seed=pack.demo.generator.seed), file)
