"""Balancer V2 on a chain, from its published builds: Vault, factories, weighted and managed pools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wallstreetfeds.bench.balancer_pool import BalancerPool
from wallstreetfeds.bench.foreign import Foreign, deploy_foreign
from wallstreetfeds.bench.packages import Packages
from wallstreetfeds.bench.stage import UNLIMITED, Stage
from wallstreetfeds.chain import Numeraire
from wallstreetfeds.chain.abi import ZERO_ADDRESS, checksum
from wallstreetfeds.units import WAD

AUTHORIZER: Final = "20210418-authorizer"
VAULT: Final = "20210418-vault"
FEE_PROVIDER: Final = "20220725-protocol-fee-percentages-provider"
WEIGHTED: Final = "20230206-weighted-pool-v3"
MANAGED: Final = "deprecated/20221021-managed-pool"
"""Deployment tasks in the package: the newest weighted pool there, and the only managed one."""

MANAGED_LIBRARIES: Final = ("CircuitBreakerLib", "ManagedPoolAddRemoveTokenLib")
MOST_WEIGHTED: Final = 8
MOST_MANAGED: Final = 50
"""Tokens that a pool may have."""

DAY: Final = 86_400
PAUSE_WINDOW: Final = 90 * DAY
BUFFER_PERIOD: Final = 30 * DAY
SWAP_FEE: Final = WAD * 3 // 1000
MOST_PROTOCOL_FEE: Final = WAD // 2


class Balancer:
    """Vault, fee provider and factories; every protocol and management fee is off, as they start.

    Their pause windows have ended, as they have wherever Balancer V2 is in use.
    """

    def __init__(self, stage: Stage, packages: Packages) -> None:
        """Deploy all but pools.  Raises PeersMissingError."""
        self.stage: Final = stage
        self._packages: Final = packages
        self._libraries: dict[str, str] = {}
        weth = deploy_foreign(stage.session, packages.uniswap("v2-periphery", "WETH9"), sender=stage.deployer)
        authorizer = self._deploy(AUTHORIZER, "Authorizer", stage.deployer.address)
        windows = (PAUSE_WINDOW, BUFFER_PERIOD)
        self.vault: Final = self._deploy(VAULT, "Vault", authorizer.address, weth.address, *windows)
        most = (MOST_PROTOCOL_FEE, MOST_PROTOCOL_FEE)
        fees = self._deploy(FEE_PROVIDER, "ProtocolFeePercentagesProvider", self.vault.address, *most)
        common = (self.vault.address, fees.address)
        self._weighted: Final = self._deploy(WEIGHTED, "WeightedPoolFactory", *common, "", "")
        for name in MANAGED_LIBRARIES:
            self._libraries[name] = self._deploy(MANAGED, name).address
        self._managed: Final = self._deploy(MANAGED, "ManagedPoolFactory", *common)
        stage.session.advance_time(PAUSE_WINDOW + BUFFER_PERIOD + DAY)

    def tokens(self, count: int) -> list[Numeraire]:
        """Return new tokens in order of address, of which the Vault may take as many as the trader has."""
        tokens = self.stage.tokens(count)
        for token in tokens:
            token.approve(self.vault.address, UNLIMITED, sender=self.stage.trader)
        return tokens

    def weighted_pool(self, tokens: Sequence[Numeraire]) -> BalancerPool:
        """Make and open a WeightedPool.  Raises ContractError for more than MOST_WEIGHTED tokens."""
        addresses = [token.address for token in tokens]
        no_rates = [ZERO_ADDRESS] * len(tokens)
        arguments = ("Peer", "PEER", addresses, _weights(len(tokens)), no_rates, SWAP_FEE)
        return self._pool(self._weighted, (WEIGHTED, "WeightedPool"), arguments, tokens)

    def managed_pool(self, tokens: Sequence[Numeraire]) -> BalancerPool:
        """Make and open a ManagedPool.  Raises ContractError for more than MOST_MANAGED tokens."""
        addresses = [token.address for token in tokens]
        no_managers = [ZERO_ADDRESS] * len(tokens)
        trading, listed_only, management_fee, fee_id = True, False, 0, 0
        parameters = (
            *("Peer", "PEER", addresses, _weights(len(tokens)), no_managers, SWAP_FEE),
            *(trading, listed_only, management_fee, fee_id),
        )
        return self._pool(self._managed, (MANAGED, "ManagedPool"), (parameters,), tokens)

    def _deploy(self, task: str, name: str, *values: object) -> Foreign:
        build = self._packages.balancer(task, name)
        session, deployer = self.stage.session, self.stage.deployer
        return deploy_foreign(session, build, *values, sender=deployer, libraries=self._libraries)

    def _pool(
        self,
        factory: Foreign,
        build: tuple[str, str],
        arguments: tuple[object, ...],
        tokens: Sequence[Numeraire],
    ) -> BalancerPool:
        stage = self.stage
        made = factory.send("create", *arguments, stage.deployer.address, sender=stage.deployer)
        # The factory's only event, PoolCreated, has nothing but the pool's address as its topic.
        created = next(log for log in made.logs if checksum(log["address"]) == factory.address)
        address = checksum("0x" + created["topics"][1][-40:])
        shares = Foreign(stage.session, self._packages.balancer(*build), address)
        pool = BalancerPool(self.vault, shares, tokens, stage.trader)
        pool.open()
        return pool


def _weights(count: int) -> list[int]:
    """Return weights (WAD) that rise evenly to nearly twice the first: no shortcut for a power of 1 or 2."""
    whole = sum(range(count, 2 * count))
    weights = [WAD * part // whole for part in range(count, 2 * count)]
    weights[-1] += WAD - sum(weights)
    return weights
