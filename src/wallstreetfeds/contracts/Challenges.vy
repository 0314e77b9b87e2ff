# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Challenges: the bonds of a federation, and what they are lost for
@license Apache-2.0
@notice The federator's bond is escrowed with the budget.  When scores are submitted a window opens in which
        clients and holders object, each with a bond of its own.  After it the arbiter may uphold the scores
        or replace them, until its period ends.

            upheld      the challengers' bonds go to the federator
            replaced    the challengers get their bonds back; out of the federator's bond, as much as the
                        first one's goes to the round's pot, and the same amount to that challenger
            silence     the submitted scores stand and the bonds return

        Rounds without scores take a slice of the federator's bond for their pot.  What is left returns when
        the last round is paid.
@dev Holds bonds only, never the escrow.  All payments are pulled, so nobody's refused payment is in anybody
     else's way.
"""

from ethereum.ercs import IERC20

import IScenario
import numeraire_transfer as numeraire_


event BondEscrowed:
    federator: indexed(address)
    amount: uint256


event BondWithdrawn:
    federator: indexed(address)
    amount: uint256


event BondSliced:
    amount: uint256


event Challenged:
    round: indexed(uint256)
    challenger: indexed(address)
    bond: uint256
    statement: bytes32


event ScoresUpheld:
    round: indexed(uint256)
    forfeited: uint256


event ChallengeRewarded:
    round: indexed(uint256)
    challenger: indexed(address)
    compensation: uint256
    added: uint256


event ChallengeBondWithdrawn:
    round: indexed(uint256)
    challenger: indexed(address)
    amount: uint256


struct Case:
    # who challenged first, and what it gets if the scores are replaced
    first: address
    compensation: uint256
    # all challengers' bonds
    bonds: uint256
    ruling: uint256


WAD: constant(uint256) = 10**18
SILENT: constant(uint256) = 0
UPHELD: constant(uint256) = 1
REPLACED: constant(uint256) = 2

scenario: public(immutable(address))
numeraire: public(immutable(address))
federator: public(immutable(address))
arbiter: public(immutable(address))
challenge_window: public(immutable(uint256))
ruling_period: public(immutable(uint256))
challenge_bond: public(immutable(uint256))

# What is left of the federator's bond, and what it has won of challengers' bonds.
bond: public(uint256)
forfeited: public(uint256)
# All challengers' bonds and compensations that are still here and theirs.
staked: public(uint256)
cases: HashMap[uint256, Case]
bond_of: public(HashMap[uint256, HashMap[address, uint256]])


@deploy
def __init__(
    token: address,
    federator_: address,
    arbiter_: address,
    challenge_window_: uint256,
    ruling_period_: uint256,
    challenge_bond_: uint256,
):
    """
    @notice Made by a Scenario, from its terms.
    """
    scenario = msg.sender
    numeraire = token
    federator = federator_
    arbiter = arbiter_
    challenge_window = challenge_window_
    ruling_period = ruling_period_
    challenge_bond = challenge_bond_


# --- the federator's bond -------------------------------------------------------------------------------


@external
def escrow_bond(amount: uint256):
    """
    @notice Book the federator's bond, which the Scenario has just sent; the Scenario, once.
    """
    self._only_scenario()
    self.bond = amount
    log BondEscrowed(federator=federator, amount=amount)


@external
def slice_bond(wanted: uint256) -> uint256:
    """
    @notice Send up to `wanted` of the federator's bond to the Scenario, for a pot; the Scenario only.
    @param wanted Smallest units of the numeraire, a multiple of the Scenario's quantum
    @return What was sent, a multiple of the quantum
    """
    self._only_scenario()
    return self._slice(wanted)


@external
def withdraw_bond() -> uint256:
    """
    @notice Pay the federator what it has won, and what is left of its bond once the last round is paid or
            the federation was cancelled.  Anyone; the federator is paid.
    @return Smallest units of the numeraire
    """
    amount: uint256 = self.forfeited
    self.forfeited = 0
    if staticcall IScenario(scenario).bond_is_free():
        amount += self.bond
        self.bond = 0
    numeraire_._push(numeraire, federator, amount)
    log BondWithdrawn(federator=federator, amount=amount)
    return amount


# --- challenges -----------------------------------------------------------------------------------------


@external
def challenge(round: uint256, asset: uint256, statement: bytes32) -> uint256:
    """
    @notice Object to the submitted scores of the open round, within the window, with a bond.  A client, or a
            holder of a client's token or of LP shares of the shared pool; once each.
    @param round The open round
    @param asset What the caller holds: 0 for LP shares, index + 1 of the client whose token it is; not used
                 for a client
    @param statement Hash of what is wrong with the scores, for the arbiter
    @return The bond taken, smallest units of the numeraire; the caller has approved this contract for it
    """
    since: uint256 = self._submitted_at(round)
    assert block.timestamp < since + challenge_window, "the challenge window is closed"
    assert self._takes_part(msg.sender, asset), "neither a client nor a holder"
    assert self.bond_of[round][msg.sender] == 0, "already challenged"
    # Rounded up, and never nothing.
    amount: uint256 = max((staticcall IScenario(scenario).pot() * challenge_bond + WAD - 1) // WAD, 1)
    case: Case = self.cases[round]
    if case.first == empty(address):
        case.first = msg.sender
    case.bonds += amount
    self.cases[round] = case
    self.bond_of[round][msg.sender] = amount
    self.staked += amount
    numeraire_._pull(numeraire, msg.sender, amount)
    log Challenged(round=round, challenger=msg.sender, bond=amount, statement=statement)
    return amount


@external
def uphold_scores(round: uint256):
    """
    @notice Rule that the challenged scores stand: the challengers' bonds go to the federator.  The arbiter,
            between the end of the window and the end of its period, once a round.
    """
    case: Case = self._case_to_rule(round)
    self.cases[round].ruling = UPHELD
    self.staked -= case.bonds
    self.forfeited += case.bonds
    log ScoresUpheld(round=round, forfeited=case.bonds)


@external
def replace_scores(round: uint256, scores: uint256[8], evidence_root: bytes32):
    """
    @notice Rule that other scores take the place of the challenged ones.  The arbiter, between the end of the
            window and the end of its period, once a round.
    @param scores In words, under the rules of the Scenario's `submit_scores`
    @param evidence_root Commitment to the evidence that they were computed from
    """
    case: Case = self._case_to_rule(round)
    self.cases[round].ruling = REPLACED
    first_bond: uint256 = self.bond_of[round][case.first]
    # The holders first: a federator that challenges itself still loses that part.
    added: uint256 = self._slice(first_bond)
    compensation: uint256 = min(first_bond, self.bond)
    self.bond -= compensation
    self.staked += compensation
    self.cases[round].compensation = compensation
    extcall IScenario(scenario).replace_scores(round, scores, evidence_root, added)
    log ChallengeRewarded(
        round=round, challenger=case.first, compensation=compensation, added=added
    )


@external
def withdraw_challenge_bond(round: uint256, challenger: address) -> uint256:
    """
    @notice Pay a challenger its bond back, with its compensation if it was the first and the scores were
            replaced.  Anyone; the challenger is paid.  Once the scores are replaced, or the round is paid and
            they were not upheld.
    @return Smallest units of the numeraire
    """
    amount: uint256 = self.bond_of[round][challenger]
    assert amount > 0, "nothing to withdraw"
    case: Case = self.cases[round]
    assert case.ruling != UPHELD, "the scores were upheld"
    if case.ruling == SILENT:
        opened: uint256 = 0
        finalized: uint256 = 0
        (opened, finalized) = self._rounds()
        assert round <= finalized, "the round is not paid yet"
    self.bond_of[round][challenger] = 0
    if case.first == challenger:
        amount += case.compensation
    self.staked -= amount
    numeraire_._push(numeraire, challenger, amount)
    log ChallengeBondWithdrawn(round=round, challenger=challenger, amount=amount)
    return amount


# --- views ----------------------------------------------------------------------------------------------


@external
@view
@reentrant
def is_settled(round: uint256, submitted_at: uint256) -> bool:
    """
    @notice Whether a round whose scores were submitted then can be paid now: the window has passed, and
            nobody challenged, or the arbiter has ruled, or its period has passed.
    """
    window_end: uint256 = submitted_at + challenge_window
    if block.timestamp < window_end:
        return False
    case: Case = self.cases[round]
    return (
        case.first == empty(address)
        or case.ruling != SILENT
        or block.timestamp >= window_end + ruling_period
    )


@external
@view
def case_of(round: uint256) -> Case:
    """
    @notice First challenger, its compensation, the sum of all challengers' bonds (smallest units of the
            numeraire), and the ruling: 0 none, 1 upheld, 2 replaced.
    """
    return self.cases[round]


# --- inside ---------------------------------------------------------------------------------------------


@view
def _only_scenario():
    assert msg.sender == scenario, "not the scenario"


@view
def _takes_part(account: address, asset: uint256) -> bool:
    if staticcall IScenario(scenario).is_client(account):
        return True
    held: address = empty(address)
    if asset == 0:
        held = staticcall IScenario(scenario).pool()
    else:
        held = staticcall IScenario(scenario).token_at(asset - 1)
    return staticcall IERC20(held).balanceOf(account) > 0


@view
def _rounds() -> (uint256, uint256):
    """
    @notice Last opened and last finalised round.
    """
    budget: uint256 = 0
    rho: uint256 = 0
    opened: uint256 = 0
    finalized: uint256 = 0
    (budget, rho, opened, finalized) = staticcall IScenario(scenario).clock()
    return opened, finalized


@view
def _submitted_at(round: uint256) -> uint256:
    """
    @notice When the scores of the open round were submitted.
    """
    opened: uint256 = 0
    finalized: uint256 = 0
    (opened, finalized) = self._rounds()
    submitted: uint256 = 0
    since: uint256 = 0
    (submitted, since) = staticcall IScenario(scenario).stage()
    assert round == opened and round > finalized and round == submitted, "no scores to challenge"
    return since


@view
def _case_to_rule(round: uint256) -> Case:
    assert msg.sender == arbiter, "not the arbiter"
    since: uint256 = self._submitted_at(round)
    case: Case = self.cases[round]
    assert case.first != empty(address), "nobody has challenged"
    assert case.ruling == SILENT, "already ruled"
    window_end: uint256 = since + challenge_window
    assert block.timestamp >= window_end, "the challenge window is open"
    assert block.timestamp < window_end + ruling_period, "the ruling period is over"
    return case


def _slice(wanted: uint256) -> uint256:
    """
    @dev Rounded down to whole reward units.
    """
    quantum: uint256 = staticcall IScenario(scenario).quantum()
    amount: uint256 = min(wanted, self.bond) // quantum * quantum
    if amount > 0:
        self.bond -= amount
        numeraire_._push_exactly(numeraire, scenario, amount)
        log BondSliced(amount=amount)
    return amount
