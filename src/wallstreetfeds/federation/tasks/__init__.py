"""Learning tasks: the interface, the built-in ones by name, and partitioners."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from wallstreetfeds.federation.tasks import credit, lending_club, mnist
from wallstreetfeds.federation.tasks.base import Arrays, Partition, Quality, Split, Task
from wallstreetfeds.federation.tasks.credit import CREDIT
from wallstreetfeds.federation.tasks.lending_club import LENDING_CLUB
from wallstreetfeds.federation.tasks.mnist import MNIST

TASKS = {task.name: task for task in (CREDIT, MNIST, LENDING_CLUB)}
"""Built-in tasks by name."""

_LOADERS: dict[str, Callable[..., Split]] = {
    CREDIT.name: credit.load,
    MNIST.name: mnist.load,
    LENDING_CLUB.name: lending_club.load,
}


def named_task(name: str, *, skew: float | None = None) -> Task:
    """Return a built-in task; with `skew` its data are split by label with Dirichlet(skew) shares.

    Raises ValueError for a name that is not in `TASKS`, or a skew that is not a positive number.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; there are {', '.join(TASKS)}")
    if skew is None:
        return TASKS[name]
    if not 0 < skew < float("inf"):
        raise ValueError(f"the Dirichlet parameter must be a positive number, got {skew}")
    return replace(TASKS[name], load=partial(_LOADERS[name], skew=skew))


__all__ = [
    "CREDIT",
    "LENDING_CLUB",
    "MNIST",
    "TASKS",
    "Arrays",
    "Partition",
    "Quality",
    "Split",
    "Task",
    "named_task",
]
