# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title LP shares
@license Apache-2.0
@notice An ERC-20 on a pool's assets that earns what the pool's tokens earn, by the same record dates that
        holders of tokens have: who held shares when a round opened is paid for it, gone since or not.  The
        shares that a client got for its listing vest as the schedule is opened.
@dev `supply_word`: LP supply 64 bits, supply at the record date of round `seen` 64, seen 16, last harvested
     round 16, number of assets 8, sum of the tokens' base weights 56.  The last two are the pool's and never
     change; they share the word because whoever joins or leaves reads both.
"""

import erc20
import federation_clock as clock_
import IScenario
import ITransferGate
import reward_accounting as rewards

initializes: rewards
uses: clock_
uses: erc20


event Claimed:
    holder: indexed(address)
    amount: uint256


MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1
# Reward units per LP share are kept with 64 bits behind the point.
SCALE: constant(uint256) = 2**64
NAME: constant(String[23]) = "WallStreetFeds LP share"

GATE: immutable(address)

supply_word: uint256
# By round: reward units per LP share, and of all of them together, both times SCALE and summed over rounds
# 1..r: 112 bits each.  (At most 2^42 units and, with 2^19 shares locked, 2^87 a share.)
share_history: HashMap[uint256, uint256]
# Shares of a client's listing, scaled so that times rho / B is what has not vested.
vesting: HashMap[address, uint256]


@deploy
def __init__(gate: address):
    GATE = gate


# --- ERC-20 ---------------------------------------------------------------------------------------------


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
def permit(
    owner: address, spender: address, value_: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    """
    @notice Approve by signature (EIP-2612).  Anyone may hand the signature in; it works once.
    @param value_ Smallest units
    @param deadline Block time after which the signature is refused
    """
    erc20._permit(erc20._domain_separator(keccak256(NAME)), owner, spender, value_, deadline, v, r, s)


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
def name() -> String[23]:
    """
    @notice Name of the LP share.
    """
    return NAME


@external
@pure
def symbol() -> String[6]:
    """
    @notice Symbol of the LP share.
    """
    return "WSF-LP"


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice EIP-712 domain separator of `permit`.
    """
    return erc20._domain_separator(keccak256(NAME))


@external
@view
def eip712Domain() -> (bytes1, String[23], String[1], uint256, address, bytes32, DynArray[uint256, 1]):
    """
    @notice The EIP-712 domain in parts (EIP-5267): name, version, chain and contract are used.
    """
    return 0x0f, NAME, "1", chain.id, self, empty(bytes32), []


# --- rewards --------------------------------------------------------------------------------------------


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
    quantum: uint256 = staticcall IScenario(clock_.scenario).quantum()
    return self._entitled(rewards.accounts[holder]) // SCALE * quantum


@external
@view
def unvested(holder: address) -> uint256:
    """
    @notice How many of its shares `holder` can neither send nor burn now: part of those it got for its
            listing, 0 for everybody else.
    """
    if rewards._kind(rewards.accounts[holder]) != rewards.BOUND:
        return 0
    return self._unvested(holder, clock_._clock())


# --- inside ---------------------------------------------------------------------------------------------


def _mint(holder: address, shares: uint256, opened: uint256):
    word: uint256 = self._touched_supply(opened)
    assert (word & MASK_64) + shares <= MASK_64, "LP supply above 2^64 units"
    self.supply_word = word + shares
    rewards.accounts[holder] = rewards._plus(self._touched(rewards.accounts[holder], opened), shares)
    log erc20.Transfer(sender=empty(address), receiver=holder, amount=shares)


def _bind(holder: address, shares: uint256, clock: clock_.Clock):
    """
    @notice From now on `shares` of the holder's are unvested, falling with rho.
    """
    account: uint256 = rewards.accounts[holder]
    rewards.accounts[holder] = (account & (2**254 - 1)) | (rewards.BOUND << 254)
    self.vesting[holder] = shares * clock.budget // clock.rho


