"""Experiments: one question each, run by `wsf experiment run NAME`.

An experiment is one file: the question, the method, the measure and how it could fail, `measure(settings)`
and `jobs(quick=, seeds=, market=)`.  Its tables, blocks and figures are in the file of the same name under
`reports`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Final

__all__ = ["EXPERIMENTS", "MARKETS", "Experiment"]

MARKETS: Final = ("model", "chain")
"""Where a market can run: the float64 model, or the contracts on an embedded chain."""


@dataclass(frozen=True)
class Experiment:
    """An experiment by name: the question, and the modules that answer and show it.

    The module at `path` has `jobs(quick=, seeds=)`, with `market=` where there are `markets`; the one at
    `report_path` has `tables(jobs, answers)`, `blocks(tables)` for its report and `figures(tables)` for the
    files beside it.
    """

    name: str
    question: str
    path: str
    report_path: str
    markets: tuple[str, ...] = MARKETS

    def load(self) -> ModuleType:
        """Import what it does; raises ModuleNotFoundError where an optional package is missing."""
        return import_module(self.path)

    def report(self) -> ModuleType:
        """Import what shows it; raises ModuleNotFoundError where an optional package is missing."""
        return import_module(self.report_path)


def _market(name: str, question: str) -> Experiment:
    module = name.replace("-", "_")
    return Experiment(
        name,
        question,
        f"wallstreetfeds.experiments.{module}",
        f"wallstreetfeds.experiments.reports.{module}",
    )


_ASSESSMENT: Final = "wallstreetfeds.experiments.assessment"

EXPERIMENTS: Final = MappingProxyType(
    {
        experiment.name: experiment
        for experiment in (
            Experiment(
                "assessment",
                "How faithful is each method of assessment, and what does it pay an attacker?",
                _ASSESSMENT,
                _ASSESSMENT,
                markets=(),
            ),
            _market(
                "bubbles",
                "How far do prices leave value when money follows prices, and does the escrow hold them?",
            ),
            _market(
                "capital-raising",
                "Can clients raise capital by selling tokens, at what price, and does it reach the data?",
            ),
            _market(
                "contribution-method",
                "How do ways of paying, and of giving out tokens, change rewards, prices, who stays, "
                "the model?",
            ),
            _market(
                "curves",
                "Which curve can carry a claim that decays, and what does it cost those who provide "
                "liquidity?",
            ),
            _market("liquidity", "How much must be seeded before prices carry information?"),
            _market("manipulation", "What does manipulation earn, whom does it cost, and who would notice?"),
            _market(
                "payout-capture",
                "Who captures payouts, the opening and the money of a pool, without bearing risk?",
            ),
            _market(
                "price-decay",
                "Does a token's price follow what is left to be paid, round by round, to nothing?",
            ),
            _market(
                "price-quality",
                "Does a token's price say how good a client's data are, and more than its scores do?",
            ),
        )
    }
)
"""Every experiment by name."""
