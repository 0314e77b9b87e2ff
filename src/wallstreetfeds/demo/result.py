"""What a demo run ends with: the figures of every client, the model, the money, the chain."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from wallstreetfeds.chain import Conservation


@dataclass(frozen=True)
class ClientResult:
    """One client.  Amounts in the numeraire's smallest units; prices in whole numeraire per whole token.

    `reward` is what its token earned in all rounds, whoever held it; `score_share` its part of all pots
    paid; `raised` what it got for tokens it sold.  `price_last` and `fair_last` are read just before the
    last round opens.
    """

    name: str
    address: str
    token: str
    quality: str
    score_share: float
    reward: int
    raised: int
    price_open: float
    price_last: float
    fair_last: float


@dataclass(frozen=True)
class RoundResult:
    """One round: its pot (smallest units), scores, metric after it; prices and fair values after its trades.

    Lists are in join order; `prices` and `fair` are 0 after the last round, when nothing trades any more.
    """

    round: int
    pot: int
    scores: list[int]
    metric: float
    prices: list[float]
    fair: list[float]


@dataclass(frozen=True)
class DemoResult:
    """A whole run."""

    seed: int
    rounds: int
    scenario: str
    numeraire_decimals: int
    clients: tuple[ClientResult, ...]
    series: tuple[RoundResult, ...]
    metric: str
    metric_first: float
    metric_last: float
    conservation: Conservation
    transactions: int
    gas: int
    chain_seconds: float
    learning_seconds: float
    assessment_seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the run as a JSON object; amounts are integer strings in the numeraire's smallest unit."""
        money = self.conservation
        amounts = ("deposited", "escrow", "claimed", "claimable", "bonds", "dust")
        return {
            "clients": [
                {**asdict(client), "reward": str(client.reward), "raised": str(client.raised)}
                for client in self.clients
            ],
            "rounds": self.rounds,
            "model": {"metric": self.metric, "first": self.metric_first, "last": self.metric_last},
            "conservation": {
                **{name: str(getattr(money, name)) for name in amounts},
                "balanced": money.balanced,
            },
            "chain": {"transactions": self.transactions, "gas": self.gas, "seconds": self.chain_seconds},
            "learning": {"seconds": self.learning_seconds},
            "assessment": {"seconds": self.assessment_seconds},
            "seed": self.seed,
            "scenario": self.scenario,
            "numeraire": {"decimals": self.numeraire_decimals},
            "series": [{**asdict(round_), "pot": str(round_.pot)} for round_ in self.series],
        }
