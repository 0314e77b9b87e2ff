"""I1 to I4 and I6 to I8: the state machine over all contracts, on revm, for longer than the tests run it.

What goes wrong is tried again on titanoboa.
"""

import argparse
import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from onchain import world
from onchain.machine import WORLDS, LargeMarketRules, rules_of
from onchain.revm_world import on_revm

Work = tuple[int, int, int, int]
"""World (the last is the one of many assets), runs, steps, seed."""

CHUNK_STEPS = 500
"""Steps of one piece of work: every few minutes a line says how far it is."""


def run(work: Work) -> str:
    """One chunk; what went wrong, in words, or nothing."""
    place, runs, steps, number = work
    machine = rules_of(WORLDS[place]) if place < len(WORLDS) else LargeMarketRules
    asked = settings(
        max_examples=runs,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    with on_revm():
        found = fault(machine, asked, number)
    if not found:
        return ""
    return (
        f"world {place}, seed {number}: {found}; on titanoboa: {fault(machine, asked, number) or 'nothing'}"
    )


def fault(machine: type[RuleBasedStateMachine], asked: settings, number: int) -> str:
    """What goes wrong with this seed on the chain that `onchain.world` stands on, in words, or nothing."""
    world.orchestrator()
    try:
        run_state_machine_as_test(seed(number)(machine), settings=asked)
    except Exception as error:
        notes = "\n".join(getattr(error, "__notes__", ()))
        return f"{error!r}\n{notes}"
    return ""


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m fuzz machine", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--short", type=int, default=2_000, help="runs of 10 steps")
    parser.add_argument("--long", type=int, default=200, help="runs of 100 steps")
    parser.add_argument("--large", type=int, default=4, help="runs of 30 steps with fifty assets")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(argv)
    print(f"machine: seed {asked.seed}", flush=True)

    work: list[Work] = []
    for runs, steps in ((asked.short, 10), (asked.long, 100)):
        chunk = max(1, CHUNK_STEPS // steps)
        for start in range(0, runs, chunk):
            work.append((len(work) % len(WORLDS), min(chunk, runs - start), steps, asked.seed + len(work)))
    work += [(len(WORLDS), 1, 30, asked.seed + len(work) + k) for k in range(asked.large)]
    started, found, done = time.perf_counter(), [], 0
    with ProcessPoolExecutor(asked.processes) as pool:
        for (number, runs, steps, _), finding in zip(work, pool.map(run, work), strict=True):
            done += runs
            print(f"world {number}: {runs} x {steps}, {time.perf_counter() - started:,.0f} s", flush=True)
            if finding:
                found.append(finding)
                print(f"  FINDING {finding}", flush=True)
    print(f"machine: {done:,} runs, {len(found)} findings")
    return 1 if found else 0
