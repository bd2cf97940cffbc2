"""Which areas have the same worker, and where several work at once. Pure.

A staff number tells a person. A name alone does not: two of one name may be two people, so what rests on names is said
to be uncertain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Post = tuple[str, str]
"""A sector and the code of an area."""


class Staffed(Protocol):
    """An area with its worker."""

    @property
    def id(self) -> int: ...
    @property
    def sector(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def worker(self) -> str: ...
    @property
    def worker_code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    """A worker with all their posts. `key` says nothing of the person: it is the id of their first area.

    `is_certain` is false where posts were joined by name alone.
    """

    key: int
    name: str
    code: str
    posts: tuple[Post, ...]
    is_certain: bool


@dataclass(frozen=True, slots=True)
class GridWork:
    """Who serves a grid: the areas of each sector, and keys of the people responsible."""

    grid: str
    areas: Mapping[str, Sequence[str]]
    people: tuple[int, ...]


def people_of(areas: Iterable[Staffed]) -> list[Person]:
    """Return the workers of areas. Areas of one staff number have one worker, as have those of one name without any.

    An area with a name only belongs to the worker with a number who alone has that name.
    """
    by_code: dict[str, list[Staffed]] = defaultdict(list)
    by_name: dict[str, list[Staffed]] = defaultdict(list)
    for area in areas:
        if area.worker_code:
            by_code[area.worker_code].append(area)
        elif area.worker:
            by_name[area.worker].append(area)
    numbered: dict[str, set[str]] = defaultdict(set)
    for code, theirs in by_code.items():
        for area in theirs:
            numbered[area.worker].add(code)
    found = []
    for name, theirs in by_name.items():
        codes = numbered.get(name, set())
        if len(codes) == 1:
            by_code[next(iter(codes))] += theirs
        else:
            found.append(_person(theirs, is_certain=len(theirs) == 1))
    found += [_person(theirs, is_certain=all(area.worker_code for area in theirs)) for theirs in by_code.values()]
    return sorted(found, key=lambda person: person.key)


def _person(areas: Sequence[Staffed], *, is_certain: bool) -> Person:
    ordered = sorted(areas, key=lambda area: area.id)
    return Person(
        key=ordered[0].id,
        name=next((area.worker for area in ordered if area.worker), ""),
        code=next((area.worker_code for area in ordered if area.worker_code), ""),
        posts=tuple(sorted((area.sector, area.code) for area in ordered)),
        is_certain=is_certain,
    )


def keys_by_post(people: Iterable[Person]) -> dict[Post, int]:
    """Return the key of the worker of each post that has one."""
    return {post: person.key for person in people for post in person.posts}


def work_in(
    grids: Sequence[str], served: Mapping[str, Mapping[str, Sequence[str]]], workers: Mapping[Post, int]
) -> list[GridWork]:
    """Return who serves each grid. `served` has the areas of each grid by sector."""
    found = []
    for grid in grids:
        areas = {sector: by_grid[grid] for sector, by_grid in served.items() if by_grid.get(grid)}
        posts = [(sector, code) for sector, codes in areas.items() for code in codes]
        found.append(GridWork(grid, areas, people_at(posts, workers)))
    return found


def people_at(posts: Iterable[Post], workers: Mapping[Post, int]) -> tuple[int, ...]:
    """Return the keys of the workers of posts, once each."""
    return tuple(sorted({workers[post] for post in posts if post in workers}))
