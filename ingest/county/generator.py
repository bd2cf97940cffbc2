"""Generate a county from figures, names and its real outline: always the same for the same figures."""

from collections.abc import Mapping

from shapely.geometry import Polygon

from ingest.county.cameras import cameras_of
from ingest.county.divisions import Root, divisions_of, draw_boundaries
from ingest.county.forces import TravelAndDuty, forces_of
from ingest.county.gazetteer import Gazetteer
from ingest.county.observations import County
from ingest.county.places import places_of
from ingest.county.terms import Generator


def make_county(
    figures: Generator,
    root: Root,
    *,
    centre: str,
    outline: Polygon,
    gazetteer: Gazetteer,
    ways: Mapping[str, TravelAndDuty],
    mediated: Mapping[str, float],
) -> County:
    """Generate divisions, places, cameras and forces.

    `centre` is the name of the county's centre; `ways` maps kinds of forces to travel modes; `mediated` maps the
    categories that mediators specialise in to their frequencies. Raises `FiguresDisagree` when names and figures do not
    match.
    """
    ground = draw_boundaries(figures, gazetteer, outline)
    divisions = divisions_of(figures, gazetteer, ground, root)
    places = places_of(figures, divisions, county_centre=centre)
    return County(
        divisions=tuple(divisions),
        places=tuple(places),
        cameras=tuple(cameras_of(figures, divisions)),
        forces=tuple(forces_of(figures, divisions, places, ways=ways, mediated=mediated)),
    )
