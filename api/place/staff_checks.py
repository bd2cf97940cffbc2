"""Check that a pack's register has the units and people that its case flow and its demo's accounts count on."""

from collections.abc import Iterator

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Problem
from api.place.register_checks import ROOT
from console.flow.case_terms import CaseRole
from console.register.laying import unit_code
from console.register.terms import Staffing, UnitRule


def staff_problems(pack: Pack) -> Iterator[Problem]:
    """Yield roles and fields for which no rule of the register has a unit or post, and accounts in unknown units."""
    if not pack.registry.units:
        return
    if pack.case is not None:
        yield from _roles(pack)
        yield from _fields(pack)
    yield from _accounts(pack)


def _roles(pack: Pack) -> Iterator[Problem]:
    """Yield roles by post that no staff of any unit has. Roles by account alone need none."""
    assert pack.case is not None
    for i, role in enumerate(pack.case.roles):
        if (role.posts or role.duties) and not any(
            _is_of(pack, role, rule, entry) for rule in pack.registry.units for entry in rule.staff
        ):
            words = "nobody has this role: no staff in register.toml has such a post, duty, kind of unit and level"
            yield Problem(("case", "roles", i), "case", Phrase(words))


def _is_of(pack: Pack, role: CaseRole, rule: UnitRule, entry: Staffing) -> bool:
    level = None if rule.divisions else pack.root.level if rule.at == ROOT else rule.at
    return (
        (not role.posts or entry.title in role.posts)
        and (not role.duties or entry.duty in role.duties)
        and (not role.unit_kinds or rule.kind in role.unit_kinds)
        and (not role.levels or level is None or level in role.levels)
    )


def _fields(pack: Pack) -> Iterator[Problem]:
    """Yield kinds of units that a form offers, as to handle a procedure, and of which there is no unit."""
    assert pack.case is not None
    known = {rule.kind for rule in pack.registry.units}
    kinds = pack.registry.kind_by_code
    for i, move in enumerate(pack.case.moves):
        for j, one in enumerate(move.form):
            for k, kind in enumerate(one.unit_kinds):
                if kind in kinds and kind not in known:
                    key = ("case", "moves", i, "form", j, "unit_kinds", k)
                    words = "no unit in register.toml is of the kind {kind}: add one, or leave it out"
                    yield Problem(key, "case", Phrase(words, {"kind": kind}))


def _accounts(pack: Pack) -> Iterator[Problem]:
    """Yield accounts of the demo in units that no rule lays out."""
    for i, account in enumerate(pack.demo.accounts):
        if account.unit and not any(_lays_out(pack, rule, account.unit) for rule in pack.registry.units):
            words = "no rule of register.toml lays out the unit {unit}"
            yield Problem(("accounts", i, "unit"), "undefined", Phrase(words, {"unit": account.unit}))


def _lays_out(pack: Pack, rule: UnitRule, code: str) -> bool:
    """Whether a rule has a unit of this code; of a level, its divisions are known only once they are imported."""
    is_centre = pack.registry.kind_by_code[rule.kind].centre if rule.kind in pack.registry.kind_by_code else False
    division = code.removeprefix("C").partition(".")[0]
    if code != unit_code(division, rule.code, is_centre=is_centre):
        return False
    if rule.divisions:
        return division in rule.divisions
    return division == pack.root.code if rule.at == ROOT else division.startswith(pack.root.code)
