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
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar

import folium
from branca.element import Element, Figure

from geo.errors import ErrorKind, MaplebridgeError
from layers.divisions.queries import Bbox
from layers.view_export_page import SCRIPT, STYLE

Feature = dict[str, Any]


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

    `group` is a heading of the legend that several share, and `outline` a colour other than `colour`. A feature with a
    property `bunch` is drawn as one number with those near it, in the colour of the one with the smallest.
    `tooltip` maps the properties that a tooltip shows to their headings.
    """

    name: str
    features: Sequence[Feature]
    colour: str
    fill: float = 0.0
    weight: float = 1.0
    radius: float | None = None
    tooltip: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    outline: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map. Of names that would lie on each other the one of the lower `rank` is shown.

    One that is `near` is shown only after some zooming in.
    """

    lon: float
    lat: float
    text: str
    rank: int = 0
    near: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A table beside the map. `more`: words for the rows that are left out, or nothing."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Content of the page. `facts`: heading and value, such as time, scope and the map's review number."""

    title: str
    facts: Sequence[tuple[str, str]]
    bbox: Bbox
    drawn: Sequence[StyledFeatures]
    labels: Sequence[Label] = ()
    listing: Listing | None = None
    legend: str = ""


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
    figure.header.add_child(Element(_raw(f"<style>{_without_images(assets.style)}\n{STYLE}</style>")), name="style")
    figure.header.add_child(Element(_raw(f"<script>{assets.script}\n{SCRIPT}</script>")), name="leaflet")
    for drawn in sheet.drawn:
        if drawn.features:
            chart.add_child(_layer(drawn))
    for label in sheet.labels:
        chart.add_child(_label(label))
    chart.fit_bounds([[south, west], [north, east]])
    folium.LayerControl(collapsed=True).add_to(chart)
    figure.html.add_child(Element(_raw(_legend(sheet))), name="legend")
    return _with_policy(figure.render())


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
        "color": drawn.outline or drawn.colour,
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
    return {
        "color": style["color"],
        "weight": style["weight"],
        "fill": True,
        "fill_color": style["fillColor"],
        "fill_opacity": style["fillOpacity"],
    }


def _escaped(feature: Feature) -> Feature:
    """Escape every text of a feature: tooltips show it as HTML."""
    escaped = {
        name: _plain(value) if isinstance(value, str) else value for name, value in feature["properties"].items()
    }
    return {**feature, "properties": escaped}


def _label(label: Label) -> folium.Marker:
    near = " data-near" if label.near else ""
    icon = folium.DivIcon(
        html=f'<span class="name" data-rank="{label.rank}"{near}>{_plain(label.text)}</span>',
        icon_size=(0, 0),
        class_name="",
    )
    return folium.Marker([label.lat, label.lon], icon=icon)


def _legend(sheet: Sheet) -> str:
    facts = "".join(f"<dt>{_plain(name)}</dt><dd>{_plain(value)}</dd>" for name, value in sheet.facts)
    heading = f"<h2>{_plain(sheet.legend)}</h2>" if sheet.legend else ""
    return (
        f'<div class="side"><div class="sheet"><h1>{_plain(sheet.title)}</h1><dl>{facts}</dl>'
        f"{heading}<ul>{_signs(sheet.drawn)}</ul></div>{_table(sheet.listing)}</div>"
    )


def _signs(drawn: Sequence[StyledFeatures]) -> str:
    """Explain every style, those of a group below its heading, with the number of features."""
    items = []
    for group, members in groupby(drawn, key=attrgetter("group")):
        listed = [*members]
        if group:
            items.append(f'<li class="group">{_plain(group)} ({sum(len(one.features) for one in listed)})</li>')
        items.extend(_sign(one) for one in listed)
    return "".join(items)


def _sign(drawn: StyledFeatures) -> str:
    ground = drawn.colour if drawn.fill >= 0.5 or not drawn.radius else "transparent"
    style = f"background:{_plain(ground)};border-color:{_plain(drawn.outline or drawn.colour)}"
    kind = ' class="disc"' if drawn.radius else ""
    return f'<li><i{kind} style="{style}"></i>{_plain(drawn.name)} ({len(drawn.features)})</li>'


def _table(listing: Listing | None) -> str:
    if listing is None:
        return ""
    head = "".join(f"<th>{_plain(heading)}</th>" for heading in listing.headings)
    rows = "".join("<tr>" + "".join(f"<td>{_plain(cell)}</td>" for cell in row) + "</tr>" for row in listing.rows)
    more = f"<p>{_plain(listing.more)}</p>" if listing.more else ""
    return (
        f'<div class="list"><h2>{_plain(listing.title)}</h2>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


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
