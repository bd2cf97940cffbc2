"""A canary in a neighbouring division: no role of the other one gets anything of it, by any route.

Each question of the document is put before the canary is there and again afterwards: the answers must be the same. So
no status, count or colour distinguishes a row of another division from one that does not exist.

In the suite each role puts every operation's question, and each of its other forms is put by two roles; with
`MAPLEBRIDGE_FAULTS=full`, by all.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls, connect
from api.place.reading import SHIPPED
from console.access.rules import ROLES
from console.access.sight import Sight, Subject, sight_of
from geo.store import SCOPED, Base, Store
from tests.browser.server import Server
from tests.described import described
from tests.faults.askings import SCOPE, Asking, askings, shared_out, taken_number
from tests.faults.canaries import BORDER, HOME, WORD, Canary, expected, plant, reserve_ids, rows_of_sister
from tests.faults.conftest import Site
from tests.faults.witnesses import (
    ANONYMOUS,
    MOMENT,
    PATIENCE_SECONDS,
    Answers,
    ask_all,
    client_of,
    hire,
    listeners,
    refused_socket,
)
from tests.worlds import LON, SIDE, WEST, settle

pytestmark = [pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

DOCUMENT = described()
PASSING = ("/metrics", "/api/health", "/api/replay/strip", "/api/view-export.html")
"""Their responses contain load, times or random names, so that no two are equal."""

FORM_ROLES = 2
"""How many roles put a form that is not its operation's first."""
SPEAKING = (
    "incidents", "forces", "cameras", "places", "plans", "plan_operations", "plan_entries", "network_areas",
    "party_branches", "service_lists", "notices", "case_follow_ups", "list_entries", "checklist_marks", "roster_shifts",
    "change_log", "exposure_counts",
)  # fmt: skip
MATTER = {"source": "window", "category": "dispute.family"}
ZONE = re.compile(r'^timezone = ".*"$', re.MULTILINE)
CHANCE = re.compile(rf'"?request_id"?[=:] ?"?[0-9a-f]+|{MOMENT.pattern}')
LINK = re.compile(r'"(?:duplicate_of|of)":\d+')


@dataclass(slots=True)
class Story:
    """Record of a run: the responses to the west before the canary was there, after, and on sockets meanwhile; and the
    sister's rows before the west had asked for them and after."""

    site: Site
    canary: Canary
    asked: list[Asking]
    west: dict[str, httpx.AsyncClient]
    county: dict[str, httpx.AsyncClient]
    tokens: dict[str, str]
    before: Answers
    after: Answers
    frames: dict[str, list[str]]
    rows: dict[str, list[str]]
    rows_later: dict[str, list[str]]


