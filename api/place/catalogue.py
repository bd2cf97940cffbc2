"""All layers there are: each room's own, put together."""

from console.layers import LAYERS as OF_THE_WORK
from layers.catalogue import OWN, Catalogue
from layers.hotspots.features import HOTSPOTS

ALL: Catalogue = OWN.with_more((HOTSPOTS, *OF_THE_WORK))
