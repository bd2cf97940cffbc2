"""What an operation takes out of a coverage and puts into it: enough to undo it, and to keep it as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from geo.coverage.divisions import Division
from geo.coverage.edges import Edge, Line

Divisions = Mapping[str, Division | None]


@dataclass(frozen=True, slots=True)
class Patch:
    """Edges that are `gone` and `new`; divisions `before` and `after` by code, None where there is none.

    `issued` counts the new codes that were issued before and after.
    """

    gone: tuple[Edge, ...] = ()
    new: tuple[Edge, ...] = ()
    before: Divisions = field(default_factory=dict)
    after: Divisions = field(default_factory=dict)
    issued: tuple[int, int] = (0, 0)

    @property
    def is_empty(self) -> bool:
        return not (self.gone or self.new or self.before != self.after)

    def inverse(self) -> "Patch":
        """Return the patch that undoes this one."""
        return Patch(self.new, self.gone, self.after, self.before, (self.issued[1], self.issued[0]))

    def then(self, following: "Patch") -> "Patch":
        """Return one patch for this one and another that comes after it. What both put in and take out is left out."""
        made, lost = {edge.key: edge for edge in self.new}, {edge.key: edge for edge in self.gone}
        gone = {**lost, **{edge.key: edge for edge in following.gone if edge.key not in made}}
        passing = {edge.key for edge in following.gone}
        new = {key: edge for key, edge in made.items() if key not in passing}
        new |= {edge.key: edge for edge in following.new}
        same = {key for key, edge in new.items() if gone.get(key) == edge}
        before, after = {**following.before, **self.before}, {**self.after, **following.after}
        known = [code for code in before if before[code] != after[code]]
        return Patch(
            tuple(edge for key, edge in sorted(gone.items()) if key not in same),
            tuple(edge for key, edge in sorted(new.items()) if key not in same),
            before={code: before[code] for code in known},
            after={code: after[code] for code in known},
            issued=(self.issued[0], following.issued[1]),
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values; floats keep their last bit."""
        return {
            "gone": [_edge_as_json(edge) for edge in self.gone],
            "new": [_edge_as_json(edge) for edge in self.new],
            "before": _divisions_as_json(self.before),
            "after": _divisions_as_json(self.after),
            "issued": list(self.issued),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Patch":
        """Read what `as_json` returned. Raises KeyError or TypeError for anything else."""
        before, after = kept["issued"]
        return cls(
            gone=tuple(_edge_of_json(edge) for edge in kept["gone"]),
            new=tuple(_edge_of_json(edge) for edge in kept["new"]),
            before=_divisions_of_json(kept["before"]),
            after=_divisions_of_json(kept["after"]),
            issued=(before, after),
        )


def _edge_as_json(edge: Edge) -> dict[str, Any]:
    return {"line": [list(point) for point in edge.line], "left": edge.left, "right": edge.right}


def _edge_of_json(kept: Mapping[str, Any]) -> Edge:
    line: Line = tuple((float(lon), float(lat)) for lon, lat in kept["line"])
    return Edge(line, kept["left"], kept["right"])


def _divisions_as_json(divisions: Divisions) -> dict[str, Any]:
    return {code: None if division is None else asdict(division) for code, division in divisions.items()}


def _divisions_of_json(kept: Mapping[str, Any]) -> Divisions:
    return {code: None if fields is None else Division(**fields) for code, fields in kept.items()}
