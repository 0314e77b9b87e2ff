"""A search for a sequence of one actor's calls that gains: the best of every mix is kept and mutated."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from onchain.one_actor import KINDS, TRADES, Game, Step
from onchain.revm_world import on_revm

LONGEST = 14


@dataclass
class Found:
    """What came out of a search of one world."""

    world: str
    sequences: int = 0
    acted: int = 0
    best: int = -(2**255)
    steps: list[Step] = field(default_factory=list)
    dust: int = 0

    @property
    def is_finding(self) -> bool:
        return self.best > self.dust


class Search:
    """MAP-Elites: a cell for each set of calls that went through, in it the sequence that gained most."""

    def __init__(self, game: Game, name: str, rng: random.Random) -> None:
        self.game, self.rng = game, rng
        self.cells: dict[frozenset[str], tuple[int, list[Step]]] = {}
        self.found = Found(name, dust=game.dust())

    def run(self, sequences: int) -> Found:
        """Try so many sequences."""
        for steps in self.candidates(sequences):
            gain = self.game.play(steps)
            self.found.sequences += 1
            kinds = frozenset(self.game.done)
            if kinds & TRADES:
                self.found.acted += 1
                if kinds not in self.cells or gain > self.cells[kinds][0]:
                    self.cells[kinds] = (gain, steps)
                if gain > self.found.best:
                    self.found.best, self.found.steps = gain, steps
        return self.found

    def candidates(self, sequences: int) -> Iterator[list[Step]]:
        for number in range(sequences):
            if number < 50 or not self.cells or self.rng.random() < 0.1:
                yield [self.step() for _ in range(self.rng.randint(1, LONGEST))]
            else:
                yield self.mutated()

    def step(self) -> Step:
        size = self.rng.choice([self.rng.randint(0, 40), self.rng.randint(41, 1000), 1000])
        return Step(self.rng.choice(KINDS), self.rng.randrange(2), self.rng.randrange(64), size)

    def mutated(self) -> list[Step]:
        best = sorted(self.cells.values(), key=lambda cell: -cell[0])
        pool = best[: len(best) // 4 + 1] if self.rng.random() < 0.5 else best
        steps = list(self.rng.choice(pool)[1])
        for _ in range(self.rng.randint(1, 3)):
            at = self.rng.randrange(len(steps)) if steps else 0
            how = self.rng.choice(["change", "insert", "delete", "swap", "splice", "resize"])
            if how == "change" and steps:
                steps[at] = self.step()
            elif how == "insert" or not steps:
                steps.insert(at, self.step())
            elif how == "delete":
                del steps[at]
            elif how == "swap":
                other = self.rng.randrange(len(steps))
                steps[at], steps[other] = steps[other], steps[at]
            elif how == "splice":
                steps = steps[:at] + self.rng.choice(best)[1][at:]
            else:
                size = max(
                    0, min(1000, int(steps[at].size * self.rng.choice([0.5, 0.9, 0.99, 1.01, 1.1, 2])))
                )
                steps[at] = steps[at]._replace(size=size)
        return steps[:LONGEST]


def search(name: str, seed: int, sequences: int) -> Found:
    """Search one world on revm."""
    with on_revm():
        return Search(Game(name), name, random.Random(f"{seed} {name}")).run(sequences)


def confirmed(name: str, steps: list[Step]) -> int:
    """The gain of the same sequence on titanoboa."""
    return Game(name).play(steps)
