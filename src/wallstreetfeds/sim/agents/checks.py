"""Parameters that cannot be meant are refused when an agent is made."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from operator import index


def check(
    agent: object,
    *,
    parts: Sequence[str] = (),
    amounts: Sequence[str] = (),
    positive: Sequence[str] = (),
    counts: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> None:
    """Raise ValueError for a field of an agent outside its range, by the names of the fields.

    `parts` are between 0 and 1, `amounts` at least 0, `positive` above 0, `counts` whole and at least 1,
    `numbers` whole and at least 0; none is infinite.
    """
    for names, what, accepts in (
        (parts, "a part between 0 and 1", lambda value: 0 <= value <= 1),
        (amounts, "a number of at least 0", lambda value: 0 <= value < inf),
        (positive, "a number above 0", lambda value: 0 < value < inf),
        (counts, "a whole number of at least 1", lambda value: index(value) >= 1),
        (numbers, "a whole number of at least 0", lambda value: index(value) >= 0),
    ):
        for name in names:
            value = getattr(agent, name)
            try:
                accepted = accepts(value)
            except TypeError:
                accepted = False
            if not accepted:
                raise ValueError(f"{type(agent).__name__}: {name} has to be {what}, got {value!r}")