@pytest.fixture(scope="module")
def nest() -> Iterator[tuple[Cluster, Urls, Path]]:
    """A migrated database in a cluster of its own, whose logs hold nothing but what is done here."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-canary-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        cluster = Cluster(Path(name) / "state", durable=False)
        with cluster.held() as urls:
            migrate(urls.owner)
            yield cluster, urls, Path(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(nest: tuple[Cluster, Urls, Path], full: bool) -> AsyncIterator[Story]:
    cluster, urls, folder = nest
    store = Store(urls.app, pool_size=4)
    world = await settle(store, now=datetime.now(UTC))
    server = Server(urls, folder, place=str(pack_at_noon(folder / "pack")))
    await server.start()
    async with AsyncExitStack() as stack:
        yield await _lived(Site(cluster, urls, store, world, server, folder), stack, full=full)
    await server.stop()
    await store.close()


async def _lived(site: Site, stack: AsyncExitStack, *, full: bool) -> Story:
    tokens = await hire(site)
    west = {
        role: await stack.enter_async_context(client_of(site, token))
        for role, token in [*tokens.items(), (ANONYMOUS, None)]
    }
    county = {
        role: await stack.enter_async_context(client_of(site, site.world.tokens[role]))
        for role in ("operator", "gateway", "source", "planner")
    }
    superuser = stack.enter_context(connect(site.cluster.socket, str(make_url(site.urls.app).database)))
    own, since = await report_at_home(west["clerk"], "first"), await position(county["operator"])
    # What its own page says is a row of the west: there before the first question, not made by it.
    assert (await west["patrol"].put("/api/presence", json={"state": "front"})).is_success
    reserve_ids(superuser)
    canary = expected()
    every = [*dict.fromkeys(askings(DOCUMENT, canary, own_incident=own))]
    asked = shared_out(every, [*west], parts=1 if full else len(west) // FORM_ROLES)
    by_role = {**tokens, ANONYMOUS: None}
    before = await ask_all(site, by_role, asked)
    live = await listeners(site, stack, tokens, since=since)
    await plant(site, county["operator"], county["gateway"], canary)
    await settled(superuser)
    tables = [table.name for table in Base.metadata.sorted_tables if table.info == SCOPED]
    rows = rows_of_sister(superuser, tables)
    after = await ask_all(site, by_role, asked)
    last = await report_at_home(west["clerk"], "last")
    await west["gateway"].post("/api/positions", json={"fixes": [fix_at_home()]})
    for role, listener in live.items():
        await listener.until(words_for(role, last))
    resumed = await listeners(site, stack, tokens, since=since)
    for listener in resumed.values():
        await listener.until(['"t":"beat"'])
    return Story(
        site=site,
        canary=canary,
        asked=every,
        west=west,
        county=county,
        tokens=tokens,
        before=before,
        after=after,
        frames={role: live[role].frames + resumed[role].frames for role in live},
        rows=rows,
        rows_later=rows_of_sister(superuser, tables),
    )


def pack_at_noon(folder: Path) -> Path:
    """A copy of the usual pack in whose time zone it is about noon: at midnight responses change by themselves."""
    shutil.copytree(SHIPPED / "wujiang", folder)
    place = folder / "place.toml"
    # The sign in these names is turned round: Etc/GMT-8 is eight hours ahead.
    noon = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 12:+}")
    place.write_text(ZONE.sub(f'timezone = "{noon.key}"', place.read_text("utf8"), count=1), "utf8")
    return folder


def words_for(role: str, last: int) -> list[str]:
    """Texts of the last frames of each kind: after them nothing of what was before is still on its way.

    A patrol gets neither other incidents nor hexes, but its own position. Masked roles get no cells of few incidents.
    """
    fixes, incident, hexes = f'"lon":[{LON + SIDE / 2:.3f}]', f'"id":{last},', '"full":false'
    if role == "patrol":
        return [fixes]
    return [incident] if sight_of(role, Subject.HOTSPOTS) is Sight.MASKED else [incident, hexes]


def fix_at_home() -> dict[str, object]:
    return {
        "device": "device-patrol_west",
        "at": datetime.now(UTC).isoformat(),
        "lon": LON + SIDE / 2,
        "lat": 31.105,
    }


async def settled(superuser: psycopg.Connection) -> None:
    """Wait until every event has its place in the feed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if not superuser.execute("SELECT FROM feed_outbox").rowcount:
                return
            await asyncio.sleep(0.05)


async def report_at_home(clerk: httpx.AsyncClient, title: str) -> int:
    place = {"lon": LON + SIDE / 2, "lat": 31.105}
    answer = await clerk.post("/api/incidents", json=MATTER | {"title": title} | place)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def position(operator: httpx.AsyncClient) -> str:
    found = (await operator.get("/api/snapshot")).json()
    return f"{found['epoch']}:{found['pos']}"


def mentions(texts: Iterable[tuple[str, str]], canary: Canary) -> list[str]:
    """Return the users whose texts mention the canary, and the text around it.

    A moment's seconds and a request's id may look like the canary's places and numbers by chance: they are left out.
    """
    spoken = ((who, CHANCE.sub("", text)) for who, text in texts)
    found = ((who, text, canary.traces.search(text)) for who, text in spoken)
    return [f"{who}: …{text[max(0, at.start() - 80) : at.end() + 40]}…" for who, text, at in found if at]


def who(role: str, asking: Asking) -> str:
    return f"{role} {asking.method} {asking.path} {dict(asking.query)} {asking.body!r}"


async def test_no_response_mentions_the_canary(story: Story) -> None:
    assert len(story.after) == len(story.before) > 100 * len(ROLES)
    assert mentions(((who(*key), answer.text) for key, answer in story.after.items()), story.canary) == []


def passes(role: str, asking: Asking) -> bool:
    """Whether a response differs from one moment to the next anyhow. A masked replay, as the wall's, shows the last
    whole minute.
    """
    masked = "wall" in dict(asking.query) or (role in ROLES and sight_of(role, Subject.INCIDENTS) is Sight.MASKED)
    return asking.path.startswith((*PASSING, "/api/replay") if masked else PASSING)


async def test_the_canary_changes_no_response(story: Story) -> None:
    differing = [
        f"{who(*key)}: {before.lasting} → {story.after[key].lasting}"[:600]
        for key, before in story.before.items()
        if not passes(*key) and before.lasting != story.after[key].lasting
    ]
    assert differing == []


async def test_no_response_is_an_internal_error(story: Story) -> None:
    assert [who(*key) for key, answer in story.after.items() if answer.status >= 500] == []


