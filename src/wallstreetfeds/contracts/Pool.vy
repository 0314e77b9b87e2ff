# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Pool: a constant-mean market of one federation
@license Apache-2.0
@notice Asset 0 is the numeraire, assets 1.. are the client tokens that were listed.  A trade leaves
        prod x_i^w_i no smaller.  The numeraire's weight follows the federation's clock,

            w_0 = base_0 * B / rho,          spot price of asset i = (x_0 / w_0) / (x_i / w_i)

        so that every token's price falls by the same factor when a round opens, as the claim it is a price
        of does.  All fees stay in the pool.  What the pool's own tokens earn goes to the LPs of record
        through the same reward accounting that token holders have, never into the reserves.
@dev Own books only (`asset_book`): what is sent here without a call belongs to nobody.  Trading and
     liquidity are here; LP shares and their rewards are `lp_share`; the maths is `weighted_math`.
"""

from ethereum.ercs import IERC20

import asset_book as book
import erc20
import federation_clock as clock_
import IClientToken
import IPool
import IScenario
import lp_share as lp
import numeraire_transfer as numeraire_
import opening as opening_
import token_address
import weighted_math

implements: IERC20
implements: IPool

initializes: book
initializes: clock_
initializes: erc20
initializes: lp[clock_ := clock_, erc20 := erc20]

exports: (
    clock_.scenario,
    erc20.allowance,
    erc20.approve,
    erc20.decimals,
    erc20.nonces,
    lp.DOMAIN_SEPARATOR,
    lp.balanceOf,
    lp.claim,
    lp.claim_for,
    lp.claimable,
    lp.eip712Domain,
    lp.name,
    lp.permit,
    lp.symbol,
    lp.totalSupply,
    lp.transfer,
    lp.transferFrom,
    lp.unvested,
)


event AssetListed:
    asset: indexed(uint256)
    client: indexed(uint256)
    amount: uint256
    weight: uint256


event Initialized:
    numeraire_amount: uint256
    numeraire_weight: uint256


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


event SingleAssetAdded:
    provider: indexed(address)
    asset: uint256
    amount: uint256
    shares: uint256
    fee: uint256


event SingleAssetRemoved:
    provider: indexed(address)
    receiver: indexed(address)
    asset: uint256
    amount: uint256
    shares: uint256
    fee: uint256


event Harvested:
    round: indexed(uint256)
    units: uint256


struct Trade:
    amount_in: uint256
    amount_out: uint256
    fee: uint256
    # last opened round
    opened: uint256


WAD: constant(uint256) = 10**18
TOKEN: constant(uint256) = 10**12
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1
MAX_ASSETS: constant(uint256) = 65
# A trade may not leave less than this of an asset; proportional exits may.
MIN_BALANCE: constant(uint256) = 10**6

numeraire: public(reentrant(immutable(address)))
PROXY_CODE_HASH: immutable(bytes32)
SWAP_FEE: immutable(uint256)
OPENING_FEE: immutable(uint256)
OPENING_PERIOD: immutable(uint256)
OPENED_AT: immutable(uint256)
clock_on: public(reentrant(immutable(bool)))


@deploy
def __init__(
    numeraire_address: address,
    token_proxy_code_hash: bytes32,
    gate: address,
    swap_fee: uint256,
    opening_fee: uint256,
    opening_period: uint256,
    with_clock: bool,
    opening: opening_.Opening,
):
    """
    @notice Made by a Scenario, which moves exactly what is booked here into the pool in the same transaction.
            Books the opening balances and mints the opening LP shares by value; those for a listing vest.
    """
    clock_.__init__(msg.sender)
    lp.__init__(gate)
    numeraire = numeraire_address
    PROXY_CODE_HASH = token_proxy_code_hash
    SWAP_FEE = swap_fee
    OPENING_FEE = opening_fee
    OPENING_PERIOD = opening_period
    OPENED_AT = block.timestamp
    clock_on = with_clock

    clock: clock_.Clock = clock_._clock()
    deposited: uint256 = 0
    for deposit: uint256 in opening.deposits:
        deposited += deposit
    assert (
        deposited >= opening_.MIN_NUMERAIRE and deposited < opening_.MAX_NUMERAIRE
    ), "numeraire outside its domain"
    # Values in the numeraire's smallest units at the prior price, rounded down.
    total_value: uint256 = deposited
    for client: uint256 in range(64):
        if opening.mask & (1 << client) != 0:
            total_value += self._listing(client, opening.listed, opening.prior_value, opening.prior_supply)[1]

    lp.supply_word = (clock.opened << 128) | (clock.finalized << 144)
    locked: uint256 = opening_.OPENING_SHARES
    weight_0: uint256 = opening_.WEIGHTS
    smallest: uint256 = max_value(uint256)
    largest: uint256 = 0
    count: uint256 = 0
    for client: uint256 in range(64):
        if opening.mask & (1 << client) != 0:
            amount: uint256 = 0
            token_value: uint256 = 0
            (amount, token_value) = self._listing(
                client, opening.listed, opening.prior_value, opening.prior_supply
            )
            weight: uint256 = token_value * opening_.WEIGHTS // total_value
            weight_0 -= weight
            smallest = min(smallest, weight)
            largest = max(largest, weight)
            count += 1
            supply: uint256 = staticcall IScenario(clock_.scenario).supply_of(client)
            book.words[count] = book._token_word(amount, clock.opened, weight, client, supply)
            holder: address = staticcall IScenario(clock_.scenario).client_at(client)
            shares: uint256 = opening_._shares(token_value, total_value)
            locked -= shares
            lp._mint(holder, shares, clock.opened)
            lp._bind(holder, shares, clock)
            log AssetListed(asset=count, client=client, amount=amount, weight=weight)
    assert count > 0, "too few clients listed"
    opening_._check_weights(weight_0, smallest, largest, clock.rho, opening.last_part)
    for k: uint256 in range(len(opening.providers), bound=64):
        shares: uint256 = opening_._shares(opening.deposits[k], total_value)
        locked -= shares
        lp._mint(opening.providers[k], shares, clock.opened)
    lp._mint(self, locked, clock.opened)
    lp.supply_word |= ((count + 1) << 160) | ((opening_.WEIGHTS - weight_0) << 168)
    if with_clock:
        # What is `weight_0` now; rounded down.
        weight_0 = weight_0 * clock.rho // clock.budget
    book.words[0] = book._numeraire_word(deposited, weight_0)
    log Initialized(numeraire_amount=deposited, numeraire_weight=weight_0)


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
    trade: Trade = self._price(asset_in, asset_out, amount_in, True)
    self._at_least(trade.amount_out, min_amount_out)
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
    trade: Trade = self._price(asset_in, asset_out, amount_out, False)
    self._at_most(trade.amount_in, max_amount_in)
    self._settle(asset_in, asset_out, trade, receiver, deadline)
    return trade.amount_in


@external
@view
def quote_exact_in(asset_in: uint256, asset_out: uint256, amount_in: uint256) -> uint256:
    """
    @notice What `swap_exact_in` would send now, in smallest units; refused where it would be.
    """
    return self._price(asset_in, asset_out, amount_in, True).amount_out


@external
@view
def quote_exact_out(asset_in: uint256, asset_out: uint256, amount_out: uint256) -> uint256:
    """
    @notice What `swap_exact_out` would take now, in smallest units, fee included; refused where it would be.
    """
    return self._price(asset_in, asset_out, amount_out, False).amount_in


@external
@view
def spot_price(asset: uint256) -> uint256:
    """
    @notice Price of one whole token (10^12 units) of an asset, in the numeraire's smallest units times
            10^18, before any fee, rounded down; 0 once the last round has opened.
    """
    assert asset > 0, "no such asset"
    word: uint256 = book._word(asset)
    clock: clock_.Clock = clock_._clock()
    if clock.rho == 0:
        return 0
    reserve: uint256 = book.words[0]
    weight: uint256 = self._weight(0, reserve, clock)
    return (
        book._balance(0, reserve)
        * book._base_weight(word)
        * TOKEN
        // weight
        * WAD
        // book._balance(asset, word)
    )


@external
@view
def swap_fee() -> uint256:
    """
    @notice The fee in force now, WAD of the amount that enters: the opening fee falls linearly in block time.
    """
    return self._fee()


# --- liquidity ------------------------------------------------------------------------------------------


@external
def add_liquidity(
    shares: uint256, max_amounts: DynArray[uint256, 65], deadline: uint256
) -> DynArray[uint256, 65]:
    """
    @notice Mint exactly `shares` LP shares for a proportional amount of every asset, each rounded up.
            Anyone who has approved the pool for the amounts; from the end of the opening period, whose fees
            belong to those who opened the market, until the last round opens.
    @param shares Smallest units (12 decimals)
    @param max_amounts One for each asset, smallest units; more is refused
    @param deadline Block time after which the call is refused
    @return The amounts taken, in asset order
    """
    self._before(deadline)
    self._past_opening()
    self._not_nothing(shares)
    clock: clock_.Clock = self._trading()
    supply: uint256 = lp.supply_word
    count: uint256 = (supply >> 160) & MASK_8
    supply &= MASK_64
    self._one_each(len(max_amounts), count)
    lp._mint(msg.sender, shares, clock.opened)
    amounts: DynArray[uint256, 65] = []
    for k: uint256 in range(count, bound=MAX_ASSETS):
        amount: uint256 = (book._balance(k, book.words[k]) * shares + supply - 1) // supply
        self._at_most(amount, max_amounts[k])
        amounts.append(amount)
        if k > 0:
            self._enter(k, amount, clock.opened)
    # The numeraire, the one contract that is not ours, moves last: no round can open half-way.
    self._enter(0, amounts[0], clock.opened)
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
    @notice Burn LP shares for a proportional amount of every asset, each rounded down.  Always possible;
            into the caller's own address no transfer gate is asked.
    @param shares Smallest units (12 decimals)
    @param min_amounts One for each asset, smallest units; less is refused
    @param receiver Who gets the assets
    @param deadline Block time after which the call is refused
    @return The amounts sent, in asset order
    """
    self._before(deadline)
    self._can_receive(receiver)
    self._not_nothing(shares)
    supply: uint256 = lp.supply_word
    count: uint256 = (supply >> 160) & MASK_8
    supply &= MASK_64
    self._one_each(len(min_amounts), count)
    clock: clock_.Clock = clock_._clock()
    lp._burn(msg.sender, shares, clock)
    amounts: DynArray[uint256, 65] = []
    for k: uint256 in range(count, bound=MAX_ASSETS):
        amount: uint256 = book._balance(k, book.words[k]) * shares // supply
        self._at_least(amount, min_amounts[k])
        amounts.append(amount)
        if k > 0:
            self._leave(k, amount, clock.opened, receiver, receiver == msg.sender)
    self._leave(0, amounts[0], clock.opened, receiver, True)
    log LiquidityRemoved(provider=msg.sender, receiver=receiver, shares=shares, amounts=amounts)
    return amounts


