"""Who is proposed first in the generated county, by category, at a village of each town."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from api.place.pack import Pack
from console.dispatching.answering import responders_to
from console.dispatching.rules import Candidate, IncidentFacts, Ranked, rank
from console.flow.terms import Role
from geo.travel import distance_m
from ingest.county.observations import County, Division, Force
from tests.shared import CHECKOUT
from tests.worlds import NOW

PAGE = CHECKOUT / "docs" / "decisions" / "0013-who-answers.md"
SHOWN_TOWN = "320509105"
BEGIN, END = "<!-- proposals -->\n", "<!-- /proposals -->\n"


def villages(county: County) -> dict[str, Division]:
    """One village of each town, by the town's code: the tenth, or the last of fewer."""
    found: dict[str, list[Division]] = {}
    for division in county.divisions:
        if division.level == "village" and division.parent:
            found.setdefault(division.parent, []).append(division)
    return {town: some[min(9, len(some) - 1)] for town, some in found.items()}


NEAR_WORKERS = 30
"""Grid workers that are looked at: all are alike, so that a farther one is never the first."""


def within_reach(county: County, village: Division) -> list[Candidate]:
    """Every force of the county at home and on its first duty, as seen from the middle of a village."""
    here = village.label.x, village.label.y
    found = [
        replace(_candidate(number, force), distance_m=distance_m(*here, force.lon, force.lat))
        for number, force in enumerate(county.forces, start=1)
    ]
    workers = sorted((c for c in found if c.kind == "grid_worker"), key=lambda c: c.distance_m)[:NEAR_WORKERS]
    return [*workers, *(c for c in found if c.kind != "grid_worker")]


def proposed(
    pack: Pack, forces: Sequence[Candidate], village: Division, *, category: str, risk: str, role: Role = Role.LEAD
) -> list[Ranked]:
    """Rank these forces for an incident in the village."""
    responders = responders_to(pack.answers, category=category, risk=risk, role=role)
    facts = IncidentFacts(category, grid_code=None, village_code=village.code, responders=responders)
    return rank(facts, forces, terms=pack.dispatch, now=NOW)


def _candidate(number: int, force: Force) -> Candidate:
    return Candidate(
        force=number,
        name=force.name,
        kind=force.kind,
        mode=force.mode,
        duty=force.duty,
        specialities=force.specialities,
        languages=force.languages,
        division_path=force.path,
        distance_m=0.0,
    )


def named(county: County, ranked: Ranked) -> str:
    """Name what a force belongs to, without its town."""
    force = county.forces[ranked.candidate.force - 1]
    towns = (d.name for d in county.divisions if d.level == "town")
    town = next((name for name in towns if force.organisation.startswith(name)), "")
    return force.organisation.removeprefix(town)


def table(pack: Pack, county: County) -> Iterator[str]:
    """Lines of the page: each category at its own risk, and the grave ones where those differ."""
    village = villages(county)[SHOWN_TOWN]
    forces = within_reach(county, village)
    yield "| category | first | second | third |"
    yield "|---|---|---|---|"
    for category in pack.incidents.categories:
        shown: list[Sequence[str]] = []
        for risk in (category.risk, "high"):
            ranked = proposed(pack, forces, village, category=category.code, risk=risk)[:3]
            cells = [f"{_said(pack, county, one)} {one.eta_minutes:.0f} min" for one in ranked]
            if cells not in shown:
                shown.append(cells)
                yield f"| `{category.code}`{', high' if len(shown) > 1 else ''} | {' | '.join(cells)} |"


def _said(pack: Pack, county: County, one: Ranked) -> str:
    kind = next(kind.names for kind in pack.forces.kinds if kind.code == one.candidate.kind)
    return kind.zh if one.candidate.kind == "grid_worker" else named(county, one)
