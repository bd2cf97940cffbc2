"""Terms of hotspots: available views, the default one, and the least count of a class."""

from typing import Annotated

from pydantic import Field

from geo.terms import Part
from layers.hotspots.rules import LEAST_INCIDENTS, RESOLUTIONS, WINDOWS

Resolution = Annotated[int, Field(ge=RESOLUTIONS.start, lt=RESOLUTIONS.stop)]
WindowCode = Annotated[str, Field(pattern=f"^({'|'.join(WINDOWS)})$")]


class HotspotTerms(Part):
    """Available H3 resolutions and windows; `resolution` and `window` are the default.

    `least_incidents` is how many incidents of its own a cell needs to be hot.
    `masked_least`: fewest incidents of a cell that those see who may not read incidents.
    """

    resolutions: tuple[Resolution, ...] = (10, 9, 8)
    resolution: Resolution = 9
    windows: tuple[WindowCode, ...] = tuple(WINDOWS)
    window: WindowCode = "24h"
    least_incidents: Annotated[int, Field(ge=1, le=1000)] = LEAST_INCIDENTS
    masked_least: Annotated[int, Field(ge=2, le=100)] = 3
