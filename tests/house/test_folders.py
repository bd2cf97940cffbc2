"""No circle between folders: a graph of files hides that two folders need each other."""

from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from tests.house.test_rooms import ROOMS

DEEPEST = 4
"""Segments of the deepest folder: `api.http.sign_in`, and one more."""

Graph = Mapping[str, set[str]]


@pytest.fixture(scope="module")
def modules() -> Graph:
    """What each module imports."""
    graph = grimp.build_graph(*ROOMS, cache_dir=None)
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def folder_of(modules: Graph) -> Callable[[str], str]:
    """Names the folder of a module: a package is its own, a module lies in the package around it."""
    packages = {module.rpartition(".")[0] for module in modules}
    return lambda module: module if module in packages else module.rpartition(".")[0]


def squashed(modules: Graph, unit: Callable[[str], str]) -> dict[str, set[str]]:
    """The graph of units. A folder and one inside it are no pair: a room's root puts its parts together."""
    found: dict[str, set[str]] = {unit(module): set() for module in modules}
    for module, imported in modules.items():
        one = unit(module)
        found[one] |= {other for other in map(unit, imported) if not nested(one, other)}
    return found


def nested(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def circle_in(graph: Graph) -> list[str]:
    """The units of one circle, [] where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("depth", range(2, DEEPEST + 1))
def test_no_folders_need_each_other_at_any_depth(modules: Graph, depth: int) -> None:
    folder = folder_of(modules)
    assert circle_in(squashed(modules, lambda module: ".".join(folder(module).split(".")[:depth]))) == []


def test_no_parts_of_a_room_need_each_other(modules: Graph) -> None:
    """A part is a folder or a loose file of the room."""
    assert circle_in(squashed(modules, lambda module: ".".join(module.split(".")[:2]))) == []


def test_a_circle_that_files_hide_is_found() -> None:
    hidden = {"a.x.one": {"a.y.two"}, "a.y.two": set(), "a.y.three": {"a.x.four"}, "a.x.four": set()}
    assert circle_in(hidden) == []
    assert set(circle_in(squashed(hidden, folder_of(hidden)))) == {"a.x", "a.y"}
