"""What the work puts on the map, handed to the catalogue of layers when the server is put together.

Codes, times and states only: the words that people wrote are read one matter at a time, not as a layer.
"""

from console.access.rules import Permission
from layers.catalogue import Layer, Property

INCIDENTS = Layer(
    code="incidents",
    title="Incidents 事件",
    geometry="point",
    table="incidents t",
    properties=(
        Property("case_code"),
        Property("category"),
        Property("risk"),
        Property("level"),
        Property("status"),
        Property("grid", column="t.grid_code"),
        Property("division", column="t.village_code"),
        Property("occurred_at", "date-time"),
        Property("registered_at", "date-time"),
        Property("closed_at", "date-time"),
    ),
    period=("t.occurred_at",),
    permission=Permission.READ_INCIDENTS,
)

FORCES = Layer(
    code="forces",
    title="Posts of forces 力量驻点",
    geometry="point",
    table="forces t",
    geom="t.home",
    properties=(Property("code"), Property("name"), Property("kind"), Property("organisation"), Property("duty")),
    permission=Permission.READ_FORCES,
)

LAYERS = (INCIDENTS, FORCES)
