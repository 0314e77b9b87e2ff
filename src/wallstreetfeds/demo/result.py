"""What a demo run ends with: the figures of every client, the model, the market, the money, the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wallstreetfeds.chain import Conservation
from wallstreetfeds.records import Record


@dataclass(frozen=True)
class ClientResult:
    """One client.  Amounts in the numeraire's smallest units; prices in whole numeraire per whole token.

    `reward` is what its token earned in all rounds, whoever held it: the sum of `reward_client` (what it kept
    itself), `reward_providers` (tokens in the pool, paid to liquidity providers) and `reward_investors`
    (everybody else).  `score_share` is its part of all pots paid; `raised` what it got for tokens it sold.
    `price_last` and `fair_last` are read just before the last round opens.
    """

    name: str
    address: str
    token: str
    quality: str
    score_share: float
    reward: int
    reward_client: int
    reward_investors: int
    reward_providers: int
    raised: int
    price_open: float
    price_first: float
    price_last: float
    fair_last: float


@dataclass(frozen=True)
class Excluded:
    """A reply that did not count: the client's position (None: a node nobody knows), and why."""

    client: int | None
    reason: str


@dataclass(frozen=True)
class RoundResult:
    """One round: its pot and rewards (smallest units), scores, metric after it; prices after its trades.

    Lists are in join order; `prices` and `fair` are 0 after the last round, when nothing trades any more.
    `contributions` are in the task's utility; `standard_errors` are theirs, None where they are exact.
    """

    round: int
    pot: int
    scores: list[int]
    score_shares: list[float]
    contributions: list[float]
    standard_errors: list[float] | None
    rewards: list[int]
    excluded: list[Excluded]
    metric: float
    prices: list[float]
    fair: list[float]

    def as_json(self) -> dict[str, Any]:
        """Return the round as a JSON object; amounts are integer strings."""
        return {**asdict(self), "pot": str(self.pot), "rewards": [str(reward) for reward in self.rewards]}


@dataclass(frozen=True)
class Liquidity:
    """All liquidity providers together against holding what they deposited; whole numeraire.

    One value at the opening, one after the first trades, one after every round.  `provided`: the pool's
    reserves at spot prices and the rewards its tokens have earned; `held`: the opening deposit at the same
    prices and the rewards those tokens would have earned.
    """

    provided: list[float]
    held: list[float]


@dataclass(frozen=True)
class Dispute:
    """A challenge and how it ended.  Amounts in the numeraire's smallest units.

    `favoured`: whom the federator scored too high, None where the scores were right; shares are that client's
    (or the weakest one's) of the round, as submitted and as recomputed.  `bond` is the challenger's; `ruling`
    is "replaced" or "upheld".  `returned`: what the challenger got back, its `compensation` included, which
    came from the federator's bond as did what was `added` to the pot; `forfeited`: what the federator won.
    """

    round: int
    challenger: str
    favoured: str | None
    share_submitted: float
    share_recomputed: float
    bond: int
    ruling: str
    returned: int
    compensation: int
    added: int
    forfeited: int

    def as_json(self) -> dict[str, Any]:
        """Return the dispute as a JSON object; amounts are integer strings."""
        amounts = ("bond", "returned", "compensation", "added", "forfeited")
        return asdict(self) | {name: str(getattr(self, name)) for name in amounts}


@dataclass(frozen=True)
class Facts:
    """How the run came about.  Seconds of wall time; `versions` of packages, by name."""

    task: str
    seconds: float
    chain_id: int
    node: str
    orchestrator: str
    numeraire: str
    evaluations: int
    versions: Mapping[str, str]


@dataclass(frozen=True)
class ContractName:
    """What is at an address: the kind of contract, and which of them it is, for a person."""

    kind: str
    name: str


@dataclass(frozen=True)
class DemoResult:
    """A whole run.  `records` are all events of the federation's contracts, which `contracts` names."""

    seed: int
    rounds: int
    scenario: str
    numeraire_decimals: int
    clients: tuple[ClientResult, ...]
    series: tuple[RoundResult, ...]
    liquidity: Liquidity
    metric: str
    metric_first: float
    metric_last: float
    conservation: Conservation
    disputes: tuple[Dispute, ...]
    transactions: int
    gas: int
    chain_seconds: float
    learning_seconds: float
    assessment_seconds: float
    facts: Facts
    contracts: Mapping[str, ContractName]
    records: tuple[Record, ...]

    @property
    def estimated(self) -> bool:
        """Whether contributions are sampled estimates, with a standard error."""
        return any(round_.standard_errors is not None for round_ in self.series)

    @property
    def largest_share_error(self) -> float:
        """Largest standard error of any client's share of any round; 0.0 where contributions are exact."""
        errors = [0.0]
        for round_ in self.series:
            total = sum(max(value, 0.0) for value in round_.contributions)
            if round_.standard_errors and total > 0:
                errors += [error / total for error in round_.standard_errors]
        return max(errors)

    def as_json(self) -> dict[str, Any]:
        """Return the run as a JSON object; amounts are integer strings in the numeraire's smallest unit."""
        money = self.conservation
        amounts = ("deposited", "escrow", "claimed", "claimable", "bonds", "dust")
        return {
            "clients": [
                {
                    **asdict(client),
                    **{k: str(v) for k, v in asdict(client).items() if k.startswith("reward")},
                    "raised": str(client.raised),
                }
                for client in self.clients
            ],
            "rounds": self.rounds,
            "task": self.facts.task,
            "model": {"metric": self.metric, "first": self.metric_first, "last": self.metric_last},
            "conservation": {
                **{name: str(getattr(money, name)) for name in amounts},
                "balanced": money.balanced,
            },
            "challenges": [dispute.as_json() for dispute in self.disputes],
            "chain": {
                "transactions": self.transactions,
                "gas": self.gas,
                "seconds": self.chain_seconds,
                "id": self.facts.chain_id,
                "node": self.facts.node,
            },
            "learning": {"seconds": self.learning_seconds},
            "assessment": {
                "seconds": self.assessment_seconds,
                "largest_share_error": self.largest_share_error,
                "evaluations": self.facts.evaluations,
                "exact": not self.estimated,
            },
            "seed": self.seed,
            "seconds": self.facts.seconds,
            "scenario": self.scenario,
            "orchestrator": self.facts.orchestrator,
            "numeraire": {"decimals": self.numeraire_decimals, "address": self.facts.numeraire},
            "series": [round_.as_json() for round_ in self.series],
            "liquidity": asdict(self.liquidity),
            "versions": dict(self.facts.versions),
        }
