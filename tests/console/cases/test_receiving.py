"""Who receives new cases is found for many at once."""

from sqlalchemy import event

from console.access.rules import Actor
from console.cases.casework import Casework
from console.cases.history import open_missing
from geo.store import Reach, Store
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, World

ACTOR = Actor(user_id=1, username="operator", role="operator", scope=ROOT)


async def test_as_many_statements_open_the_cases_of_many_places_as_those_of_one(store: Store, world: World) -> None:
    """A batch of a thousand reports asked the database for the centre of each village by itself."""
    work = PACK.casework
    assert isinstance(work, Casework)

    async def asked(paths: list[str]) -> int:
        said: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            said.append(statement)

        async with store.transaction(Reach(scope=ROOT)) as session:
            for path in paths:
                await add_incident(session, world, path)
            event.listen(store.engine.sync_engine, "before_cursor_execute", note)
            assert await open_missing(session, work, actor=ACTOR, limit=100, now=NOW) == len(paths)
            event.remove(store.engine.sync_engine, "before_cursor_execute", note)
        return len(said)

    places = list(world.micro_grids())
    villages = {path.rsplit(".", 2)[0] for path in places}
    assert len(villages) > 2
    first = await asked(places[:1])
    assert await asked(places) <= first + 3, "the same for all, but for a second look at a unit or two"
