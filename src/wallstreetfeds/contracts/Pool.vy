# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Pool: the constant-mean market of one federation
@license Apache-2.0
@notice Asset 0 is the numeraire, assets 1.. are the client tokens that were listed.  A trade leaves
        prod x_i^w_i no smaller.  The numeraire's weight follows the federation's clock,

            w_0 = base_0 * B / rho,          spot price of asset i = (x_0 / w_0) / (x_i / w_i)

        so that every token's price falls by the same factor when a round opens, as the claim it is a price
        of does.  All fees stay in the pool.  What the pool's own tokens earn goes to the LPs of record
        through the same reward accounting that token holders have, never into the reserves.
@dev Own books only: what is sent here without a call belongs to nobody.  One word an asset: balance 112
     bits, record balance 64, round of the record 16, base weight 56, client index 8.
"""

from ethereum.ercs import IERC20

import erc20
import IPool
import IScenario
import numeraire_transfer as numeraire_
import reward_accounting as rewards
import token_address
import weighted_math

implements: IERC20
implements: IPool

initializes: erc20
initializes: rewards

exports: (erc20.approve, erc20.allowance, erc20.decimals)


event Initialized:
    numeraire_amount: uint256
    token_amount: uint256
    clients: DynArray[uint256, 64]


event Swap:
    trader: indexed(address)
    receiver: indexed(address)
    asset_in: uint256
    asset_out: uint256
    amount_in: uint256
    amount_out: uint256
    fee: uint256


event LiquidityAdded:
    provider: indexed(address)
    shares: uint256
    amounts: DynArray[uint256, 65]


event LiquidityRemoved:
    provider: indexed(address)
    receiver: indexed(address)
    shares: uint256
    amounts: DynArray[uint256, 65]


event Harvested:
    round: indexed(uint256)
    units: uint256


event Claimed:
    holder: indexed(address)
    amount: uint256


struct Asset:
    balance: uint256
    record: uint256
    seen: uint256
    weight: uint256
    client: uint256


struct Clock:
    budget: uint256
    rho: uint256
    opened: uint256
    finalized: uint256


struct Trade:
    amount_in: uint256
    amount_out: uint256
    fee: uint256
    clock: Clock
    paid_in: Asset
    paid_out: Asset


WAD: constant(uint256) = 10**18
TOKEN: constant(uint256) = 10**12
MASK_16: constant(uint256) = 2**16 - 1
MASK_56: constant(uint256) = 2**56 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1

MAX_ASSETS: constant(uint256) = 65
# Reward units per LP share are kept with 64 bits behind the point.
SHARE_SCALE: constant(uint256) = 2**64
OPENING_SHARES: constant(uint256) = 10**15
# A trade may not leave less than this of an asset; proportional exits may.
MIN_BALANCE: constant(uint256) = 10**6

scenario: public(immutable(address))
numeraire: public(immutable(address))
PROXY_CODE_HASH: immutable(bytes32)
TOKEN_SUPPLY: immutable(uint256)
QUANTUM: immutable(uint256)
SWAP_FEE: immutable(uint256)
OPENING_FEE: immutable(uint256)
OPENING_PERIOD: immutable(uint256)
OPENED_AT: immutable(uint256)
clock_on: public(immutable(bool))

asset_words: uint256[MAX_ASSETS]
asset_count: public(uint256)
# LP supply 64 bits, supply at the record date of round `seen` 64, seen 16, last harvested round 16.
supply_word: uint256
# All reward units ever harvested, times SHARE_SCALE.
harvested: uint256
# Reward units per LP share times SHARE_SCALE, summed over rounds 1..r.
share_history: HashMap[uint256, uint256]


@deploy
def __init__(
    numeraire_address: address,
    token_proxy_code_hash: bytes32,
    token_supply: uint256,
    quantum: uint256,
    swap_fee: uint256,
    opening_fee: uint256,
    opening_period: uint256,
    with_clock: bool,
):
    """
    @notice Made by a Scenario, which initialises it in the same transaction.
    """
    scenario = msg.sender
    numeraire = numeraire_address
    PROXY_CODE_HASH = token_proxy_code_hash
    TOKEN_SUPPLY = token_supply
    QUANTUM = quantum
    SWAP_FEE = swap_fee
    OPENING_FEE = opening_fee
    OPENING_PERIOD = opening_period
    OPENED_AT = block.timestamp
    clock_on = with_clock


@external
def initialize(opening: IPool.Opening, holders: DynArray[address, 128], shares: DynArray[uint256, 128]):
    """
    @notice Book the opening balances (already transferred) and mint the opening LP shares; what is left of
            OPENING_SHARES is locked in the pool itself.  Once, and the Scenario only.
    """
    assert msg.sender == scenario, "not the scenario"
    assert self.asset_count == 0, "already initialised"
    assert len(holders) == len(shares), "not one share for each holder"
    clock: Clock = self._clock()
    self._store(
        0,
        Asset(
            balance=opening.numeraire_amount,
            record=0,
            seen=clock.opened,
            weight=opening.numeraire_weight,
            client=0,
        ),
    )
    index: uint256 = 1
    for client: uint256 in opening.clients:
        # Record 0: these tokens were not the pool's at the record date of the last opened round.
        self._store(
            index,
            Asset(
                balance=opening.token_amount,
                record=0,
                seen=clock.opened,
                weight=opening.token_weight,
                client=client,
            ),
        )
        index += 1
    self.asset_count = index
    self.supply_word = (clock.opened << 128) | (clock.finalized << 144)
    locked: uint256 = OPENING_SHARES
    for k: uint256 in range(len(holders), bound=128):
        locked -= shares[k]
        self._mint(holders[k], shares[k], clock.opened)
    self._mint(self, locked, clock.opened)
    log Initialized(
        numeraire_amount=opening.numeraire_amount,
        token_amount=opening.token_amount,
        clients=opening.clients,
    )


# --- trading --------------------------------------------------------------------------------------------


@external
def swap_exact_in(
    asset_in: uint256,
    asset_out: uint256,
    amount_in: uint256,
    min_amount_out: uint256,
    receiver: address,
    deadline: uint256,
) -> uint256:
    """
    @notice Sell exactly `amount_in` of one asset for as much of another as the market gives.  Anyone who
            has approved the pool for `amount_in`; until the last round opens.
    @param asset_in Index of the asset that enters (0 is the numeraire)
    @param asset_out Index of the asset that leaves
    @param amount_in Smallest units, fee included
    @param min_amount_out Smallest units; less is refused
    @param receiver Who gets what leaves
    @param deadline Block time after which the trade is refused
    @return Smallest units of `asset_out` sent
    """
    trade: Trade = self._price_exact_in(asset_in, asset_out, amount_in)
    assert trade.amount_out >= min_amount_out, "amount out below the minimum"
    self._settle(asset_in, asset_out, trade, receiver, deadline)
    return trade.amount_out


@external
def swap_exact_out(
    asset_in: uint256,
    asset_out: uint256,
    amount_out: uint256,
    max_amount_in: uint256,
    receiver: address,
    deadline: uint256,
) -> uint256:
    """
    @notice Buy exactly `amount_out` of one asset for as little of another as the market asks.  Anyone who
            has approved the pool for what enters; until the last round opens.
    @param asset_in Index of the asset that enters (0 is the numeraire)
    @param asset_out Index of the asset that leaves
    @param amount_out Smallest units
    @param max_amount_in Smallest units, fee included; more is refused
    @param receiver Who gets what leaves
    @param deadline Block time after which the trade is refused
    @return Smallest units of `asset_in` taken, fee included
    """
    trade: Trade = self._price_exact_out(asset_in, asset_out, amount_out)
    assert trade.amount_in <= max_amount_in, "amount in above the maximum"
    self._settle(asset_in, asset_out, trade, receiver, deadline)
    return trade.amount_in


@external
@view
def quote_exact_in(asset_in: uint256, asset_out: uint256, amount_in: uint256) -> uint256:
    """
    @notice What `swap_exact_in` would send now, in smallest units; refused where it would be.
    """
    return self._price_exact_in(asset_in, asset_out, amount_in).amount_out


@external
@view
def quote_exact_out(asset_in: uint256, asset_out: uint256, amount_out: uint256) -> uint256:
    """
    @notice What `swap_exact_out` would take now, in smallest units, fee included; refused where it would be.
    """
    return self._price_exact_out(asset_in, asset_out, amount_out).amount_in


@external
@view
def spot_price(asset: uint256) -> uint256:
    """
    @notice Price of one whole token (10^12 units) of an asset, in the numeraire's smallest units times
            10^18, before any fee, rounded down; 0 once the last round has opened.
    """
    assert asset > 0 and asset < self.asset_count, "no such token in the pool"
    clock: Clock = self._clock()
    if clock.rho == 0:
        return 0
    reserve: Asset = self._load(0)
    token: Asset = self._load(asset)
    weight: uint256 = self._weight(0, reserve.weight, clock)
    return reserve.balance * token.weight * TOKEN // weight * WAD // token.balance


@external
@view
def swap_fee() -> uint256:
    """
    @notice The fee in force now, WAD of the amount that enters: the opening fee falls linearly in block time.
    """
    return self._fee()


# --- liquidity ------------------------------------------------------------------------------------------


@external
def add_liquidity(shares: uint256, max_amounts: DynArray[uint256, 65], deadline: uint256) -> DynArray[uint256, 65]:
    """
    @notice Mint exactly `shares` LP shares for a proportional amount of every asset, each rounded up.
            Anyone who has approved the pool for the amounts; from the end of the opening period, whose fees
            belong to those who opened the market, until the last round opens.
    @param shares Smallest units (12 decimals)
    @param max_amounts One for each asset, smallest units; more is refused
    @param deadline Block time after which the call is refused
    @return The amounts taken, in asset order
    """
    assert block.timestamp <= deadline, "deadline has passed"
    assert shares > 0, "shares is zero"
    assert block.timestamp >= OPENED_AT + OPENING_PERIOD, "the opening period is not over"
    count: uint256 = self.asset_count
    assert count > 0, "not initialised"
    assert len(max_amounts) == count, "not one maximum for each asset"
    clock: Clock = self._clock()
    assert clock.rho > 0, "the last round has opened: the pool only lets LPs leave"
    supply: uint256 = self.supply_word & MASK_64
    amounts: DynArray[uint256, 65] = []
    for k: uint256 in range(count, bound=MAX_ASSETS):
        asset: Asset = self._touched(self._load(k), clock.opened)
        amount: uint256 = (asset.balance * shares + supply - 1) // supply
        assert amount <= max_amounts[k], "amount above the maximum"
        asset.balance += amount
        self._store(k, asset)
        amounts.append(amount)
    self._mint(msg.sender, shares, clock.opened)
    # The numeraire, the one contract that is not ours, moves last: no round can open half-way.
    for k: uint256 in range(1, count, bound=MAX_ASSETS):
        self._take(self._client(k), amounts[k])
    numeraire_._pull(numeraire, msg.sender, amounts[0])
    log LiquidityAdded(provider=msg.sender, shares=shares, amounts=amounts)
    return amounts


@external
def remove_liquidity(
    shares: uint256,
    min_amounts: DynArray[uint256, 65],
    receiver: address,
    deadline: uint256,
) -> DynArray[uint256, 65]:
    """
    @notice Burn LP shares for a proportional amount of every asset, each rounded down.  Always possible.
    @param shares Smallest units (12 decimals)
    @param min_amounts One for each asset, smallest units; less is refused
    @param receiver Who gets the assets
    @param deadline Block time after which the call is refused
    @return The amounts sent, in asset order
    """
    assert block.timestamp <= deadline, "deadline has passed"
    assert shares > 0, "shares is zero"
    assert receiver != empty(address) and receiver != self, "receiver is the zero address or the pool"
    count: uint256 = self.asset_count
    assert count > 0, "not initialised"
    assert len(min_amounts) == count, "not one minimum for each asset"
    clock: Clock = self._clock()
    supply: uint256 = self.supply_word & MASK_64
    self._burn(msg.sender, shares, clock.opened)
    amounts: DynArray[uint256, 65] = []
    for k: uint256 in range(count, bound=MAX_ASSETS):
        asset: Asset = self._touched(self._load(k), clock.opened)
        amount: uint256 = asset.balance * shares // supply
        assert amount >= min_amounts[k], "amount below the minimum"
        asset.balance -= amount
        self._store(k, asset)
        amounts.append(amount)
    for k: uint256 in range(1, count, bound=MAX_ASSETS):
        self._give(self._client(k), receiver, amounts[k])
    numeraire_._push(numeraire, receiver, amounts[0])
    log LiquidityRemoved(provider=msg.sender, receiver=receiver, shares=shares, amounts=amounts)
    return amounts


# --- rewards of LPs -------------------------------------------------------------------------------------


@external
def harvest() -> uint256:
    """
    @notice Book what the pool's tokens earned in the last finalised round for the LPs of record, those who
            have left since included.  Anyone; the Scenario calls it with every payment, so that a second
            call finds nothing.
    @return All reward units the pool has earned so far, rounded down
    """
    word: uint256 = self.supply_word
    clock: Clock = self._clock()
    round: uint256 = (word >> 144) & MASK_16
    if round == clock.finalized:
        return self.harvested // SHARE_SCALE
    round += 1
    units: DynArray[uint256, 64] = staticcall IScenario(scenario).round_rewards(round)
    earned: uint256 = 0
    for k: uint256 in range(1, self.asset_count, bound=MAX_ASSETS):
        asset: Asset = self._load(k)
        record: uint256 = asset.balance
        if asset.seen >= round:
            record = asset.record
        # Rounded down: the rest is dust.
        earned += units[asset.client] * record * SHARE_SCALE // TOKEN_SUPPLY
    supply: uint256 = word & MASK_64
    if (word >> 128) & MASK_16 >= round:
        supply = (word >> 64) & MASK_64
    per_share: uint256 = self.share_history[round - 1]
    if supply > 0:
        # No LP of record: nobody can be owed it, and the round must not be blocked.
        per_share += earned // supply
    self.share_history[round] = per_share
    self.supply_word = word + (1 << 144)
    total: uint256 = self.harvested + earned
    self.harvested = total
    log Harvested(round=round, units=earned // SHARE_SCALE)
    return total // SHARE_SCALE


@external
def claim() -> uint256:
    """
    @notice Collect the caller's LP rewards of all finalised rounds.
    @return The amount paid, in the numeraire's smallest units
    """
    return self._claim(msg.sender)


@external
def claim_for(holder: address) -> uint256:
    """
    @notice Collect an LP's rewards for it: anyone may call, the holder is paid.
    @return The amount paid, in the numeraire's smallest units
    """
    return self._claim(holder)


@external
@view
def claimable(holder: address) -> uint256:
    """
    @notice What `claim` would pay now, in the numeraire's smallest units.
    """
    return self._entitled(rewards._load(holder)) // SHARE_SCALE * QUANTUM


# --- LP shares ------------------------------------------------------------------------------------------


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send LP shares.  What both sides have earned stays theirs.
    """
    self._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Send LP shares of an owner that has approved the caller.
    """
    erc20._spend_allowance(owner, msg.sender, amount)
    self._transfer(owner, receiver, amount)
    return True


@external
@view
def balanceOf(holder: address) -> uint256:
    """
    @notice LP shares of `holder`, in smallest units (12 decimals).
    """
    return rewards._balance(holder)


@external
@view
def totalSupply() -> uint256:
    """
    @notice All LP shares, the locked ones included, in smallest units (12 decimals).
    """
    return self.supply_word & MASK_64


@external
@pure
def name() -> String[32]:
    """
    @notice Name of the LP share.
    """
    return "WallStreetFeds LP share"


@external
@pure
def symbol() -> String[8]:
    """
    @notice Symbol of the LP share.
    """
    return "WSF-LP"


# --- views of the assets --------------------------------------------------------------------------------


@external
@view
def asset_at(asset: uint256) -> address:
    """
    @notice The token contract of an asset; asset 0 is the numeraire.
    """
    assert asset < self.asset_count, "no such asset"
    if asset == 0:
        return numeraire
    return token_address._token(scenario, PROXY_CODE_HASH, self._load(asset).client)


@external
@view
def balance_of_asset(asset: uint256) -> uint256:
    """
    @notice The pool's own books of an asset, in smallest units.
    """
    assert asset < self.asset_count, "no such asset"
    return self._load(asset).balance


@external
@view
def weight_of_asset(asset: uint256) -> uint256:
    """
    @notice The weight in force now; weights are not normalised, only their ratios matter.  0 for the
            numeraire once the last round has opened.
    """
    assert asset < self.asset_count, "no such asset"
    if asset > 0:
        return self._load(asset).weight
    clock: Clock = self._clock()
    if clock.rho == 0:
        return 0
    return self._weight(0, self._load(0).weight, clock)


@external
@view
def asset_of(client: uint256) -> uint256:
    """
    @notice Index of the asset that is the token of the client with index `client`; refused if not listed.
    """
    for k: uint256 in range(1, self.asset_count, bound=MAX_ASSETS):
        if self._load(k).client == client:
            return k
    raise "the client is not listed"


# --- inside ---------------------------------------------------------------------------------------------


@view
def _price_exact_in(asset_in: uint256, asset_out: uint256, amount_in: uint256) -> Trade:
    """
    @notice Price a trade and return both assets as they are after it.
    """
    assert amount_in <= MASK_112, "amount above 2^112"
    trade: Trade = self._sides(asset_in, asset_out)
    # Rounded up: for the pool.
    trade.fee = (amount_in * self._fee() + WAD - 1) // WAD
    trade.amount_in = amount_in
    trade.amount_out = weighted_math._out_given_in(
        trade.paid_in.balance,
        self._weight(asset_in, trade.paid_in.weight, trade.clock),
        trade.paid_out.balance,
        self._weight(asset_out, trade.paid_out.weight, trade.clock),
        amount_in - trade.fee,
    )
    return self._booked(trade)


@view
def _price_exact_out(asset_in: uint256, asset_out: uint256, amount_out: uint256) -> Trade:
    """
    @notice Price a trade and return both assets as they are after it.
    """
    assert amount_out <= MASK_112, "amount above 2^112"
    trade: Trade = self._sides(asset_in, asset_out)
    net: uint256 = weighted_math._in_given_out(
        trade.paid_in.balance,
        self._weight(asset_in, trade.paid_in.weight, trade.clock),
        trade.paid_out.balance,
        self._weight(asset_out, trade.paid_out.weight, trade.clock),
        amount_out,
    )
    # Rounded up, so that the fee is at least its part of what enters: for the pool.
    rest: uint256 = WAD - self._fee()
    trade.amount_in = (net * WAD + rest - 1) // rest
    trade.fee = trade.amount_in - net
    trade.amount_out = amount_out
    return self._booked(trade)


@view
def _sides(asset_in: uint256, asset_out: uint256) -> Trade:
    """
    @notice Both assets of a trade with their record balances written down, before anything moves.
    """
    count: uint256 = self.asset_count
    assert asset_in < count and asset_out < count, "no such asset"
    assert asset_in != asset_out, "an asset cannot be traded for itself"
    clock: Clock = self._clock()
    assert clock.rho > 0, "the last round has opened: the pool only lets LPs leave"
    return Trade(
        amount_in=0,
        amount_out=0,
        fee=0,
        clock=clock,
        paid_in=self._touched(self._load(asset_in), clock.opened),
        paid_out=self._touched(self._load(asset_out), clock.opened),
    )


@view
def _booked(trade: Trade) -> Trade:
    """
    @notice The trade with both balances as they are after it.
    """
    assert trade.amount_in > 0 and trade.amount_out > 0, "trade too small"
    after: Trade = trade
    after.paid_in.balance += trade.amount_in
    after.paid_out.balance -= trade.amount_out
    assert (
        after.paid_in.balance >= MIN_BALANCE and after.paid_out.balance >= MIN_BALANCE
    ), "the pool is almost empty"
    return after


def _settle(asset_in: uint256, asset_out: uint256, trade: Trade, receiver: address, deadline: uint256):
    """
    @notice Book a trade and move both assets.
    """
    assert block.timestamp <= deadline, "deadline has passed"
    assert receiver != empty(address) and receiver != self, "receiver is the zero address or the pool"
    self._store(asset_in, trade.paid_in)
    self._store(asset_out, trade.paid_out)
    # The numeraire, the one contract that is not ours, moves last: no round can open half-way.
    if asset_in == 0:
        self._give(trade.paid_out.client, receiver, trade.amount_out)
        numeraire_._pull(numeraire, msg.sender, trade.amount_in)
    else:
        self._take(trade.paid_in.client, trade.amount_in)
        if asset_out == 0:
            numeraire_._push(numeraire, receiver, trade.amount_out)
        else:
            self._give(trade.paid_out.client, receiver, trade.amount_out)
    log Swap(
        trader=msg.sender,
        receiver=receiver,
        asset_in=asset_in,
        asset_out=asset_out,
        amount_in=trade.amount_in,
        amount_out=trade.amount_out,
        fee=trade.fee,
    )


@view
def _fee() -> uint256:
    elapsed: uint256 = block.timestamp - OPENED_AT
    if elapsed >= OPENING_PERIOD:
        return SWAP_FEE
    # Rounded up: for the pool.
    return SWAP_FEE + ((OPENING_FEE - SWAP_FEE) * (OPENING_PERIOD - elapsed) + OPENING_PERIOD - 1) // OPENING_PERIOD


@view
def _clock() -> Clock:
    budget: uint256 = 0
    rho: uint256 = 0
    opened: uint256 = 0
    finalized: uint256 = 0
    (budget, rho, opened, finalized) = staticcall IScenario(scenario).clock()
    return Clock(budget=budget, rho=rho, opened=opened, finalized=finalized)


@view
def _weight(asset: uint256, base: uint256, clock: Clock) -> uint256:
    """
    @notice The weight in force: only the numeraire's follows the clock, and only where the clock is on.
    """
    if asset > 0 or not clock_on:
        return base
    return base * clock.budget // clock.rho


@view
def _load(asset: uint256) -> Asset:
    word: uint256 = self.asset_words[asset]
    return Asset(
        balance=word & MASK_112,
        record=(word >> 112) & MASK_64,
        seen=(word >> 176) & MASK_16,
        weight=(word >> 192) & MASK_56,
        client=word >> 248,
    )


def _store(index: uint256, asset: Asset):
    assert asset.balance <= MASK_112, "balance above 2^112 units"
    self.asset_words[index] = (
        asset.balance
        | (asset.record << 112)
        | (asset.seen << 176)
        | (asset.weight << 192)
        | (asset.client << 248)
    )


@pure
def _touched(asset: Asset, opened: uint256) -> Asset:
    """
    @notice The asset with its record balance written down, as it has to be before its balance changes.
            The numeraire earns nothing; its record is not used.
    """
    if opened <= asset.seen:
        return asset
    after: Asset = asset
    after.record = asset.balance & MASK_64
    after.seen = opened
    return after


@view
def _client(asset: uint256) -> uint256:
    return self.asset_words[asset] >> 248


def _take(client: uint256, amount: uint256):
    if amount > 0:
        token: address = token_address._token(scenario, PROXY_CODE_HASH, client)
        extcall IERC20(token).transferFrom(msg.sender, self, amount)


def _give(client: uint256, receiver: address, amount: uint256):
    if amount > 0:
        token: address = token_address._token(scenario, PROXY_CODE_HASH, client)
        extcall IERC20(token).transfer(receiver, amount)


def _mint(holder: address, shares: uint256, opened: uint256):
    self._touch_supply(opened)
    account: rewards.Account = self._touched_account(rewards._load(holder), opened)
    account.balance += shares
    rewards._store(holder, account)
    word: uint256 = self.supply_word
    assert (word & MASK_64) + shares <= MASK_64, "LP supply above 2^64 units"
    self.supply_word = word + shares
    log erc20.Transfer(sender=empty(address), receiver=holder, amount=shares)


def _burn(holder: address, shares: uint256, opened: uint256):
    self._touch_supply(opened)
    account: rewards.Account = self._touched_account(rewards._load(holder), opened)
    assert account.balance >= shares, "balance too small"
    account.balance -= shares
    rewards._store(holder, account)
    self.supply_word -= shares
    log erc20.Transfer(sender=holder, receiver=empty(address), amount=shares)


def _transfer(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "transfer to the zero address"
    opened: uint256 = self._clock().opened
    from_account: rewards.Account = self._touched_account(rewards._load(sender), opened)
    assert from_account.balance >= amount, "balance too small"
    from_account.balance -= amount
    # Stored before the receiver is read: a transfer to oneself changes nothing.
    rewards._store(sender, from_account)
    to_account: rewards.Account = self._touched_account(rewards._load(receiver), opened)
    to_account.balance += amount
    rewards._store(receiver, to_account)
    log erc20.Transfer(sender=sender, receiver=receiver, amount=amount)


def _claim(holder: address) -> uint256:
    # The locked shares are the pool's own; what they earn is dust.
    assert holder != self, "the pool does not claim"
    account: rewards.Account = rewards._load(holder)
    units: uint256 = self._entitled(account) // SHARE_SCALE
    if units == 0:
        return 0
    rewards._store(holder, rewards._paid(account, units * SHARE_SCALE))
    amount: uint256 = extcall IScenario(scenario).pay_pool_reward(holder, units)
    log Claimed(holder=holder, amount=amount)
    return amount


def _touch_supply(opened: uint256):
    word: uint256 = self.supply_word
    if opened > (word >> 128) & MASK_16:
        supply: uint256 = word & MASK_64
        self.supply_word = supply | (supply << 64) | (opened << 128) | ((word >> 144) << 144)


@view
def _touched_account(account: rewards.Account, opened: uint256) -> rewards.Account:
    history_seen: uint256 = 0
    if rewards._needs_history(account, opened):
        history_seen = self.share_history[account.seen]
    return rewards._touched(account, opened, history_seen)


@view
def _entitled(account: rewards.Account) -> uint256:
    """
    @dev In (LP share units x reward units x SHARE_SCALE / LP share units).
    """
    harvested_round: uint256 = (self.supply_word >> 144) & MASK_16
    return rewards._entitled(
        account,
        self.share_history[min(harvested_round, account.seen)],
        self.share_history[harvested_round],
    )
