"""Check response packages: defined codes, one package for an incident, and slots that the place's answers let fill."""

from collections.abc import Iterator, Sequence

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Key, Problem, repeated, unknown
from console.dispatching.answering import responders_to
from console.dispatching.packages import Package, Slot


def package_problems(pack: Pack) -> Iterator[Problem]:
    """Yield undefined codes of packages, what two say of the same incidents, and slots that nobody can fill."""
    handled = [*pack.incidents.category_by_code, *(of.code for of in pack.incidents.classes)]
    levels = [one.level for one in pack.root.levels]
    said: list[tuple[Key, str]] = []
    for i, package in enumerate(pack.packages):
        here = ("packages", i)
        to = [((*here, "to", j), code) for j, code in enumerate(package.to)]
        yield from unknown(to, handled, among="incidents.categories or classes")
        risks = [((*here, "risks", j), code) for j, code in enumerate(package.risks)]
        yield from unknown(risks, pack.incidents.risk_by_code, among="incidents.risks")
        at = [((*here, "escalated", j, "at"), one.at) for j, one in enumerate(package.escalated)]
        yield from unknown(at, levels, among="root.levels")
        for key, slot in _slots(package, here):
            yield from _undefined(pack, key, slot, levels)
            yield from _unfillable(pack, key, slot, package)
        said += [
            ((*here, "to", j), f"{code} {risk}".strip())
            for j, code in enumerate(package.to)
            for risk in package.risks or ("",)
        ]
    yield from repeated(said)
    yield from repeated([(("packages", i, "code"), one.code) for i, one in enumerate(pack.packages)])


def _slots(package: Package, here: Key) -> Iterator[tuple[Key, Slot]]:
    for i, slot in enumerate(package.slots):
        yield (*here, "slots", i), slot
    for i, added in enumerate(package.escalated):
        for j, slot in enumerate(added.slots):
            yield (*here, "escalated", i, "slots", j), slot


def _undefined(pack: Pack, key: Key, slot: Slot, levels: Sequence[str]) -> Iterator[Problem]:
    kinds = [((*key, "kinds", i), kind) for i, kind in enumerate(slot.kinds)]
    yield from unknown(kinds, [kind.code for kind in pack.forces.kinds], among="forces.kinds")
    posted = [((*key, "levels", i), level) for i, level in enumerate(slot.levels)]
    yield from unknown(posted, levels, among="root.levels")


def _unfillable(pack: Pack, key: Key, slot: Slot, package: Package) -> Iterator[Problem]:
    """Yield kinds of a slot that no rule of `answers` lets take its role, for any category of the package."""
    for i, kind in enumerate(slot.kinds):
        for category in _categories(pack, package):
            for risk in package.risks or pack.incidents.risk_by_code:
                responders = responders_to(pack.answers, category=category, risk=risk, role=slot.role)
                if responders.lists is not None and all(one.kind != kind for one in responders.listed()):
                    said = {"kind": kind, "role": slot.role.value, "category": category, "risk": risk}
                    phrase = Phrase("no answer lets {kind} take the role {role} at {category} ({risk})", said)
                    yield Problem((*key, "kinds", i), "unfillable", phrase)


def _categories(pack: Pack, package: Package) -> Iterator[str]:
    for category in pack.incidents.category_by_code:
        if category in package.to or category.partition(".")[0] in package.to:
            yield category
