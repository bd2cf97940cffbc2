"""The county that tests settle into is what it says."""

import shapely
from sqlalchemy import func, select

from geo.store import Reach, Store
from layers.divisions.tables import Division
from tests.worlds import EAST, ROOT, WEST, World, patches


def test_children_fill_their_parents_exactly() -> None:
    squares = {patch.path: shapely.box(*patch.square) for patch in patches()}
    for path, square in squares.items():
        children = [other for name, other in squares.items() if name.rpartition(".")[0] == path]
        assert not children or abs(sum(child.area for child in children) - square.area) < 1e-12


async def test_a_settled_county_is_seen_as_far_as_one_may_see(store: Store, world: World) -> None:
    assert len(world.micro_grids()) == 16 and len(world.micro_grids(WEST)) == 8
    seen = {}
    for scope in (ROOT, WEST, EAST):
        async with store.transaction(Reach(scope=scope)) as session:
            seen[scope] = await session.scalar(select(func.count()).select_from(Division))
    assert seen == {ROOT: 1 + 2 + 4 + 8 + 16, WEST: 1 + 1 + 2 + 4 + 8, EAST: 1 + 1 + 2 + 4 + 8}
