# pragma version 0.4.3
"""
@title Books of a pool
@license Apache-2.0
@notice What the pool has of each asset, and had at the last record date: one word an asset.

        numeraire (asset 0):  balance 112 bits,                       base weight 56 from bit 144
        client token:         balance 64, record 64, seen 16,         base weight 56, client 8, supply 48

        The numeraire earns nothing and keeps no record.  Supplies are counted in 10^6 units.  Words are handed
        around as they are; `_moved_in`, `_moved_out` and `_touched` make the next one.
"""

MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_42: constant(uint256) = 2**42 - 1
MASK_56: constant(uint256) = 2**56 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1
MASK_128: constant(uint256) = 2**128 - 1
# First bit of the supply, which is counted in these.
SUPPLY: constant(uint256) = 208
SUPPLY_UNIT: constant(uint256) = 10**6

MAX_ASSETS: constant(uint256) = 65

words: uint256[MAX_ASSETS]


@pure
def _numeraire_word(balance: uint256, weight: uint256) -> uint256:
    assert balance <= MASK_112, "balance too large"
    return balance | (weight << 144)


@pure
def _token_word(balance: uint256, seen: uint256, weight: uint256, client: uint256, supply: uint256) -> uint256:
    """
    @notice A token that enters the books after round `seen` opened: its record balance is 0, for it was not
            the pool's at that date.
    """
    return (
        balance | (seen << 128) | (weight << 144) | (client << 200) | (supply // SUPPLY_UNIT << SUPPLY)
    )


@view
def _word(asset: uint256) -> uint256:
    """
    @notice The word of an asset that exists.
    """
    word: uint256 = 0
    if asset < MAX_ASSETS:
        word = self.words[asset]
    assert word != 0, "no such asset"
    return word


@pure
def _balance(asset: uint256, word: uint256) -> uint256:
    if asset == 0:
        return word & MASK_112
    return word & MASK_64


@pure
def _base_weight(word: uint256) -> uint256:
    return (word >> 144) & MASK_56


@pure
def _client(word: uint256) -> uint256:
    return (word >> 200) & MASK_8


@view
def _earned(count: uint256, round: uint256, rewards: uint256[11]) -> uint256:
    """
    @notice What the pool's tokens earned in `round`, the last opened one: the sum over assets of the client's
            reward units times the record balance over the supply, with 64 bits behind the point, rounded down.
    @param rewards Reward units of all clients in that round, six a word, 42 bits each
    """
    earned: uint256 = 0
    for k: uint256 in range(1, count, bound=MAX_ASSETS):
        word: uint256 = self.words[k]
        record: uint256 = word & MASK_64
        if (word >> 128) & MASK_16 >= round:
            record = (word >> 64) & MASK_64
        client: uint256 = (word >> 200) & MASK_8
        units: uint256 = (rewards[client // 6] >> (client % 6 * 42)) & MASK_42
        # 42, 64 and 64 bits.
        earned += (units * record << 64) // (word >> SUPPLY)
    return earned // SUPPLY_UNIT


@pure
def _touched(asset: uint256, word: uint256, opened: uint256) -> uint256:
    """
    @notice The word with its record balance written down, as it has to be before the balance changes.
    """
    if asset == 0 or opened <= (word >> 128) & MASK_16:
        return word
    balance: uint256 = word & MASK_64
    return ((word >> 144) << 144) | (opened << 128) | (balance << 64) | balance


@pure
def _moved_in(asset: uint256, word: uint256, amount: uint256) -> uint256:
    """
    @notice The (touched) word with `amount` more.
    """
    most: uint256 = MASK_64
    if asset == 0:
        most = MASK_112
    assert (word & most) + amount <= most, "balance too large"
    return word + amount


@pure
def _moved_out(asset: uint256, word: uint256, amount: uint256) -> uint256:
    """
    @notice The (touched) word with `amount` less.
    """
    assert amount <= self._balance(asset, word), "more than the pool has"
    return word - amount