@external
def add_single_asset(asset: uint256, amount: uint256, min_shares: uint256, deadline: uint256) -> uint256:
    """
    @notice Join with one asset alone.  The part of it that the pool would have to trade for the others pays
            the fee in force.  Anyone who has approved the pool for `amount`; from the end of the opening
            period until the last round opens.
    @param asset Index of the asset (0 is the numeraire)
    @param amount Smallest units, fee included
    @param min_shares LP shares; fewer are refused
    @param deadline Block time after which the call is refused
    @return LP shares minted, rounded down
    """
    self._before(deadline)
    self._past_opening()
    clock: clock_.Clock = self._trading()
    word: uint256 = book._word(asset)
    weight: uint256 = self._weight(asset, word, clock)
    supply: uint256 = 0
    total_weight: uint256 = 0
    (supply, total_weight) = self._whole(clock)
    self._enough(book._balance(asset, word))
    fee: uint256 = self._unbalanced_fee(amount, weight, total_weight)
    shares: uint256 = weighted_math._shares_given_amount(
        supply, book._balance(asset, word), weight, total_weight, amount - fee
    )
    self._not_nothing(shares)
    self._at_least(shares, min_shares)
    # What leaves into its owner's address is never asked for: who enters is.
    lp._ask_gate(empty(address), msg.sender, shares)
    lp._mint(msg.sender, shares, clock.opened)
    self._enter(asset, amount, clock.opened)
    log SingleAssetAdded(provider=msg.sender, asset=asset, amount=amount, shares=shares, fee=fee)
    return shares


