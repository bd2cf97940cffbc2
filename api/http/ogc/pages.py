"""Responses as HTML pages without scripts or styles, so that the content security policy need not change."""

from collections.abc import Iterable
from html import escape
from typing import Any

Json = dict[str, Any]


def page(title: str, body: Iterable[str]) -> str:
    head = f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    return head + "\n".join([f"<h1>{escape(title)}</h1>", *body, "</html>\n"])


def of_links(answer: Json) -> str:
    """Render a landing page, a collection, or any other response that consists of links."""
    return page(answer.get("title") or answer.get("id") or "Maplebridge", _links(answer["links"]))


def of_collections(answer: Json) -> str:
    rows = [
        f'<li><a href="{escape(_href(each, "items"))}">{escape(each["title"])}</a> ({escape(each["id"])})</li>'
        for each in answer["collections"]
    ]
    return page("Collections", ["<ul>", *rows, "</ul>", *_links(answer["links"])])


def of_items(title: str, answer: Json) -> str:
    """Render a table with one feature a row."""
    features = answer["features"]
    names = list(features[0]["properties"]) if features else []
    head = "".join(f"<th>{escape(name)}</th>" for name in ["id", *names])
    rows = ["<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in _row(each, names)) + "</tr>" for each in features]
    counts = f"<p>{answer['numberReturned']} / {answer['numberMatched']}</p>"
    return page(title, [counts, f"<table><tr>{head}</tr>", *rows, "</table>", *_links(answer["links"])])


def of_item(title: str, feature: Json) -> str:
    rows = [f"<tr><th>{escape(name)}</th><td>{_cell(value)}</td></tr>" for name, value in feature["properties"].items()]
    return page(title, ["<table>", *rows, "</table>", *_links(feature["links"])])


def of_schema(answer: Json) -> str:
    """Render a table with one property a row."""
    rows = [
        f"<tr><th>{escape(name)}</th><td>{_cell(each.get('type'))}</td><td>{_cell(each.get('format'))}</td></tr>"
        for name, each in answer["properties"].items()
    ]
    return page(answer["title"], ["<table>", *rows, "</table>"])


def _row(feature: Json, names: list[str]) -> list[Any]:
    return [feature["id"], *(feature["properties"].get(name) for name in names)]


def _cell(value: Any) -> str:
    return "" if value is None else escape(str(value))


def _links(links: list[Json]) -> list[str]:
    rows = [
        f'<li><a href="{escape(each["href"])}">{escape(each["rel"])}</a> ({escape(each["type"])})</li>'
        for each in links
        if not each.get("templated")
    ]
    return ["<ul>", *rows, "</ul>"]


def _href(answer: Json, rel: str) -> str:
    return str(next(each["href"] for each in reversed(answer["links"]) if each["rel"] == rel))
