"""An exported view is rendered in a bounded process, which holds as many features as a layer may have."""

import orjson

from layers.exports.apart import run_apart
from layers.view_export import Assets, Sheet, StyledFeatures

FEATURES = 5_000
GRID = [[120 + i * 1e-6, 31 + i * 2e-6] for i in range(60)] + [[120.0, 31.0]]


def layer(name: str, geometry: dict[str, object]) -> StyledFeatures:
    feature = {"type": "Feature", "geometry": geometry, "properties": {"name": name}}
    return StyledFeatures(name, [feature] * FEATURES, "#8aa0b8", radius=2.5 if name == "places" else None)


async def test_a_view_with_full_layers_is_rendered_within_the_bound() -> None:
    drawn = [
        layer("grids", {"type": "Polygon", "coordinates": [GRID]}),
        layer("places", {"type": "Point", "coordinates": [120.5, 31.0]}),
    ]
    sheet = Sheet("吴江区", [("制作", "operator")], (120, 31, 121, 32), drawn)
    code, page = await run_apart("layers.view_export_rendering", orjson.dumps((sheet, Assets("var L;", ".x {}"))))
    assert code == 0
    text = page.decode()
    assert "吴江区" in text and f"grids ({FEATURES})" in text and f"places ({FEATURES})" in text