def _burn(holder: address, shares: uint256, clock: clock_.Clock):
    rewards.accounts[holder] = self._reduced(holder, shares, clock)
    self.supply_word = self._touched_supply(clock.opened) - shares
    log erc20.Transfer(sender=holder, receiver=empty(address), amount=shares)


def _transfer(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "transfer to the zero address"
    self._ask_gate(sender, receiver, amount)
    clock: clock_.Clock = clock_._clock()
    # Stored before the receiver is read: a transfer to oneself changes nothing.
    rewards.accounts[sender] = self._reduced(sender, amount, clock)
    rewards.accounts[receiver] = rewards._plus(
        self._touched(rewards.accounts[receiver], clock.opened), amount
    )
    log erc20.Transfer(sender=sender, receiver=receiver, amount=amount)


@view
def _ask_gate(sender: address, receiver: address, amount: uint256):
    if GATE != empty(address):
        assert staticcall ITransferGate(GATE).can_transfer(
            self, sender, receiver, amount
        ), "the transfer gate refuses"


@view
def _reduced(holder: address, shares: uint256, clock: clock_.Clock) -> uint256:
    """
    @notice The holder's account, touched, with `shares` less.
    """
    account: uint256 = rewards._minus(self._touched(rewards.accounts[holder], clock.opened), shares)
    if rewards._kind(account) == rewards.BOUND:
        assert rewards._balance_of(account) >= self._unvested(holder, clock), "shares not vested yet"
    return account


@view
def _unvested(holder: address, clock: clock_.Clock) -> uint256:
    """
    @notice Rounded up.
    """
    return (self.vesting[holder] * clock.rho + clock.budget - 1) // clock.budget


def _claim(holder: address) -> uint256:
    # The locked shares are the pool's own; what they earn is dust.
    assert holder != self, "the pool does not claim"
    account: uint256 = rewards.accounts[holder]
    units: uint256 = self._entitled(account) // SCALE
    if units == 0:
        return 0
    rewards.accounts[holder] = rewards._paid(account, units * SCALE)
    amount: uint256 = extcall IScenario(clock_.scenario).pay_pool_reward(holder, units)
    log Claimed(holder=holder, amount=amount)
    return amount


@view
def _touched_supply(opened: uint256) -> uint256:
    """
    @notice The supply's word with its record written down, as it has to be before the supply changes.
    """
    word: uint256 = self.supply_word
    if opened <= (word >> 128) & MASK_16:
        return word
    supply: uint256 = word & MASK_64
    return supply | (supply << 64) | (opened << 128) | ((word >> 144) << 144)


@view
def _touched(account: uint256, opened: uint256) -> uint256:
    seen: uint256 = rewards._seen(account)
    if opened <= seen:
        return account
    history_seen: uint256 = 0
    if not rewards._is_even(account):
        history_seen = self.share_history[seen] & MASK_112
    return rewards._touched(account, opened, history_seen)


@view
def _entitled(account: uint256) -> uint256:
    """
    @dev In (LP share units x reward units x SCALE / LP share units).
    """
    harvested_round: uint256 = (self.supply_word >> 144) & MASK_16
    return rewards._entitled(
        account,
        self.share_history[min(harvested_round, rewards._seen(account))] & MASK_112,
        self.share_history[harvested_round] & MASK_112,
    )


@view
def _harvested() -> uint256:
    """
    @notice All reward units ever booked, times SCALE.
    """
    return self.share_history[(self.supply_word >> 144) & MASK_16] >> 112


def _book(round: uint256, earned: uint256) -> uint256:
    """
    @notice Divide what the pool earned in `round` (reward units times SCALE), the round after the last one
            booked, among the LPs of record.
    @return All reward units ever booked, times SCALE
    """
    word: uint256 = self.supply_word
    supply: uint256 = word & MASK_64
    if (word >> 128) & MASK_16 >= round:
        supply = (word >> 64) & MASK_64
    history: uint256 = self.share_history[round - 1]
    if supply > 0:
        # Rounded down: the rest is dust.  No LP of record: nobody can be owed it, and the round must not
        # be blocked.
        history += earned // supply
    history += earned << 112
    self.share_history[round] = history
    self.supply_word = word + (1 << 144)
    return history >> 112
