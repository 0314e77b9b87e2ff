# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Client token
@license Apache-2.0
@notice A pro-rata claim on one client's future rewards: a fixed supply, and every round's reward goes to
        whoever held the token when that round opened.
@dev Deployed as minimal proxies by a Scenario.  Rounds and reward history are the Scenario's; the token
     keeps accounts.
"""

from ethereum.ercs import IERC20

import erc20
import reward_accounting as rewards
import IClientToken
import IScenario

implements: IERC20
implements: IClientToken

initializes: erc20
initializes: rewards

exports: (erc20.approve, erc20.allowance, erc20.decimals)


event Claimed:
    holder: indexed(address)
    amount: uint256


MASK_64: constant(uint256) = 2**64 - 1
MASK_160: constant(uint256) = 2**160 - 1

# Scenario 160 bits, index 8, supply 64: one word, written once.
info: uint256


@deploy
def __init__():
    # The implementation itself can never be initialised.
    self.info = 1


@external
def initialize(client: address, index: uint256, supply: uint256, deposit: uint256):
    """
    @notice Mint the fixed supply: `deposit` of it to the caller, the Scenario, the rest to the client.  Once.
    @param client The client whose rewards this token is a claim on
    @param index Its place in join order, from 0
    @param supply Smallest units (12 decimals), below 2^64
    @param deposit Smallest units, at most `supply`
    """
    assert self.info == 0, "already initialised"
    assert supply <= MASK_64, "supply above 2^64 units"
    self.info = convert(msg.sender, uint256) | (index << 160) | (supply << 168)
    opened: uint256 = self._opened(msg.sender)
    self._mint(client, supply - deposit, opened)
    if deposit > 0:
        self._mint(msg.sender, deposit, opened)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens.  What both sides have earned stays theirs; rounds that open later follow the token.
    """
    self._transfer(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice Send tokens of an owner that has approved the caller.
    """
    erc20._spend_allowance(owner, msg.sender, amount)
    self._transfer(owner, receiver, amount)
    return True


@external
def list_in_pool(pool: address, amount: uint256):
    """
    @notice Move `amount` of the Scenario's own tokens to a pool, which from then on keeps its own record
            balances and earns through its LPs; the Scenario only.
    """
    assert msg.sender == self._scenario(), "not the scenario"
    self._transfer(msg.sender, pool, amount)
    account: rewards.Account = rewards._load(pool)
    account.seen = rewards.UNREWARDED
    rewards._store(pool, account)


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
@view
def claimable(holder: address) -> uint256:
    """
    @notice What `claim` would pay now, in the numeraire's smallest units.
    """
    scenario: IScenario = IScenario(self._scenario())
    entitled: uint256 = self._entitled(rewards._load(holder), scenario)
    return entitled // self._supply() * staticcall scenario.quantum()


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
    return self._supply()


@external
@view
def scenario() -> address:
    """
    @notice The Scenario that made this token.
    """
    return self._scenario()


@external
@view
def index() -> uint256:
    """
    @notice The client's place in join order, from 0.
    """
    return self._index()


@external
@view
def name() -> String[64]:
    """
    @notice "WallStreetFeds client 3" for the client with index 3.
    """
    return concat("WallStreetFeds client ", uint2str(convert(self._index(), uint8)))


@external
@view
def symbol() -> String[16]:
    """
    @notice "WSF-3" for the client with index 3.
    """
    return concat("WSF-", uint2str(convert(self._index(), uint8)))


def _mint(holder: address, amount: uint256, opened: uint256):
    rewards._store(holder, rewards.Account(balance=amount, record=0, earned=0, seen=opened))
    log erc20.Transfer(sender=empty(address), receiver=holder, amount=amount)


def _transfer(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address), "transfer to the zero address"
    scenario: IScenario = IScenario(self._scenario())
    opened: uint256 = self._opened(scenario.address)
    from_account: rewards.Account = self._touch(rewards._load(sender), opened, scenario)
    assert from_account.balance >= amount, "balance too small"
    from_account.balance -= amount
    # Stored before the receiver is read: a transfer to oneself changes nothing.
    rewards._store(sender, from_account)
    to_account: rewards.Account = self._touch(rewards._load(receiver), opened, scenario)
    to_account.balance += amount
    rewards._store(receiver, to_account)
    log erc20.Transfer(sender=sender, receiver=receiver, amount=amount)


def _claim(holder: address) -> uint256:
    scenario: IScenario = IScenario(self._scenario())
    supply: uint256 = self._supply()
    account: rewards.Account = rewards._load(holder)
    units: uint256 = self._entitled(account, scenario) // supply
    if units == 0:
        return 0
    rewards._store(holder, rewards._paid(account, units * supply))
    amount: uint256 = extcall scenario.pay_reward(self._index(), holder, units)
    log Claimed(holder=holder, amount=amount)
    return amount


@view
def _touch(account: rewards.Account, opened: uint256, scenario: IScenario) -> rewards.Account:
    history_seen: uint256 = 0
    if rewards._needs_history(account, opened):
        history_seen = staticcall scenario.history(self._index(), account.seen)
    return rewards._touched(account, opened, history_seen)


@view
def _entitled(account: rewards.Account, scenario: IScenario) -> uint256:
    """
    @dev In (token units x reward units): the token's supply is the scale of its accounts.
    """
    budget: uint256 = 0
    rho: uint256 = 0
    opened: uint256 = 0
    finalized: uint256 = 0
    (budget, rho, opened, finalized) = staticcall scenario.clock()
    index: uint256 = self._index()
    history_final: uint256 = staticcall scenario.history(index, finalized)
    history_known: uint256 = history_final
    if account.seen < finalized:
        history_known = staticcall scenario.history(index, account.seen)
    return rewards._entitled(account, history_known, history_final)


@view
def _opened(scenario: address) -> uint256:
    budget: uint256 = 0
    rho: uint256 = 0
    opened: uint256 = 0
    finalized: uint256 = 0
    (budget, rho, opened, finalized) = staticcall IScenario(scenario).clock()
    return opened


@view
def _scenario() -> address:
    return convert(self.info & MASK_160, address)


@view
def _index() -> uint256:
    return (self.info >> 160) & 255


@view
def _supply() -> uint256:
    return self.info >> 168
