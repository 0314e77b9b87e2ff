"""weighted_math against 256 bits: every kernel and every priced function, on py-evm and on revm.

A finding is a result on the wrong side of the exact value, an error above the stated one, a case inside the
domain that reverts, or one outside of it that does not with its reason.
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from math import inf, log2
from typing import Any, NamedTuple

from onchain.revm import Refused, RevmContract
from onchain.weighted_domain import FUNCTIONS, KERNELS, Function, Kernel, precise

BATCH = 100
# A chunk is what one process does at once, from a seed of its own.
CHUNK = {"py-evm": 1_000, "revm": 20_000}
SUBJECTS: dict[str, Function | Kernel] = {subject.name: subject for subject in (*KERNELS, *FUNCTIONS)}

Many = Callable[[str, Sequence[tuple[int, ...]], str], list[int]]


class Chunk(NamedTuple):
    """A part of the campaign: it is a function of these and nothing else."""

    name: str
    engine: str
    seed: int
    number: int
    size: int


@dataclass
class Outcome:
    """What became of a chunk, or of several."""

    cases: int = 0
    refusals: int = 0
    seconds: float = 0.0
    # In parts of the stated error, and the case.
    worst: tuple[float, Any] = (-1.0, None)
    findings: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Add another chunk's."""
        self.cases += other.cases
        self.refusals += other.refusals
        self.seconds += other.seconds
        self.worst = max(self.worst, other.worst, key=lambda worst: worst[0])
        self.findings += other.findings


@cache
def engine(name: str) -> Many:
    """The harness on this engine, one a process."""
    from onchain.world import compiled

    if name == "revm":
        return RevmContract(compiled("MathHarness").compiler_data.bytecode).many

    from boa import BoaError
    from onchain.world import revert_reason

    harness = compiled("MathHarness").deploy()

    def many(function: str, cases: Sequence[tuple[int, ...]], argument: str) -> list[int]:
        # titanoboa wants a bare integer where the ABI has one.
        plain = [case[0] for case in cases] if argument == "uint256" else list(cases)
        try:
            return list(getattr(harness, function)(plain))
        except BoaError as error:
            raise Refused(revert_reason(error)) from None

    return many


def run(chunk: Chunk) -> Outcome:
    """Draw a chunk's cases, price them in the contract, compare; a hundredth as many beyond the domain."""
    subject, many = SUBJECTS[chunk.name], engine(chunk.engine)
    rng = random.Random(f"{chunk.seed} {chunk.name} {chunk.engine} {chunk.number}")
    outcome, started = Outcome(), time.perf_counter()
    with precise():
        for start in range(0, chunk.size, BATCH):
            batch = [subject.draw(rng) for _ in range(min(BATCH, chunk.size - start))]
            for case, result in priced(subject, many, batch, outcome):
                used = subject.stated.used(result, subject.exact(case))
                outcome.cases += 1
                if used > outcome.worst[0]:
                    outcome.worst = (used, case)
                if used > 1:
                    found = "wrong side" if used == inf else f"{used} of the stated error"
                    outcome.findings.append(f"{subject.name} on {chunk.engine} {case} = {result}: {found}")
            if isinstance(subject, Function):
                check_refusal(subject, many, rng, outcome)
    outcome.seconds = time.perf_counter() - started
    return outcome


def priced(
    subject: Function | Kernel, many: Many, batch: list[tuple[int, ...]], outcome: Outcome
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Each case and its result; where the batch reverts, case by case."""
    name = f"{subject.name}_many"
    try:
        yield from zip(batch, many(name, batch, subject.argument), strict=True)
    except Refused:
        for case in batch:
            try:
                yield case, many(name, [case], subject.argument)[0]
            except Refused as refused:
                outcome.findings.append(f"{subject.name}{case} inside the domain reverts: {refused}")


def check_refusal(subject: Function, many: Many, rng: random.Random, outcome: Outcome) -> None:
    """One case just outside of the domain."""
    case, reason = subject.beyond(rng)
    outcome.refusals += 1
    try:
        got: object = many(f"{subject.name}_many", [case], subject.argument)[0]
    except Refused as refused:
        if str(refused) == reason:
            return
        got = refused
    outcome.findings.append(f"{subject.name}{case} outside of the domain gives {got}, not {reason!r}")


def chunks(names: Sequence[str], name: str, seed: int, cases: int) -> Iterator[Chunk]:
    """What one engine has to do, function by function."""
    for function in names:
        for number, start in enumerate(range(0, cases, CHUNK[name])):
            yield Chunk(function, name, seed, number, min(CHUNK[name], cases - start))


def line(name: str, engine_name: str, outcome: Outcome, processes: int) -> str:
    """One function on one engine, in words."""
    stated = SUBJECTS[name].stated.relative
    used = outcome.worst[0]
    worst = "wrong side" if used == inf else f"2^{log2(used * stated):.2f}" if used > 0 else "in the units"
    speed = outcome.cases / max(outcome.seconds, 1e-9) * processes
    return (
        f"{name:20} {engine_name:7} {outcome.cases:>9,} cases {outcome.refusals:>7,} refusals"
        f" {speed:>8,.0f} a second  worst {worst:>12} (stated 2^{log2(stated):.0f})"
        f"  {len(outcome.findings)} findings"
    )


def main(argv: Sequence[str]) -> int:
    """Run the campaign; 1 if it found anything."""
    parser = argparse.ArgumentParser(prog="python -m fuzz maths", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--cases", type=int, default=1_000_000, help="a function, on revm")
    parser.add_argument("--evm-cases", type=int, default=10_000, help="a function, on py-evm")
    parser.add_argument("--only", choices=SUBJECTS, nargs="+", default=list(SUBJECTS), help="functions")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(argv)
    print(f"maths: seed {asked.seed}", flush=True)

    work = [
        *chunks(asked.only, "py-evm", asked.seed, asked.evm_cases),
        *chunks(asked.only, "revm", asked.seed, asked.cases),
    ]
    total = Outcome()
    engine("revm")  # compiles once, before the processes ask for it
    with ProcessPoolExecutor(asked.processes) as pool:
        results = zip(work, pool.map(run, work), strict=True)
        for (name, engine_name), group in groupby(results, key=lambda pair: pair[0][:2]):
            outcome = Outcome()
            for _, part in group:
                outcome.add(part)
            print(line(name, engine_name, outcome, asked.processes), flush=True)
            for finding in outcome.findings[:10]:
                print(f"  FINDING {finding}", flush=True)
            total.add(outcome)
    print(f"maths: {total.cases:,} cases, {total.refusals:,} refusals, {len(total.findings)} findings")
    return 1 if total.findings else 0
