"""Where somebody's rewards are: held, of record, claimed, claimable; for every token and for LP shares."""

from __future__ import annotations

from dataclasses import dataclass

from wallstreetfeds.chain.abi import topic_of
from wallstreetfeds.chain.contracts import Scenario
from wallstreetfeds.chain.contracts.token import RewardToken
from wallstreetfeds.chain.events import last_event, read_events, word
from wallstreetfeds.records import Claimed, RoundOpened, Transfer


@dataclass(frozen=True, slots=True)
class Holding:
    """One holder and one reward token; `client` is the number of the token's client, None for LP shares.

    `balance` in the token's smallest units; `record` the same at the record date of the round that is open,
    None while none is; `claimed` and `claimable` in the numeraire's smallest units.
    """

    client: int | None
    contract: str
    balance: int
    record: int | None
    claimed: int
    claimable: int


def holdings(scenario: Scenario, holder: str, *, first: int = 0) -> list[Holding]:
    """Return the holder's part in every client's token, in join order, and in every pool.

    Reads events of blocks `first`.. (the Scenario has to be younger).  Raises ContractError before the market
    opens.
    """
    block = scenario.session.block_number()
    at = scenario.at_block(block)
    tokens = at.tokens()
    at.market()
    contracts: list[RewardToken] = [*tokens, *at.pools()]
    clock = at.clock()
    opened = (
        last_event(scenario.session, scenario, RoundOpened, word(clock.opened))
        if clock.opened > clock.finalized
        else None
    )
    me = word(holder)
    claims = read_events(scenario.session, contracts, first, block, topics=[topic_of(Claimed), me])
    since = {contract.address: 0 for contract in contracts}
    if opened is not None:
        for sign, topics in ((-1, [topic_of(Transfer), me]), (1, [topic_of(Transfer), None, me])):
            for moved in read_events(scenario.session, contracts, opened.block, block, topics=topics):
                if (moved.block, moved.log_index) > (opened.block, opened.log_index):
                    assert isinstance(moved, Transfer)
                    since[moved.contract] += sign * moved.amount
    found = []
    for number, contract in enumerate(contracts):
        balance, claimable = contract.read_many([("balanceOf", [holder]), ("claimable", [holder])])
        found.append(
            Holding(
                client=number if number < len(tokens) else None,
                contract=contract.address,
                balance=balance,
                record=None if opened is None else balance - since[contract.address],
                claimed=sum(
                    claim.amount
                    for claim in claims
                    if isinstance(claim, Claimed) and claim.contract == contract.address
                ),
                claimable=claimable,
            )
        )
    return found
