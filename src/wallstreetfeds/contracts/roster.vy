# pragma version 0.4.3
"""
@title Roster: the clients of a federation, in join order
@license Apache-2.0
@notice Who may join and with how large a supply, who has, and what share of all tokens each client's are.
@dev `summary`: clients 8 bits, 1 at bit 8 where supplies differ, sum of all supplies from bit 16.
     `supply_words`: supply of five clients a word, 48 bits each, in 10^6 units; 0 stands for the standard one.
"""

MASK_8: constant(uint256) = 2**8 - 1
MASK_48: constant(uint256) = 2**48 - 1
SUPPLY_UNIT: constant(uint256) = 10**6
PER_WORD: constant(uint256) = 5
UNEQUAL: constant(uint256) = 256

# Supply that the client may join with; 0: it may not.
allocation: HashMap[address, uint256]
summary: uint256
client_at: HashMap[uint256, address]
# Index + 1.
number: HashMap[address, uint256]
supply_words: HashMap[uint256, uint256]


def _add(client: address, supply: uint256, standard: uint256) -> uint256:
    """
    @notice Enter a client; returns its index.
    """
    assert self.number[client] == 0, "already joined"
    summary: uint256 = self.summary
    index: uint256 = summary & MASK_8
    self.client_at[index] = client
    self.number[client] = index + 1
    if supply != standard:
        summary |= UNEQUAL
        self.supply_words[index // PER_WORD] |= (supply // SUPPLY_UNIT) << (index % PER_WORD * 48)
    self.summary = summary + 1 + (supply << 16)
    return index


@view
def _count() -> uint256:
    return self.summary & MASK_8


@view
def _total_supply() -> uint256:
    return self.summary >> 16


@view
def _index_of(client: address) -> uint256:
    number: uint256 = self.number[client]
    assert number > 0, "not a client"
    return number - 1


@view
def _supply(index: uint256, standard: uint256) -> uint256:
    """
    @notice Supply of the client's token, smallest units.
    """
    supply: uint256 = (self.supply_words[index // PER_WORD] >> (index % PER_WORD * 48)) & MASK_48
    if supply == 0:
        return standard
    return supply * SUPPLY_UNIT


@view
def _supplies(count: uint256, standard: uint256) -> DynArray[uint256, 64]:
    """
    @notice Supplies of the first `count` clients; ones where all are the same.
    """
    supplies: DynArray[uint256, 64] = []
    unequal: bool = self.summary & UNEQUAL != 0
    for k: uint256 in range(count, bound=64):
        if unequal:
            supplies.append(self._supply(k, standard))
        else:
            supplies.append(1)
    return supplies
