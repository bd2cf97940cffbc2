"""Sources and their silence."""

from datetime import UTC, datetime, timedelta

from api.watch.sources import MOST_SOURCES, Sources

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_source_that_fell_silent_is_stale() -> None:
    sources = Sources(stale_after=timedelta(minutes=10), since=NOON)
    sources.record("hotline", NOON)
    assert [state.stale for state in sources.states(NOON + timedelta(minutes=9))] == [False]
    assert [state.stale for state in sources.states(NOON + timedelta(minutes=11))] == [True]


def test_silence_counts_from_the_servers_start() -> None:
    sources = Sources(stale_after=timedelta(minutes=10), since=NOON)
    sources.record("hotline", NOON - timedelta(hours=3))
    assert [state.stale for state in sources.states(NOON + timedelta(minutes=9))] == [False]
    assert [state.stale for state in sources.states(NOON + timedelta(minutes=11))] == [True]


def test_the_number_of_sources_is_bounded() -> None:
    sources = Sources(stale_after=timedelta(minutes=10), since=NOON)
    for number in range(2 * MOST_SOURCES):
        sources.record(f"source-{number}", NOON)
    sources.record("source-0", NOON + timedelta(minutes=1))
    states = sources.states(NOON)
    assert len(states) == MOST_SOURCES
    assert states[0].last_at == NOON + timedelta(minutes=1)