@external
def remove_single_asset(
    asset: uint256, shares: uint256, min_amount: uint256, receiver: address, deadline: uint256
) -> uint256:
    """
    @notice Leave with one asset alone.  The part of it that the pool had to trade the others for pays the
            fee in force.  Until the last round opens.
    @param asset Index of the asset (0 is the numeraire)
    @param shares LP shares to burn, smallest units (12 decimals)
    @param min_amount Smallest units; less is refused
    @param receiver Who gets the asset; into the caller's own address no transfer gate is asked
    @param deadline Block time after which the call is refused
    @return Smallest units of the asset sent, rounded down
    """
    self._before(deadline)
    self._can_receive(receiver)
    clock: clock_.Clock = self._trading()
    word: uint256 = book._word(asset)
    weight: uint256 = self._weight(asset, word, clock)
    supply: uint256 = 0
    total_weight: uint256 = 0
    (supply, total_weight) = self._whole(clock)
    amount: uint256 = weighted_math._amount_given_shares(
        supply, book._balance(asset, word), weight, total_weight, shares
    )
    fee: uint256 = self._unbalanced_fee(amount, weight, total_weight)
    amount -= fee
    self._not_nothing(amount)
    self._at_least(amount, min_amount)
    self._enough(book._balance(asset, word) - amount)
    lp._burn(msg.sender, shares, clock)
    self._leave(asset, amount, clock.opened, receiver, receiver == msg.sender)
    log SingleAssetRemoved(
        provider=msg.sender, receiver=receiver, asset=asset, amount=amount, shares=shares, fee=fee
    )
    return amount


