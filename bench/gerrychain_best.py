"""GerryChain's best for the land that `bench.proposals --write` wrote, in so many seconds of a processor.

Runs in an environment of its own, with gerrychain and nothing of ours; see `bench/proposals.py`. ReCom in short bursts
towards the least worst deviation, and single flips, both across villages. GerryChain numbers districts anew: households
count as moved unless their district keeps its number.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
from gerrychain import Graph, Partition, constraints, updaters
from gerrychain.optimization import SingleMetricOptimizer
from gerrychain.proposals import propose_random_flip, recom
from gerrychain.tree import bipartition_tree

Read = dict[str, Any]
BURST = 10
MANY = 10**9


def graph_of(land: Read) -> Graph:
    graph = nx.Graph()
    for piece, (load, owner) in enumerate(zip(land["loads"], land["owners"], strict=True)):
        graph.add_node(piece, load=load, owner=owner, cost=land["costs"][piece])
    graph.add_edges_from((one, other) for one, around in enumerate(land["borders"]) for other, _ in around)
    return Graph.from_networkx(graph)


def ways(land: Read, target: float) -> Iterator[tuple[str, Callable[..., Partition], list[Any]]]:
    """Yield ways to propose: ReCom by how far from the target it lets a district be, and flips."""
    for epsilon in (0.5, 0.8, 0.95):
        cut = partial(bipartition_tree, max_attempts=50, allow_pair_reselection=True)
        told = partial(
            recom, pop_col="load", pop_target=target, epsilon=epsilon, node_repeats=0, bipartition_tree_fn=cut
        )
        yield f"ReCom, epsilon {epsilon}", told, []
    yield "flips", propose_random_flip, [constraints.contiguous]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("land", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    land = json.loads(options.land.read_text())
    target = sum(land["loads"]) / len(land["parents"])

    def worst(partition: Partition) -> float:
        return max(abs(load / target - 1) for load in partition["load"].values())

    today = Partition(graph_of(land), "owner", updaters={"load": updaters.Tally("load", alias="load")})
    for name, proposal, held in ways(land, target):
        random.seed(1)
        begun, best, steps = time.process_time(), worst(today), 0
        chain = SingleMetricOptimizer(proposal, held, today, worst, maximize=False)
        for partition in chain.short_bursts(BURST, MANY, with_progress_bar=False):
            best, steps = min(best, worst(partition)), steps + 1
            if time.process_time() - begun > options.seconds:
                break
        sys.stdout.write(f"{name}: worst {worst(today):.1%} to {best:.1%} in {steps} steps\n")


if __name__ == "__main__":
    main()
