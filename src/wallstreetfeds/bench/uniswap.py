"""Uniswap V2: a pair of two tokens, traded and joined through the router as its users do."""

from __future__ import annotations

from wallstreetfeds.bench.foreign import Foreign, deploy_foreign
from wallstreetfeds.bench.packages import Packages
from wallstreetfeds.bench.stage import UNLIMITED, Stage
from wallstreetfeds.chain.transactions import Mined
from wallstreetfeds.units import WAD

DEPTH = 1_000_000 * WAD
"""What the pair is opened with of either token, in smallest units."""

AMOUNT = DEPTH // 1000
BOUND = AMOUNT * 9 // 10
"""The least that an operation must bring, so that the bounds in the call data are full numbers."""


def measure_uniswap(stage: Stage, packages: Packages) -> dict[str, int]:
    """Deploy factory, router and a pair, and return the gas of swap, join_all and exit_all.

    The protocol fee is off, as the factory starts.  The first operation of a block also writes the pair's
    price accumulators; swap_later_in_block is a swap that does not.  Raises PeersMissingError.
    """
    session, deployer, trader = stage.session, stage.deployer, stage.trader
    weth = deploy_foreign(session, packages.uniswap("v2-periphery", "WETH9"), sender=deployer)
    factory = deploy_foreign(
        session, packages.uniswap("v2-core", "UniswapV2Factory"), deployer.address, sender=deployer
    )
    router = deploy_foreign(
        session,
        packages.uniswap("v2-periphery", "UniswapV2Router02"),
        factory.address,
        weth.address,
        sender=deployer,
    )
    first, second = stage.tokens(2)
    both = (first.address, second.address)
    factory.send("createPair", *both, sender=deployer)
    pair = Foreign(session, packages.uniswap("v2-core", "UniswapV2Pair"), factory.read("getPair", *both))
    for token in (first, second):
        token.approve(router.address, UNLIMITED, sender=trader)
    pair.send("approve", router.address, UNLIMITED, sender=trader)

    last = (trader.address, UNLIMITED)
    router.send("addLiquidity", *both, DEPTH, DEPTH, DEPTH, DEPTH, *last, sender=trader)

    def swap() -> Mined:
        return router.send("swapExactTokensForTokens", AMOUNT, BOUND, both, *last, sender=trader)

    return {
        "swap": stage.steady(swap),
        "swap_later_in_block": stage.same_second(swap),
        "join_all": stage.steady(
            lambda: router.send("addLiquidity", *both, AMOUNT, AMOUNT, BOUND, BOUND, *last, sender=trader)
        ),
        "exit_all": stage.steady(
            lambda: router.send("removeLiquidity", *both, AMOUNT, BOUND, BOUND, *last, sender=trader)
        ),
    }
