# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Client token
@license Apache-2.0
@notice A pro-rata claim on one client's future rewards: a fixed supply, and every round's reward goes to
        whoever held the token when that round opened.  The client itself keeps part of the supply until the
        schedule has released it.
@dev Deployed as minimal proxies by a Scenario.  Rounds and reward history are the Scenario's; the token
     keeps accounts.  A transfer calls nobody but the Scenario's views and the gate's, so it needs no lock; a
     claim has booked what it pays before the numeraire moves, so a transfer in the middle of it changes
     nothing.
"""

from ethereum.ercs import IERC20

import erc20
import reward_accounting as rewards
import IClientToken
import IScenario
import ITransferGate

implements: IERC20
implements: IClientToken

initializes: erc20
initializes: rewards

exports: (erc20.approve, erc20.allowance, erc20.decimals, erc20.nonces)


event Claimed:
    holder: indexed(address)
    amount: uint256


MASK_8: constant(uint256) = 2**8 - 1
MASK_24: constant(uint256) = 2**24 - 1
MASK_48: constant(uint256) = 2**48 - 1
MASK_160: constant(uint256) = 2**160 - 1
BPS: constant(uint256) = 10_000
# Supplies are multiples of this many units.
SUPPLY_UNIT: constant(uint256) = 10**6

# Scenario 160 bits, index 8, supply in SUPPLY_UNIT 48, retained part in BPS 24, gated 1: written once.
info: uint256


@deploy
def __init__():
    # The implementation itself can never be initialised.
    self.info = 1


@external
def initialize(client: address, index: uint256, supply: uint256, deposit: uint256, retained: uint256, gated: bool):
    """
    @notice Mint the fixed supply: `deposit` of it to the caller, the Scenario, the rest to the client.  Once.
    @param client The client whose rewards this token is a claim on
    @param index Its place in join order, from 0
    @param supply Smallest units (12 decimals), a multiple of 10^6 below 2^64
    @param deposit Smallest units, at most `supply`
    @param retained Part of the supply, in BPS, that the client keeps while nothing of the budget is paid out;
                    above 10,000 for a client that joins late, when part of the schedule has passed
    @param gated Whether transfers ask the federation's gate
    """
    assert self.info == 0, "already initialised"
    assert supply < 2**64, "supply above 2^64 units"
    self.info = (
        convert(msg.sender, uint256)
        | (index << 160)
        | (supply // SUPPLY_UNIT << 168)
        | (retained << 216)
        | (convert(gated, uint256) << 240)
    )
    opened: uint256 = self._clock(msg.sender)[2]
    kind: uint256 = 0
    if retained > 0:
        kind = rewards.BOUND
    self._mint(client, rewards._new(supply - deposit, opened, kind))
    if deposit > 0:
        self._mint(msg.sender, rewards._new(deposit, opened, 0))


@external
@reentrant
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens.  What both sides have earned stays theirs; rounds that open later follow the token.
    """
    self._transfer(msg.sender, receiver, amount, True)
    return True


@external
@reentrant
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens of an owner that has approved the caller.
    """
    erc20._spend_allowance(owner, msg.sender, amount)
    self._transfer(owner, receiver, amount, True)
    return True


@external
@reentrant
def release(receiver: address, amount: uint256):
    """
    @notice Send tokens past the gate: a pool to an LP that leaves into its own address, the Scenario when it
            returns a deposit.  Nobody else.
    """
    self._transfer(msg.sender, receiver, amount, False)


@external
def list_in_pool(pool: address, amount: uint256):
    """
    @notice Move `amount` of the Scenario's own tokens to a pool, which from then on keeps its own record
            balances and earns through its LPs; the Scenario only.
    """
    assert msg.sender == convert(self.info & MASK_160, address), "not the scenario"
    self._transfer(msg.sender, pool, amount, False)
    account: uint256 = rewards.accounts[pool]
    rewards.accounts[pool] = rewards._new(rewards._balance_of(account), rewards.NEVER, rewards.POOL)


@external
def claim() -> uint256:
    """
    @notice Collect the caller's rewards of all finalised rounds.
    @return The amount paid, in the numeraire's smallest units
    """
    return self._claim(msg.sender)


@external
def claim_for(holder: address) -> uint256:
    """
    @notice Collect a holder's rewards for it: anyone may call, the holder is paid.
    @return The amount paid, in the numeraire's smallest units
    """
    return self._claim(holder)


@external
def permit(
    owner: address, spender: address, value_: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    """
    @notice Approve by signature (EIP-2612).  Anyone may hand the signature in; it works once.
    @param value_ Smallest units
    @param deadline Block time after which the signature is refused
    """
    erc20._permit(self._domain_separator(), owner, spender, value_, deadline, v, r, s)


@external
@view
def claimable(holder: address) -> uint256:
    """
    @notice What `claim` would pay now, in the numeraire's smallest units.
    """
    info: uint256 = self.info
    scenario: IScenario = IScenario(convert(info & MASK_160, address))
    return self._entitled(rewards.accounts[holder], info) // self._supply(info) * staticcall scenario.quantum()


@external
@view
def retained(holder: address) -> uint256:
    """
    @notice How much of its balance `holder` cannot send now, in smallest units: 0 for all but the client.
    """
    if rewards._kind(rewards.accounts[holder]) != rewards.BOUND:
        return 0
    info: uint256 = self.info
    return self._retained(info, self._clock(convert(info & MASK_160, address)))


@external
@view
def balanceOf(holder: address) -> uint256:
    """
    @notice Tokens of `holder`, in smallest units (12 decimals).
    """
    return rewards._balance(holder)


@external
@view
def totalSupply() -> uint256:
    """
    @notice The fixed supply, in smallest units (12 decimals).
    """
    return self._supply(self.info)


@external
@view
def scenario() -> address:
    """
    @notice The Scenario that made this token.
    """
    return convert(self.info & MASK_160, address)


@external
@view
def index() -> uint256:
    """
    @notice The client's place in join order, from 0.
    """
    return self._index(self.info)


@external
@view
def name() -> String[25]:
    """
    @notice "WallStreetFeds client 3" for the client with index 3.
    """
    return self._name()


@external
@view
def symbol() -> String[7]:
    """
    @notice "WSF-3" for the client with index 3.
    """
    return concat("WSF-", self._number())


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice EIP-712 domain separator of `permit`.
    """
    return self._domain_separator()


