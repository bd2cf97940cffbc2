"""Summary of a pack, as text for the terminal."""

from collections.abc import Iterator, Sequence

from api.place.pack import Pack
from console.access.rules import ROLES
from console.dispatching.answering import Answer, Responder
from console.flow.terms import ORDINARY, Role
from geo.terms import Names

Row = tuple[str, str]


def summary_of(pack: Pack) -> str:
    """List levels, stages, clocks, limits, forces, who answers what, and roles, each under its heading."""
    parts: dict[str, Sequence[Row]] = {
        "levels": [(level.level, _both(level.names)) for level in pack.root.levels],
        "stages": [(stage, "the end" if stage in ORDINARY.ends else "") for stage in ORDINARY.stages],
        "clocks": [*_clocks(pack)],
        "limits": [*_limits(pack)],
        "forces": [*_forces(pack)],
        "answers": [*_answers(pack)],
        "roles": [(role, ", ".join(sorted(permissions))) for role, permissions in ROLES.items()],
    }
    head = f"{pack.key}: {_both(pack.names)}, {pack.timezone}"
    return "\n\n".join([head, *(_part(heading, rows) for heading, rows in parts.items() if rows)])


def _clocks(pack: Pack) -> Iterator[Row]:
    for risk in pack.incidents.risks:
        yield risk.code, f"{_both(risk.names)}: first response within {risk.first_response_minutes:g} min, {risk.level}"
    yield "task", f"answered within {pack.dispatch.answer_seconds:g} s"


def _limits(pack: Pack) -> Iterator[Row]:
    near, spots = pack.incidents.duplicates, pack.hotspots
    yield "duplicates", f"the same category within {near.metres:g} m and {near.minutes:g} min"
    yield "positions", f"stale after {pack.dispatch.stale_after_seconds:g} s"
    resolutions = ", ".join(map(str, spots.resolutions))
    yield "hotspots", f"{spots.window} at {spots.resolution} first; {', '.join(spots.windows)} at {resolutions}"


def _forces(pack: Pack) -> Iterator[Row]:
    for kind in pack.forces.kinds:
        yield kind.code, f"{_both(kind.names)}: {kind.mode}, {kind.duty}"
    if pack.forces.languages:
        yield "languages", ", ".join(_both(language.names) for language in pack.forces.languages)


def _answers(pack: Pack) -> Iterator[Row]:
    """Say for each rule who may take which role, in the order of the pack."""
    for rule in pack.answers:
        risks = f" ({', '.join(rule.risks)})" if rule.risks else ""
        for code in rule.to:
            yield f"{code}{risks}", "; ".join(_listed(rule, role) for role in Role if rule.listed(role) is not None)


def _listed(rule: Answer, role: Role) -> str:
    return f"{role}: {', '.join(map(_responder, rule.listed(role) or ())) or 'nobody'}"


def _responder(one: Responder) -> str:
    needs = f" of the {one.needs}" if one.needs else ""
    return f"{one.kind}{needs} {one.minutes:+g}" if one.minutes else f"{one.kind}{needs}"


def _both(names: Names) -> str:
    return f"{names.en} {names.zh}"


def _part(heading: str, rows: Sequence[Row]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join([heading, *(f"  {name:{width}}  {text}".rstrip() for name, text in rows)])
