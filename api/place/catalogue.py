"""All layers there are: each room's own, put together."""

from console.layers import LAYERS as CONSOLE_LAYERS
from layers.catalogue import OWN, Catalogue
from layers.hotspots.features import HOTSPOTS

ALL: Catalogue = OWN.with_more((HOTSPOTS, *CONSOLE_LAYERS))
