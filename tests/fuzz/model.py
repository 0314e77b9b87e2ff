"""I9: the float64 model of the market and the contracts under the same random calls, compared after each."""

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from onchain.revm_world import on_revm
from onchain.twin_walk import Walk

CHUNK = 20


class Outcome(NamedTuple):
    """Walks made, their calls by kind, and what went wrong, in words."""

    walks: int
    done: Counter[str]
    refused: Counter[str]
    findings: list[str]


def run(work: tuple[range, int, bool]) -> Outcome:
    """One chunk of walks: seeds, calls each, and whether they are of fifty-one assets."""
    seeds, calls, large = work
    outcome = Outcome(len(seeds), Counter(), Counter(), [])
    for seed in seeds:
        with on_revm():
            walk = Walk(seed, large)
            try:
                walk.run(calls)
                walk.mature()
            except Exception as error:
                kind = "large " if large else ""
                outcome.findings.append(f"{kind}seed {seed}, call {walk.twins.calls}: {error!r}")
            outcome.done.update(walk.done)
            outcome.refused.update(walk.refused)
    return outcome


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m fuzz model", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--walks", type=int, default=600, help="of 2 to 9 assets")
    parser.add_argument("--large", type=int, default=20, help="walks of 51 assets")
    parser.add_argument("--calls", type=int, default=80, help="random calls a walk, before it matures")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(argv)
    print(f"model: seed {asked.seed}", flush=True)

    work = [
        (range(start, min(start + CHUNK, asked.seed + walks)), asked.calls, large)
        for walks, large in ((asked.walks, False), (asked.large, True))
        for start in range(asked.seed, asked.seed + walks, CHUNK)
    ]
    total = Outcome(0, Counter(), Counter(), [])
    started = time.perf_counter()
    with ProcessPoolExecutor(asked.processes) as pool:
        for part in pool.map(run, work):
            total.done.update(part.done)
            total.refused.update(part.refused)
            total.findings.extend(part.findings)
            total = total._replace(walks=total.walks + part.walks)
            print(f"{total.walks:,} walks, {time.perf_counter() - started:,.0f} s", flush=True)
            for finding in part.findings:
                print(f"  FINDING {finding}", flush=True)
    for name, counts in (("accepted", total.done), ("refused", total.refused)):
        print(f"{name}: " + ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items())))
    print(f"model: {total.walks:,} walks, {len(total.findings)} findings")
    return 1 if total.findings else 0
