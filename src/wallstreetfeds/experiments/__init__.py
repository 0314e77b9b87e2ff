"""Experiments: one question each, run by `wsf experiment run NAME`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Final

__all__ = ["EXPERIMENTS", "Experiment"]


@dataclass(frozen=True)
class Experiment:
    """An experiment by name: the question, and the module that answers it.

    The module has `jobs(quick=, seeds=)`, `tables(jobs, answers)`, `blocks(tables)` for its report and
    `figures(tables)` for the files beside it.
    """

    name: str
    question: str
    path: str

    def load(self) -> ModuleType:
        """Import the module; raises ModuleNotFoundError where an optional package is missing."""
        return import_module(self.path)


EXPERIMENTS: Final = MappingProxyType(
    {
        experiment.name: experiment
        for experiment in (
            Experiment(
                "assessment",
                "How faithful is each method of assessment, and what does it pay an attacker?",
                "wallstreetfeds.experiments.assessment",
            ),
        )
    }
)
"""Every experiment by name."""
