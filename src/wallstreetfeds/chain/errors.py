"""Everything that can go wrong on a chain, said so that a person knows what to do."""

from __future__ import annotations

from typing import Final


class ChainError(Exception):
    """Base of all errors of this package."""


class ArtifactsError(ChainError):
    """The compiled contracts are missing."""


class NodeError(ChainError):
    """The node does not answer, or not as an Ethereum node does."""


class WrongChainError(ChainError):
    """The node is on another chain than expected, or a contract is not where it should be."""


class DevelopmentOnlyError(ChainError):
    """Something that only a development chain may do was asked of a real one."""


class FundsError(ChainError):
    """An account cannot pay for its transaction."""


class SettlementError(ChainError):
    """A round on the chain contradicts what is to be settled."""


class ContractError(ChainError):
    """A contract refused a call.

    `reason` is the contract's own, `hint` says what to do about it ("" where there is nothing to add).
    """

    def __init__(self, reason: str, *, contract: str, function: str, sender: str) -> None:
        self.reason = reason
        self.contract = contract
        self.function = function
        self.sender = sender
        self.hint = HINTS.get(reason, "")
        text = f"{contract}.{function} refused {sender}: {reason}"
        super().__init__(f"{text} ({self.hint})" if self.hint else text)


class OutOfGasError(ContractError):
    """A call used up all the gas it was given."""


HINTS: Final[dict[str, str]] = {
    "not the federator": "only the account that created the federation may do this",
    "already funded": "the budget is escrowed once and completely",
    "cancelled": "the federation was given up; deposits and the budget can be withdrawn",
    "the market is open": "this was possible until open_market; trade in the pool instead",
    "the market is not open": "the federator has to call open_market first",
    "not the federator, and the opening deadline has not passed": "wait for the opening deadline in terms()",
    "not cancelled": "call cancel first; after the market has opened the budget cannot be taken back",
    "nothing to withdraw": "there is no deposit of this account",
    "not on the allow-list": "the federator has to call allow_clients for this account",
    "already joined": "a client joins once",
    "the federation is full": "terms().max_clients have joined",
    "not a client": "the account has to join first",
    "already deposited": "the listed part was deposited before",
    "the budget is not funded": "the federator has to call fund first",
    "too few clients listed": "more clients have to deposit tokens, or lower min_clients",
    "too little numeraire deposited": "deposit_numeraire first, or lower min_numeraire",
    "the open round is not finalised": "submit_scores and finalize_round come before the next open_round",
    "all rounds have been opened": "the federation is mature: only claims and exits are left",
    "not the open round": "clock() says which round is open",
    "scores already submitted": "scores of a round are submitted once and cannot be changed",
    "not one score for each client": "give one score for each client, in join order",
    "score above the cap": "cut shares to score_cap / clients and spread the excess before rounding",
    "no scores submitted": "submit_scores comes first",
    "not the submitted scores": "pass the scores of the event ScoresSubmitted",
    "balance too small": "the account holds less than it is sending",
    "allowance too small": "approve the spender for the amount first",
    "deadline has passed": "pass a deadline after the time of the next block",
    "amount out below the minimum": "the price has moved: ask for a new quote, or accept less",
    "amount above the maximum": "the pool has moved: allow larger amounts",
    "amount below the minimum": "the pool has moved: accept smaller amounts",
    "the last round has opened: the pool only lets LPs leave": "use remove_liquidity",
    "trade too large: enters more than 30% of the balance": "split it, and let others trade in between",
    "trade too large: takes more than 30% of the balance": "split it, and let others trade in between",
    "trade too small": "after the fee and rounding nothing is left to send",
    "no such asset": "asset 0 is the numeraire; asset_of(client) says which one a client's token is",
    "no such client": "clients are numbered in join order, from 0",
    "a provider has no deposit, or is named twice": "providers have to call deposit_numeraire first",
    "numeraire deposit too large for the value of the listed tokens": "open with fewer providers",
    "numeraire deposit too small for the value of the listed tokens": "open with more numeraire",
    "numeraire transfer failed": "check the balance and the approval of the numeraire",
    "the client is not listed": "the client deposited no tokens before the market opened",
    "not the minter": "only the account that deployed this numeraire can mint",
}
