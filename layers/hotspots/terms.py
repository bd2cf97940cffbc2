"""What a pack says of hotspots: which views are on offer, and which is shown first."""

from typing import Annotated

from pydantic import Field

from geo.terms import Part
from layers.hotspots.rules import RESOLUTIONS, WINDOWS

Resolution = Annotated[int, Field(ge=RESOLUTIONS.start, lt=RESOLUTIONS.stop)]
WindowCode = Annotated[str, Field(pattern=f"^({'|'.join(WINDOWS)})$")]


class HotspotTerms(Part):
    """The H3 resolutions and the windows on offer; `resolution` and `window` are shown first."""

    resolutions: tuple[Resolution, ...] = (10, 9, 8)
    resolution: Resolution = 9
    windows: tuple[WindowCode, ...] = tuple(WINDOWS)
    window: WindowCode = "24h"
