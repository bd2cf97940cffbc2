"""Response time over HTTP of what other weights would have done to a month of dispatches, in a county with three years.

Usage: python -m bench.weighing [--dispatches 30000] [--months 36] [--asks 20]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Prints percentiles in milliseconds with their ratio to the reach, and processor time; and what
a dispatch over HTTP takes, which keeps its ranking.
"""

import argparse
import asyncio
import sys
import time
from statistics import quantiles
from typing import Any

import httpx
import orjson

from api.keeping.postgres.roles import connect
from bench.crowd import gather_crowd
from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, served, settle_county, staged, summary

REACH_MS = 1_000
FORCES, SENT = 2_000, 100
ASKED: tuple[dict[str, float], ...] = (
    {},
    {"load": 0.5},
    {"load": 0.5, "own_grid": 2, "speciality_match": 1.5, "from_home": 0},
)
FILL = """
INSERT INTO tasks (incident_id, force_id, role, status, active, assigned_at, answer_due_at, ended_at, note,
    cost_minutes, eta_minutes, division_path, version, ranking)
SELECT t.incident_id, t.force_id, 'lead', 'finished', false, at, at, at, '', 5, 5, t.division_path, 5,
    json_build_object(
        'forces', (SELECT json_agg(1 + (t.force_id + 37 * k) %% %(forces)s) FROM generate_series(0, 9) k),
        'stale', (SELECT json_agg(k + n %% 3 > 10) FROM generate_series(0, 9) k),
        'minutes', (
            SELECT json_build_object(
                'travel', json_agg(round(CAST(4 + k + random() AS numeric), 1)),
                'load', json_agg(3 * (k %% 3)),
                'own_grid', json_agg(CASE WHEN k = n %% 10 THEN -3 ELSE 0 END),
                'speciality_match', json_agg(CASE WHEN k %% 4 = 0 THEN -4 ELSE 0 END),
                'speciality_mismatch', json_agg(CASE WHEN k %% 4 = 1 THEN 6 ELSE 0 END),
                'from_home', json_agg(2 * (k %% 2))
            )
            FROM generate_series(0, 9) k
        )
    )
FROM (SELECT *, row_number() OVER (ORDER BY id) - 1 AS number FROM tasks) AS t
JOIN generate_series(1, %(tasks)s) AS n ON n %% (SELECT count(*) FROM tasks) = t.number
CROSS JOIN LATERAL (SELECT now() - n * %(months)s * interval '30 days' / %(tasks)s AS at) AS moment
ORDER BY at
"""


async def ask(client: httpx.AsyncClient, body: dict[str, Any], *, asks: int) -> tuple[list[float], dict[str, Any]]:
    """Return milliseconds of each response, and the last one."""
    took: list[float] = []
    found: dict[str, Any] = {}
    for _ in range(asks):
        start = time.perf_counter()
        answer = await client.post("/api/dispatch/what-if", json=body)
        took.append(1000 * (time.perf_counter() - start))
        found = orjson.loads(answer.raise_for_status().content)
    return took, found


async def send(client: httpx.AsyncClient) -> list[float]:
    """Send the first candidate to each incident that waits; return milliseconds of each sending."""
    took = []
    listed = orjson.loads((await client.get(f"/api/incidents?limit={SENT}&status=registered")).content)["items"]
    for incident in listed:
        address = f"/api/incidents/{incident['id']}"
        first = orjson.loads((await client.get(f"{address}/candidates?limit=1")).content)["candidates"][0]
        start = time.perf_counter()
        (await client.post(f"{address}/tasks", json={"force": first["force"]})).raise_for_status()
        took.append(1000 * (time.perf_counter() - start))
    return took


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    gather_crowd(stage, forces=FORCES)
    tasks = options.dispatches * options.months
    with connect(stage.cluster.socket, stage.database) as superuser:
        superuser.execute(FILL, {"forces": FORCES, "tasks": tasks, "months": options.months})
    stage.analyze()
    lines = [f"{machine()}; {tasks} dispatches in {options.months} months (reach: p95 {REACH_MS} ms)"]
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=SENT, lines=SENT):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        async with client_of(server, county.tokens["operator"]) as operator:
            for weights in ASKED:
                await ask(operator, {"weights": weights}, asks=2)
                with Meter(stage, server) as meter:
                    took, found = await ask(operator, {"weights": weights}, asks=options.asks)
                ratio = quantiles(took, n=20)[-1] / REACH_MS
                lines += [
                    f"{summary(f'{len(weights)} weights changed', took)}; p95 {ratio:.2f} of its reach",
                    f"{found['looked_at']} dispatches looked at, {found['changed']} firsts changed",
                    meter.summary(per=options.asks, unit="responses"),
                ]
            lines.append(summary("a dispatch over HTTP", await send(operator)))
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dispatches", type=int, default=30_000, help="a month")
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--asks", type=int, default=20)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
