"""Indicators as a file: a workbook with a row for each, or a page to print with a table for each group."""

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from api.http.incident_report.assets import read_assets
from api.http.incident_report.sheet import ReportSheet, ReportTooDemanding, Table
from api.http.language import Lang
from api.http.wire.indicators import IndicatorListOut, IndicatorOut, SpanFigureOut
from api.place.pack import Pack
from api.settings import Settings
from layers.exports.apart import run_apart

DRAWING = "api.http.incident_report.rendering"
HEADS: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("分组", "指标", "数值", "分子", "分母", "全部", "占全部", "去年同期", "去年分母", "上期", "上期分母", "报告",
           "怎么算"),
    "en": ("Group", "Indicator", "Value", "Counted", "Of", "Entire", "Of the entire", "A year before", "Of then",
           "Span before", "Of then", "Reported", "How it is counted"),
}  # fmt: skip
WIDTHS = (14, 26, 12, 10, 10, 10, 12, 12, 10, 12, 10, 26, 60)
PRINTED = (1, 2, 3, 4, 7, 9, 11)
"""Columns of the page, by their place in a row."""
PAGE_WIDTHS = (44, 20, 18, 18, 20, 20, 34)
KIND: Mapping[Lang, str] = {"zh": "指标", "en": "Indicators"}
VERSION: Mapping[Lang, str] = {"zh": "口径", "en": "Definitions"}
DAYS: Mapping[Lang, str] = {"zh": "日期", "en": "Days"}
SCOPE: Mapping[Lang, str] = {"zh": "辖区", "en": "Division"}
HOURS: Mapping[Lang, str] = {"zh": "小时", "en": "h"}
YEAR: Mapping[Lang, str] = {"zh": "同比", "en": "on the year"}
DASH = "–"


def table_of(found: IndicatorListOut, lang: Lang) -> list[tuple[str, ...]]:
    """Return heads and a row for each indicator."""
    groups = {one.code: getattr(one.names, lang) for one in found.groups}
    return [HEADS[lang], *(_row(one, groups[one.group], lang) for one in found.items)]


def _row(one: IndicatorOut, group: str, lang: Lang) -> tuple[str, ...]:
    entire = one.entire
    return (
        group,
        getattr(one.names, lang),
        _value(one, one, lang),
        str(one.numerator),
        str(one.denominator),
        "" if entire is None else str(entire.denominator),
        "" if entire is None else _share(entire.value),
        _value(one, one.year_before, lang),
        str(one.year_before.denominator),
        _value(one, one.before, lang),
        str(one.before.denominator),
        _reported(one, lang),
        getattr(one.basis, lang),
    )


def _value(one: IndicatorOut, figure: IndicatorOut | SpanFigureOut, lang: Lang) -> str:
    """Return a figure in words; too few cases have no share."""
    if one.kind == "count":
        return str(figure.denominator)
    if figure.value is None:
        return DASH
    if one.kind == "time":
        return f"{figure.value:.1f} {HOURS[lang]}"
    return f"{figure.numerator}/{figure.denominator}" if figure.few else _share(figure.value)


def _share(value: float | None) -> str:
    return DASH if value is None else f"{100 * value:.1f}%"


def _reported(one: IndicatorOut, lang: Lang) -> str:
    said = one.reported
    if said is None:
        return ""
    count = "" if said.count is None else str(said.count) + ("" if said.of is None else f"/{said.of}")
    rate = "" if said.rate is None else f"{said.rate:g}%"
    change = "" if said.change is None else f"{YEAR[lang]} {said.change:+g}%"
    return " ".join([f"{said.year}:", *filter(None, (count, rate, change))])


def page_of(found: IndicatorListOut, pack: Pack, *, place: str, lang: Lang) -> ReportSheet:
    """Return the page to print."""
    rows = table_of(found, lang)
    names = [getattr(one.names, lang) for one in found.groups]
    tables = [
        Table(name, PAGE_WIDTHS, [_printed(row) for row in rows if row is rows[0] or row[0] == name]) for name in names
    ]
    first, last = found.items[0].first, found.items[0].last
    at = found.at.astimezone(pack.zone)
    return ReportSheet(
        kind=KIND[lang],
        title=getattr(pack.names, lang),
        code=f"{first} – {last}",
        facts=[(SCOPE[lang], place), (DAYS[lang], f"{first} – {last}"), (VERSION[lang], found.version)],
        description=("", ""),
        sketch=None,
        tables=[table for table in tables if len(table.rows) > 1],
        footer=f"{at:%Y-%m-%d %H:%M}",
        lang=lang,
    )


def _printed(row: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[i] for i in PRINTED)


async def printed(sheet: ReportSheet, settings: Settings) -> bytes:
    """Draw the page in a process of its own. Raises `ReportAssetsMissing`, `ReportTooDemanding`."""
    font = (await asyncio.to_thread(read_assets, settings.static_dir)).font
    _, file = await run_apart(DRAWING, orjson.dumps((sheet, font), default=str), refusal=ReportTooDemanding)
    return file
