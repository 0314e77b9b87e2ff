# pragma version 0.4.3
"""
@title What a market opens with
@license Apache-2.0
@notice Weights and LP shares by the values of the deposits at the prior price, so that every token opens at
        exactly that price and nobody's deposit is worth more shares than another's.
@dev Used in the pool's constructor.
"""

# Sum of the opening weights.
WEIGHTS: constant(uint256) = 10**16
# Largest exponent of the market over its whole life, either way round.
MAX_WEIGHT_RATIO: constant(uint256) = 2**15
# LP shares minted at the opening (12 decimals: 1,000 shares) and the least of them that stay locked.
OPENING_SHARES: constant(uint256) = 10**15
LOCKED_SHARES: constant(uint256) = 10**6


# The least and (not reached) the most numeraire that a market opens with.
MIN_NUMERAIRE: constant(uint256) = 10**6
MAX_NUMERAIRE: constant(uint256) = 2**111


struct Opening:
    # who provides the numeraire, and how much each, smallest units
    providers: DynArray[address, 64]
    deposits: DynArray[uint256, 64]
    # bit k is set where the client with index k (join order) is listed, and the part of its supply, WAD
    mask: uint256
    listed: uint256
    # the prior price of one unit of any token is prior_value / prior_supply units of the numeraire
    prior_value: uint256
    prior_supply: uint256
    # last and smallest part of the schedule, smallest units of the numeraire
    last_part: uint256


@pure
def _check_weights(numeraire: uint256, smallest: uint256, largest: uint256, rho: uint256, last_part: uint256):
    """
    @notice Refuse weights whose ratios would leave the domain before the last round opens.
    @param smallest Smallest weight of a token
    @param rho What of the schedule is not opened yet: the clock raises the numeraire's weight by
               rho / last_part from here on
    """
    assert (
        numeraire * rho <= smallest * MAX_WEIGHT_RATIO * last_part
    ), "numeraire outweighs the tokens"
    assert (
        largest <= numeraire * MAX_WEIGHT_RATIO
    ), "tokens outweigh the numeraire"
    assert largest <= smallest * MAX_WEIGHT_RATIO, "the listed supplies are too unequal"


@pure
def _shares(deposit_value: uint256, total_value: uint256) -> uint256:
    """
    @notice LP shares for a deposit, rounded down; the rest is locked in the pool.
    """
    return deposit_value * (OPENING_SHARES - LOCKED_SHARES) // total_value
