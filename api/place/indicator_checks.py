"""Check that the indicators of a pack name codes that it has, and that each counts a part of what it is of."""

from collections.abc import Collection, Iterator, Mapping

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Key, Problem, repeated, unknown
from console.indicators.terms import CaseConditions, Indicator

HERE = ("indicators",)
Known = Mapping[str, tuple[Collection[str], str]]


def indicator_problems(pack: Pack) -> Iterator[Problem]:
    """Yield undefined and repeated codes of indicators, and conditions that no case can meet."""
    terms = pack.indicators
    listed = terms.indicators
    if listed and pack.case is None:
        yield Problem(HERE, "case", Phrase("indicators need cases: add case"))
        return
    yield from repeated(((*HERE, i), one.code) for i, one in enumerate(listed))
    yield from repeated((("groups", i), one.code) for i, one in enumerate(terms.groups))
    groups = [((*HERE, i, "group"), one.group) for i, one in enumerate(listed)]
    yield from unknown(groups, [one.code for one in terms.groups], among="groups")
    known = _known(pack)
    for i, one in enumerate(listed):
        for name in ("of", "counts", "entire"):
            conditions = getattr(one, name)
            if conditions is not None:
                yield from _undefined(conditions, (*HERE, i, name), known)
        yield from _impossible(one, (*HERE, i))


def _known(pack: Pack) -> Known:
    incidents, case = pack.incidents, pack.case
    return {
        "classes": ([of.code for of in incidents.classes], "incidents.classes"),
        "categories": (incidents.category_by_code, "incidents.categories"),
        "sources": (pack.reports.codes, "reports.sources"),
        "risks": (incidents.risk_by_code, "incidents.risks"),
        "levels": ([level.level for level in case.levels] if case else (), "case.levels"),
        "lanes": ([lane.code for lane in case.lanes] if case else (), "case.lanes"),
        "outcomes": ([one.code for one in case.outcomes] if case else (), "case.outcomes"),
        "procedures": ([one.code for one in case.procedures] if case else (), "case.procedures"),
    }


def _undefined(conditions: CaseConditions, here: Key, known: Known) -> Iterator[Problem]:
    for name, (codes, among) in known.items():
        used = [((*here, name, j), code) for j, code in enumerate(getattr(conditions, name))]
        yield from unknown(used, codes, among=among)


def _impossible(one: Indicator, here: Key) -> Iterator[Problem]:
    """Yield a share without conditions, conditions of a count, and a share of which none or not all is a part."""
    if (one.kind == "rate") != bool(one.counts.given):
        yield Problem(here, "counts", Phrase("a rate counts some of its cases, and only a rate does: see counts"))
    if one.entire is not None and one.kind != "rate":
        yield Problem((*here, "entire"), "entire", Phrase("only a rate has a wider number: leave entire out"))
    if one.kind == "rate" and (one.of.joined or one.counts.joined):
        yield Problem(here, "joined", Phrase("merged cases are counted, not compared: make it a count"))
    if one.kind == "time" and one.window == "open":
        yield Problem((*here, "window"), "window", Phrase("a time is of cases that came or ended: change window"))
    of, counts = one.of.given, one.counts.given
    if contrary := sorted(name for name in of.keys() & counts.keys() if not _overlap(of[name], counts[name])):
        names = ", ".join(contrary)
        yield Problem(
            (*here, "counts"), "contrary", Phrase("no case meets both of and counts: {names}", {"names": names})
        )
    wider = {} if one.entire is None else one.entire.given
    if left := sorted(name for name, value in wider.items() if not _implied(of.get(name), value)):
        names = ", ".join(left)
        yield Problem(
            (*here, "entire"), "narrower", Phrase("entire is to take in all of of: {names}", {"names": names})
        )


def _overlap(one: object, other: object) -> bool:
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return bool(one & other)
    return one == other


def _implied(narrow: object, wide: object) -> bool:
    if isinstance(narrow, frozenset) and isinstance(wide, frozenset):
        return narrow <= wide
    return narrow == wide
