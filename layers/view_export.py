"""Export a view as one HTML file that works offline: no server, no network, no fonts, no tiles.

folium writes the map; Leaflet and its style are embedded. The file carries a content security policy that allows
exactly its own scripts and no requests, so it is harmless wherever it is opened. All text from people is escaped before
folium sees it, since its tooltips are HTML.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from html.parser import HTMLParser
from typing import Any, ClassVar

import folium
from branca.element import Element, Figure

from geo.errors import ErrorKind, MaplebridgeError
from layers.divisions.queries import Bbox

Feature = dict[str, Any]
ABOVE_THE_MAP = "font:14px/1.5 'Noto Sans SC','Microsoft YaHei',sans-serif"


class AssetsMissing(MaplebridgeError):
    """The front end, which ships Leaflet, has not been built."""

    code: ClassVar[str] = "view_export.assets_missing"
    kind = ErrorKind.UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Assets:
    """Leaflet's script and style, as text."""

    script: str
    style: str


@dataclass(frozen=True, slots=True)
class StyledFeatures:
    """Features in one style, under one name in the legend. `radius` in pixels makes points circles.

    `tooltip` maps the properties that a tooltip shows to their headings.
    """

    name: str
    features: Sequence[Feature]
    colour: str
    fill: float = 0.0
    weight: float = 1.0
    radius: float | None = None
    tooltip: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map."""

    lon: float
    lat: float
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Content of the page. `facts`: heading and value, such as time, scope and the map's review number."""

    title: str
    facts: Sequence[tuple[str, str]]
    bbox: Bbox
    drawn: Sequence[StyledFeatures]
    labels: Sequence[Label] = ()


class _Offline(folium.Map):
    """Map without links to scripts or styles on the network."""

    default_js = []  # noqa: RUF012
    default_css = []  # noqa: RUF012


def render(sheet: Sheet, assets: Assets) -> str:
    """Render the complete page."""
    west, south, east, north = sheet.bbox
    chart = _Offline(location=[(south + north) / 2, (west + east) / 2], tiles=None, control_scale=True)
    figure = chart.get_root()
    assert isinstance(figure, Figure)
    figure.title = _plain(sheet.title)
    figure.header.add_child(Element(_raw(f"<style>{_without_images(assets.style)}\n{_STYLE}</style>")), name="style")
    figure.header.add_child(Element(_raw(f"<script>{assets.script}\n{_NO_MARKER_IMAGES}</script>")), name="leaflet")
    for drawn in sheet.drawn:
        if drawn.features:
            chart.add_child(_layer(drawn))
    for label in sheet.labels:
        chart.add_child(_label(label))
    chart.fit_bounds([[south, west], [north, east]])
    folium.LayerControl(collapsed=False).add_to(chart)
    figure.html.add_child(Element(_raw(_legend(sheet))), name="legend")
    return _with_policy(figure.render())


_STYLE = f"""
html, body {{ height: 100%; margin: 0; background: #101418; }}
.leaflet-container {{ background: #101418; }}
.name {{ color: #c9d4e0; {ABOVE_THE_MAP}; white-space: nowrap; text-shadow: 0 0 3px #101418; pointer-events: none; }}
.sheet {{ position: absolute; z-index: 1000; left: 12px; bottom: 72px; max-width: 320px; padding: 10px 14px;
  background: #1b222bee; color: #e6edf5; border-radius: 6px; {ABOVE_THE_MAP}; }}
.sheet h1 {{ font-size: 16px; margin: 0 0 6px; }}
.sheet dl {{ display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; margin: 0 0 6px; }}
.sheet dt {{ color: #9fb0c3; }} .sheet dd {{ margin: 0; }}
.sheet ul {{ list-style: none; margin: 0; padding: 0; }}
.leaflet-control-layers, .leaflet-bar a, .leaflet-control-scale-line {{ background: #1b222b; color: #e6edf5; }}
.leaflet-bar a, .leaflet-control-scale-line, .leaflet-control-layers {{ border-color: #3a4654; }}
.leaflet-control-attribution {{ display: none; }}
.sheet i {{ display: inline-block; width: 12px; height: 12px; margin-right: 8px; border-radius: 2px; }}
"""


_NO_MARKER_IMAGES = "L.Marker.prototype.options.icon = L.divIcon();"
"""Leaflet's default marker loads an image from beside its script; the exported file has none."""


def _without_images(style: str) -> str:
    return re.sub(r"url\((?!data:)[^)]*\)", "none", style)


def _plain(text: str) -> str:
    """Escape text for the page, HTML and template syntax.

    folium renders every element twice, the second time with its content as a template.
    """
    return escape(text).replace("{", "&#123;").replace("}", "&#125;")


def _raw(text: str) -> str:
    """Protect text from folium's templates."""
    return "{% raw %}" + text + "{% endraw %}"


def _layer(drawn: StyledFeatures) -> folium.GeoJson:
    style = {
        "color": drawn.colour,
        "weight": drawn.weight,
        "fillColor": drawn.colour,
        "fillOpacity": drawn.fill,
    }
    collection = {"type": "FeatureCollection", "features": [_escaped(feature) for feature in drawn.features]}
    marker = folium.CircleMarker(radius=drawn.radius, **_leaflet(style)) if drawn.radius else None
    shown = drawn.tooltip
    tooltip = folium.GeoJsonTooltip(list(shown), [*map(_plain, shown.values())]) if shown else None
    return folium.GeoJson(
        collection, name=_plain(drawn.name), style_function=lambda _: style, marker=marker, tooltip=tooltip
    )


def _leaflet(style: Mapping[str, Any]) -> dict[str, Any]:
    return {"color": style["color"], "weight": style["weight"], "fill": True, "fill_opacity": style["fillOpacity"]}


def _escaped(feature: Feature) -> Feature:
    """Escape every text of a feature: tooltips show it as HTML."""
    escaped = {
        name: _plain(value) if isinstance(value, str) else value for name, value in feature["properties"].items()
    }
    return {**feature, "properties": escaped}


def _label(label: Label) -> folium.Marker:
    icon = folium.DivIcon(html=f'<span class="name">{_plain(label.text)}</span>', icon_size=(0, 0), class_name="")
    return folium.Marker([label.lat, label.lon], icon=icon)


def _legend(sheet: Sheet) -> str:
    facts = "".join(f"<dt>{_plain(name)}</dt><dd>{_plain(value)}</dd>" for name, value in sheet.facts)
    signs = "".join(
        f'<li><i style="background:{_plain(drawn.colour)}"></i>{_plain(drawn.name)} ({len(drawn.features)})</li>'
        for drawn in sheet.drawn
    )
    return f'<div class="sheet"><h1>{_plain(sheet.title)}</h1><dl>{facts}</dl><ul>{signs}</ul></div>'


class _Scripts(HTMLParser):
    """Collects the text of every script of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def policy_of(page: str) -> str:
    """Return the content security policy that allows a page's own scripts, by digest, and no requests."""
    found = _Scripts()
    found.feed(page)
    digests = {b64encode(sha256(script.encode()).digest()).decode() for script in found.scripts}
    scripts = " ".join(f"'sha256-{digest}'" for digest in sorted(digests))
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:"


def _with_policy(page: str) -> str:
    """Put the page's policy into its head, where it also applies to a file opened from disk."""
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(page)}">'
    return page.replace("<head>", f"<head>\n{tag}", 1)
