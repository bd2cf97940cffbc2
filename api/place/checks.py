"""Check that the parts of a pack fit together: no code is repeated, and every code that is used is defined."""

from collections.abc import Collection, Iterator, Sequence

from api.place.case_checks import case_problems
from api.place.clock_checks import clock_problems
from api.place.indicator_checks import indicator_problems
from api.place.list_checks import list_problems
from api.place.pack import Demo, Pack
from api.place.package_checks import package_problems
from api.place.phrases import Phrase
from api.place.problems import Key, Problem, repeated, unknown
from api.place.register_checks import register_problems
from api.place.roster_checks import roster_problems
from api.place.staff_checks import staff_problems
from api.place.viewing_checks import viewing_problems
from console.flow.terms import Role
from ingest.county.terms import Department, Generator, MediatorGroup
from layers.divisions.terms import GRID


def find_problems(pack: Pack) -> Iterator[Problem]:
    """Yield every repeated or undefined code, by key."""
    yield from _repeated(pack)
    yield from _levels(pack)
    yield from _undefined(pack)
    yield from _networks(pack)
    yield from _answers(pack)
    yield from package_problems(pack)
    yield from register_problems(pack)
    yield from case_problems(pack)
    yield from staff_problems(pack)
    yield from clock_problems(pack)
    yield from list_problems(pack)
    yield from indicator_problems(pack)
    yield from roster_problems(pack)
    yield from viewing_problems(pack)
    hinted = [(("desk", "hints", i, "category"), hint.category) for i, hint in enumerate(pack.desk.hints)]
    yield from unknown(hinted, pack.incidents.category_by_code, among="incidents.categories")
    yield from _undefined_in_demo(pack, pack.demo)


def _repeated(pack: Pack) -> Iterator[Problem]:
    incidents, forces = pack.incidents, pack.forces
    lists: dict[Key, Collection[str | int]] = {
        ("root", "levels"): [level.level for level in pack.root.levels],
        ("forces", "kinds"): [kind.code for kind in forces.kinds],
        ("forces", "languages"): [language.code for language in forces.languages],
        ("reports", "sources"): [source.code for source in pack.reports.sources],
        ("networks", "sectors"): [sector.code for sector in pack.networks.sectors],
        ("networks", "counts"): [count.code for count in pack.networks.counts],
        ("networks", "rates"): [rate.code for rate in pack.networks.rates],
        ("incidents", "classes"): [of.code for of in incidents.classes],
        ("incidents", "categories"): [category.code for category in incidents.categories],
        ("incidents", "risks"): [risk.code for risk in incidents.risks],
        ("dispatch", "travel"): pack.dispatch.modes,
        ("tasks", "recall_reasons"): [reason.code for reason in pack.tasks.recall_reasons],
        ("tasks", "decline_reasons"): [reason.code for reason in pack.tasks.decline_reasons],
        ("tasks", "outcomes"): [outcome.code for outcome in pack.tasks.outcomes],
        ("hotspots", "windows"): pack.hotspots.windows,
        ("hotspots", "resolutions"): pack.hotspots.resolutions,
        ("desk", "hints"): [hint.category for hint in pack.desk.hints],
        ("accounts",): [account.username for account in pack.demo.accounts],
    }
    for key, codes in lists.items():
        yield from repeated([((*key, i), code) for i, code in enumerate(codes)])
    yield from _aliases(pack)


def _levels(pack: Pack) -> Iterator[Problem]:
    """Yield levels without grids: incidents and forces would belong to no division, and no grids be exported."""
    if GRID not in [level.level for level in pack.root.levels[1:]]:
        yield Problem(
            ("root", "levels"),
            "missing",
            Phrase("no level below the root is {level}: add it, or call the smallest areas so", {"level": GRID}),
        )


def _aliases(pack: Pack) -> Iterator[Problem]:
    """Yield aliases that stand for two categories or are another's code."""
    owners: dict[str, str] = {category.code: category.code for category in pack.incidents.categories}
    for i, category in enumerate(pack.incidents.categories):
        for j, alias in enumerate(category.aliases):
            if owners.setdefault(alias, category.code) != category.code:
                key = ("incidents", "categories", i, "aliases", j)
                yield Problem(
                    key,
                    "repeated",
                    Phrase(
                        "{alias} stands for {code} already: let it stand once", {"alias": alias, "code": owners[alias]}
                    ),
                )


def _undefined(pack: Pack) -> Iterator[Problem]:
    incidents, spots = pack.incidents, pack.hotspots
    here = ("incidents", "categories")
    classes = [((*here, i, "code"), category.class_code) for i, category in enumerate(incidents.categories)]
    yield from unknown(classes, [of.code for of in incidents.classes], among="incidents.classes")
    risks = [((*here, i, "risk"), category.risk) for i, category in enumerate(incidents.categories)]
    yield from unknown(risks, incidents.risk_by_code, among="incidents.risks")
    levels = [(("incidents", "risks", i, "level"), risk.level) for i, risk in enumerate(incidents.risks)]
    yield from unknown(levels, [level.level for level in pack.root.levels], among="root.levels")
    modes = [(("forces", "kinds", i, "mode"), kind.mode) for i, kind in enumerate(pack.forces.kinds)]
    yield from unknown(modes, pack.dispatch.modes, among="dispatch.travel")
    yield from unknown([(("hotspots", "window"), spots.window)], spots.windows, among="hotspots.windows")
    resolution: list[tuple[Key, int]] = [(("hotspots", "resolution"), spots.resolution)]
    yield from unknown(resolution, spots.resolutions, among="hotspots.resolutions")


