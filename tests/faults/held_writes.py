"""Hold a transaction that changes lines at its n-th write, or at its commit, so that it can be killed there."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import DATABASE, conninfo_of_superuser

PATIENCE_SECONDS = 60

PREPARE = """
CREATE SEQUENCE held_step MINVALUE 0 START 0;
CREATE SEQUENCE held_at MINVALUE 0 START 0;
CREATE FUNCTION hold_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE n bigint;
BEGIN
    IF EXISTS (
        SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND mode = 'ExclusiveLock'
            AND (classid::bigint << 32 | objid::bigint) IN (
                hashtextextended('maplebridge.divisions.lines', 0),
                hashtextextended('maplebridge.planning.publish', 0))
    ) THEN
        n := nextval('held_step');
        WHILE n = (SELECT last_value FROM held_at) LOOP PERFORM pg_sleep(0.005); END LOOP;
    ELSIF TG_TABLE_NAME IN ('divisions', 'plan_transfers') THEN
        RAISE 'lines change in a transaction that has not locked them';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    LOOP
        EXECUTE format('CREATE TRIGGER hold BEFORE INSERT OR UPDATE OR DELETE ON %s', name)
            || ' EXECUTE FUNCTION hold_write()';
    END LOOP;
END $$;
CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT OR UPDATE ON plans DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold_write();
"""
"""Sequences are not rolled back, and everybody sees their values at once. Deferred, a trigger runs within a commit."""
ARM = "SELECT setval('held_step', 0), setval('held_at', %s)"
RELEASE = "SELECT setval('held_at', 0)"
STEPS = "SELECT last_value FROM held_step"
HELD = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


@dataclass(slots=True)
class HeldWrites:
    """Writes of transactions that publish or undo, counted from `arm` on; the n-th one is held."""

    cluster: Cluster

    async def prepare(self) -> None:
        async with await self._superuser() as database:
            await database.execute(PREPARE)

    async def arm(self, step: int = 0) -> None:
        """Count anew, and hold the write of this number; 0 holds none."""
        async with await self._superuser() as database:
            await database.execute(ARM, [step])

    async def release(self) -> None:
        """Let what is held go on, and wait until it has ended."""
        async with await self._superuser() as database:
            held = await self._held(database)
            await database.execute(RELEASE)
            while held and held == await self._held(database):  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def steps(self) -> int:
        """How many writes there were."""
        async with await self._superuser() as database:
            row = await (await database.execute(STEPS)).fetchone()
            assert row is not None
            return int(row[0])

    async def held(self) -> int:
        """Wait for the process of PostgreSQL whose transaction is held."""
        async with asyncio.timeout(PATIENCE_SECONDS), await self._superuser() as database:
            while (pid := await self._held(database)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            return pid

    async def kill(self, pid: int) -> None:
        """Kill a process of PostgreSQL, which then distrusts its memory, ends all others, and recovers."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(psycopg.OperationalError):
                async with await self._superuser() as witness:
                    os.kill(pid, signal.SIGKILL)
                    while True:
                        await witness.execute("SELECT pg_sleep(0.01)")
            while True:
                with suppress(psycopg.OperationalError):
                    return await self.arm()
                await asyncio.sleep(0.02)

    async def _held(self, database: psycopg.AsyncConnection) -> int | None:
        row = await (await database.execute(HELD)).fetchone()
        return None if row is None else int(row[0])

    async def _superuser(self) -> psycopg.AsyncConnection:
        where = conninfo_of_superuser(self.cluster.socket, DATABASE)
        return await psycopg.AsyncConnection.connect(where, autocommit=True)
