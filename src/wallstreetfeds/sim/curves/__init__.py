"""Curves behind the seam: the contracts' own and those to compare it with, by name.

    market = open_market("lmsr", Terms(budget=1e6, rounds=50), ["a", "b"], {"lp": 2e5}, {"investor": 5e4})

A curve is a formula (`model.pricing.Pricing`), whether the clock runs, and when holders are recorded.
docs/guides/curves.md has the formulas side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Final

from wallstreetfeds.sim.curves.bootstrapping import Bootstrapping
from wallstreetfeds.sim.curves.cum_reward import CumReward
from wallstreetfeds.sim.curves.lmsr import Lmsr
from wallstreetfeds.sim.curves.pairs import Pairs
from wallstreetfeds.sim.model.federation import Client, Federation, RecordDate
from wallstreetfeds.sim.model.market import ModelMarket
from wallstreetfeds.sim.model.pricing import ConstantMean, PricingOf
from wallstreetfeds.sim.model.terms import Terms

__all__ = ["CURVES", "Bootstrapping", "CumReward", "Curve", "Lmsr", "Pairs", "open_market"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A market's rule: `formula` in a line, and where it is `source`d from.

    `clock` and `record_at` are what its federation is opened with, `pricing` makes its prices.  `on_chain`:
    the contracts have it too.  `falling_fee`: the fee falls in the opening period, as the terms say.
    `complete_sets`: it needs every client's token in the one pool.  With other options of a formula:
    `replace(CURVES["lmsr"], pricing=partial(Lmsr, liquidity=0.5))`.
    """

    name: str
    formula: str
    source: str
    clock: bool
    record_at: RecordDate
    pricing: PricingOf = ConstantMean
    on_chain: bool = False
    falling_fee: bool = True
    complete_sets: bool = False


_MEAN: Final = "prod x_i^w_i constant, price_i = (x_0 / w_0) / (x_i / w_i)"
_PAPER: Final = "Geimer, Fiz Pontiveros, State, WallStreetFeds, 2024 (arXiv 2506.20518)"
_BALANCER: Final = "Martinelli, Mushegian, Balancer, 2019"

CURVES: Final[Mapping[str, Curve]] = MappingProxyType(
    {
        made.name: made
        for made in (
            Curve(
                name="constant-mean",
                formula=f"{_MEAN}; weights stand still, holders are recorded at the payment",
                source=f"{_PAPER}; {_BALANCER}",
                clock=False,
                record_at="payment",
            ),
            Curve(
                name="clock",
                formula=f"{_MEAN} with w_0 = base_0 * B / rho; holders are recorded when a round opens",
                source=f"SPEC.md; {_BALANCER}",
                clock=True,
                record_at="opening",
                on_chain=True,
            ),
            Curve(
                name="clock-settlement",
                formula=f"{_MEAN} with w_0 = base_0 * B / rho; holders are recorded at the payment",
                source=f"SPEC.md, less the record date; {_BALANCER}",
                clock=True,
                record_at="payment",
            ),
            Curve(
                name="constant-mean-record",
                formula=f"{_MEAN}; weights stand still, holders are recorded when a round opens",
                source=f"SPEC.md, with the clock off; {_BALANCER}",
                clock=False,
                record_at="opening",
                on_chain=True,
            ),
            Curve(
                name="pairs",
                formula="x_k * y_k constant in a pair for every client, price_k = y_k / x_k",
                source="Adams, Zinsmeister, Robinson, Uniswap v2 Core, 2020",
                clock=False,
                record_at="payment",
                pricing=Pairs,
            ),
            Curve(
                name="clock-pairs",
                formula="x_k * y_k^w constant in a pair a client, price_k = y_k / (w x_k), w = B / rho",
                source=f"SPEC.md: the pool of a late client, one for each; {_BALANCER}",
                clock=True,
                record_at="opening",
                pricing=partial(Pairs, clocked=True),
            ),
            Curve(
                name="lmsr",
                formula="cost = rho b ln sum pi_k exp(u_k / b), price_k S_k = rho softmax_k(ln pi + u / b)",
                source="Hanson, 2003 and 2007",
                clock=True,
                record_at="opening",
                pricing=Lmsr,
                complete_sets=True,
            ),
            Curve(
                name="cum-reward",
                formula="price_k = max(0, (y / w_0) / (x_k / w_k) - H_k) with y = books - sum H_k x_k",
                source=f"this project's; the curve: {_BALANCER}",
                clock=False,
                record_at="payment",
                pricing=CumReward,
            ),
            Curve(
                name="bootstrapping",
                formula="clock, with prices times 1 + (premium - 1) * left / period in the opening period",
                source="Martinelli, McDonald, Balancer Liquidity Bootstrapping Pools, 2020",
                clock=True,
                record_at="opening",
                pricing=Bootstrapping,
                falling_fee=False,
            ),
        )
    }
)
"""Every curve by name."""


def open_market(
    curve: str | Curve,
    terms: Terms,
    clients: Sequence[str] | Sequence[Client],
    deposits: Mapping[str, float],
    cash: Mapping[str, float] | None = None,
) -> ModelMarket:
    """Open a federation in the model with a curve of CURVES, by name, or one's own.

    `clients` in join order, names where they all list tokens of the standard supply; `deposits` is the
    numeraire the pool opens with, by provider, `cash` what everybody has besides.  The curve decides over
    `terms.clock` and whether there is an opening fee.  Raises ValueError for a name that is none, or terms
    that the curve cannot be opened with, and Refused where the contracts would refuse.
    """
    rule = curve_named(curve) if isinstance(curve, str) else curve
    people = [client if isinstance(client, Client) else Client(client) for client in clients]
    if rule.complete_sets and (terms.late_joins or not all(client.listed for client in people)):
        raise ValueError(
            f"the curve {rule.name!r} trades complete sets: every client has to list its token, and nobody "
            "may join late"
        )
    fee = terms.opening_fee if rule.falling_fee else terms.swap_fee
    adapted = replace(terms, clock=rule.clock, opening_fee=fee)
    federation = Federation(adapted, people, deposits, cash, pricing=rule.pricing, record_at=rule.record_at)
    return ModelMarket(federation)


def curve_named(name: str) -> Curve:
    """Return a curve by name.  Raises ValueError that lists what there is."""
    if name not in CURVES:
        raise ValueError(f"no curve {name!r}; there are: {', '.join(CURVES)}")
    return CURVES[name]
