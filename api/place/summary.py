"""Summary of a pack, as text for the terminal.

Codes and keys stand as in the pack's files; what is said of them is in the terminal's language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from api.place.case_summary import flow_rows, limit_rows, move_rows
from api.place.pack import Pack
from console.access.rules import ROLES
from console.dispatching.answering import Answer, Responder
from console.dispatching.packages import Slot
from console.flow.terms import ORDINARY, Role
from console.register.terms import UnitRule
from geo.terms import Names

Row = tuple[str, str]


class Said(Protocol):
    """Returns a message in the terminal's language, with its values filled in."""

    def __call__(self, english: str, /, **values: object) -> str: ...


def summary_of(pack: Pack, said: Said) -> str:
    """List levels, stages, clocks, limits, forces, answers, units, case flow and roles, each under its heading."""
    return _Summary(pack, said).text()


@dataclass(frozen=True, slots=True)
class _Summary:
    pack: Pack
    said: Said

    def text(self) -> str:
        said, pack = self.said, self.pack
        parts: dict[str, Sequence[Row]] = {
            said("levels"): [(level.level, self._both(level.names)) for level in pack.root.levels],
            said("stages"): [(stage, said("the end") if stage in ORDINARY.ends else "") for stage in ORDINARY.stages],
            said("clocks"): [*self._clocks()],
            said("limits"): [*self._limits()],
            said("forces"): [*self._forces()],
            said("answers"): [*self._answers()],
            said("packages"): [*self._packages()],
            said("units"): [*self._units()],
            **self._case_flow(),
            said("roles"): [(role, ", ".join(sorted(permissions))) for role, permissions in ROLES.items()],
        }
        head = f"{pack.key}: {self._both(pack.names)}, {pack.timezone}"
        return "\n\n".join([head, *(_part(heading, rows) for heading, rows in parts.items() if rows)])

    def _case_flow(self) -> dict[str, Sequence[Row]]:
        said, terms = self.said, self.pack.case
        if terms is None:
            return {}
        return {
            said("flows of cases"): [*flow_rows(terms)],
            said("moves of cases"): [*move_rows(terms)],
            said("limits of cases"): [*limit_rows(terms, self.pack.clocks)],
        }

    def _clocks(self) -> Iterator[Row]:
        said = self.said
        for risk in self.pack.incidents.risks:
            first = said("first response within {minutes:g} min", minutes=risk.first_response_minutes)
            yield risk.code, f"{self._both(risk.names)}: {first}, {risk.level}"
        yield "task", said("answered within {seconds:g} s", seconds=self.pack.dispatch.answer_seconds)

    def _limits(self) -> Iterator[Row]:
        said, near, spots = self.said, self.pack.incidents.duplicates, self.pack.hotspots
        same = said(
            "the same category within {metres:g} m and {minutes:g} min", metres=near.metres, minutes=near.minutes
        )
        yield "duplicates", same
        yield "positions", said("stale after {seconds:g} s", seconds=self.pack.dispatch.stale_after_seconds)
        yield (
            "hotspots",
            said(
                "{window} at {resolution} first; {windows} at {resolutions}",
                window=spots.window,
                resolution=spots.resolution,
                windows=", ".join(spots.windows),
                resolutions=", ".join(map(str, spots.resolutions)),
            ),
        )

    def _forces(self) -> Iterator[Row]:
        for kind in self.pack.forces.kinds:
            yield kind.code, f"{self._both(kind.names)}: {kind.mode}, {kind.duty}"
        if self.pack.forces.languages:
            yield "languages", ", ".join(self._both(language.names) for language in self.pack.forces.languages)

    def _answers(self) -> Iterator[Row]:
        """Say for each rule who may take which role, in the order of the pack."""
        for rule in self.pack.answers:
            risks = f" ({', '.join(rule.risks)})" if rule.risks else ""
            for code in rule.to:
                roles = (self._listed(rule, role) for role in Role if rule.listed(role) is not None)
                yield f"{code}{risks}", "; ".join(roles)

    def _packages(self) -> Iterator[Row]:
        """Say for each response package what it is for, and which forces it asks for."""
        for package in self.pack.packages:
            risks = f" ({', '.join(package.risks)})" if package.risks else ""
            added = (f"+ {one.at}: {self._slots(one.slots)}" for one in package.escalated)
            yield package.code, "; ".join([f"{', '.join(package.to)}{risks}", self._slots(package.slots), *added])

    def _slots(self, slots: Sequence[Slot]) -> str:
        return ", ".join(f"{slot.count} {slot.role.value} {'/'.join(slot.kinds)}".rstrip() for slot in slots)

    def _units(self) -> Iterator[Row]:
        """Say for each rule of the register where its units are, how they attend, and how many posts they have."""
        for rule in self.pack.registry.units:
            where = ", ".join(rule.divisions) or rule.at
            told = (f"{self._both(rule.names)}: {rule.kind}", where, rule.attendance, self._posts(rule))
            yield rule.code, ", ".join(filter(None, told))

    def _posts(self, rule: UnitRule) -> str:
        each, total = sum(entry.each for entry in rule.staff), sum(entry.total for entry in rule.staff)
        counted = [self.said("{each} posts each", each=each)] if each else []
        counted += [self.said("{total} posts in all", total=total)] if total else []
        return " + ".join(counted)

    def _listed(self, rule: Answer, role: Role) -> str:
        listed = ", ".join(map(self._responder, rule.listed(role) or ())) or self.said("nobody")
        return f"{self.said(str(role))}: {listed}"

    def _responder(self, one: Responder) -> str:
        who = self.said(f"{{kind}} of the {one.needs}", kind=one.kind) if one.needs else one.kind
        return f"{who} {one.minutes:+g}" if one.minutes else who

    def _both(self, names: Names) -> str:
        return self.said("{en} {zh}", en=names.en, zh=names.zh)


def _part(heading: str, rows: Sequence[Row]) -> str:
    width = max(len(name) for name, _ in rows)
    return "\n".join([heading, *(f"  {name:{width}}  {text}".rstrip() for name, text in rows)])
