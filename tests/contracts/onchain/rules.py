"""Who may call what: one rule for each function that changes state; SPEC.md prints the same table."""

from dataclasses import dataclass
from typing import Any

from onchain.world import EVIDENCE, FOREVER, NO_EVIDENCE, packed

CONTRACTS = ("Orchestrator", "Scenario", "Challenges", "ClientToken", "Pool")
ANYONE = "anyone"


@dataclass(frozen=True)
class Rule:
    """One function: who may call it, the event that says it was called, and a stranger's reason."""

    who: str
    event: str
    reason: str = ""
    call: tuple[Any, ...] = ()


Z = "0x" + "00" * 20
WORDS = packed([1, 1, 1])

RULES: dict[tuple[str, str], Rule] = {
    ("Orchestrator", "create_scenario"): Rule(ANYONE, "ScenarioCreated"),
    ("Orchestrator", "claim_many"): Rule(ANYONE, "Claimed"),
    ("Scenario", "fund"): Rule("federator", "BudgetFunded", "not the federator"),
    ("Scenario", "cancel"): Rule(
        "federator; anyone after the opening deadline", "Cancelled", "not the federator, not overdue"
    ),
    ("Scenario", "withdraw_budget"): Rule("federator", "BudgetWithdrawn", "not the federator"),
    ("Scenario", "allow_clients"): Rule("federator", "ClientAllowed", "not the federator", ([], [])),
    ("Scenario", "join"): Rule("allowed clients", "ClientJoined", "not on the allow-list", (False,)),
    ("Scenario", "deposit_tokens"): Rule("client", "TokensDeposited", "not a client"),
    ("Scenario", "withdraw_tokens"): Rule("client", "TokensWithdrawn", "not a client"),
    ("Scenario", "deposit_numeraire"): Rule(ANYONE, "NumeraireDeposited"),
    ("Scenario", "withdraw_numeraire"): Rule("depositor", "NumeraireWithdrawn", "nothing to withdraw"),
    ("Scenario", "open_market"): Rule("federator", "MarketOpened", "not the federator", ([], 0, 0)),
    ("Scenario", "top_up"): Rule(ANYONE, "ToppedUp"),
    ("Scenario", "join_late"): Rule("allowed clients", "ClientJoined", "not on the allow-list", (0, 0)),
    ("Scenario", "open_round"): Rule(
        "federator; anyone once overdue", "RoundOpened", "not the federator, not overdue"
    ),
    ("Scenario", "submit_scores"): Rule(
        "federator", "ScoresSubmitted", "not the federator", (1, WORDS, NO_EVIDENCE)
    ),
    ("Scenario", "replace_scores"): Rule(
        "Challenges", "ScoresReplaced", "not the court of challenges", (1, WORDS, NO_EVIDENCE, 0)
    ),
    ("Scenario", "finalize_round"): Rule(ANYONE, "RoundFinalized"),
    ("Scenario", "finalize_without_scores"): Rule(ANYONE, "RoundFinalized"),
    ("Scenario", "pay_reward"): Rule("client token", "Claimed", "not the client's token", (0, Z, 1)),
    ("Scenario", "pay_pool_reward"): Rule("pool", "Claimed", "not what a pool has earned", (Z, 1)),
    ("Challenges", "escrow_bond"): Rule("Scenario", "BondEscrowed", "not the scenario", (1,)),
    ("Challenges", "slice_bond"): Rule("Scenario", "BondSliced", "not the scenario", (1,)),
    ("Challenges", "withdraw_bond"): Rule("anyone, for the federator", "BondWithdrawn"),
    ("Challenges", "challenge"): Rule(
        "client or holder", "Challenged", "neither a client nor a holder", (1, 0, EVIDENCE)
    ),
    ("Challenges", "uphold_scores"): Rule("arbiter", "ScoresUpheld", "not the arbiter", (1,)),
    ("Challenges", "replace_scores"): Rule(
        "arbiter", "ChallengeRewarded", "not the arbiter", (1, WORDS, EVIDENCE)
    ),
    ("Challenges", "withdraw_challenge_bond"): Rule("anyone, for the challenger", "ChallengeBondWithdrawn"),
    ("ClientToken", "initialize"): Rule(
        "Scenario, once", "Transfer", "already initialised", (Z, 0, 10**9, 0, 0, False)
    ),
    ("ClientToken", "list_in_pool"): Rule("Scenario", "Transfer", "not the scenario", (Z, 0)),
    ("ClientToken", "release"): Rule(
        "pool or Scenario", "Transfer", "not a pool and not the scenario", (Z, 0)
    ),
    ("ClientToken", "transfer"): Rule("holder", "Transfer", "balance too small", ("0x" + "77" * 20, 1)),
    ("ClientToken", "transferFrom"): Rule(
        "who has an allowance", "Transfer", "allowance too small", ("0x" + "66" * 20, "0x" + "77" * 20, 1)
    ),
    ("ClientToken", "approve"): Rule("holder", "Approval"),
    ("ClientToken", "permit"): Rule(
        "anyone, with the holder's signature",
        "Approval",
        "permit: not signed by the owner",
        ("0x" + "66" * 20, Z, 1, FOREVER, 27, b"\0" * 32, b"\0" * 32),
    ),
    ("ClientToken", "claim"): Rule("holder", "Claimed"),
    ("ClientToken", "claim_for"): Rule("anyone, for the holder", "Claimed"),
    ("Pool", "swap_exact_in"): Rule(ANYONE, "Swap"),
    ("Pool", "swap_exact_out"): Rule(ANYONE, "Swap"),
    ("Pool", "add_liquidity"): Rule(ANYONE, "LiquidityAdded"),
    ("Pool", "remove_liquidity"): Rule(
        "holder", "LiquidityRemoved", "balance too small", (1, [0] * 4, "0x" + "77" * 20, FOREVER)
    ),
    ("Pool", "add_single_asset"): Rule(ANYONE, "SingleAssetAdded"),
    ("Pool", "remove_single_asset"): Rule(
        "holder", "SingleAssetRemoved", "balance too small", (0, 10**9, 0, "0x" + "77" * 20, FOREVER)
    ),
    ("Pool", "harvest"): Rule(ANYONE, "Harvested"),
    ("Pool", "transfer"): Rule("holder", "Transfer", "balance too small", ("0x" + "77" * 20, 1)),
    ("Pool", "transferFrom"): Rule(
        "who has an allowance", "Transfer", "allowance too small", ("0x" + "66" * 20, "0x" + "77" * 20, 1)
    ),
    ("Pool", "approve"): Rule("holder", "Approval"),
    ("Pool", "permit"): Rule(
        "anyone, with the holder's signature",
        "Approval",
        "permit: not signed by the owner",
        ("0x" + "66" * 20, Z, 1, FOREVER, 27, b"\0" * 32, b"\0" * 32),
    ),
    ("Pool", "claim"): Rule("holder", "Claimed"),
    ("Pool", "claim_for"): Rule("anyone, for the holder", "Claimed"),
}
