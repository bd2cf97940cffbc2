"""Check that a pack's register fits together: every code, rule, level and title that it uses is defined."""

from collections.abc import Iterator, Sequence

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Key, Problem, repeated, unknown
from console.register.terms import Staffing, UnitRule
from geo.terms import Coded
from layers.divisions.terms import GRID

ROOT = "root"


def register_problems(pack: Pack) -> Iterator[Problem]:
    """Yield every problem of the register, by key."""
    yield from _repeated(pack)
    for i, rule in enumerate(pack.registry.units):
        yield from _rule(pack, rule, ("units", i))
        for j, entry in enumerate(rule.staff):
            yield from _staffing(pack, entry, ("units", i, "staff", j), before=pack.registry.units[: i + 1])
    yield from _centres(pack)
    yield from _lists(pack)


def _repeated(pack: Pack) -> Iterator[Problem]:
    terms = pack.registry
    lists: dict[str, Sequence[Coded | UnitRule]] = {
        "unit_kinds": terms.unit_kinds,
        "titles": terms.titles,
        "services": terms.services,
        "opening_hours": terms.opening_hours,
        "units": terms.units,
        "checklists": terms.checklists,
        "minimums": terms.minimums,
    }
    for name, listed in lists.items():
        yield from repeated(((name, i), each.code) for i, each in enumerate(listed))
    for i, checklist in enumerate(terms.checklists):
        yield from repeated((("checklists", i, "items", j), item.code) for j, item in enumerate(checklist.items))


def _rule(pack: Pack, rule: UnitRule, key: Key) -> Iterator[Problem]:
    terms = pack.registry
    used: list[tuple[str, str | None, list[str], str]] = [
        ("kind", rule.kind, [kind.code for kind in terms.unit_kinds], "unit_kinds"),
        ("at", rule.at, [ROOT, *(level.level for level in pack.root.levels)], "root.levels"),
        ("parent", rule.parent, [other.code for other in terms.units], "units"),
        ("hours", rule.hours, [hours.code for hours in terms.opening_hours], "opening_hours"),
    ]
    for name, value, known, among in used:
        if value is not None:
            yield from unknown([((*key, name), value)], known, among=among)
    services = [((*key, "services", j), service) for j, service in enumerate(rule.services)]
    yield from unknown(services, [service.code for service in terms.services], among="services")
    yield from _specialities(pack, rule.specialities, key)


def _specialities(pack: Pack, codes: tuple[str, ...], key: Key) -> Iterator[Problem]:
    handled = [*pack.incidents.category_by_code, *(of.code for of in pack.incidents.classes)]
    used = [((*key, "specialities", j), code) for j, code in enumerate(codes)]
    yield from unknown(used, handled, among="incidents.categories or classes")


def _staffing(pack: Pack, entry: Staffing, key: Key, *, before: tuple[UnitRule, ...]) -> Iterator[Problem]:
    """People are drawn from units whose posts are filled already, so their rules stand before."""
    terms = pack.registry
    if entry.title is not None:
        titles = [title.code for title in terms.titles]
        yield from unknown([((*key, "title"), entry.title)], titles, among="titles")
    sources = [*(rule.code for rule in before), *(rule.kind for rule in before)]
    drawn = [((*key, "drawn_from", j), code) for j, code in enumerate(entry.drawn_from)]
    yield from unknown(drawn, sources, among="units or unit_kinds before")
    managed = [((*key, "managed_by", j), code) for j, code in enumerate(entry.managed_by)]
    yield from unknown(managed, [rule.code for rule in terms.units], among="units")
    yield from _specialities(pack, entry.specialities, key)


def _centres(pack: Pack) -> Iterator[Problem]:
    """Yield centres of which a division would have two, and a register without a centre at its root."""
    terms = pack.registry
    kinds = terms.kind_by_code
    centres = [(i, rule) for i, rule in enumerate(terms.units) if rule.kind in kinds and kinds[rule.kind].centre]
    levels = [(("units", i, "at"), _level(pack, rule)) for i, rule in centres if not rule.divisions]
    yield from repeated(levels)
    if terms.units and pack.root.level not in [level for _, level in levels]:
        yield Problem(("units",), "missing", Phrase("no unit is the centre of the whole place: add one"))


def _level(pack: Pack, rule: UnitRule) -> str:
    return pack.root.level if rule.at == ROOT else rule.at


def _lists(pack: Pack) -> Iterator[Problem]:
    """Yield undefined codes of checklists and minimums."""
    terms = pack.registry
    levels = [level.level for level in pack.root.levels if level.level != GRID]
    for i, checklist in enumerate(terms.checklists):
        used = [(("checklists", i, "levels", j), level) for j, level in enumerate(checklist.levels)]
        yield from unknown(used, levels, among="root.levels")
    titles, kinds = [title.code for title in terms.titles], [kind.code for kind in terms.unit_kinds]
    for i, least in enumerate(terms.minimums):
        yield from unknown([(("minimums", i, "title"), least.title)], titles, among="titles")
        yield from unknown([(("minimums", i, "kind"), least.kind)], kinds, among="unit_kinds")
