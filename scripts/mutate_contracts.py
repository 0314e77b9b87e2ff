"""Do the tests notice?  Break the contracts in small ways, one at a time, and run the contract tests on each.

    make mutants                                        one mutant for every 30 lines of every default file
    .venv/bin/python scripts/mutate_contracts.py Pool.vy erc20.vy --per-file 10 --seed 2

A mutant stands in a temporary copy of the sources, never in the tree.  One that does not compile, or
compiles to the bytecode there was, does not count.  The tests nearest to the file run first and the first
failure ends the run.  What survives is printed and, with the rest, written to benchmarks/mutants.json.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vyper_mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "src" / "wallstreetfeds" / "contracts"
MOCKS = ROOT / "tests" / "contracts" / "mocks"
TESTS = ROOT / "tests" / "contracts"
REPORT = ROOT / "benchmarks" / "mutants.json"
# What holds the money; with every module they import.
DEFAULT = ("Pool.vy", "Scenario.vy", "Challenges.vy", "ClientToken.vy")
LINES_A_MUTANT = 30
IMPORT = re.compile(r"^import (\w+)", re.MULTILINE)
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def imported(folder: Path, name: str) -> set[str]:
    """Files of the folder that a source takes its code from, itself among them."""
    found, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        path = next((place / current for place in (folder, MOCKS) if (place / current).exists()), None)
        if path is not None and current not in found:
            found.add(current)
            waiting += [f"{module}.vy" for module in IMPORT.findall(path.read_text())]
    return found


def deployables(folder: Path) -> list[Path]:
    """Every contract the tests may deploy."""
    return sorted([*folder.glob("[A-Z]*.vy"), *MOCKS.glob("*.vy")])


def nearest_tests(folder: Path, name: str, tests: Sequence[Path]) -> list[Path]:
    """The test folders: the file's own, then its users' by how little else they use, then the others."""

    def snake(stem: str) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", stem).lower()

    users = {path.name: imported(folder, path.name) for path in deployables(folder)}
    distance = {snake(user[:-3]): len(names) for user, names in users.items() if name in names}
    distance[snake(name[:-3])] = 0
    return sorted(tests, key=lambda test: (distance.get(test.name, 1_000), tests.index(test)))


@dataclass
class Outcome:
    """What became of a slot: the mutant that stood in it, and those tried before that did not count."""

    mutant: Mutant | None
    result: str = ""
    test: str = ""
    seconds: float = 0.0
    uncompiled: int = 0
    unchanged: int = 0


class Workshop:
    """A process's own copy of the sources, compiled once; only the mutated contracts are compiled again."""

    def __init__(self, base: Path, sources: Path) -> None:
        import boa

        self.boa, self.sources = boa, sources
        self.place = Path(tempfile.mkdtemp(dir=base))
        self.folder, self.cache = self.place / "contracts", self.place / "cache"
        self.folder.mkdir()
        for path in [*sources.glob("*.vy"), *sources.glob("*.vyi")]:
            shutil.copy(path, self.folder)
        boa.interpret.set_cache_dir(str(self.cache))
        boa.interpret.set_search_paths([str(self.folder)])
        self.users = {path: imported(self.folder, path.name) for path in deployables(self.folder)}
        self.code = {path: self.compile(path) for path in self.users}
        self.kept = set(self.cache.rglob("*.pickle"))

    def compile(self, path: Path) -> bytes:
        """Bytecode as the tests will have it, without the hash of the sources."""
        data = self.boa.load_partial(str(path)).compiler_data
        return bytes(data.bytecode.replace(bytes.fromhex(data.integrity_sum), b""))

    def state(self, mutant: Mutant) -> str:
        """Put the mutant in its place; say whether it counts."""
        (self.folder / mutant.file).write_text(mutant.apply((self.sources / mutant.file).read_text()))
        users = [path for path, names in self.users.items() if mutant.file in names]
        try:
            changed = [path for path in users if self.compile(path) != self.code[path]]
        except Exception:  # the compiler's own errors are of many kinds, its crashes of more
            return "uncompiled"
        return "counts" if changed else "unchanged"

    def restore(self, name: str) -> None:
        """Forget a mutant: its source and all that was compiled of it."""
        shutil.copy(self.sources / name, self.folder)
        for path in set(self.cache.rglob("*.pickle")) - self.kept:
            path.unlink()

    def test(self, tests: Iterable[Path], timeout: float) -> tuple[str, str]:
        """`killed` and by which test, or `survived`."""
        environment = os.environ | {
            "WSF_CONTRACTS": str(self.folder),
            "WSF_CONTRACTS_CACHE": str(self.cache),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(self.place / "hypothesis"),
        }
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE"]
        command += ["--hypothesis-seed=0", *map(str, tests)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "killed", f"no end after {timeout:.0f} s"
        failed = FAILED.search(output)
        if process.returncode == 0:
            return "survived", ""
        if not failed:
            raise RuntimeError(f"pytest ended with {process.returncode}:\n{output[-2_000:]}")
        return "killed", failed[1]


@cache
def workshop(base: Path, sources: Path) -> Workshop:
    """This process's."""
    return Workshop(base, sources)


def baseline(base: Path, sources: Path, tests: Sequence[Path]) -> float:
    """Seconds the tests take on the sources as they are; they must pass."""
    started = time.perf_counter()
    result, test = workshop(base, sources).test(tests, 3_600)
    if result != "survived":
        raise SystemExit(f"the tests fail without any mutant: {test}")
    return time.perf_counter() - started


def fill(
    base: Path,
    sources: Path,
    candidates: list[Mutant],
    tests: Sequence[Path],
    near: int | None,
    timeout: float,
) -> Outcome:
    """Take the first candidate that counts and run the tests on it."""
    shop, outcome = workshop(base, sources), Outcome(None)
    for mutant in candidates:
        started = time.perf_counter()
        try:
            match shop.state(mutant):
                case "uncompiled":
                    outcome.uncompiled += 1
                case "unchanged":
                    outcome.unchanged += 1
                case _:
                    outcome.mutant = mutant
                    chosen = nearest_tests(sources, mutant.file, tests)[:near]
                    outcome.result, outcome.test = shop.test(chosen, timeout)
                    outcome.seconds = time.perf_counter() - started
                    return outcome
        finally:
            shop.restore(mutant.file)
    return outcome


def slots(sources: Path, names: Sequence[str], per_file: int, seed: int) -> list[list[Mutant]]:
    """Lists of candidates; of each list one mutant is wanted."""
    found = []
    for name in names:
        text = (sources / name).read_text()
        candidates = mutants(name, text, random.Random(f"{seed} {name}"))
        count = per_file or max(4, text.count("\n") // LINES_A_MUTANT)
        found += [candidates[slot::count] for slot in range(min(count, len(candidates)))]
    return found


def report(seed: int, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The campaign as data."""
    rows = [
        {
            "file": outcome.mutant.file,
            "line": outcome.mutant.line,
            "kind": outcome.mutant.kind,
            "before": outcome.mutant.before,
            "after": outcome.mutant.after,
            "result": outcome.result,
            "test": outcome.test,
        }
        for outcome in outcomes
        if outcome.mutant
    ]
    rows.sort(key=lambda row: (row["file"], row["line"], row["after"]))
    return {
        "seed": seed,
        "mutants": len(rows),
        "killed": sum(row["result"] == "killed" for row in rows),
        "survived": sum(row["result"] == "survived" for row in rows),
        "not_counted": {
            "did not compile": sum(outcome.uncompiled for outcome in outcomes),
            "same bytecode": sum(outcome.unchanged for outcome in outcomes),
        },
        "rows": rows,
    }


def main() -> int:
    """Run the campaign; survivors are for a reader to judge and are no failure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", help="default: the contracts that hold money and their modules")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-file", type=int, default=0, help="default: one for every 30 lines, at least 4")
    parser.add_argument("--sources", type=Path, default=CONTRACTS)
    parser.add_argument(
        "--tests", type=Path, nargs="+", help="default: all of tests/contracts, then properties"
    )
    parser.add_argument(
        "--near",
        type=int,
        help="only so many of the nearest test folders: quicker, kills less",
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--report", type=Path, default=REPORT)
    asked = parser.parse_args()
    sources = asked.sources.resolve()
    names = asked.files or sorted(set().union(*(imported(sources, name) for name in DEFAULT)))
    folders = sorted({path.parent for path in TESTS.rglob("test_*.py")})
    tests = [path.resolve() for path in asked.tests or [*folders, ROOT / "tests" / "properties"]]
    wanted = slots(sources, names, asked.per_file, asked.seed)
    print(f"mutants: seed {asked.seed}, {len(wanted)} wanted of {len(names)} files", flush=True)

    outcomes: list[Outcome] = []
    with (
        tempfile.TemporaryDirectory(prefix="mutants-") as base,
        ProcessPoolExecutor(asked.processes) as pool,
    ):
        used = {test for name in names for test in nearest_tests(sources, name, tests)[: asked.near]}
        seconds = pool.submit(baseline, Path(base), sources, sorted(used)).result()
        print(f"the tests pass without a mutant in {seconds:.0f} s", flush=True)
        timeout = 60 + 3 * seconds
        runs = [pool.submit(fill, Path(base), sources, slot, tests, asked.near, timeout) for slot in wanted]
        for run in runs:
            outcome = run.result()
            outcomes.append(outcome)
            if (mutant := outcome.mutant) is not None:
                by = outcome.test.removeprefix("tests/")
                print(f"{outcome.result:8} {mutant.file}:{mutant.line} {mutant.kind} {by}", flush=True)

    summary = report(asked.seed, outcomes)
    asked.report.parent.mkdir(exist_ok=True)
    asked.report.write_text(json.dumps(summary, indent=1) + "\n")
    survivors = [row for row in summary["rows"] if row["result"] == "survived"]
    for row in survivors:
        print(f"\nSURVIVED {row['file']}:{row['line']}\n  - {row['before']}\n  + {row['after']}")
    print(f"\n{summary['mutants']} mutants: {summary['killed']} killed, {len(survivors)} survived")
    return 0


if __name__ == "__main__":
    sys.exit(main())