@external
@view
def eip712Domain() -> (bytes1, String[25], String[1], uint256, address, bytes32, DynArray[uint256, 1]):
    """
    @notice The EIP-712 domain in parts (EIP-5267): name, version, chain and contract are used.
    """
    return 0x0f, self._name(), "1", chain.id, self, empty(bytes32), []


def _mint(holder: address, account: uint256):
    rewards.accounts[holder] = account
    log erc20.Transfer(sender=empty(address), receiver=holder, amount=rewards._balance_of(account))


def _transfer(sender: address, receiver: address, amount: uint256, gated: bool):
    info: uint256 = self.info
    scenario: address = convert(info & MASK_160, address)
    account: uint256 = rewards.accounts[sender]
    if not gated:
        assert rewards._kind(account) == rewards.POOL or sender == scenario, "not a pool and not the scenario"
    elif info >> 240 != 0 and msg.sender != scenario:
        gate: ITransferGate = ITransferGate(staticcall IScenario(scenario).gate())
        assert staticcall gate.can_transfer(self, sender, receiver, amount), "the transfer gate refuses"
    assert receiver != empty(address), "transfer to the zero address"
    clock: uint256[4] = self._clock(scenario)
    account = rewards._minus(self._touch(account, clock[2], info), amount)
    if rewards._kind(account) == rewards.BOUND:
        assert rewards._balance_of(account) >= self._retained(info, clock), "the client has to keep this part"
    # Stored before the receiver is read: a transfer to oneself changes nothing.
    rewards.accounts[sender] = account
    rewards.accounts[receiver] = rewards._plus(self._touch(rewards.accounts[receiver], clock[2], info), amount)
    log erc20.Transfer(sender=sender, receiver=receiver, amount=amount)


def _claim(holder: address) -> uint256:
    info: uint256 = self.info
    supply: uint256 = self._supply(info)
    account: uint256 = rewards.accounts[holder]
    units: uint256 = self._entitled(account, info) // supply
    if units == 0:
        return 0
    rewards.accounts[holder] = rewards._paid(account, units * supply)
    scenario: IScenario = IScenario(convert(info & MASK_160, address))
    amount: uint256 = extcall scenario.pay_reward(self._index(info), holder, units)
    log Claimed(holder=holder, amount=amount)
    return amount


@view
def _touch(account: uint256, opened: uint256, info: uint256) -> uint256:
    seen: uint256 = rewards._seen(account)
    if opened <= seen:
        return account
    history_seen: uint256 = 0
    if not rewards._is_even(account):
        scenario: IScenario = IScenario(convert(info & MASK_160, address))
        history_seen = staticcall scenario.history(self._index(info), seen)
    return rewards._touched(account, opened, history_seen)


@view
def _entitled(account: uint256, info: uint256) -> uint256:
    """
    @dev In (token units x reward units): the token's supply is the scale of its accounts.
    """
    known: uint256 = 0
    final: uint256 = 0
    scenario: IScenario = IScenario(convert(info & MASK_160, address))
    (known, final) = staticcall scenario.history_since(self._index(info), rewards._seen(account))
    return rewards._entitled(account, known, final)


@view
def _clock(scenario: address) -> uint256[4]:
    """
    @notice B, rho, last opened round, last finalised round.
    """
    clock: uint256[4] = empty(uint256[4])
    (clock[0], clock[1], clock[2], clock[3]) = staticcall IScenario(scenario).clock()
    return clock


@pure
def _retained(info: uint256, clock: uint256[4]) -> uint256:
    """
    @notice Rounded up; all of the retained part before the market opens, nothing once the last round has.
    """
    kept: uint256 = self._supply(info) * ((info >> 216) & MASK_24)
    if clock[0] == 0:
        return (kept + BPS - 1) // BPS
    whole: uint256 = clock[0] * BPS
    return (kept * clock[1] + whole - 1) // whole


@pure
def _index(info: uint256) -> uint256:
    return (info >> 160) & MASK_8


@pure
def _supply(info: uint256) -> uint256:
    return ((info >> 168) & MASK_48) * SUPPLY_UNIT


@view
def _number() -> String[3]:
    return uint2str(convert(self._index(self.info), uint8))


@view
def _name() -> String[25]:
    return concat("WallStreetFeds client ", self._number())


@view
def _domain_separator() -> bytes32:
    return erc20._domain_separator(keccak256(self._name()))