def _networks(pack: Pack) -> Iterator[Problem]:
    """Yield rates of networks by counts that are not there, and communities of an unknown sector."""
    counts = [count.code for count in pack.networks.counts]
    if pack.networks.communities is not None:
        sectors = [sector.code for sector in pack.networks.sectors]
        named = [(("networks", "communities"), pack.networks.communities)]
        yield from unknown(named, sectors, among="networks.sectors")
    for i, rate in enumerate(pack.networks.rates):
        here = ("networks", "rates", i)
        used = [((*here, "numerator"), rate.numerator), ((*here, "denominator"), rate.denominator)]
        yield from unknown(used, counts, among="networks.counts")


def _answers(pack: Pack) -> Iterator[Problem]:
    """Yield undefined codes of who answers what, and what two rules say of the same incidents."""
    handled = [*pack.incidents.category_by_code, *(of.code for of in pack.incidents.classes)]
    kinds = [kind.code for kind in pack.forces.kinds]
    said: list[tuple[Key, str]] = []
    for i, rule in enumerate(pack.answers):
        here = ("answers", i)
        yield from unknown(
            [((*here, "to", j), code) for j, code in enumerate(rule.to)],
            handled,
            among="incidents.categories or classes",
        )
        risks = [((*here, "risks", j), code) for j, code in enumerate(rule.risks)]
        yield from unknown(risks, pack.incidents.risk_by_code, among="incidents.risks")
        for role in Role:
            listed = enumerate(rule.listed(role) or ())
            yield from unknown(
                [((*here, role.value, j, "kind"), one.kind) for j, one in listed], kinds, among="forces.kinds"
            )
        said += [
            ((*here, "to", j), f"{code} {risk}".strip())
            for j, code in enumerate(rule.to)
            for risk in rule.risks or ("",)
        ]
    yield from repeated(said)


def _undefined_in_demo(pack: Pack, demo: Demo) -> Iterator[Problem]:
    kinds = [kind.code for kind in pack.forces.kinds]
    forces = [(("accounts", i, "force_kind"), a.force_kind) for i, a in enumerate(demo.accounts) if a.force_kind]
    yield from unknown(forces, kinds, among="forces.kinds")
    for i, account in enumerate(demo.accounts):
        if account.role == "patrol" and account.force_kind is None:
            yield Problem(("accounts", i), "missing", Phrase("a patrol needs a force: add its force_kind"))
    if demo.traffic:
        incidents = pack.incidents
        uses: dict[str, tuple[Collection[str], Collection[str], str]] = {
            "categories": (demo.traffic.categories, incidents.category_by_code, "incidents.categories"),
            "risk_shares": (demo.traffic.risk_shares, incidents.risk_by_code, "incidents.risks"),
            "source_shares": (demo.traffic.source_shares, [s.code for s in pack.reports.sources], "reports.sources"),
            "details": (demo.traffic.details, [of.code for of in incidents.classes], "incidents.classes"),
        }
        for name, (used, known, among) in uses.items():
            yield from unknown([(("traffic", name, code), code) for code in used], known, among=among)
    if demo.generator:
        yield from _undefined_in_generator(pack, demo.generator)


def _undefined_in_generator(pack: Pack, generator: Generator) -> Iterator[Problem]:
    staff = generator.staff
    here = ("generator", "staff")
    handled = [*pack.incidents.category_by_code, *(of.code for of in pack.incidents.classes)]
    listed: dict[str, Sequence[Department | MediatorGroup]] = {
        "resident": staff.resident,
        "rotating": staff.rotating,
        "on_call": staff.on_call,
        "town_units": staff.town_units,
        "committees": staff.committees,
        "mediators": staff.mediators,
    }
    for name, units in listed.items():
        used = [
            ((*here, name, i, "specialities", j), speciality)
            for i, unit in enumerate(units)
            for j, speciality in enumerate(unit.specialities)
        ]
        yield from unknown(used, handled, among="incidents.categories or classes")
    if staff.town_units:
        kinds = [kind.code for kind in pack.forces.kinds]
        yield from unknown([((*here, "town_unit_kind"), staff.town_unit_kind)], kinds, among="forces.kinds")
    towns = [seat.code for seat in generator.seats]
    seated = [
        ((*here, "committees", i, "towns", j), town)
        for i, committee in enumerate(staff.committees)
        for j, town in enumerate(committee.towns)
    ]
    yield from unknown(seated, towns, among="generator.seats")
    spoken = [((*here, "languages", code), code) for code in staff.languages]
    yield from unknown(spoken, [language.code for language in pack.forces.languages], among="forces.languages")