async def test_writes_to_the_canary_change_nothing(story: Story) -> None:
    assert all(any(WORD in row for row in story.rows[table]) for table in SPEAKING)
    assert all(story.rows[table] for table in ("tasks", "timeline", "fixes", "latest_fixes", "cell_counts", "feed_log"))
    assert story.rows_later == story.rows


async def test_no_socket_mentions_the_canary(story: Story) -> None:
    assert {"operator", "supervisor", "auditor", "gateway", "wall", "patrol"} <= story.frames.keys()
    assert mentions(((role, frame) for role, frames in story.frames.items() for frame in frames), story.canary) == []


async def test_no_socket_of_the_sisters_is_opened(story: Story) -> None:
    for role in story.frames:
        assert await refused_socket(story.site, story.tokens[role], f"scope={SCOPE}") == 404, role


async def test_no_log_mentions_the_canary(story: Story) -> None:
    logs = [story.site.server.log, *(story.site.cluster.layout.home / "log").glob("*.log")]
    assert len(logs) > 1
    lines = ((log.name, line) for log in logs for line in log.read_text(errors="replace").splitlines())
    ids_are_no_words = Canary(codes=story.canary.codes, ids={"none": [10**18]}, places=story.canary.places)
    assert mentions(lines, ids_are_no_words) == []


SHOWN = (
    "/api/cameras",
    "/api/forces",
    "/api/view-export.html",
    "/api/incidents",
    "/api/plans",
    "/api/replay",
    "/api/search",
    "/api/snapshot",
    "/api/tasks",
    "/ogc/collections/cameras/items",
    "/ogc/collections/forces/items",
    "/ogc/collections/incidents/items",
    "/ogc/collections/places/items",
)


@pytest.mark.parametrize("path", SHOWN)
async def test_users_with_access_get_the_canary_by_the_same_requests(story: Story, path: str) -> None:
    """Else the questions would prove nothing. They are put until one is answered with the canary."""
    token = story.site.world.tokens["planner" if path == "/api/plans" else "operator"]
    asked = [one for one in story.asked if one.method == "get" and one.path.split("/7")[0] == path]
    for asking in asked:
        answer = (await ask_all(story.site, {"seeing": token}, {"seeing": [asking]}))["seeing", asking]
        if answer.status == 200 and story.canary.traces.search(answer.text):
            return
    raise AssertionError(f"none of {len(asked)} questions")


async def test_a_number_of_the_canarys_is_refused_as_taken_without_details(story: Story) -> None:
    for role in ("operator", "clerk", "source"):
        for place in ((LON + SIDE / 2, 31.125), HOME, BORDER):
            answer = await story.west[role].post("/api/incidents", json=taken_number(place))
            assert answer.status_code == 422, answer.text
            assert mentions([(role, answer.text)], story.canary) == []


async def test_an_idempotency_key_of_another_user_returns_no_response_of_theirs(story: Story) -> None:
    body = taken_number(HOME) | {"title": f"{WORD} 0", "description": f"{WORD} 13800138000"}
    for role in ("operator", "clerk", "source"):
        answer = await story.west[role].post("/api/incidents", json=body, headers={"Idempotency-Key": f"{WORD}-0"})
        assert answer.status_code == 422 and mentions([(role, answer.text)], story.canary) == []


async def test_an_incident_at_the_boundary_is_no_duplicate_of_one_beyond_it(story: Story) -> None:
    for path, text in await beside_the_line(story, reporter=story.west["clerk"]):
        assert mentions([(path, text)], story.canary) == []


async def test_a_user_who_sees_both_links_them_and_only_the_id_is_disclosed(story: Story) -> None:
    """A source of the county reports an incident at the boundary: the desk learns only the id of the one beyond it."""
    for path, text in await beside_the_line(story, reporter=story.county["source"]):
        assert mentions([(path, LINK.sub("", text))], story.canary) == []


async def beside_the_line(story: Story, *, reporter: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Return all responses to the west about an incident some fifty metres from the canary."""
    place = {"lon": BORDER[0] - 0.0001, "lat": BORDER[1] + 0.0005}
    answer = (await reporter.post("/api/incidents", json=MATTER | {"title": "near"} | place)).json()
    assert answer["division_path"].startswith(WEST)
    one = f"/api/incidents/{answer['id']}"
    paths = (one, f"{one}/timeline", f"{one}/candidates", f"{one}/cameras", "/api/incidents", "/api/snapshot")
    found = [(path, await story.west["operator"].get(path)) for path in paths]
    assert [path for path, each in found if each.status_code != 200] == []
    return [(path, each.text) for path, each in found]
