"""Generate a place from figures, names and real outlines: always the same for the same figures."""

from collections.abc import Callable, Mapping, Sequence

from ingest.county.cameras import cameras_of
from ingest.county.divisions import Root
from ingest.county.forces import TravelAndDuty, forces_of
from ingest.county.observations import County, Division
from ingest.county.places import Site, places_of
from ingest.county.terms import Generator
from ingest.county.trees import Land, draw_tree

SitesOn = Callable[[Sequence[Division]], Sequence[Site]]
"""Says what stands on these divisions: at least a centre of the root, and one of each town."""


def make_county(
    figures: Generator,
    root: Root,
    *,
    land: Land,
    sites: SitesOn,
    ways: Mapping[str, TravelAndDuty],
    mediated: Mapping[str, float],
) -> County:
    """Generate divisions, places, cameras and forces.

    `ways` maps kinds of forces to travel modes; `mediated` maps the categories that mediators specialise in to their
    frequencies. Raises `FiguresDisagree` when names and figures do not match.
    """
    divisions, seats = draw_tree(figures, root, land)
    places = places_of(sites(divisions), divisions, seats)
    return County(
        divisions=tuple(divisions),
        places=tuple(places),
        cameras=tuple(cameras_of(figures, divisions)),
        forces=tuple(forces_of(figures, divisions, places, ways=ways, mediated=mediated)),
    )
