# pragma version 0.4.3
"""
@title Reward history
@license Apache-2.0
@notice How a pot is split among clients, and what every client has been given up to every round: H_k(r), in
        reward units, six clients a word.
@dev H is a sum over rounds, so the reward of one round is the difference of two words, lane by lane, without
     a borrow.  At most 2^42 - 1 units in all: the Scenario sees to that.
"""

MAX_CLIENTS: constant(uint256) = 64
LANE_BITS: constant(uint256) = 42
# All bits of a word that are used: six lanes.
LANES: constant(uint256) = 252
MASK_42: constant(uint256) = 2**42 - 1
CLIENTS_PER_WORD: constant(uint256) = 6
WORDS: constant(uint256) = 11

# Key round * 16 + word.
words: HashMap[uint256, uint256]


@view
def _upto(client: uint256, round: uint256) -> uint256:
    """
    @notice Reward units of `client` summed over rounds 1..round.
    """
    word: uint256 = self.words[(round << 4) | (client // CLIENTS_PER_WORD)]
    return (word >> (LANE_BITS * (client % CLIENTS_PER_WORD))) & MASK_42


@view
def _of_round(round: uint256, clients: uint256) -> uint256[11]:
    """
    @notice Reward units of every client in a finalised round, in words.
    """
    rewards: uint256[11] = empty(uint256[11])
    key: uint256 = round << 4
    for w: uint256 in range((clients + CLIENTS_PER_WORD - 1) // CLIENTS_PER_WORD, bound=WORDS):
        rewards[w] = self.words[key + w] - self.words[key + w - 16]
    return rewards


@view
def _all_upto(round: uint256, clients: uint256) -> DynArray[uint256, 64]:
    upto: DynArray[uint256, 64] = []
    for k: uint256 in range(clients, bound=MAX_CLIENTS):
        upto.append(self._upto(k, round))
    return upto


def _split(round: uint256, shares: DynArray[uint256, 64], total: uint256, pot: uint256):
    """
    @notice Split a pot of reward units in proportion to `shares`, exactly, by prefix sums: client i gets
            floor(U P_i / P_n) - floor(U P_{i-1} / P_n).  A zero share gets zero and nothing is left over.
    @param round The round that is paid, from 1
    @param shares One for each client that takes part, in join order
    @param total Their sum, not zero
    """
    base: uint256 = round << 4
    before: uint256 = (round - 1) << 4
    word: uint256 = 0
    lane: uint256 = LANES
    prefix: uint256 = 0
    given: uint256 = 0
    for share: uint256 in shares:
        if lane == LANES:
            word = self.words[before]
            lane = 0
        prefix += share
        upto: uint256 = pot * prefix // total
        # Below 2^42 in sum, so no carry reaches the neighbour.
        word += (upto - given) << lane
        given = upto
        lane += LANE_BITS
        if lane == LANES:
            self.words[base] = word
            base += 1
            before += 1
    if lane < LANES:
        self.words[base] = word