@external
def harvest() -> uint256:
    """
    @notice Book what the pool's tokens earned in the last finalised round for the LPs of record, those who
            have left since included.  Anyone; the Scenario calls it with every payment, so that a second
            call finds nothing.
    @return All reward units the pool has earned so far, rounded down
    """
    clock: clock_.Clock = clock_._clock()
    supply: uint256 = lp.supply_word
    round: uint256 = ((supply >> 144) & MASK_16) + 1
    if round > clock.finalized:
        return lp._harvested() // lp.SCALE
    earned: uint256 = book._earned(
        (supply >> 160) & MASK_8, round, staticcall IScenario(clock_.scenario).reward_words(round)
    )
    total: uint256 = lp._book(round, earned)
    log Harvested(round=round, units=earned // lp.SCALE)
    return total // lp.SCALE


@external
@view
@reentrant
def harvested_units() -> uint256:
    """
    @notice All reward units the pool has earned for its LPs so far, rounded down.
    """
    return lp._harvested() // lp.SCALE


# --- views of the assets --------------------------------------------------------------------------------


@external
@view
def asset_count() -> uint256:
    """
    @notice How many assets there are, the numeraire included.
    """
    return (lp.supply_word >> 160) & MASK_8


@external
@view
def asset_at(asset: uint256) -> address:
    """
    @notice The token contract of an asset; asset 0 is the numeraire.
    """
    word: uint256 = book._word(asset)
    if asset == 0:
        return numeraire
    return self._token(word)


@external
@view
def balance_of_asset(asset: uint256) -> uint256:
    """
    @notice The pool's own books of an asset, in smallest units.
    """
    return book._balance(asset, book._word(asset))


@external
@view
def weight_of_asset(asset: uint256) -> uint256:
    """
    @notice The weight in force now; weights are not normalised, only their ratios matter.  0 for the
            numeraire once the last round has opened.
    """
    clock: clock_.Clock = clock_._clock()
    if asset == 0 and clock.rho == 0:
        return 0
    return self._weight(asset, book._word(asset), clock)


# --- inside ---------------------------------------------------------------------------------------------


@view
def _listing(
    client: uint256, listed: uint256, prior_value: uint256, prior_supply: uint256
) -> (uint256, uint256):
    """
    @notice What a client lists, and its value at the prior price; both rounded down.
    """
    amount: uint256 = staticcall IScenario(clock_.scenario).supply_of(client) * listed // WAD
    return amount, amount * prior_value // prior_supply


@view
def _price(asset_in: uint256, asset_out: uint256, amount: uint256, exact_in: bool) -> Trade:
    """
    @notice Price a trade of `amount` of what enters (`exact_in`) or leaves, and say what the books are after.
    """
    assert amount <= MASK_112, "amount above 2^112"
    assert asset_in != asset_out, "one asset for itself"
    clock: clock_.Clock = clock_._clock()
    assert clock.rho > 0, "the last round has opened"
    trade: Trade = empty(Trade)
    trade.opened = clock.opened
    word: uint256 = book._word(asset_in)
    balance_in: uint256 = book._balance(asset_in, word)
    weight_in: uint256 = self._weight(asset_in, word, clock)
    word = book._word(asset_out)
    balance_out: uint256 = book._balance(asset_out, word)
    weight_out: uint256 = self._weight(asset_out, word, clock)
    if exact_in:
        # Rounded up: for the pool.
        trade.fee = (amount * self._fee() + WAD - 1) // WAD
        trade.amount_in = amount
        trade.amount_out = weighted_math._out_given_in(
            balance_in, weight_in, balance_out, weight_out, amount - trade.fee
        )
    else:
        net: uint256 = weighted_math._in_given_out(balance_in, weight_in, balance_out, weight_out, amount)
        # Rounded up, so that the fee is at least its part of what enters: for the pool.
        rest: uint256 = WAD - self._fee()
        trade.amount_in = (net * WAD + rest - 1) // rest
        trade.fee = trade.amount_in - net
        trade.amount_out = amount
    self._not_nothing(trade.amount_out)
    self._enough(min(balance_in + trade.amount_in, balance_out - trade.amount_out))
    return trade


def _settle(asset_in: uint256, asset_out: uint256, trade: Trade, receiver: address, deadline: uint256):
    """
    @notice Book a trade and move both assets.
    """
    self._before(deadline)
    self._can_receive(receiver)
    # The numeraire, the one contract that is not ours, moves last: no round can open half-way.
    if asset_in > 0:
        self._enter(asset_in, trade.amount_in, trade.opened)
    self._leave(asset_out, trade.amount_out, trade.opened, receiver, False)
    if asset_in == 0:
        self._enter(0, trade.amount_in, trade.opened)
    log Swap(
        trader=msg.sender,
        receiver=receiver,
        asset_in=asset_in,
        asset_out=asset_out,
        amount_in=trade.amount_in,
        amount_out=trade.amount_out,
        fee=trade.fee,
    )


def _enter(asset: uint256, amount: uint256, opened: uint256):
    """
    @notice Book what the caller brings of an asset, then take it.
    """
    word: uint256 = book._moved_in(asset, book._touched(asset, book.words[asset], opened), amount)
    book.words[asset] = word
    if asset == 0:
        numeraire_._pull_to(numeraire, msg.sender, amount, book._balance(0, word))
    elif amount > 0:
        extcall IERC20(self._token(word)).transferFrom(msg.sender, self, amount)


def _leave(asset: uint256, amount: uint256, opened: uint256, receiver: address, past_gate: bool):
    """
    @notice Book what leaves of an asset, then send it.
    @param past_gate An LP leaves into its own address: no transfer gate is asked
    """
    word: uint256 = book.words[asset]
    book.words[asset] = book._moved_out(asset, book._touched(asset, word, opened), amount)
    if asset == 0:
        numeraire_._push(numeraire, receiver, amount)
    elif amount > 0:
        token: address = self._token(word)
        if past_gate:
            extcall IClientToken(token).release(receiver, amount)
        else:
            extcall IERC20(token).transfer(receiver, amount)


@view
def _before(deadline: uint256):
    assert block.timestamp <= deadline, "deadline has passed"


@pure
def _at_least(amount: uint256, minimum: uint256):
    assert amount >= minimum, "below the minimum"


@pure
def _at_most(amount: uint256, maximum: uint256):
    assert amount <= maximum, "above the maximum"


@pure
def _one_each(limits: uint256, assets: uint256):
    assert limits == assets, "not one limit for each asset"


@pure
def _enough(balance: uint256):
    assert balance >= MIN_BALANCE, "the pool is almost empty"


@pure
def _not_nothing(amount: uint256):
    assert amount > 0, "trade too small"


@view
def _can_receive(receiver: address):
    assert receiver != empty(address) and receiver != self, "receiver is zero or the pool"


@view
def _past_opening():
    assert block.timestamp >= OPENED_AT + OPENING_PERIOD, "the opening period is not over"


@view
def _trading() -> clock_.Clock:
    clock: clock_.Clock = clock_._clock()
    assert clock.rho > 0, "the last round has opened"
    return clock


@view
def _fee() -> uint256:
    elapsed: uint256 = block.timestamp - OPENED_AT
    if elapsed >= OPENING_PERIOD:
        return SWAP_FEE
    # Rounded up: for the pool.
    return (
        SWAP_FEE
        + ((OPENING_FEE - SWAP_FEE) * (OPENING_PERIOD - elapsed) + OPENING_PERIOD - 1) // OPENING_PERIOD
    )


@view
def _unbalanced_fee(amount: uint256, weight: uint256, total_weight: uint256) -> uint256:
    """
    @notice The fee on the part of `amount` that is not the asset's own part of the pool; rounded up.
    """
    whole: uint256 = total_weight * WAD
    return (amount * self._fee() * (total_weight - weight) + whole - 1) // whole


@view
def _weight(asset: uint256, word: uint256, clock: clock_.Clock) -> uint256:
    """
    @notice The weight in force: only the numeraire's follows the clock, and only where the clock is on.
    """
    if asset > 0 or not clock_on:
        return book._base_weight(word)
    return book._base_weight(word) * clock.budget // clock.rho


@view
def _whole(clock: clock_.Clock) -> (uint256, uint256):
    """
    @notice LP supply, and the sum of all weights in force.
    """
    word: uint256 = lp.supply_word
    return word & MASK_64, (word >> 168) + self._weight(0, book.words[0], clock)


@view
def _token(word: uint256) -> address:
    return token_address._token(clock_.scenario, PROXY_CODE_HASH, book._client(word))

