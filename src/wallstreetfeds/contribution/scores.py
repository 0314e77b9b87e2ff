"""From contributions (floats, any sign) to the integer scores a contract accepts.

Rules (the contract checks the cap and the sum): negative contributions count as zero; what is left is
normalised; no share exceeds `score_cap * S_k / sum S`; the excess goes to the uncapped clients in proportion
to what they contributed, repeatedly, and to those who contributed nothing, equally, only where everybody else
is at the cap (docs/decisions/0014-who-gets-the-excess.md); one rounding, to integers that sum to 1e9.  All
arithmetic before the rounding is exact (fractions), so every machine agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor, isfinite
from typing import Final

from wallstreetfeds.contribution.checks import whole

SCORE_TOTAL: Final = 1_000_000_000
"""What the scores of a round sum to, unless nobody contributed."""

DEFAULT_SCORE_CAP: Final = 4
"""Most a client may score, as a multiple of its share of the total supply."""


def integer_scores(
    contributions: Sequence[float],
    *,
    supplies: Sequence[int] | None = None,
    score_cap: Fraction | float = DEFAULT_SCORE_CAP,
) -> list[int]:
    """Return one score for each client, in join order.

    `contributions` in join order, any unit; `supplies` are the clients' token supplies S_k (None: equal),
    which only set the cap. The scores sum to exactly 1e9 and respect the cap within one unit; clients with
    a contribution of zero or less score 0 unless everybody above is at the cap. Nobody above zero: all
    scores are 0 (the contract then splits the pot by supply). Units left by rounding down go to the largest
    remainders, ties to the client that joined first. Raises ValueError on no clients, NaN or infinity, a
    wrong number of supplies, supplies that are no integers, or a cap below one.
    """
    values = [float(value) for value in contributions]
    if not values:
        raise ValueError("scores need at least one client")
    for client, value in enumerate(values):
        if not isfinite(value):
            raise ValueError(f"the contribution of client {client} is {value}, not a finite number")
    caps = _caps(len(values), supplies, score_cap)
    positive = [Fraction(max(value, 0.0)) for value in values]
    total = sum(positive, Fraction(0))
    if total == 0:
        return [0] * len(values)
    return _rounded(capped_shares([value / total for value in positive], caps))


def smoothed(
    contributions: Sequence[float], before: Sequence[float] | None, *, keep: float = 0.8
) -> list[float]:
    """Return contributions averaged with those of earlier rounds: keep * before + (1 - keep) * now.

    `before` is what this function returned for the last round, in the same join order; None in the first
    round, which is returned as it is. With `keep` 0.8 the spread of a steady client's share of a round falls
    to a third where rounds are independent (sqrt((1 - keep) / (1 + keep))) and to about half in federations
    that were measured. The price: a client that turns bad is paid for its past for some rounds. Everyone who
    recomputes a score needs the values of the round before. Raises ValueError on NaN or infinity, lengths
    that differ, or `keep` outside [0, 1).
    """
    if not 0 <= keep < 1:
        raise ValueError(f"the share kept of earlier rounds is at least 0 and below 1, got {keep}")
    values = [float(value) for value in contributions]
    past = values if before is None else [float(value) for value in before]
    if len(past) != len(values):
        raise ValueError(f"expected {len(values)} earlier values, got {len(past)}")
    for client, value in enumerate(values + past):
        if not isfinite(value):
            raise ValueError(
                f"the contribution of client {client % len(values)} is {value}, not a finite number"
            )
    if before is None:
        return values
    return [keep * old + (1.0 - keep) * new for old, new in zip(past, values, strict=True)]


def capped_shares(shares: Sequence[Fraction], caps: Sequence[Fraction]) -> list[Fraction]:
    """Return `shares` (sum 1) cut to `caps` (sum at least 1), the excess spread over the uncapped clients in
    proportion to their shares; equally where these are all zero.

    Repeats until nobody is above its cap; each repetition caps at least one more client.
    """
    result = list(shares)
    capped: set[int] = set()
    while over := [k for k, share in enumerate(result) if k not in capped and share > caps[k]]:
        capped.update(over)
        excess = sum((result[k] - caps[k] for k in over), Fraction(0))
        for k in over:
            result[k] = caps[k]
        uncapped = [k for k in range(len(result)) if k not in capped]
        held = sum((result[k] for k in uncapped), Fraction(0))
        for k in uncapped:
            result[k] += excess * result[k] / held if held else excess / len(uncapped)
    return result


def _caps(clients: int, supplies: Sequence[int] | None, score_cap: Fraction | float) -> list[Fraction]:
    amounts = [1] * clients if supplies is None else [whole(amount, "a supply") for amount in supplies]
    if len(amounts) != clients:
        raise ValueError(f"expected {clients} supplies, got {len(amounts)}")
    if min(amounts) <= 0:
        raise ValueError("supplies must be positive")
    if not isfinite(score_cap) or score_cap < 1:
        raise ValueError(f"a score cap below one leaves part of every pot unpaid, got {score_cap}")
    total = sum(amounts)
    return [Fraction(score_cap) * amount / total for amount in amounts]


def _rounded(shares: Sequence[Fraction]) -> list[int]:
    """Return `shares` (sum 1) as integers with the sum 1e9, by largest remainder."""
    exact = [share * SCORE_TOTAL for share in shares]
    scores = [floor(value) for value in exact]
    missing = SCORE_TOTAL - sum(scores)
    order = sorted(range(len(scores)), key=lambda k: (scores[k] - exact[k], k))
    for k in order[:missing]:
        scores[k] += 1
    return scores
