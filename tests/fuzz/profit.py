"""I5: a search over sequences of one actor's calls for one that gains, on revm; titanoboa confirms a hit.

A finding is a gain above the dust that rounding can give (a reward unit or two a round).
"""

import argparse
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from onchain.one_actor import WORLDS
from onchain.profit_search import Found, confirmed, search

CHUNK = 2_000


def run(work: tuple[str, int, int]) -> Found:
    """One chunk: a search of its own, from a seed of its own."""
    return search(*work)


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m fuzz profit", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--sequences", type=int, default=100_000, help="in all worlds together")
    parser.add_argument("--only", choices=WORLDS, nargs="+", default=list(WORLDS), help="worlds")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(argv)
    print(f"profit: seed {asked.seed}", flush=True)

    each = -(-asked.sequences // len(asked.only))
    starts = range(0, each, CHUNK)
    work = [
        (world, asked.seed + number, min(CHUNK, each - start))
        for number, start in enumerate(starts)
        for world in asked.only
    ]
    started, found = time.perf_counter(), []
    with ProcessPoolExecutor(asked.processes) as pool:
        for part in pool.map(run, work):
            found.append(part)
            print(
                f"{part.world:12} {part.sequences:>6,} sequences, {part.acted:,} with trades,"
                f" best gain {part.best:,} (dust {part.dust:,})  {time.perf_counter() - started:,.0f} s",
                flush=True,
            )
    findings = [part for part in found if part.is_finding]
    for part in findings:
        print(
            f"  FINDING {part.world}: {part.best} from {part.steps};"
            f" on titanoboa {confirmed(part.world, part.steps)}"
        )
    tried = sum(part.sequences for part in found)
    best = max((part.best / part.dust for part in found), default=0)
    print(f"profit: {tried:,} sequences, best gain {best:.2f} of the dust, {len(findings)} findings")
    return 1 if findings else 0
