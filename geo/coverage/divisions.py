"""Divisions of a coverage without their shapes, and the tree that their parents make."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Division:
    """A division of any level. `parent` is None at the top of the coverage.

    `parts` is how many parts it may lie in: one, unless it had more when the coverage was built. A `locked` division
    keeps its land, name and parent, and so does all below it. `kind` marks a grid of its own kind 专属网格.
    """

    code: str
    name: str
    level: str
    parent: str | None
    locked: bool = False
    kind: str | None = None
    parts: int = 1


class Tree:
    """Divisions by code, with what lies above and below each. `finest` are those with a shape of their own.

    These need not all be of one level: a village may have grids where another has micro-grids in its grids.
    """

    def __init__(self, divisions: Mapping[str, Division], levels: tuple[str, ...], finest: Collection[str]) -> None:
        self.divisions, self.levels, self.finest = divisions, levels, finest

    @cached_property
    def children(self) -> Mapping[str | None, list[str]]:
        """The codes directly below each division; below None, the top."""
        found: dict[str | None, list[str]] = defaultdict(list)
        for division in self.divisions.values():
            found[division.parent].append(division.code)
        return found

    def after(self, divisions: Mapping[str, Division], finest: Collection[str], changed: Collection[str]) -> "Tree":
        """Return the tree of other divisions, of which only those `changed` are not what they are here."""
        tree = Tree(divisions, self.levels, finest)
        given = (known.get(code) for code in changed for known in (self.divisions, divisions))
        parents = {one.parent for one in given if one is not None}
        children: dict[str | None, list[str]] = defaultdict(list)
        children.update((parent, below) for parent, below in self.children.items() if parent not in parents)
        for division in divisions.values():
            if division.parent in parents:
                children[division.parent].append(division.code)
        vars(tree)["children"] = children
        return tree

    def is_finest(self, code: str) -> bool:
        return code in self.finest

    def finest_below(self, codes: Iterable[str]) -> Iterator[str]:
        """Yield the finest divisions that make up these, each of them itself if it is one."""
        waiting = [*codes]
        while waiting:
            code = waiting.pop()
            if self.is_finest(code):
                yield code
            else:
                waiting.extend(self.children.get(code, ()))

    def above(self, code: str) -> Iterator[str]:
        """Yield what a division lies in, from its parent up."""
        parent = self.divisions[code].parent
        while parent is not None:
            yield parent
            parent = self.divisions[parent].parent

    def with_above(self, codes: Iterable[str]) -> set[str]:
        """Return these divisions and all that they lie in."""
        return {found for code in codes for found in (code, *self.above(code))}

    def path(self, code: str) -> str:
        """Join the codes from the top down to a division, as `division_path` does."""
        return ".".join([*reversed([*self.above(code)]), code])

    def in_order(self, codes: Collection[str]) -> tuple[str, ...]:
        """Return codes from the top level down, each level by code."""
        rank = {level: i for i, level in enumerate(self.levels)}
        return tuple(sorted(codes, key=lambda code: (rank[self.divisions[code].level], code)))
