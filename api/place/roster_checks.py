"""Check that the roster of a pack names codes that it has."""

from collections.abc import Collection, Iterator

from api.place.pack import Pack
from api.place.problems import Problem, repeated, unknown


def roster_problems(pack: Pack) -> Iterator[Problem]:
    """Yield repeated codes of patterns and minimums, and codes in minimums that are defined nowhere."""
    terms, incidents = pack.roster, pack.incidents
    yield from repeated((("roster", "patterns", i), each.code) for i, each in enumerate(terms.patterns))
    yield from repeated((("roster", "minimums", i), each.code) for i, each in enumerate(terms.minimums))
    for i, made in enumerate(pack.demo.rosters):
        key = ("demo", "rosters", i)
        yield from unknown([((*key, "pattern"), made.pattern)], terms.pattern_by_code, among="roster.patterns")
        kinds = [((*key, "kinds", k), kind) for k, kind in enumerate(made.kinds)]
        yield from unknown(kinds, [kind.code for kind in pack.forces.kinds], among="forces.kinds")
    handled = [*incidents.category_by_code, *(of.code for of in incidents.classes)]
    known: dict[str, tuple[Collection[str], str]] = {
        "kinds": ([kind.code for kind in pack.forces.kinds], "forces.kinds"),
        "titles": ([title.code for title in pack.registry.titles], "titles"),
    }
    for i, cover in enumerate(terms.minimums):
        key = ("roster", "minimums", i)
        yield from unknown([((*key, "at"), cover.at)], [one.level for one in pack.root.levels], among="root.levels")
        if cover.speciality is not None:
            yield from unknown(
                [((*key, "speciality"), cover.speciality)], handled, among="incidents.categories or classes"
            )
        for name, (codes, among) in known.items():
            used = [((*key, name, k), code) for k, code in enumerate(getattr(cover, name))]
            yield from unknown(used, codes, among=among)
