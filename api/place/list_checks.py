"""Check that the monthly lists of a pack name codes that it has."""

from collections.abc import Collection, Iterator

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Problem, repeated, unknown


def list_problems(pack: Pack) -> Iterator[Problem]:
    """Yield repeated codes of lists and rules, and codes in rules that are defined nowhere."""
    incidents = pack.incidents
    known: dict[str, tuple[Collection[str], str]] = {
        "classes": ([of.code for of in incidents.classes], "incidents.classes"),
        "categories": (incidents.category_by_code, "incidents.categories"),
        "risks": (incidents.risk_by_code, "incidents.risks"),
        "sources": (pack.reports.codes, "reports.sources"),
        "levels": ([level.level for level in pack.root.levels], "root.levels"),
    }
    here = ("lists", "monthly")
    yield from repeated(((*here, i), listed.code) for i, listed in enumerate(pack.lists.monthly))
    if pack.lists.monthly and pack.case is None:
        yield Problem(here, "case", Phrase("lists need cases: add case"))
    for i, listed in enumerate(pack.lists.monthly):
        yield from repeated(((*here, i, "rules", j), rule.code) for j, rule in enumerate(listed.rules))
        for j, rule in enumerate(listed.rules):
            for name, (codes, among) in known.items():
                used = [((*here, i, "rules", j, name, k), code) for k, code in enumerate(getattr(rule, name))]
                yield from unknown(used, codes, among=among)
