"""How early a rise is told, beside a plain count that is wrong as seldom, on Chicago's records.

python -m bench.rises [--years 200] [--planted 200]. Needs the shared data.

Years of chance are ten real years dealt anew in blocks of one, two and four weeks (days dealt singly would prove
nothing: counts hang together). The plain count tells a week that stands more than `k` roots of the last eight weeks'
mean above that mean; `k` is the least with which it tells in one of twenty of those years. A rise is planted by adding
to a series of five to twelve incidents a week; printed is the share told one, two and four weeks after they began.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from geo.rises import FEWEST, judge
from tests.cities.chicago import Chicago, chicago
from tests.geo.test_rises import years_told

WEEKS, AT_ONCE, USUAL_WEEKS = 156, 10, 8
FACTORS = (2, 3, 4)
AFTER = (1, 2, 3, 4)


def by_week(counts: np.ndarray) -> np.ndarray:
    return counts.reshape(len(counts), -1, 7).sum(axis=2)


def above_usual(weeks: np.ndarray) -> np.ndarray:
    """How many roots of the usual count the last week stands above it; 0 below the fewest that are told at all."""
    usual = weeks[:, -USUAL_WEEKS - 1 : -1].mean(axis=1)
    above = (weeks[:, -1] - usual) / np.sqrt(np.maximum(usual, 0.25))
    return np.where(weeks[:, -1] >= FEWEST, above, 0.0)


def false_years(city: Chicago, *, years: int, block: int) -> tuple[float, np.ndarray]:
    """The share of years of chance in which anything is told, and each year's highest plain count."""
    draws, told, highest = np.random.default_rng(block), 0, []
    for _ in range(0, years, AT_ONCE):
        made = [city.shuffled(draws, weeks=WEEKS, block=block) for _ in range(AT_ONCE)]
        told += years_told(np.concatenate(made), years=AT_ONCE, working=city.working[: WEEKS * 7], of_kind=city.kinds)
        for year in made:
            weeks = by_week(year)
            highest.append(max(above_usual(weeks[:, :end]).max() for end in range(WEEKS - 51, WEEKS + 1)))
    return told / years, np.array(highest)


def planted(city: Chicago, factor: int, *, rises: int, k: float) -> Iterator[tuple[int | None, int | None]]:
    """After how many weeks each planted rise is told, by the judgement and by the plain count; None if not in four."""
    draws = np.random.default_rng(factor)
    weeks = by_week(city.counts)
    for _ in range(rises):
        end = int(draws.integers(WEEKS, weeks.shape[1] - max(AFTER)))
        usual = weeks[:, end - 52 : end].mean(axis=1)
        series = draws.choice(np.flatnonzero((usual >= 5) & (usual < 12)))
        counts = city.counts[:, : (end + max(AFTER)) * 7].copy()
        counts[series, end * 7 :] += draws.poisson((factor - 1) * usual[series] / 7, max(AFTER) * 7)
        yield (
            next((n for n in AFTER if _told(city, counts[:, : (end + n) * 7])[series]), None),
            next((n for n in AFTER if above_usual(by_week(counts[:, : (end + n) * 7]))[series] > k), None),
        )


def _told(city: Chicago, counts: np.ndarray) -> np.ndarray:
    return judge(counts, kinds=city.kinds, working=city.working[: counts.shape[1]]).told


def shares(found: list[int | None]) -> str:
    return ", ".join(f"{sum(n is not None and n <= after for n in found) / len(found):4.0%}" for after in (1, 2, 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=200)
    parser.add_argument("--planted", type=int, default=200)
    options = parser.parse_args()
    city = chicago(kinds=13)
    sys.stdout.write(f"{len(city.counts)} series, {city.counts.sum()} incidents\n")
    highest = np.array([])
    for block in (1, 2, 4):
        wrong, plain = false_years(city, years=options.years, block=block)
        highest = np.concatenate([highest, plain])
        sys.stdout.write(f"{options.years} years dealt in blocks of {block} weeks: {wrong:.1%} tell something\n")
    k = float(np.quantile(highest, 0.95))
    sys.stdout.write(f"the plain count is wrong as seldom with k = {k:.1f}\n")
    for factor in FACTORS:
        found = list(planted(city, factor, rises=options.planted, k=k))
        ours, plain = ([pair[side] for pair in found] for side in (0, 1))
        sys.stdout.write(
            f"planted × {factor}: told in 1, 2, 4 weeks {shares(ours)}; by the plain count {shares(plain)}\n"
        )


if __name__ == "__main__":
    main()
