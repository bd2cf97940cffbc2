"""Map layers of incidents and forces, for the catalogue of layers.

Layers show codes, times and states only; texts are read one incident at a time.
"""

from console.access.rules import Permission
from layers.catalogue import LEAF, Layer, Property

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
    exported=(
        Property("source"),
        Property("external_no"),
        Property("category"),
        Property("title"),
        Property("description"),
        Property("address"),
        Property("occurred_at", "date-time"),
        Property("closed_at", "date-time"),
        Property("risk"),
        Property("language"),
        Property("case_code"),
        Property("level"),
        Property("status"),
        Property("registered_at", "date-time"),
        Property("division", column=LEAF),
    ),
)

FORCES = Layer(
    code="forces",
    title="Posts of forces 力量驻点",
    geometry="point",
    table="forces t",
    geom="t.home",
    properties=(Property("code"), Property("name"), Property("kind"), Property("organisation"), Property("duty")),
    permission=Permission.READ_FORCES,
    exported=(
        Property("code"),
        Property("name"),
        Property("kind"),
        Property("organisation"),
        Property("specialities", column="array_to_string(t.specialities, ';')"),
        Property("languages", column="array_to_string(t.languages, ';')"),
        Property("mode"),
        Property("duty"),
        Property("device", column="t.device_id", kept_back=True),
        Property("device_datum", kept_back=True),
        Property("telephone", kept_back=True),
        Property("division", column=LEAF),
    ),
)

NETWORKS = Layer(
    code="networks",
    title="Networks of sectors 部门网格",
    geometry="polygon",
    table="network_areas t",
    properties=(
        Property("sector"),
        Property("code"),
        Property("name"),
        Property("organisation"),
        Property("valid_from", "date"),
        Property("valid_to", "date"),
    ),
    period=("t.valid_from", "t.valid_to"),
    permission=Permission.READ_PLANS,
    exported=(
        Property("sector"),
        Property("code"),
        Property("name"),
        Property("organisation"),
        Property("worker", kept_back=True),
        Property("worker_code", kept_back=True),
        Property(
            "counts",
            column="(SELECT string_agg(key || '=' || value, ';' ORDER BY key) FROM jsonb_each_text(t.counts))",
        ),
        Property("valid_from", "date"),
    ),
)

LAYERS = (INCIDENTS, FORCES, NETWORKS)
