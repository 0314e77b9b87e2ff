"""One frozen record per contract event: what the recorder, the indexer and the experiments read.

Fields have the names of the event's fields.  Amounts are integers in smallest units: of the numeraire where
a field says so, of client tokens or LP shares (12 decimals) otherwise.  `contract` is the address that logged
the event; `timestamp` is the block's time in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Where and when an event was logged; (block, log_index) is unique and gives the order."""

    contract: str
    block: int
    timestamp: int
    log_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioCreated(Record):
    """Orchestrator: a federation was created; the `index`-th, from 0."""

    scenario: str
    federator: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFunded(Record):
    """Scenario: the whole budget was escrowed; `amount` in the numeraire's smallest units."""

    federator: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetWithdrawn(Record):
    """Scenario: the budget went back after a cancellation; `amount` in the numeraire's smallest units."""

    federator: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled(Record):
    """Scenario: the federation was given up before its market opened."""

    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAllowed(Record):
    """Scenario: a client was put on the allow-list or taken off it."""

    client: str
    allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientJoined(Record):
    """Scenario: a client joined as number `index`, from 0; `supply` in the token's smallest units."""

    client: str
    index: int
    token: str
    supply: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensDeposited(Record):
    """Scenario: a client deposited its listed tokens; `amount` in the token's smallest units."""

    client: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensWithdrawn(Record):
    """Scenario: a client took its deposited tokens back; `amount` in the token's smallest units."""

    client: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumeraireDeposited(Record):
    """Scenario: numeraire for the pool's opening; `amount` in the numeraire's smallest units."""

    depositor: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NumeraireWithdrawn(Record):
    """Scenario: a numeraire deposit was taken back; `amount` in the numeraire's smallest units."""

    depositor: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOpened(Record):
    """Scenario: the pool was created; numbers of clients, and the numeraire's smallest units."""

    pool: str
    clients: int
    listed: int
    numeraire_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOpened(Record):
    """Scenario: record date and ex-date of `round`; `pot` and `rho` in the numeraire's smallest units."""

    round: int
    pot: int
    rho: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresSubmitted(Record):
    """Scenario: one integer score a client, in join order; `evidence_root` is 32 bytes."""

    round: int
    scores: tuple[int, ...]
    evidence_root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFinalized(Record):
    """Scenario: payment date of `round`."""

    round: int
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialized(Record):
    """Pool: opening balances; `token_amount` of each listed client's token, `clients` are join numbers."""

    numeraire_amount: int
    token_amount: int
    clients: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap(Record):
    """Pool: a trade; assets by number (0 is the numeraire), `fee` is part of `amount_in`."""

    trader: str
    receiver: str
    asset_in: int
    asset_out: int
    amount_in: int
    amount_out: int
    fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidityAdded(Record):
    """Pool: LP shares were minted for `amounts`, one for each asset of the pool."""

    provider: str
    shares: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidityRemoved(Record):
    """Pool: LP shares were burnt for `amounts`, one for each asset of the pool."""

    provider: str
    receiver: str
    shares: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvested(Record):
    """Pool: what its tokens earned in `round`, in reward units (the Scenario's quantum each)."""

    round: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Record):
    """Client token or pool: rewards were paid; `amount` in the numeraire's smallest units."""

    holder: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Record):
    """Any ERC-20: `amount` in its smallest units; the zero address mints and burns."""

    sender: str
    receiver: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval(Record):
    """Any ERC-20: `amount` in its smallest units."""

    owner: str
    spender: str
    amount: int


EVENTS: Final[dict[str, type[Record]]] = {
    kind.__name__: kind
    for kind in (
        ScenarioCreated,
        BudgetFunded,
        BudgetWithdrawn,
        Cancelled,
        ClientAllowed,
        ClientJoined,
        TokensDeposited,
        TokensWithdrawn,
        NumeraireDeposited,
        NumeraireWithdrawn,
        MarketOpened,
        RoundOpened,
        ScoresSubmitted,
        RoundFinalized,
        Initialized,
        Swap,
        LiquidityAdded,
        LiquidityRemoved,
        Harvested,
        Claimed,
        Transfer,
        Approval,
    )
}
"""Event name -> record class."""
