# pragma version 0.4.3
"""
@title Terms of a federation
@license Apache-2.0
@notice Fixed when the Scenario is created; nobody can change them later.
"""

WAD: constant(uint256) = 10**18
DAY: constant(uint256) = 86_400
BASIS_POINT: constant(uint256) = 10**14

MAX_CLIENTS: constant(uint256) = 64
# b_T stays at least B / 256, which bounds the clock's last factor and so the exponents of the market.
MAX_ROUNDS: constant(uint256) = 256
MAX_SWAP_FEE: constant(uint256) = 2 * 10**17
MAX_OPENING_FEE: constant(uint256) = 99 * 10**16
# Longer than 50 blocks of 12 seconds.
MIN_OPENING_PERIOD: constant(uint256) = 612
MAX_OPENING_PERIOD: constant(uint256) = 30 * DAY
# No wait that a stranger has to sit out is longer than this.
MAX_WAIT: constant(uint256) = 365 * DAY
SUPPLY_UNIT: constant(uint256) = 10**6


struct Terms:
    # ERC-20 that rewards are paid in and tokens are priced in
    numeraire: address
    # B, smallest units of the numeraire, escrowed in full before the market opens
    budget: uint256
    # T
    rounds: uint256
    # smallest units (12 decimals) of a client's token, where the federator has not allocated another number
    supply: uint256
    # how many clients may join, at most 64, late joiners included
    max_clients: uint256
    # whoever wants may join; else the federator's allow-list decides
    open_registration: bool
    # clients may also join while the market is open, each with a top-up
    late_joins: bool
    # part of its supply that a listing client deposits, WAD
    listed: uint256
    # part of its supply that a client keeps, released with the schedule, WAD; whole basis points
    retained: uint256
    # a client's share of a round is at most score_cap times its share of the supply, WAD
    score_cap: uint256
    # after this block time anyone may cancel a federation that has not opened
    opening_deadline: uint256
    # the federator's bond, smallest units, escrowed with the budget
    bond: uint256
    # who rules on challenges; the zero address where there is no challenge window
    arbiter: address
    # seconds from the submission of scores; 0: nobody can object
    challenge_window: uint256
    # seconds from the end of the window in which the arbiter may rule; after it the submitted scores stand
    ruling_period: uint256
    # a challenger's bond, part of the round's pot, WAD
    challenge_bond: uint256
    # seconds from the opening of a round before which no scores are accepted
    training_time: uint256
    # seconds from the opening of a round after which none are, and anyone may pay it without
    round_deadline: uint256
    # seconds from a payment (or the market's opening) after which anyone may open the next round
    round_gap: uint256
    # ITransferGate, or the zero address
    gate: address
    # WAD, of the amount that enters; stays in the pool
    swap_fee: uint256
    # WAD, at the opening; falls linearly in block time to swap_fee
    opening_fee: uint256
    # seconds; 0 switches the opening fee off
    opening_period: uint256
    # weights on the clock; False is the plain constant-mean market of the paper
    clock: bool


@view
def _check(terms: Terms, federator: address):
    """
    @notice Refuse terms outside the domain that the contracts are stated for.
    """
    assert terms.numeraire.is_contract, "terms: numeraire is not a contract"
    assert terms.rounds > 0 and terms.rounds <= MAX_ROUNDS, "terms: rounds not in 1..256"
    assert terms.budget >= terms.rounds * 1000, "terms: budget below 1000 units a round"
    assert terms.budget < 2**109, "terms: budget above 2^109 units"
    assert terms.supply >= 10**9 and terms.supply < 2**64, "terms: supply not in 10^9..2^64 units"
    assert terms.supply % SUPPLY_UNIT == 0, "terms: supply not a multiple of 10^6 units"
    assert (
        terms.max_clients > 0 and terms.max_clients <= MAX_CLIENTS
    ), "terms: max_clients not in 1..64"
    assert terms.listed > 0 and terms.listed <= WAD, "terms: listed not in 0..1"
    assert terms.retained <= WAD - terms.listed, "terms: listed and retained parts above 1"
    assert terms.retained % BASIS_POINT == 0, "terms: retained not in whole basis points"
    assert terms.score_cap >= WAD and terms.score_cap <= 64 * WAD, "terms: score_cap not in 1..64"
    assert terms.opening_deadline > block.timestamp, "terms: opening deadline has passed"
    assert terms.bond <= terms.budget, "terms: bond above the budget"
    if terms.challenge_window > 0:
        assert terms.arbiter != empty(address), "terms: no arbiter for challenges"
        assert terms.arbiter != federator, "terms: the federator cannot be the arbiter"
        assert terms.challenge_window <= MAX_WAIT, "terms: challenge window above a year"
        assert (
            terms.ruling_period > 0 and terms.ruling_period <= MAX_WAIT
        ), "terms: ruling period not in 1 s to a year"
        assert terms.challenge_bond <= WAD, "terms: challenge bond above the pot"
    assert (
        terms.round_deadline > terms.training_time and terms.round_deadline <= MAX_WAIT
    ), "terms: round deadline not between the training time and a year"
    assert terms.round_gap > 0 and terms.round_gap <= MAX_WAIT, "terms: round gap not in 1 s to a year"
    assert terms.gate == empty(address) or terms.gate.is_contract, "terms: gate is not a contract"
    assert terms.swap_fee <= MAX_SWAP_FEE, "terms: swap fee above 20%"
    if terms.opening_period == 0:
        return
    assert (
        terms.opening_fee >= terms.swap_fee and terms.opening_fee <= MAX_OPENING_FEE
    ), "terms: opening fee not between the swap fee and 99%"
    assert (
        terms.opening_period >= MIN_OPENING_PERIOD and terms.opening_period <= MAX_OPENING_PERIOD
    ), "terms: opening period not 0 or 612 s to 30 days"
