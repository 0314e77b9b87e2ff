# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Scenario: one federation
@license Apache-2.0
@notice Clients and their tokens, the escrowed budget, the rounds with their scores, and every payout.

        Registration: the federator funds the whole budget, clients join and deposit part of their tokens,
        the federator and others deposit numeraire.  Everything can be taken back until the market opens.
        Open: each round is opened (record date, ex-date, clock), scored, and finalised (payment date).
        Mature: the last round has opened; rho is 0 and the pool no longer swaps.

        Money: `escrow` is what no opened round has taken; a round's pot is counted in reward units of
        `quantum` smallest units of the numeraire, and what does not divide stays in the escrow.
@dev Called back into by its tokens and its pool while it is locked, hence `@reentrant` on the views they
     need.  None of these views can be read half-written: state is complete before any call leaves.
"""

import IClientToken
import IPool
import IScenario
import numeraire_transfer as numeraire_
import terms as terms_
import token_address

implements: IScenario


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
    allowed: bool


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


event ScoresSubmitted:
    round: indexed(uint256)
    scores: DynArray[uint256, 64]
    evidence_root: bytes32


event RoundFinalized:
    round: indexed(uint256)
    caller: indexed(address)


WAD: constant(uint256) = 10**18
MASK_16: constant(uint256) = 2**16 - 1
MASK_42: constant(uint256) = 2**42 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1

MAX_CLIENTS: constant(uint256) = 64
MAX_SCORE_SUM: constant(uint256) = 10**9
# The budget is at most 2^40 reward units; 42 bits leave room for what may be added to it.
BUDGET_UNITS: constant(uint256) = 2**40
HISTORY_BITS: constant(uint256) = 42
CLIENTS_PER_WORD: constant(uint256) = 6
HISTORY_WORDS: constant(uint256) = 11
# LP shares minted at the opening (12 decimals: 1,000 shares) and the least of them that stay locked.
OPENING_SHARES: constant(uint256) = 10**15
LOCKED_SHARES: constant(uint256) = 10**6
# Sum of the opening weights.
WEIGHTS: constant(uint256) = 10**16
# Largest exponent of the market over its whole life, either way round.
MAX_WEIGHT_RATIO: constant(uint256) = 2**15
MIN_OPENING_NUMERAIRE: constant(uint256) = 10**6
MAX_PROVIDERS: constant(uint256) = 64

terms: public(immutable(terms_.Terms))
federator: public(immutable(address))
quantum: public(immutable(uint256))
proxy_code_hash: public(immutable(bytes32))
TOKEN_IMPLEMENTATION: immutable(address)
POOL_BLUEPRINT: immutable(address)

# budget 112 bits, rho 112, opened 16, finalized 16.  Budget is set when the market opens.
clock_word: uint256
# escrow 112 bits, pot of the open round in reward units 64, 0 once it is finalised.
escrow_word: uint256
# reward units: paid to anyone 64 bits, harvested by the pool 64, paid to LPs 64.
paid_word: uint256
# keccak256(round, scores) of the last submission; `submitted` names its round.
score_commitment: bytes32
submitted: public(uint256)
# HISTORY_BITS x CLIENTS_PER_WORD a word; key round * 16 + word.
history_words: HashMap[uint256, uint256]

funded: public(bool)
cancelled: public(bool)
pool: public(address)
opened_at: public(uint256)

is_allowed: public(HashMap[address, bool])
client_count: public(uint256)
client_at: public(HashMap[uint256, address])
client_number: HashMap[address, uint256]
# Bit k is set where the client with index k has deposited its listed tokens.
listed_mask: uint256

numeraire_deposit: public(HashMap[address, uint256])
# Deposits that can be withdrawn; what went into the pool is not in it.
total_numeraire_deposit: public(uint256)


@deploy
def __init__(
    federator_: address,
    terms__: terms_.Terms,
    token_implementation: address,
    pool_blueprint: address,
):
    """
    @notice Made by the Orchestrator.
    @param federator_ The account that funds, opens and scores
    @param terms__ Fixed for ever; checked here
    @param token_implementation What the minimal proxies of the client tokens point to
    @param pool_blueprint ERC-5202 blueprint of the pool
    """
    terms_._check(terms__)
    assert federator_ != empty(address), "federator is the zero address"
    terms = terms__
    federator = federator_
    quantum = (terms__.budget + BUDGET_UNITS - 1) // BUDGET_UNITS
    TOKEN_IMPLEMENTATION = token_implementation
    POOL_BLUEPRINT = pool_blueprint
    proxy_code_hash = token_address._proxy_code_hash(token_implementation)


# --- before the market opens ----------------------------------------------------------------------------


@external
def fund():
    """
    @notice Escrow the whole budget.  The federator, once, before the market opens; it has approved this
            contract for the amount.
    """
    self._only_federator()
    self._before_opening()
    assert not self.funded, "already funded"
    self.funded = True
    self.escrow_word = terms.budget
    numeraire_._pull(terms.numeraire, msg.sender, terms.budget)
    log BudgetFunded(federator=msg.sender, amount=terms.budget)


@external
def cancel():
    """
    @notice Give up before the market opens: the federator at any time, anyone after the opening deadline.
            Deposits and the budget can then be withdrawn, and nothing else can happen any more.
    """
    assert (
        msg.sender == federator or block.timestamp > terms.opening_deadline
    ), "not the federator, and the opening deadline has not passed"
    self._before_opening()
    self.cancelled = True
    log Cancelled(caller=msg.sender)


@external
def withdraw_budget():
    """
    @notice Take the budget back after a cancellation; the federator.
    """
    self._only_federator()
    assert self.cancelled, "not cancelled"
    assert self.funded, "nothing to withdraw"
    self.funded = False
    self.escrow_word = 0
    numeraire_._push(terms.numeraire, msg.sender, terms.budget)
    log BudgetWithdrawn(federator=msg.sender, amount=terms.budget)


@external
def allow_clients(clients: DynArray[address, 64], allowed: bool):
    """
    @notice Put clients on the allow-list, or take them off; who has joined stays.  The federator.
    """
    self._only_federator()
    self._before_opening()
    for client: address in clients:
        self.is_allowed[client] = allowed
        log ClientAllowed(client=client, allowed=allowed)


@external
def join(deposit: bool) -> address:
    """
    @notice Become a client: the token is deployed and its whole supply minted to the caller, or, with
            `deposit`, the listed part of it to this contract for the pool's opening.
    @return The address of the client's token
    """
    self._before_opening()
    assert terms.open_registration or self.is_allowed[msg.sender], "not on the allow-list"
    assert self.client_number[msg.sender] == 0, "already joined"
    index: uint256 = self.client_count
    assert index < terms.max_clients, "the federation is full"
    self.client_count = index + 1
    self.client_at[index] = msg.sender
    self.client_number[msg.sender] = index + 1
    deposited: uint256 = 0
    if deposit:
        deposited = self._listed_amount()
        self.listed_mask |= 1 << index
    token: address = create_minimal_proxy_to(TOKEN_IMPLEMENTATION, salt=convert(index, bytes32))
    extcall IClientToken(token).initialize(msg.sender, index, terms.supply, deposited)
    log ClientJoined(client=msg.sender, index=index, token=token, supply=terms.supply)
    if deposit:
        log TokensDeposited(client=msg.sender, amount=deposited)
    return token


@external
def deposit_tokens():
    """
    @notice Deposit the listed part of the caller's supply for the pool; a client that has approved this
            contract for it.
    """
    self._before_opening()
    index: uint256 = self._index_of(msg.sender)
    assert self.listed_mask & (1 << index) == 0, "already deposited"
    self.listed_mask |= 1 << index
    amount: uint256 = self._listed_amount()
    extcall IClientToken(self._token(index)).transferFrom(msg.sender, self, amount)
    log TokensDeposited(client=msg.sender, amount=amount)


@external
def withdraw_tokens():
    """
    @notice Take deposited tokens back; the client, until the market opens or after a cancellation.
    """
    assert self.pool == empty(address), "the market is open"
    index: uint256 = self._index_of(msg.sender)
    assert self.listed_mask & (1 << index) != 0, "nothing to withdraw"
    self.listed_mask ^= 1 << index
    amount: uint256 = self._listed_amount()
    extcall IClientToken(self._token(index)).transfer(msg.sender, amount)
    log TokensWithdrawn(client=msg.sender, amount=amount)


@external
def deposit_numeraire(amount: uint256):
    """
    @notice Deposit numeraire for the pool's opening.  Anyone, before it; the federator decides whose deposits
            the pool opens with, and the others can always be withdrawn.
    @param amount Smallest units; the caller has approved this contract for it
    """
    self._before_opening()
    assert amount > 0, "amount is zero"
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
    assert amount > 0, "nothing to withdraw"
    self.numeraire_deposit[msg.sender] = 0
    self.total_numeraire_deposit -= amount
    numeraire_._push(terms.numeraire, msg.sender, amount)
    log NumeraireWithdrawn(depositor=msg.sender, amount=amount)


@external
def open_market(
    providers: DynArray[address, 64], min_clients: uint256, min_numeraire: uint256
) -> address:
    """
    @notice Close the registration and create the one shared pool: every client that has deposited tokens,
            and the numeraire of `providers`.  Base weights are the deposited values at the prior price
            B / sum S_k, so that every token opens at that price; LP shares go by the same values.  The
            federator.
    @param providers Whose numeraire deposits the pool opens with; nobody else's deposit can get in the way
    @param min_clients Refuse if fewer clients are listed (a deposit may have been withdrawn meanwhile)
    @param min_numeraire Refuse if less numeraire is deposited, smallest units
    @return The pool's address
    """
    self._only_federator()
    self._before_opening()
    assert self.funded, "the budget is not funded"
    clients: DynArray[uint256, 64] = []
    mask: uint256 = self.listed_mask
    count: uint256 = self.client_count
    for k: uint256 in range(count, bound=MAX_CLIENTS):
        if mask & (1 << k) != 0:
            clients.append(k)
    holders: DynArray[address, 128] = []
    shares: DynArray[uint256, 128] = []
    deposited: uint256 = 0
    for provider: address in providers:
        deposit: uint256 = self.numeraire_deposit[provider]
        assert deposit > 0, "a provider has no deposit, or is named twice"
        self.numeraire_deposit[provider] = 0
        deposited += deposit
        holders.append(provider)
        shares.append(deposit)
    self.total_numeraire_deposit -= deposited
    assert len(clients) > 0 and len(clients) >= min_clients, "too few clients listed"
    assert (
        deposited >= MIN_OPENING_NUMERAIRE and deposited >= min_numeraire
    ), "too little numeraire deposited"
    assert deposited < 2**111, "too much numeraire deposited"

    # Values in the numeraire's smallest units at the prior price, rounded down.
    amount: uint256 = self._listed_amount()
    token_value: uint256 = amount * terms.budget // (count * terms.supply)
    total_value: uint256 = deposited + token_value * len(clients)
    opening: IPool.Opening = IPool.Opening(
        numeraire_amount=deposited,
        numeraire_weight=0,
        token_amount=amount,
        token_weight=token_value * WEIGHTS // total_value,
        clients=clients,
    )
    opening.numeraire_weight = WEIGHTS - opening.token_weight * len(clients)
    # The clock multiplies the numeraire's weight by B / rho; the last round's part is the smallest rho.
    last_part: uint256 = terms.budget // terms.rounds
    assert (
        opening.numeraire_weight * terms.budget <= opening.token_weight * MAX_WEIGHT_RATIO * last_part
    ), "numeraire deposit too large for the value of the listed tokens"
    assert (
        opening.token_weight <= opening.numeraire_weight * MAX_WEIGHT_RATIO
    ), "numeraire deposit too small for the value of the listed tokens"

    # LP shares by value, rounded down; the pool locks the rest.
    mintable: uint256 = OPENING_SHARES - LOCKED_SHARES
    for i: uint256 in range(len(providers), bound=MAX_PROVIDERS):
        shares[i] = shares[i] * mintable // total_value
    for k: uint256 in clients:
        holders.append(self.client_at[k])
        shares.append(token_value * mintable // total_value)

    self.clock_word = terms.budget | (terms.budget << 112)
    self.opened_at = block.timestamp
    pool: address = create_from_blueprint(
        POOL_BLUEPRINT,
        terms.numeraire,
        proxy_code_hash,
        terms.supply,
        quantum,
        terms.swap_fee,
        terms.opening_fee,
        terms.opening_period,
        terms.clock,
    )
    self.pool = pool
    for k: uint256 in clients:
        extcall IClientToken(self._token(k)).list_in_pool(pool, amount)
    numeraire_._push_exactly(terms.numeraire, pool, deposited)
    extcall IPool(pool).initialize(opening, holders, shares)
    log MarketOpened(pool=pool, clients=count, listed=len(clients), numeraire_amount=deposited)
    return pool


# --- rounds ---------------------------------------------------------------------------------------------


@external
def open_round() -> uint256:
    """
    @notice Open the next round: record date and ex-date of its reward, and the one step of the clock.  The
            federator; one round at a time.
    @return The number of the round, from 1
    """
    self._only_federator()
    self._after_opening()
    budget: uint256 = 0
    rho: uint256 = 0
    opened: uint256 = 0
    finalized: uint256 = 0
    (budget, rho, opened, finalized) = self._clock()
    assert opened == finalized, "the open round is not finalised"
    assert opened < terms.rounds, "all rounds have been opened"
    # Uniform, and never increasing: what does not divide falls to the first rounds.
    left: uint256 = terms.rounds - opened
    scheduled: uint256 = (rho + left - 1) // left
    escrow: uint256 = self.escrow_word & MASK_112
    # Rounded down; the rest stays in the escrow for the rounds to come, after the last one it is dust.
    pot_units: uint256 = escrow * scheduled // rho // quantum
    rho -= scheduled
    self.escrow_word = (escrow - pot_units * quantum) | (pot_units << 112)
    self.clock_word = budget | (rho << 112) | ((opened + 1) << 224) | (finalized << 240)
    log RoundOpened(round=opened + 1, pot=pot_units * quantum, rho=rho)
    return opened + 1


@external
def submit_scores(round: uint256, scores: DynArray[uint256, 64], evidence_root: bytes32):
    """
    @notice Say, once, what each client contributed to the open round.  The federator.
    @param round The open round
    @param scores One for each client in join order, at least 0, sum at most 10^9, each at most
                  score_cap / n of the sum (where the sum is 10^9, and one unit more, for the rounding
                  off-chain); all zero means a split by supply
    @param evidence_root Commitment to the evidence that the scores were computed from
    """
    self._only_federator()
    self._open_only(round)
    assert self.submitted < round, "scores already submitted"
    count: uint256 = self.client_count
    assert len(scores) == count, "not one score for each client"
    total: uint256 = 0
    for score: uint256 in scores:
        assert score <= MAX_SCORE_SUM, "score above 10^9"
        total += score
    assert total <= MAX_SCORE_SUM, "sum of scores above 10^9"
    # Rounded down.  The unit of tolerance is a billionth of the sum: a small sum must not void the cap.
    highest: uint256 = terms.score_cap * total // (count * WAD) + total // MAX_SCORE_SUM
    for score: uint256 in scores:
        assert score <= highest, "score above the cap"
    self.submitted = round
    self.score_commitment = self._commitment(round, scores)
    log ScoresSubmitted(round=round, scores=scores, evidence_root=evidence_root)


@external
def finalize_round(round: uint256, scores: DynArray[uint256, 64]):
    """
    @notice Payment date: split the pot of the open round by the submitted scores.  Anyone.
    @param round The open round
    @param scores As they were submitted (see the event ScoresSubmitted)
    """
    self._open_only(round)
    assert self.submitted == round, "no scores submitted"
    assert self._commitment(round, scores) == self.score_commitment, "not the submitted scores"
    self._split(round, scores, (self.escrow_word >> 112) & MASK_64)
    self.escrow_word &= MASK_112
    self.clock_word += 1 << 240
    log RoundFinalized(round=round, caller=msg.sender)
    harvested: uint256 = extcall IPool(self.pool).harvest()
    word: uint256 = self.paid_word
    self.paid_word = (word & ~(MASK_64 << 64)) | (harvested << 64)


# --- payouts --------------------------------------------------------------------------------------------


@external
def pay_reward(client: uint256, receiver: address, units: uint256) -> uint256:
    """
    @notice Pay reward units to `receiver`; the token of `client` only.
    @return The amount paid, in the numeraire's smallest units
    """
    assert msg.sender == self._token(client), "not the client's token"
    self.paid_word += units
    numeraire_._push(terms.numeraire, receiver, units * quantum)
    return units * quantum


@external
def pay_pool_reward(receiver: address, units: uint256) -> uint256:
    """
    @notice Pay reward units to `receiver`; the pool only, up to what it has harvested.
    @return The amount paid, in the numeraire's smallest units
    """
    assert msg.sender == self.pool, "not the pool"
    word: uint256 = self.paid_word
    harvested: uint256 = (word >> 64) & MASK_64
    paid_to_lps: uint256 = (word >> 128) + units
    assert paid_to_lps <= harvested, "more than the pool has harvested"
    self.paid_word = word + units + (units << 128)
    numeraire_._push(terms.numeraire, receiver, units * quantum)
    return units * quantum


# --- views ----------------------------------------------------------------------------------------------


@external
@view
@reentrant
def clock() -> (uint256, uint256, uint256, uint256):
    """
    @notice (scheduled budget B, its part not yet opened rho, last opened round, last finalised round);
            all zero before the market opens.
    """
    return self._clock()


@external
@view
@reentrant
def history(client: uint256, round: uint256) -> uint256:
    """
    @notice Reward units of `client` (join order, from 0), summed over rounds 1..round.
    """
    assert client < MAX_CLIENTS, "no such client"
    return self._history(client, round)


@external
@view
@reentrant
def round_rewards(round: uint256) -> DynArray[uint256, 64]:
    """
    @notice Reward units of each client in `round`, in join order; zeros where it is not finalised.
    """
    rewards: DynArray[uint256, 64] = []
    final: bool = round > 0 and round <= self.clock_word >> 240
    for k: uint256 in range(self.client_count, bound=MAX_CLIENTS):
        if final:
            rewards.append(self._history(k, round) - self._history(k, round - 1))
        else:
            rewards.append(0)
    return rewards


@external
@view
def token_at(client: uint256) -> address:
    """
    @notice The token of the client with index `client`.
    """
    assert client < self.client_count, "no such client"
    return self._token(client)


@external
@view
def index_of(client: address) -> uint256:
    """
    @notice A client's place in join order, from 0; refused for an account that has not joined.
    """
    return self._index_of(client)


@external
@view
def is_client(account: address) -> bool:
    """
    @notice Whether the account has joined.
    """
    return self.client_number[account] != 0


@external
@view
def is_listed(client: uint256) -> bool:
    """
    @notice Whether the client with index `client` has deposited tokens for the pool.
    """
    return client < MAX_CLIENTS and self.listed_mask & (1 << client) != 0


@external
@view
def escrow() -> uint256:
    """
    @notice Budget not yet paid into a finalised round, the pot of the open round included; smallest units.
    """
    word: uint256 = self.escrow_word
    return (word & MASK_112) + ((word >> 112) & MASK_64) * quantum


@external
@view
def pot() -> uint256:
    """
    @notice What the open round will pay, in the numeraire's smallest units; 0 while none is open.
    """
    return ((self.escrow_word >> 112) & MASK_64) * quantum


@external
@view
def paid() -> uint256:
    """
    @notice Rewards paid out so far, to holders and to LPs, in the numeraire's smallest units.
    """
    return (self.paid_word & MASK_64) * quantum


# --- inside ---------------------------------------------------------------------------------------------


@view
def _only_federator():
    assert msg.sender == federator, "not the federator"


@view
def _before_opening():
    assert not self.cancelled, "cancelled"
    assert self.pool == empty(address), "the market is open"


@view
def _after_opening():
    assert self.pool != empty(address), "the market is not open"


@view
def _open_only(round: uint256):
    opened: uint256 = (self.clock_word >> 224) & MASK_16
    assert round == opened and opened > self.clock_word >> 240, "not the open round"


@view
def _clock() -> (uint256, uint256, uint256, uint256):
    word: uint256 = self.clock_word
    return (word & MASK_112, (word >> 112) & MASK_112, (word >> 224) & MASK_16, word >> 240)


@view
def _history(client: uint256, round: uint256) -> uint256:
    word: uint256 = self.history_words[(round << 4) | (client // CLIENTS_PER_WORD)]
    return (word >> (HISTORY_BITS * (client % CLIENTS_PER_WORD))) & MASK_42


@view
def _token(client: uint256) -> address:
    return token_address._token(self, proxy_code_hash, client)


@view
def _index_of(client: address) -> uint256:
    number: uint256 = self.client_number[client]
    assert number > 0, "not a client"
    return number - 1


@view
def _listed_amount() -> uint256:
    """
    @dev Rounded down: at most the listed part.
    """
    return terms.supply * terms.listed // WAD


@pure
def _commitment(round: uint256, scores: DynArray[uint256, 64]) -> bytes32:
    return keccak256(abi_encode(round, scores))


def _split(round: uint256, scores: DynArray[uint256, 64], pot_units: uint256):
    """
    @notice Split a pot of reward units exactly, by prefix sums: client i gets
            floor(U P_i / P_n) - floor(U P_{i-1} / P_n).  A zero score gets zero and nothing is left over.
            All zero: by supply, which is the same for all.
    """
    count: uint256 = len(scores)
    total: uint256 = 0
    for score: uint256 in scores:
        total += score
    equal: bool = total == 0
    if equal:
        total = count
    prefix: uint256 = 0
    given: uint256 = 0
    for w: uint256 in range(HISTORY_WORDS):
        first: uint256 = w * CLIENTS_PER_WORD
        if first >= count:
            break
        word: uint256 = self.history_words[((round - 1) << 4) | w]
        offset: uint256 = 0
        for k: uint256 in range(first, min(first + CLIENTS_PER_WORD, count), bound=CLIENTS_PER_WORD):
            if equal:
                prefix += 1
            else:
                prefix += scores[k]
            upto: uint256 = pot_units * prefix // total
            # Below 2^42 in sum, so no carry reaches the neighbour.
            word += (upto - given) << offset
            given = upto
            offset += HISTORY_BITS
        self.history_words[(round << 4) | w] = word
