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
    """Scenario: the whole budget was escrowed; `amount` in numeraire units, without the bond."""

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
    """Scenario: a client was put on the allow-list with the `supply` of its token, or taken off it (0)."""

    client: str
    supply: int


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
    """Scenario: the shared pool was created; numbers of clients, and the numeraire's smallest units."""

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
    """Scenario: the federator's scores, in join order; `evidence_root` is 32 bytes.

    Zeros at the end are left out, for the event does not say how many clients take part: who has no score
    here has 0.
    """

    round: int
    scores: tuple[int, ...]
    evidence_root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresReplaced(Record):
    """Scenario: the arbiter's scores, as in `ScoresSubmitted`; numeraire units `added` to the pot."""

    round: int
    scores: tuple[int, ...]
    evidence_root: bytes
    added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFinalized(Record):
    """Scenario: payment date of `round`; numeraire units `added` to a pot without scores."""

    round: int
    caller: str
    scored: bool
    added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToppedUp(Record):
    """Scenario: the escrow grew by `amount`, in the numeraire's smallest units."""

    payer: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMarketOpened(Record):
    """Scenario: a pool for the token of a client that joined late; tokens and numeraire in smallest units."""

    client: str
    pool: str
    listed_amount: int
    numeraire_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BondEscrowed(Record):
    """Challenges: the federator's bond; `amount` in the numeraire's smallest units."""

    federator: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BondWithdrawn(Record):
    """Challenges: paid to the federator, what it won and what is left of its bond; numeraire units."""

    federator: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BondSliced(Record):
    """Challenges: part of the federator's bond went to the Scenario for a pot; numeraire units."""

    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenged(Record):
    """Challenges: somebody objects to the scores of `round` with a `bond` (numeraire units).

    `statement` is the hash (32 bytes) of what is wrong with them.
    """

    round: int
    challenger: str
    bond: int
    statement: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresUpheld(Record):
    """Challenges: the arbiter let the scores stand; all challengers' bonds are the federator's."""

    round: int
    forfeited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeRewarded(Record):
    """Challenges: the scores were replaced; out of the federator's bond, in numeraire units, the first
    challenger gets `compensation` and the pot what was `added`.
    """

    round: int
    challenger: str
    compensation: int
    added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeBondWithdrawn(Record):
    """Challenges: a challenger got its bond back, with its compensation; `amount` in numeraire units."""

    round: int
    challenger: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetListed(Record):
    """Pool: its asset number `asset` is the token of client number `client`; `amount` in smallest units."""

    asset: int
    client: int
    amount: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialized(Record):
    """Pool: what it opened with of the numeraire (smallest units), and the weight of that at the opening."""

    numeraire_amount: int
    numeraire_weight: int


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
class SingleAssetAdded(Record):
    """Pool: LP shares were minted for `amount` of one asset, its `fee` included."""

    provider: str
    asset: int
    amount: int
    shares: int
    fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleAssetRemoved(Record):
    """Pool: LP shares were burnt for `amount` of one asset; its `fee` stayed in the pool."""

    provider: str
    receiver: str
    asset: int
    amount: int
    shares: int
    fee: int


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
        ScoresReplaced,
        RoundFinalized,
        ToppedUp,
        LateMarketOpened,
        BondEscrowed,
        BondWithdrawn,
        BondSliced,
        Challenged,
        ScoresUpheld,
        ChallengeRewarded,
        ChallengeBondWithdrawn,
        AssetListed,
        Initialized,
        Swap,
        LiquidityAdded,
        LiquidityRemoved,
        SingleAssetAdded,
        SingleAssetRemoved,
        Harvested,
        Claimed,
        Transfer,
        Approval,
    )
}
"""Event name -> record class."""
