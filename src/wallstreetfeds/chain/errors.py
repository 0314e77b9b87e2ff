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
    "not the federator, not overdue": "anyone may once the opening deadline or the round gap has passed",
    "already funded": "the budget is escrowed once and completely",
    "cancelled": "the federation was given up; deposits, the budget and the bond can be withdrawn",
    "the market is open": "this was possible until open_market; trade in the pool instead",
    "the market is not open": "from open_market until the last round opens",
    "nothing to withdraw": "there is nothing here that is this account's to withdraw now",
    "not on the allow-list": "the federator has to call allow_clients for this account",
    "already joined": "a client joins once",
    "the federation is full": "terms().max_clients have joined",
    "not a client": "the account has to join first",
    "already deposited": "the listed part was deposited before",
    "the budget is not funded": "the federator has to call fund first",
    "too few clients listed": "more clients have to deposit tokens, or lower min_clients",
    "too little numeraire deposited": "deposit_numeraire first, or lower min_numeraire",
    "provider without a deposit": "providers have to call deposit_numeraire first, and are named once",
    "not one supply for each client": "give one supply for each client, or none at all",
    "supply outside its domain": "10^9 to 2^64 units, a multiple of 10^6; 0 takes a client off the list",
    "no late joins here": "the federation was created without late_joins",
    "top-up above the maximum": "least_top_up(supply) says how much a late joiner has to bring now",
    "the open round is not finalised": "it has to be scored and paid before the next open_round",
    "all rounds have been opened": "the federation is mature: only claims and exits are left",
    "not the open round": "clock() says which round is open",
    "scores already submitted": "scores of a round are submitted once; only a challenge can replace them",
    "the training time is not over": "terms().training_time has to pass after the round's opening",
    "the deadline has passed": "anyone can pay the round now with finalize_without_scores",
    "the deadline has not passed": "terms().round_deadline after its opening a round is paid without scores",
    "a score without a client": "clients that joined after the round opened have no score in it",
    "score above the cap": "cut shares to score_cap times the client's part of all supplies before rounding",
    "no scores submitted": "submit_scores comes first",
    "not the scores of the round": "pass the scores of ScoresReplaced, or else of ScoresSubmitted",
    "open to challenge": "wait for the end of the challenge window, or for the arbiter's ruling",
    "no scores to challenge": "only scores of the open round can be challenged, once they are submitted",
    "the challenge window is closed": "terms().challenge_window counts from the submission of the scores",
    "the challenge window is open": "the arbiter rules after terms().challenge_window",
    "the ruling period is over": "the submitted scores stand and all bonds return",
    "neither a client nor a holder": "`asset` says what you hold: 0 LP shares, index + 1 a client's token",
    "already challenged": "one challenge a round and account",
    "nobody has challenged": "there is nothing to rule on",
    "already ruled": "the arbiter rules once a round",
    "not the arbiter": "terms().arbiter rules on challenges",
    "the scores were upheld": "the bond went to the federator",
    "the round is not paid yet": "the bond returns when the scores are replaced or the round is paid",
    "balance too small": "the account holds less than it is sending",
    "the client has to keep this part": "retained(holder) says how much; it falls with every round",
    "shares not vested yet": "unvested(holder) says how many; they fall with every round",
    "the transfer gate refuses": "terms().gate decides who may hold the token",
    "allowance too small": "approve the spender for the amount first",
    "permit: deadline has passed": "sign a new permit with a later deadline",
    "permit: not signed by the owner": "wrong key, or the nonce, amount, spender or chain is another",
    "deadline has passed": "pass a deadline after the time of the next block",
    "below the minimum": "the market has moved: ask for a new quote, or accept less",
    "above the maximum": "the market has moved: ask for a new quote, or allow more",
    "the last round has opened": "the pool only lets LPs leave now: remove_liquidity",
    "the opening period is not over": "joins start when terms().opening_period has passed",
    "more than 30% of a balance": "split the trade, and let others trade in between",
    "trade too small": "after the fee and rounding nothing is left to send",
    "the pool is almost empty": "a trade has to leave something of every asset",
    "no such asset": "asset 0 is the numeraire; asset_by_token(token) says which one a client's token is",
    "no such client": "clients are numbered in join order, from 0",
    "the round is not paid": "clock().finalized is the last round that is",
    "numeraire outweighs the tokens": "open with fewer providers",
    "tokens outweigh the numeraire": "open with more numeraire",
    "numeraire transfer failed": "check the balance and the approval of the numeraire",
    "numeraire took a fee or rebased": "such tokens cannot be a federation's numeraire",
    "not the minter": "only the account that deployed this numeraire can mint",
}
