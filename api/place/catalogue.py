"""All map layers: those of `layers` and those of `console`."""

from console.layers import LAYERS as CONSOLE_LAYERS
from layers.catalogue import OWN, Catalogue
from layers.hotspots.features import HOTSPOTS

ALL: Catalogue = OWN.with_more((HOTSPOTS, *CONSOLE_LAYERS))
