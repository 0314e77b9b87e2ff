"""The constant-mean market of a federation; its LP shares are reward tokens too."""

from __future__ import annotations

from collections.abc import Sequence

from eth_account.signers.local import LocalAccount

from wallstreetfeds.chain.abi import checksum
from wallstreetfeds.chain.bound import Receipt
from wallstreetfeds.chain.contracts.token import RewardToken
from wallstreetfeds.records import (
    LiquidityAdded,
    LiquidityRemoved,
    SingleAssetAdded,
    SingleAssetRemoved,
    Swap,
)


class Pool(RewardToken):
    """Asset 0 is the numeraire, assets 1.. are the listed clients' tokens.  Amounts in smallest units.

    Every method that changes state raises ContractError with the contract's reason.  A deadline is block
    time in seconds; the transaction's block is later than the latest one.
    """

    ARTIFACT = "Pool"

    def swap_exact_in(
        self,
        asset_in: int,
        asset_out: int,
        amount_in: int,
        min_amount_out: int,
        receiver: str,
        deadline: int,
        *,
        sender: LocalAccount,
    ) -> Receipt[int]:
        """Sell exactly `amount_in` of one asset; anyone who has approved the pool for it.

        Value: what `receiver` got of the other asset.
        """
        return self._send_for(
            lambda events: self._logged(events, Swap)[0].amount_out,
            "swap_exact_in",
            asset_in,
            asset_out,
            amount_in,
            min_amount_out,
            receiver,
            deadline,
            sender=sender,
        )

    def swap_exact_out(
        self,
        asset_in: int,
        asset_out: int,
        amount_out: int,
        max_amount_in: int,
        receiver: str,
        deadline: int,
        *,
        sender: LocalAccount,
    ) -> Receipt[int]:
        """Buy exactly `amount_out` of one asset; anyone who has approved the pool for what enters.

        Value: what was taken of the other asset, fee included.
        """
        return self._send_for(
            lambda events: self._logged(events, Swap)[0].amount_in,
            "swap_exact_out",
            asset_in,
            asset_out,
            amount_out,
            max_amount_in,
            receiver,
            deadline,
            sender=sender,
        )

    def quote_exact_in(self, asset_in: int, asset_out: int, amount_in: int) -> int:
        """Return what `swap_exact_in` would send now; refused where it would be."""
        return self._int("quote_exact_in", asset_in, asset_out, amount_in)

    def quote_exact_out(self, asset_in: int, asset_out: int, amount_out: int) -> int:
        """Return what `swap_exact_out` would take now, fee included; refused where it would be."""
        return self._int("quote_exact_out", asset_in, asset_out, amount_out)

    def spot_price(self, asset: int) -> int:
        """Return the price of one whole token, in numeraire units times 10^18; 0 after the last opening."""
        return self._int("spot_price", asset)

    def swap_fee(self) -> int:
        """Return the fee in force now, WAD of what enters."""
        return self._int("swap_fee")

    def add_liquidity(
        self, shares: int, max_amounts: Sequence[int], deadline: int, *, sender: LocalAccount
    ) -> Receipt[tuple[int, ...]]:
        """Mint exactly `shares` for a proportional amount of every asset; anyone who has approved the pool.

        Value: the amounts taken, in asset order.
        """
        return self._send_for(
            lambda events: self._logged(events, LiquidityAdded)[0].amounts,
            "add_liquidity",
            shares,
            list(max_amounts),
            deadline,
            sender=sender,
        )

    def remove_liquidity(
        self,
        shares: int,
        min_amounts: Sequence[int],
        receiver: str,
        deadline: int,
        *,
        sender: LocalAccount,
    ) -> Receipt[tuple[int, ...]]:
        """Burn `shares` for a proportional amount of every asset; always possible, but for unvested shares.

        Value: the amounts sent to `receiver`, in asset order.
        """
        return self._send_for(
            lambda events: self._logged(events, LiquidityRemoved)[0].amounts,
            "remove_liquidity",
            shares,
            list(min_amounts),
            receiver,
            deadline,
            sender=sender,
        )

    def add_single_asset(
        self, asset: int, amount: int, min_shares: int, deadline: int, *, sender: LocalAccount
    ) -> Receipt[int]:
        """Join with `amount` of one asset alone; the part that is not the asset's own pays the swap fee.

        Anyone who has approved the pool, between the opening period and the last round.  Value: LP shares.
        """
        return self._send_for(
            lambda events: self._logged(events, SingleAssetAdded)[0].shares,
            "add_single_asset",
            asset,
            amount,
            min_shares,
            deadline,
            sender=sender,
        )

    def remove_single_asset(
        self,
        asset: int,
        shares: int,
        min_amount: int,
        receiver: str,
        deadline: int,
        *,
        sender: LocalAccount,
    ) -> Receipt[int]:
        """Burn `shares` for one asset alone, until the last round opens; pays the swap fee as a join does.

        Value: the amount of the asset that `receiver` got.
        """
        return self._send_for(
            lambda events: self._logged(events, SingleAssetRemoved)[0].amount,
            "remove_single_asset",
            asset,
            shares,
            min_amount,
            receiver,
            deadline,
            sender=sender,
        )

    def harvest(self, *, sender: LocalAccount) -> Receipt[int]:
        """Book what the pool's tokens earned; anyone, though every payment date does it already.

        Value: all reward units that the pool has earned so far.
        """
        receipt = self._send("harvest", sender=sender)
        # The event names one round only.
        total = self.at_block(receipt.block).harvested_units()
        return Receipt(
            receipt.hash, receipt.block, receipt.timestamp, receipt.gas_used, receipt.events, total
        )

    def numeraire(self) -> str:
        """Return the numeraire's address."""
        return self._str("numeraire")

    def clock_on(self) -> bool:
        """Return whether the numeraire's weight follows the federation's clock."""
        return self._bool("clock_on")

    def asset_count(self) -> int:
        """Return how many assets there are, the numeraire included."""
        return self._int("asset_count")

    def asset_at(self, asset: int) -> str:
        """Return the token contract of an asset."""
        return self._str("asset_at", asset)

    def balance_of_asset(self, asset: int) -> int:
        """Return how much of an asset is in the pool's own books."""
        return self._int("balance_of_asset", asset)

    def weight_of_asset(self, asset: int) -> int:
        """Return the weight in force now; only ratios of weights mean anything."""
        return self._int("weight_of_asset", asset)

    def unvested(self, holder: str) -> int:
        """Return how many LP shares `holder` can neither send nor burn yet; 0 for all but listed clients."""
        return self._int("unvested", holder)

    def harvested_units(self) -> int:
        """Return all reward units that the pool has earned for its LPs, rounded down."""
        return self._int("harvested_units")

    # --- many at once ---

    def balances(self) -> list[int]:
        """Return the pool's books of all assets, in asset order."""
        return self.read_many(("balance_of_asset", [asset]) for asset in range(self.asset_count()))

    def spot_prices(self) -> list[int]:
        """Return the spot prices of assets 1.., in asset order, as `spot_price` gives them."""
        return self.read_many(("spot_price", [asset]) for asset in range(1, self.asset_count()))

    def asset_addresses(self) -> list[str]:
        """Return the token contracts of all assets, in asset order, the numeraire first."""
        return self.read_many(("asset_at", [asset]) for asset in range(self.asset_count()))

    def asset_by_token(self, token: str) -> int:
        """Return which asset a token is; assets are numbered from 1 in join order of the listed clients.

        Raises ValueError if the pool does not trade it.
        """
        addresses = self.asset_addresses()
        if checksum(token) not in addresses:
            raise ValueError(f"the pool {self.address} does not trade {token}")
        return addresses.index(checksum(token))
