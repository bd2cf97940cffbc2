"""What a grid's branch, services, posts and counts become when its lines change: each lands once. Pure.

A grid that keeps its code keeps what it has. What has a place goes where the place is: a post follows the worker's
home. What has none goes with the grid's code, or where that ends, to the grid that has most of its land. Nothing is
copied: where a person must decide, a choice is told.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from console.grids.rules import HeldPost, Post, Service, services_in_force

ROUNDING = 1e-6
"""Share of a grid's land below which it is the rounding of coordinates."""
Shares = Mapping[str, Mapping[str, float]]
"""Codes of grids before, each with the grids that its land became, and the share of it in each."""


class ChoiceKind(StrEnum):
    """What a person must decide: which branch or leader a grid has, and whether a new one needs any."""

    BRANCH = "branch"
    LEADER = "leader"
    NO_BRANCH = "no_branch"
    NO_WORKER = "no_worker"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a grid has: its branch, its own list of services, its posts, and numbers such as budgets."""

    branch: str = ""
    services: Sequence[Service] = ()
    posts: Sequence[HeldPost] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to decide for a grid; `among` are the names of branches or ids of posts."""

    kind: ChoiceKind
    grid: str
    among: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Succession:
    """What the grids after a change have, by code. `posts` has the grid of each post by id; `ended` are ids of posts
    that another one of the same worker in the same grid stands for.
    """

    branches: Mapping[str, str]
    services: Mapping[str, Sequence[Service]]
    posts: Mapping[int, str]
    ended: tuple[int, ...]
    counts: Mapping[str, Mapping[str, int]]
    choices: tuple[Choice, ...]


def shares_of_grids(
    before: Mapping[str, BaseGeometry], after: Mapping[str, BaseGeometry]
) -> dict[str, dict[str, float]]:
    """Return what the land of each grid before became: shares of it by grid after, the largest first. No two of those
    after overlap: a grid that keeps its shape has all of its land.
    """
    codes, shapes = [*after], np.array([*after.values()], dtype=object)
    found: dict[str, dict[str, float]] = {}
    tree = shapely.STRtree(shapes)
    for code, shape in before.items():
        if code in after and shapely.equals_exact(after[code], shape):
            found[code] = {code: 1.0}
            continue
        near = tree.query(shape, predicate="intersects")
        shares = shapely.area(shapely.intersection(shapes[near], shape)) / shape.area
        order = np.argsort(-shares, kind="stable")
        found[code] = {codes[near[i]]: float(shares[i]) for i in order.tolist() if shares[i] > ROUNDING}
    return found


def succession_of(held: Mapping[str, Holding], shares: Shares, homes: Mapping[int, str]) -> Succession:
    """Decide what the grids after a change have. `homes` has the grid after it in which each force's home lies."""
    heirs = {code: _heir(code, parts) for code, parts in shares.items() if parts}
    posts, ended = _posts(held, shares, heirs, homes)
    branches, branch_choices = _branches(held, heirs)
    grids = sorted({code for parts in shares.values() for code in parts})
    choices = [*branch_choices, *_leaders(held, posts, ended), *_missing(grids, branches, posts, ended, held)]
    return Succession(branches, _services(held, heirs), posts, ended, _counts(held, shares), tuple(choices))


def _heir(code: str, parts: Mapping[str, float]) -> str:
    """Return the grid that what has no place goes to: that of the same code, else that with most of the land."""
    return code if code in parts else max(parts, key=lambda part: parts[part])


def _posts(
    held: Mapping[str, Holding], shares: Shares, heirs: Mapping[str, str], homes: Mapping[int, str]
) -> tuple[dict[int, str], tuple[int, ...]]:
    grids: dict[int, str] = {}
    ended = []
    taken: set[tuple[int, str, Post]] = set()
    for code, heir in heirs.items():
        for post in held.get(code, Holding()).posts:
            home = homes.get(post.force_id, "")
            to = home if home in shares[code] else heir
            if (post.force_id, to, post.post) in taken:
                ended.append(post.id)
                continue
            taken.add((post.force_id, to, post.post))
            grids[post.id] = to
    return grids, tuple(ended)


def _branches(held: Mapping[str, Holding], heirs: Mapping[str, str]) -> tuple[dict[str, str], list[Choice]]:
    """A grid keeps its own branch; one that gets several keeps the first, and which it should be is to be chosen."""
    arriving: dict[str, list[str]] = defaultdict(list)
    for code, heir in sorted(heirs.items(), key=lambda one: (one[0] != one[1], one[0])):
        branch = held.get(code, Holding()).branch
        if branch and branch not in arriving[heir]:
            arriving[heir].append(branch)
    choices = [
        Choice(ChoiceKind.BRANCH, grid, tuple(names)) for grid, names in sorted(arriving.items()) if len(names) > 1
    ]
    return {grid: names[0] for grid, names in sorted(arriving.items()) if names}, choices


def _services(held: Mapping[str, Holding], heirs: Mapping[str, str]) -> dict[str, Sequence[Service]]:
    """Lists that come together are one: each service once, and what one forbids stays forbidden."""
    lists: dict[str, list[tuple[str, Sequence[Service]]]] = defaultdict(list)
    for code, heir in sorted(heirs.items(), key=lambda one: (one[0] != one[1], one[0])):
        services = held.get(code, Holding()).services
        if services:
            lists[heir].append((code, services))
    return {grid: [one.service for one in services_in_force(found)] for grid, found in sorted(lists.items())}


def _counts(held: Mapping[str, Holding], shares: Shares) -> dict[str, dict[str, int]]:
    """Numbers are divided by land, in whole numbers with the same total, and added up where grids come together."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for code, parts in shares.items():
        for name, number in held.get(code, Holding()).counts.items():
            for grid, part in zip(parts, _divided(number, [*parts.values()]), strict=True):
                found[grid][name] += part
    return {grid: dict(counts) for grid, counts in sorted(found.items())}


def _divided(number: int, shares: Sequence[float]) -> list[int]:
    total = sum(shares)
    exact = [number * share / total for share in shares]
    whole = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in by_rest[: number - sum(whole)]:
        whole[i] += 1
    return whole


def _leaders(held: Mapping[str, Holding], posts: Mapping[int, str], ended: Sequence[int]) -> list[Choice]:
    leading: dict[str, list[int]] = defaultdict(list)
    for holding in held.values():
        for post in holding.posts:
            if post.post is Post.LEADER and post.id in posts and post.id not in ended:
                leading[posts[post.id]].append(post.id)
    return [
        Choice(ChoiceKind.LEADER, grid, tuple(sorted(ids))) for grid, ids in sorted(leading.items()) if len(ids) > 1
    ]


def _missing(
    grids: Sequence[str],
    branches: Mapping[str, str],
    posts: Mapping[int, str],
    ended: Sequence[int],
    held: Mapping[str, Holding],
) -> list[Choice]:
    """Grids that are left without a branch or a worker, where grids before had one."""
    staffed = {grid for post, grid in posts.items() if post not in ended}
    had_branch = any(one.branch for one in held.values())
    had_posts = any(one.posts for one in held.values())
    found = [Choice(ChoiceKind.NO_BRANCH, grid) for grid in grids if had_branch and grid not in branches]
    return found + [Choice(ChoiceKind.NO_WORKER, grid) for grid in grids if had_posts and grid not in staffed]
