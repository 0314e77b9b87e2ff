# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Scenario: one federation
@license Apache-2.0
@notice Clients and their tokens, the escrowed budget, the rounds with their scores, and every payout.

        Registration: the federator funds the whole budget and its bond, clients join and deposit part of
        their tokens, the federator and others deposit numeraire.  Everything can be taken back until the
        market opens.
        Open: each round is opened (record date, ex-date, clock), scored, perhaps challenged, and finalised
        (payment date); a round without scores is finalised by anyone after its deadline, and anyone opens the
        next one when the federator does not.
        Mature: the last round has opened; rho is 0 and the pools no longer swap.

        Money: `escrow` is what no opened round has taken; a round's pot is counted in reward units of
        `quantum` smallest units of the numeraire, and what does not divide stays in the escrow.  Bonds are
        kept by `Challenges`.
@dev Called back into by its tokens, its pools and Challenges while it is locked, hence `@reentrant` on the
     views they need.  None of these views can be read half-written: state is complete before any call leaves.
"""

import IChallenges
import IClientToken
import IPool
import IScenario
import numeraire_transfer as numeraire_
import opening as opening_
import reward_history as history_
import roster
import schedule as schedule_
import terms as terms_
import token_address

implements: IScenario

initializes: history_
initializes: roster
initializes: schedule_


event BudgetFunded:
    federator: indexed(address)
    amount: uint256


event BudgetWithdrawn:
    federator: indexed(address)
    amount: uint256


event Cancelled:
    caller: indexed(address)


event ClientAllowed:
    client: indexed(address)
    supply: uint256


event ClientJoined:
    client: indexed(address)
    index: uint256
    token: address
    supply: uint256


event TokensDeposited:
    client: indexed(address)
    amount: uint256


event TokensWithdrawn:
    client: indexed(address)
    amount: uint256


event NumeraireDeposited:
    depositor: indexed(address)
    amount: uint256


event NumeraireWithdrawn:
    depositor: indexed(address)
    amount: uint256


event MarketOpened:
    pool: address
    clients: uint256
    listed: uint256
    numeraire_amount: uint256


event RoundOpened:
    round: indexed(uint256)
    pot: uint256
    rho: uint256


# Scores are 32 bits each, eight a word, in join order, the first client's lowest.
event ScoresSubmitted:
    round: indexed(uint256)
    scores: uint256[8]
    evidence_root: bytes32


event ScoresReplaced:
    round: indexed(uint256)
    scores: uint256[8]
    evidence_root: bytes32
    added: uint256


event RoundFinalized:
    round: indexed(uint256)
    caller: indexed(address)
    scored: bool
    added: uint256


event ToppedUp:
    payer: indexed(address)
    amount: uint256


event LateMarketOpened:
    client: indexed(address)
    pool: address
    listed_amount: uint256
    numeraire_amount: uint256


WAD: constant(uint256) = 10**18
BPS: constant(uint256) = 10_000
MASK_8: constant(uint256) = 2**8 - 1
MASK_16: constant(uint256) = 2**16 - 1
MASK_32: constant(uint256) = 2**32 - 1
MASK_40: constant(uint256) = 2**40 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1

MAX_CLIENTS: constant(uint256) = 64
MAX_SCORE_SUM: constant(uint256) = 10**9
# The budget is at most 2^40 reward units, the bond as much again and top-ups one and a half times: below the
# 2^42 that the history of a client can hold.
BUDGET_UNITS: constant(uint256) = 2**40
MAX_TOP_UP_UNITS: constant(uint256) = 3 * 2**39
# Retained parts are kept in BPS, 24 bits.
MAX_RETAINED: constant(uint256) = 2**24 - 1

# clock_word: rho 112 bits, then
OPENED: constant(uint256) = 112
FINALIZED: constant(uint256) = 128
# last round that scores were submitted for
SUBMITTED: constant(uint256) = 144
# clients that take part in the open round
PARTAKING: constant(uint256) = 160
# 1 where the supplies of their tokens differ
UNEQUAL: constant(uint256) = 2**168
# block time of the last opening, submission or payment, 40 bits; 0 before the market opens
SINCE: constant(uint256) = 176
# sum of the submitted scores of the open round
SUM: constant(uint256) = 216

terms: public(immutable(terms_.Terms))
federator: public(immutable(address))
challenges: public(immutable(address))
quantum: public(reentrant(immutable(uint256)))
proxy_code_hash: public(immutable(bytes32))
TOKEN_IMPLEMENTATION: immutable(address)
POOL_BLUEPRINT: immutable(address)

clock_word: uint256
# escrow 112 bits, pot of the last opened round in reward units 64, top-ups in reward units 64, number of pools 16.
escrow_word: uint256
# reward units paid to anyone
paid_units: uint256
# by pool: reward units paid to its LPs 64 bits, 1 at bit 64 where it is a pool of ours.
pool_words: HashMap[address, uint256]
# keccak256(round, scores) of the last submission or ruling.
score_commitment: bytes32

funded: public(bool)
cancelled: public(bool)
# The shared pool is pool 0; those of late joiners follow.
pool_at: public(HashMap[uint256, address])
opened_at: public(uint256)

# Bit k is set where the client with index k has deposited its listed tokens.
listed_mask: uint256

numeraire_deposit: public(HashMap[address, uint256])
# Deposits that can be withdrawn; what went into the pool is not in it.
total_numeraire_deposit: public(uint256)


@deploy
def __init__(
    federator_: address,
    terms__: terms_.Terms,
    parts: DynArray[uint256, 256],
    token_implementation: address,
    pool_blueprint: address,
    challenges_blueprint: address,
):
    """
    @notice Made by the Orchestrator, which has checked the terms.
    @param federator_ The account that funds, opens and scores
    @param terms__ Fixed for ever
    @param parts Reward schedule, smallest units for each round, or empty: uniform
    @param token_implementation What the minimal proxies of the client tokens point to
    @param pool_blueprint ERC-5202 blueprint of the pools
    @param challenges_blueprint ERC-5202 blueprint of Challenges
    """
    terms = terms__
    federator = federator_
    quantum = (terms__.budget + BUDGET_UNITS - 1) // BUDGET_UNITS
    TOKEN_IMPLEMENTATION = token_implementation
    POOL_BLUEPRINT = pool_blueprint
    proxy_code_hash = token_address._proxy_code_hash(token_implementation)
    schedule_._set(parts, terms__.budget, terms__.rounds)
    challenges = create_from_blueprint(
        challenges_blueprint,
        terms__.numeraire,
        federator_,
        terms__.arbiter,
        terms__.challenge_window,
        terms__.ruling_period,
        terms__.challenge_bond,
    )


# --- before the market opens ----------------------------------------------------------------------------


@external
def fund():
    """
    @notice Escrow the whole budget and the federator's bond.  The federator, once, before the market opens;
            it has approved this contract for the sum of both.
    """
    self._only_federator()
    self._before_opening()
    assert not self.funded, "already funded"
    self.funded = True
    self.escrow_word = terms.budget
    numeraire_._pull(terms.numeraire, msg.sender, terms.budget + terms.bond)
    numeraire_._push_exactly(terms.numeraire, challenges, terms.bond)
    extcall IChallenges(challenges).escrow_bond(terms.bond)
    log BudgetFunded(federator=msg.sender, amount=terms.budget)


@external
def cancel():
    """
    @notice Give up before the market opens: the federator at any time, anyone after the opening deadline.
            Deposits, the budget and the bond can then be withdrawn, and nothing else can happen any more.
    """
    assert (
        msg.sender == federator or block.timestamp > terms.opening_deadline
    ), "not the federator, not overdue"
    self._before_opening()
    self.cancelled = True
    log Cancelled(caller=msg.sender)


@external
def withdraw_budget():
    """
    @notice Take the budget and the bond back after a cancellation; the federator.
    """
    self._only_federator()
    assert self.cancelled and self.funded, "nothing to withdraw"
    self.funded = False
    self.escrow_word = 0
    extcall IChallenges(challenges).withdraw_bond()
    numeraire_._push(terms.numeraire, msg.sender, terms.budget)
    log BudgetWithdrawn(federator=msg.sender, amount=terms.budget)


@external
def allow_clients(clients: DynArray[address, 64], supplies: DynArray[uint256, 64]):
    """
    @notice Put clients on the allow-list with the supply their tokens will have, or take them off it; who has
            joined stays as it is.  The federator; after the opening only where late joins are allowed.
    @param supplies One for each client, smallest units, a multiple of 10^6 in 10^9..2^64; 0 takes a client
                    off the list.  Empty: the standard supply for all
    """
    self._only_federator()
    if not terms.late_joins:
        self._before_opening()
    assert len(supplies) == 0 or len(supplies) == len(clients), "not one supply for each client"
    supply: uint256 = terms.supply
    for k: uint256 in range(len(clients), bound=64):
        if len(supplies) > 0:
            supply = supplies[k]
        assert supply == 0 or (
            supply >= 10**9 and supply < 2**64 and supply % roster.SUPPLY_UNIT == 0
        ), "supply outside its domain"
        roster.allocation[clients[k]] = supply
        log ClientAllowed(client=clients[k], supply=supply)


@external
def join(deposit: bool) -> address:
    """
    @notice Become a client: the token is deployed and its whole supply minted to the caller, or, with
            `deposit`, the listed part of it to this contract for the pool's opening.
    @return The address of the client's token
    """
    self._before_opening()
    supply: uint256 = self._allocated(msg.sender)
    deposited: uint256 = 0
    if deposit:
        deposited = self._listed_amount(supply)
        self.listed_mask |= 1 << roster._count()
    return self._enter(msg.sender, supply, deposited, terms.retained * BPS // WAD)


@external
def deposit_tokens():
    """
    @notice Deposit the listed part of the caller's supply for the pool; a client that has approved this
            contract for it.
    """
    self._before_opening()
    index: uint256 = roster._index_of(msg.sender)
    assert self.listed_mask & (1 << index) == 0, "already deposited"
    self.listed_mask |= 1 << index
    amount: uint256 = self._listed_of(index)
    extcall IClientToken(self._token(index)).transferFrom(msg.sender, self, amount)
    log TokensDeposited(client=msg.sender, amount=amount)


@external
def withdraw_tokens():
    """
    @notice Take deposited tokens back; the client, until the market opens or after a cancellation.
    """
    self._not_open()
    index: uint256 = roster._index_of(msg.sender)
    self._something(self.listed_mask & (1 << index))
    self.listed_mask ^= 1 << index
    amount: uint256 = self._listed_of(index)
    extcall IClientToken(self._token(index)).release(msg.sender, amount)
    log TokensWithdrawn(client=msg.sender, amount=amount)


@external
def deposit_numeraire(amount: uint256):
    """
    @notice Deposit numeraire for the pool's opening.  Anyone, before it; the federator decides whose deposits
            the pool opens with, and the others can always be withdrawn.
    @param amount Smallest units; the caller has approved this contract for it
    """
    self._before_opening()
    self._not_nothing(amount)
    self.numeraire_deposit[msg.sender] += amount
    self.total_numeraire_deposit += amount
    numeraire_._pull(terms.numeraire, msg.sender, amount)
    log NumeraireDeposited(depositor=msg.sender, amount=amount)


@external
def withdraw_numeraire():
    """
    @notice Take one's whole numeraire deposit back.  Always, but for a deposit the pool has opened with.
    """
    amount: uint256 = self.numeraire_deposit[msg.sender]
    self._something(amount)
    self.numeraire_deposit[msg.sender] = 0
    self.total_numeraire_deposit -= amount
    numeraire_._push(terms.numeraire, msg.sender, amount)
    log NumeraireWithdrawn(depositor=msg.sender, amount=amount)


@external
def open_market(
    providers: DynArray[address, 64], min_clients: uint256, min_numeraire: uint256
) -> address:
    """
    @notice Close the registration and create the shared pool: every client that has deposited tokens, and
            the numeraire of `providers`, at the prior price B / sum S_k.  The federator.
    @param providers Whose numeraire deposits the pool opens with; nobody else's deposit can get in the way
    @param min_clients Refuse if fewer clients are listed (a deposit may have been withdrawn meanwhile)
    @param min_numeraire Refuse if less numeraire is deposited, smallest units
    @return The pool's address
    """
    self._only_federator()
    self._before_opening()
    assert self.funded, "the budget is not funded"
    deposits: DynArray[uint256, 64] = []
    deposited: uint256 = 0
    for provider: address in providers:
        deposit: uint256 = self.numeraire_deposit[provider]
        # None, or named twice.
        assert deposit > 0, "provider without a deposit"
        self.numeraire_deposit[provider] = 0
        deposits.append(deposit)
        deposited += deposit
    self.total_numeraire_deposit -= deposited
    assert deposited >= min_numeraire, "too little numeraire deposited"
    self.clock_word = terms.budget | (block.timestamp << SINCE)
    self.opened_at = block.timestamp
    pool: address = empty(address)
    listed: uint256 = 0
    (pool, listed) = self._open_pool(providers, deposits, deposited, self.listed_mask, terms.budget)
    assert listed >= min_clients, "too few clients listed"
    log MarketOpened(pool=pool, clients=roster._count(), listed=listed, numeraire_amount=deposited)
    return pool


# --- while it is open -----------------------------------------------------------------------------------


@external
def top_up(amount: uint256):
    """
    @notice Add to the escrow: every pot not yet opened grows in the same proportion, no weight moves.
            Anyone, from the market's opening until the last round opens.
    @param amount Smallest units of the numeraire; the caller has approved this contract for it
    """
    self._rho()
    self._top_up(amount)


@external
def join_late(max_top_up: uint256, liquidity: uint256) -> address:
    """
    @notice Become a client while the market is open, where the federation was created to allow it: the token
            earns from the next round on.  Who is allowed, with the top-up that keeps everybody else's claim
            whole, the escrow of the unopened pots times S / (sum of all S), rounded up; `liquidity` numeraire
            and the listed part of the supply make a pool of the token's own.
    @param max_top_up Smallest units; more is refused, less is taken
    @param liquidity Smallest units, 0 for no pool; the caller has approved this contract for the sum of both
    @return The address of the client's token
    """
    rho: uint256 = self._rho()
    assert terms.late_joins, "no late joins here"
    supply: uint256 = self._allocated(msg.sender)
    total: uint256 = roster._total_supply()
    # Rounded up: nobody's claim shrinks.
    needed: uint256 = ((self.escrow_word & MASK_112) * supply + total - 1) // total
    assert needed <= max_top_up, "top-up above the maximum"
    self._top_up(needed)
    # The schedule has released part already: what is kept starts at the full part and ends with it.
    retained: uint256 = terms.retained * BPS // WAD * terms.budget // rho
    index: uint256 = roster._count()
    listed: uint256 = 0
    if liquidity > 0:
        listed = self._listed_amount(supply)
    token: address = self._enter(msg.sender, supply, listed, min(retained, MAX_RETAINED))
    if liquidity > 0:
        numeraire_._pull(terms.numeraire, msg.sender, liquidity)
        pool: address = self._open_pool(
            [msg.sender], [liquidity], liquidity, 1 << index, self.escrow_word & MASK_112
        )[0]
        log LateMarketOpened(client=msg.sender, pool=pool, listed_amount=listed, numeraire_amount=liquidity)
    return token


@external
def open_round() -> uint256:
    """
    @notice Open the next round: record date and ex-date of its reward, and the one step of the clock.  The
            federator; anyone once `round_gap` has passed since the last payment.  One round at a time.
    @return The number of the round, from 1
    """
    word: uint256 = self.clock_word
    assert word > 0, "the market is not open"
    opened: uint256 = (word >> OPENED) & MASK_16
    assert opened == (word >> FINALIZED) & MASK_16, "the open round is not finalised"
    assert opened < terms.rounds, "all rounds have been opened"
    assert (
        msg.sender == federator or block.timestamp >= self._since(word) + terms.round_gap
    ), "not the federator, not overdue"
    opened += 1
    rho: uint256 = word & MASK_112
    scheduled: uint256 = schedule_._part(opened, rho, terms.rounds)
    funds: uint256 = self.escrow_word
    escrow: uint256 = funds & MASK_112
    # Rounded down; the rest stays in the escrow for the rounds to come, after the last one it is dust.
    pot_units: uint256 = escrow * scheduled // rho // quantum
    rho -= scheduled
    self.escrow_word = (escrow - pot_units * quantum) | (pot_units << 112) | ((funds >> 176) << 176)
    self.clock_word = (
        rho
        | (opened << OPENED)
        | (word & ((2**PARTAKING - 1) ^ (2**FINALIZED - 1)))
        | ((roster.summary & MASK_16) << PARTAKING)
        | (block.timestamp << SINCE)
    )
    log RoundOpened(round=opened, pot=pot_units * quantum, rho=rho)
    return opened


@external
def submit_scores(round: uint256, scores: uint256[8], evidence_root: bytes32):
    """
    @notice Say, once, what each client contributed to the open round.  The federator, from the end of the
            training time to the round's deadline.
    @param round The open round
    @param scores One for each client that takes part, 32 bits each, eight a word, in join order, the first
                  client's lowest; sum at most 10^9, each at most score_cap times the client's share of all
                  supplies of the sum (where the sum is 10^9, and one unit more, for the rounding off-chain);
                  all zero means a split by supply
    @param evidence_root Commitment to the evidence that the scores were computed from
    """
    self._only_federator()
    word: uint256 = self._open_only(round)
    self._unscored(round, word)
    elapsed: uint256 = block.timestamp - self._since(word)
    assert elapsed >= terms.training_time, "the training time is not over"
    assert elapsed < terms.round_deadline, "the deadline has passed"
    total: uint256 = self._accept(round, scores, word)
    self.clock_word = (
        (word & (2**SUBMITTED - 1))
        | (round << SUBMITTED)
        | (word & (MASK_16 << PARTAKING))
        | (block.timestamp << SINCE)
        | (total << SUM)
    )
    log ScoresSubmitted(round=round, scores=scores, evidence_root=evidence_root)


@external
def replace_scores(round: uint256, scores: uint256[8], evidence_root: bytes32, added: uint256):
    """
    @notice Replace the submitted scores by those of the arbiter's ruling; Challenges only.
    @param added Smallest units that Challenges has just sent for the round's pot, a multiple of the quantum
    """
    assert msg.sender == challenges, "not the court of challenges"
    word: uint256 = self._open_only(round)
    self.clock_word = (word & (2**SUM - 1)) | (self._accept(round, scores, word) << SUM)
    self.escrow_word += (added // quantum) << 112
    log ScoresReplaced(round=round, scores=scores, evidence_root=evidence_root, added=added)


@external
def finalize_round(round: uint256, scores: uint256[8]):
    """
    @notice Payment date: split the pot of the open round by its scores.  Anyone, once the challenge window
            has passed and challenges are settled.
    @param round The open round
    @param scores As they were submitted, or as the arbiter replaced them (see the events)
    """
    word: uint256 = self._open_only(round)
    assert (word >> SUBMITTED) & MASK_16 == round, "no scores submitted"
    assert self._commitment(round, scores) == self.score_commitment, "not the scores of the round"
    if terms.challenge_window > 0:
        assert staticcall IChallenges(challenges).is_settled(round, self._since(word)), "open to challenge"
    self._pay(round, self._unpacked(scores, (word >> PARTAKING) & MASK_8), word >> SUM, word, 0)
    log RoundFinalized(round=round, caller=msg.sender, scored=True, added=0)


@external
def finalize_without_scores(round: uint256):
    """
    @notice Payment date of a round whose deadline has passed without scores: the pot, and a slice of the
            federator's bond as large as a quarter of it, are split by what each client's token has been given
            so far, by supply if nothing or where clients may join late.  Anyone.
    @param round The open round
    """
    word: uint256 = self._open_only(round)
    self._unscored(round, word)
    assert block.timestamp >= self._since(word) + terms.round_deadline, "the deadline has not passed"
    count: uint256 = (word >> PARTAKING) & MASK_8
    added: uint256 = extcall IChallenges(challenges).slice_bond(self._pot_units() // 4 * quantum)
    shares: DynArray[uint256, 64] = history_._all_upto(round - 1, count)
    total: uint256 = 0
    # A late client has been given nothing yet: by what was given, it would never be.
    if not terms.late_joins:
        total = self._sum(shares)
    self._pay(round, shares, total, word, added // quantum)
    log RoundFinalized(round=round, caller=msg.sender, scored=False, added=added)


# --- payouts --------------------------------------------------------------------------------------------


@external
def pay_reward(client: uint256, receiver: address, units: uint256) -> uint256:
    """
    @notice Pay reward units to `receiver`; the token of `client` only.
    @return The amount paid, in the numeraire's smallest units
    """
    assert msg.sender == self._token(client), "not the client's token"
    return self._pay_out(receiver, units)


@external
def pay_pool_reward(receiver: address, units: uint256) -> uint256:
    """
    @notice Pay reward units to `receiver`; a pool only, up to what it has harvested.
    @return The amount paid, in the numeraire's smallest units
    """
    word: uint256 = self.pool_words[msg.sender]
    # The flag first: added to, a stranger's empty word could carry into it.
    assert (
        word >> 64 == 1 and (word & MASK_64) + units <= staticcall IPool(msg.sender).harvested_units()
    ), "not what a pool has earned"
    self.pool_words[msg.sender] = word + units
    return self._pay_out(receiver, units)


# --- views ----------------------------------------------------------------------------------------------


@external
@view
@reentrant
def clock() -> (uint256, uint256, uint256, uint256):
    """
    @notice (scheduled budget B, its part not yet opened rho, last opened round, last finalised round);
            all zero before the market opens.
    """
    word: uint256 = self.clock_word
    if word == 0:
        return (0, 0, 0, 0)
    return (terms.budget, word & MASK_112, (word >> OPENED) & MASK_16, (word >> FINALIZED) & MASK_16)


@external
@view
@reentrant
def history(client: uint256, round: uint256) -> uint256:
    """
    @notice Reward units of `client` (join order, from 0), summed over rounds 1..round.
    """
    assert client < MAX_CLIENTS, "no such client"
    return history_._upto(client, round)


@external
@view
@reentrant
def history_since(client: uint256, seen: uint256) -> (uint256, uint256):
    """
    @notice (history at the earlier of round `seen` and the last finalised one, history at the latter).
    """
    finalized: uint256 = (self.clock_word >> FINALIZED) & MASK_16
    final: uint256 = history_._upto(client, finalized)
    if seen >= finalized:
        return final, final
    return history_._upto(client, seen), final


@external
@view
@reentrant
def reward_words(round: uint256) -> uint256[11]:
    """
    @notice Reward units of all clients in a finalised round, six a word, 42 bits each.
    """
    word: uint256 = self.clock_word
    assert round > 0 and round <= (word >> FINALIZED) & MASK_16, "the round is not paid"
    return history_._of_round(round, (word >> PARTAKING) & MASK_8)


@external
@view
@reentrant
def stage() -> (uint256, uint256):
    """
    @notice (the last round that scores were submitted for; block time of the last opening, submission or
            payment, which the deadlines are counted from).
    """
    word: uint256 = self.clock_word
    return (word >> SUBMITTED) & MASK_16, self._since(word)


@external
@view
@reentrant
def bond_is_free() -> bool:
    """
    @notice Whether the federator's bond can go back: cancelled, or the last round is paid.
    """
    return self.cancelled or (self.clock_word >> FINALIZED) & MASK_16 == terms.rounds


@external
@view
@reentrant
def gate() -> address:
    """
    @notice The transfer gate, or the zero address.
    """
    return terms.gate


@external
@view
def scheduled(round: uint256) -> uint256:
    """
    @notice b_r of any round of a listed schedule, of the next round of a uniform one (once the market is
            open); smallest units.
    """
    return schedule_._part(round, self.clock_word & MASK_112, terms.rounds)


@external
@view
def token_at(client: uint256) -> address:
    """
    @notice The token of the client with index `client`.
    """
    assert client < roster._count(), "no such client"
    return self._token(client)


@external
@view
def client_count() -> uint256:
    """
    @notice How many clients have joined.
    """
    return roster._count()


@external
@view
@reentrant
def client_at(index: uint256) -> address:
    """
    @notice The client with that index; the zero address beyond the last.
    """
    return roster.client_at[index]


@external
@view
@reentrant
def supply_of(client: uint256) -> uint256:
    """
    @notice Supply of the token of the client with index `client`, smallest units.
    """
    return roster._supply(client, terms.supply)


@external
@view
def index_of(client: address) -> uint256:
    """
    @notice A client's place in join order, from 0; refused for an account that has not joined.
    """
    return roster._index_of(client)


@external
@view
def is_client(account: address) -> bool:
    """
    @notice Whether the account has joined.
    """
    return roster.number[account] != 0


@external
@view
def allocation(client: address) -> uint256:
    """
    @notice Supply that the federator has put the client on the allow-list with; 0 where it has not.
    """
    return roster.allocation[client]


@external
@view
def total_supply() -> uint256:
    """
    @notice Sum of the supplies of all client tokens, smallest units.
    """
    return roster._total_supply()


@external
@view
def is_listed(client: uint256) -> bool:
    """
    @notice Whether the client with index `client` has deposited tokens for the pool.
    """
    return client < MAX_CLIENTS and self.listed_mask & (1 << client) != 0


@external
@view
def pool_count() -> uint256:
    """
    @notice How many pools there are: the shared one, and those of late joiners.
    """
    return self.escrow_word >> 240


@external
@view
def pool() -> address:
    """
    @notice The shared pool; the zero address before the market opens.
    """
    return self.pool_at[0]


@external
@view
def escrow() -> uint256:
    """
    @notice Budget and top-ups not yet paid into a finalised round, the pot of the open round included;
            smallest units.
    """
    return (self.escrow_word & MASK_112) + self._pot_units() * quantum


@external
@view
def pot() -> uint256:
    """
    @notice What the open round will pay, in the numeraire's smallest units; 0 while none is open.
    """
    return self._pot_units() * quantum


@external
@view
def paid() -> uint256:
    """
    @notice Rewards paid out so far, to holders and to LPs, in the numeraire's smallest units.
    """
    return self.paid_units * quantum


# --- inside ---------------------------------------------------------------------------------------------


@view
def _only_federator():
    assert msg.sender == federator, "not the federator"


@view
def _not_open():
    assert self.opened_at == 0, "the market is open"


@view
def _before_opening():
    assert not self.cancelled, "cancelled"
    self._not_open()


@view
def _rho() -> uint256:
    """
    @notice rho, between the opening of the market and of the last round.
    """
    rho: uint256 = self.clock_word & MASK_112
    assert rho > 0, "the market is not open"
    return rho


@pure
def _not_nothing(amount: uint256):
    assert amount > 0, "amount is zero"


@pure
def _something(amount: uint256):
    assert amount > 0, "nothing to withdraw"


@view
def _open_only(round: uint256) -> uint256:
    """
    @return The clock's word
    """
    word: uint256 = self.clock_word
    opened: uint256 = (word >> OPENED) & MASK_16
    assert round == opened and opened > (word >> FINALIZED) & MASK_16, "not the open round"
    return word


@pure
def _unscored(round: uint256, word: uint256):
    assert (word >> SUBMITTED) & MASK_16 < round, "scores already submitted"


@pure
def _since(word: uint256) -> uint256:
    return (word >> SINCE) & MASK_40


@view
def _pot_units() -> uint256:
    """
    @notice Pot of the open round; 0 while none is.
    """
    word: uint256 = self.clock_word
    if (word >> OPENED) & MASK_16 == (word >> FINALIZED) & MASK_16:
        return 0
    return (self.escrow_word >> 112) & MASK_64


@view
def _token(client: uint256) -> address:
    return token_address._token(self, proxy_code_hash, client)


@view
def _listed_amount(supply: uint256) -> uint256:
    """
    @dev Rounded down: at most the listed part.
    """
    return supply * terms.listed // WAD


@view
def _listed_of(client: uint256) -> uint256:
    return self._listed_amount(roster._supply(client, terms.supply))


@view
def _allocated(client: address) -> uint256:
    """
    @notice Supply that the client may join with.
    """
    supply: uint256 = roster.allocation[client]
    if supply == 0 and terms.open_registration:
        supply = terms.supply
    assert supply > 0, "not on the allow-list"
    return supply


def _enter(client: address, supply: uint256, deposited: uint256, retained: uint256) -> address:
    """
    @notice Enter a client and deploy its token; `deposited` of the supply is minted to this contract.
    """
    assert roster._count() < terms.max_clients, "the federation is full"
    index: uint256 = roster._add(client, supply, terms.supply)
    token: address = create_minimal_proxy_to(TOKEN_IMPLEMENTATION, salt=convert(index, bytes32))
    extcall IClientToken(token).initialize(
        client, index, supply, deposited, retained, terms.gate != empty(address)
    )
    log ClientJoined(client=client, index=index, token=token, supply=supply)
    if deposited > 0:
        log TokensDeposited(client=client, amount=deposited)
    return token


def _open_pool(
    providers: DynArray[address, 64],
    deposits: DynArray[uint256, 64],
    deposited: uint256,
    mask: uint256,
    prior_value: uint256,
) -> (address, uint256):
    """
    @notice Create a pool and move what it opens with into it, the numeraire last.
    @param mask Bit k is set where the client with index k is listed
    @param prior_value What all supplies together are worth, smallest units of the numeraire
    @return The pool, and how many tokens are in it
    """
    pool: address = create_from_blueprint(
        POOL_BLUEPRINT,
        terms.numeraire,
        proxy_code_hash,
        terms.gate,
        terms.swap_fee,
        terms.opening_fee,
        terms.opening_period,
        terms.clock,
        opening_.Opening(
            providers=providers,
            deposits=deposits,
            mask=mask,
            listed=terms.listed,
            prior_value=prior_value,
            prior_supply=roster._total_supply(),
            last_part=schedule_._last_part(terms.budget, terms.rounds),
        ),
    )
    funds: uint256 = self.escrow_word
    self.pool_at[funds >> 240] = pool
    self.escrow_word = funds + (1 << 240)
    self.pool_words[pool] = 1 << 64
    listed: uint256 = 0
    for k: uint256 in range(MAX_CLIENTS):
        if mask & (1 << k) != 0:
            extcall IClientToken(self._token(k)).list_in_pool(pool, self._listed_of(k))
            listed += 1
    numeraire_._push_exactly(terms.numeraire, pool, deposited)
    return pool, listed


def _top_up(amount: uint256):
    self._not_nothing(amount)
    word: uint256 = self.escrow_word
    units: uint256 = (amount + quantum - 1) // quantum
    assert ((word >> 176) & MASK_64) + units <= MAX_TOP_UP_UNITS, "top-ups above their maximum"
    self.escrow_word = word + amount + (units << 176)
    numeraire_._pull(terms.numeraire, msg.sender, amount)
    log ToppedUp(payer=msg.sender, amount=amount)


def _accept(round: uint256, scores: uint256[8], word: uint256) -> uint256:
    """
    @notice Check scores and commit to them.
    @return Their sum
    """
    count: uint256 = (word >> PARTAKING) & MASK_8
    total: uint256 = 0
    highest: uint256 = 0
    for w: uint256 in range(8):
        rest: uint256 = scores[w]
        # Nobody else has a score.
        assert rest >> min((max(count, w * 8) - w * 8) * 32, 256) == 0, "a score without a client"
        for _: uint256 in range(8):
            if rest == 0:
                break
            score: uint256 = rest & MASK_32
            total += score
            if score > highest:
                highest = score
            rest >>= 32
    assert total <= MAX_SCORE_SUM, "sum of scores above 10^9"
    # The unit of tolerance is a billionth of the sum: a small sum must not void the cap.
    tolerance: uint256 = total // MAX_SCORE_SUM
    capped: uint256 = terms.score_cap * total
    # Both rounded down.
    if word & UNEQUAL == 0:
        assert highest <= capped // (count * WAD) + tolerance, "score above the cap"
    else:
        supplies: DynArray[uint256, 64] = roster._supplies(count, terms.supply)
        whole: uint256 = self._sum(supplies) * WAD
        unpacked: DynArray[uint256, 64] = self._unpacked(scores, count)
        for k: uint256 in range(count, bound=MAX_CLIENTS):
            assert unpacked[k] <= capped * supplies[k] // whole + tolerance, "score above the cap"
    self.score_commitment = self._commitment(round, scores)
    return total


@pure
def _commitment(round: uint256, scores: uint256[8]) -> bytes32:
    return keccak256(abi_encode(round, scores))


@pure
def _unpacked(scores: uint256[8], count: uint256) -> DynArray[uint256, 64]:
    unpacked: DynArray[uint256, 64] = []
    for word: uint256 in scores:
        rest: uint256 = word
        for _: uint256 in range(8):
            if len(unpacked) == count:
                return unpacked
            unpacked.append(rest & MASK_32)
            rest >>= 32
    return unpacked


@pure
def _sum(shares: DynArray[uint256, 64]) -> uint256:
    total: uint256 = 0
    for share: uint256 in shares:
        total += share
    return total


def _pay(
    round: uint256, shares: DynArray[uint256, 64], total: uint256, word: uint256, added_units: uint256
):
    """
    @notice Split the pot, and let every pool book what it earned.
    @param shares In proportion to which
    @param total Their sum; zero: by supply
    """
    funds: uint256 = self.escrow_word
    pot_units: uint256 = ((funds >> 112) & MASK_64) + added_units
    if total > 0:
        history_._split(round, shares, total, pot_units)
    else:
        supplies: DynArray[uint256, 64] = roster._supplies(len(shares), terms.supply)
        history_._split(round, supplies, self._sum(supplies), pot_units)
    # From here on the pot in `funds` is one of the past.
    self.clock_word = (word & (2**SINCE - 1)) + (1 << FINALIZED) | (block.timestamp << SINCE)
    for k: uint256 in range(funds >> 240, bound=MAX_CLIENTS + 1):
        extcall IPool(self.pool_at[k]).harvest()


def _pay_out(receiver: address, units: uint256) -> uint256:
    self.paid_units += units
    numeraire_._push(terms.numeraire, receiver, units * quantum)
    return units * quantum
