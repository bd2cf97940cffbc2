"""Render an exported view with folium, Leaflet and its style embedded.

All text from people is escaped before folium sees it, since its tooltips are HTML. It brings pandas along, and holds up
other threads: `view_export_rendering.py` runs it in a process of its own, which has no pandas.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby
from operator import attrgetter
from typing import Any

import folium
from branca.element import Element, Figure

from layers.view_export import Assets, Feature, Label, Listing, Sheet, StyledFeatures
from layers.view_export_page import SCRIPT, STYLE, policy_of


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


def _with_policy(page: str) -> str:
    """Put the page's policy into its head, where it also applies to a file opened from disk."""
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(page)}">'
    return page.replace("<head>", f"<head>\n{tag}", 1)
