"""Check that a case flow fits its place: its levels, sources, and the posts and units that its roles name."""

from collections.abc import Iterator
from itertools import chain

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Problem, unknown
from console.flow.case_checks import faults_of
from console.flow.closing_checks import faults_of_closings
from console.flow.impossible_checks import faults_of_impossible
from console.flow.stuck_checks import faults_of_stuck
from console.flow.urging_checks import faults_of_urgings


def case_problems(pack: Pack) -> Iterator[Problem]:
    """Yield faults of the case flow, and codes of it that the place does not have."""
    if pack.case is None:
        return
    incidents = pack.incidents
    classes = [of.code for of in incidents.classes]
    faults = faults_of(
        pack.case, classes=classes, categories=[*incidents.category_by_code], risks=[*incidents.risk_by_code]
    )
    found = [*chain(faults, faults_of_urgings(pack.case))]
    known = {"categories": [*incidents.category_by_code], "risks": [*incidents.risk_by_code]}
    if not found:
        found += faults_of_impossible(pack.case, **known)
    if not found:
        found += [*faults_of_closings(pack.case, categories=known["categories"]), *faults_of_stuck(pack.case, **known)]
    for fault in found:
        yield Problem(("case", *fault.key), "case", Phrase(fault.words, fault.values))
    yield from _levels(pack)
    sources = [
        (("case", "receivers", i, "sources", j), source)
        for i, receiver in enumerate(pack.case.receivers)
        for j, source in enumerate(receiver.sources)
    ]
    yield from unknown(sources, pack.reports.codes, among="reports.sources")
    yield from _register(pack)


def _levels(pack: Pack) -> Iterator[Problem]:
    assert pack.case is not None
    rising = [level.level for level in reversed(pack.root.levels)]
    given = [level.level for level in pack.case.levels]
    levels = [(("case", "levels", i, "level"), level) for i, level in enumerate(given)]
    yield from unknown(levels, rising, among="root.levels")
    if {*given} <= {*rising} and given != sorted(given, key=rising.index):
        yield Problem(("case", "levels"), "case", Phrase("begin with the lowest level"))
    of_risks = [(("incidents", "risks", i, "level"), risk.level) for i, risk in enumerate(pack.incidents.risks)]
    yield from unknown(of_risks, given, among="case.levels")


def _register(pack: Pack) -> Iterator[Problem]:
    """Yield posts and kinds of units that the register does not have: nobody would have the role."""
    assert pack.case is not None
    titles, kinds = [title.code for title in pack.registry.titles], [*pack.registry.kind_by_code]
    for i, role in enumerate(pack.case.roles):
        here = ("case", "roles", i)
        posts = [((*here, "posts", j), post) for j, post in enumerate(role.posts)]
        yield from unknown(posts, titles, among="titles")
        units = [((*here, "unit_kinds", j), kind) for j, kind in enumerate(role.unit_kinds)]
        yield from unknown(units, kinds, among="unit_kinds")
    fields = [
        (("case", "moves", i, "form", j, "unit_kinds", k), kind)
        for i, move in enumerate(pack.case.moves)
        for j, one in enumerate(move.form)
        for k, kind in enumerate(one.unit_kinds)
    ]
    yield from unknown(fields, kinds, among="unit_kinds")
