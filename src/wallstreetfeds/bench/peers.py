"""Gas of the contracts that ours are compared with, measured on a node of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from wallstreetfeds.bench.balancer import Balancer
from wallstreetfeds.bench.balancer_pool import BalancerPool
from wallstreetfeds.bench.packages import Packages
from wallstreetfeds.bench.stage import Stage, own_node
from wallstreetfeds.bench.uniswap import measure_uniswap

WEIGHTED_SIZES: Final = (2, 8)
"""Tokens of the weighted pools: the fewest and the most that they may have."""


def measure(
    sizes: Sequence[int] = (2, 10, 50), progress: Callable[[str], None] | None = None
) -> dict[str, dict[str, int]]:
    """Return the gas of every peer's operations, by peer ("balancer_v2_managed_50") and operation ("swap").

    Gas is that of the receipt of one transaction in a steady state: everybody has held the tokens before,
    allowances are given, the operation has been done before, and time has passed since the last block.
    `sizes` are the numbers of tokens (2 to 50) of Balancer's managed pools; `progress` is told what is
    measured next.  Raises PeersMissingError, AnvilError, and ContractError for a size that the pool refuses.
    """
    tell = progress or (lambda _: None)
    packages = Packages.find()
    found: dict[str, dict[str, int]] = {}
    with own_node() as session:
        stage = Stage.on(session)
        tell("a plain ERC-20")
        found["erc20"] = measure_erc20(stage)
        tell("Uniswap V2")
        found["uniswap_v2"] = measure_uniswap(stage, packages)
        tell("Balancer V2: deploying")
        balancer = Balancer(stage, packages)
        tokens = balancer.tokens(max((*WEIGHTED_SIZES, *sizes)))
        for count in WEIGHTED_SIZES:
            tell(f"Balancer V2, weighted pool of {count} tokens")
            pool = balancer.weighted_pool(tokens[:count])
            found[f"balancer_v2_weighted_{count}"] = _measure_pool(stage, pool)
        for count in sizes:
            tell(f"Balancer V2, managed pool of {count} tokens")
            pool = balancer.managed_pool(tokens[:count])
            found[f"balancer_v2_managed_{count}"] = _measure_pool(stage, pool)
    return found


def measure_erc20(stage: Stage) -> dict[str, int]:
    """Return the gas of a plain token's transfer to somebody who holds some."""
    (token,) = stage.tokens(1)
    amount = token.balanceOf(stage.trader.address) // 1000
    return {
        "transfer": stage.steady(lambda: token.transfer(stage.deployer.address, amount, sender=stage.trader))
    }


def _measure_pool(stage: Stage, pool: BalancerPool) -> dict[str, int]:
    return {
        "swap": stage.steady(pool.swap),
        "join_single": stage.steady(pool.join_single),
        "exit_single": stage.steady(pool.exit_single),
        "join_all": stage.steady(pool.join_all),
        "exit_all": stage.steady(pool.exit_all),
    }
