# pragma version 0.4.3
"""
@title Reward accounting by record date
@license Apache-2.0
@notice Who is owed what, for balances that change and rewards that are announced after the date that
        decides who gets them.  Used twice: for holders of a client token and for holders of LP shares.

        Rounds have a record date (the round opens, counter o) and, later, a payment date (it is finalised,
        counter f; f is o or o - 1).  The reward of round r belongs to the balances at its record date.
        H(r) is the reward per token summed over rounds 1..r, known once r is finalised.

        An account keeps its balance now, `record` (its balance at the record date of round `seen`), and
        `earned`, a number modulo 2^112.  Because a balance is constant between touches, only in round `seen`
        can `record` differ from `balance`; hence, for any number of rounds in one step,

            touch (before a balance changes, if o > seen):
                earned += (record - balance) * H(seen);   record = balance;   seen = o
            entitled = earned + record * H(min(f, seen)) + balance * (H(f) - H(min(f, seen)))

        `entitled` is in (token units x reward units); divided by the module user's `scale`, rounded down, it
        is whole reward units.  A payment subtracts exactly what it paid, so that no fraction is ever lost.
@dev One word an account: balance 64 bits, record 64, earned 112, seen 14, kind 2.  Accounts are handed
     around as words: copying structs is what made transfers dear.  The user of this module brings o, f and
     H; a balance has to stay below 2^64 and every sum of entitlements below 2^112.
"""

MASK_14: constant(uint256) = 2**14 - 1
MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1
MODULUS: constant(uint256) = 2**112

# What an account is.  A holder is of kind 0.
# BOUND: part of its balance must stay until the schedule has released it.
BOUND: constant(uint256) = 1
# POOL: keeps its own record balances in its books, and earns nothing here; its `seen` is NEVER.
POOL: constant(uint256) = 2
NEVER: constant(uint256) = MASK_14

accounts: HashMap[address, uint256]


@pure
def _new(balance: uint256, opened: uint256, kind: uint256) -> uint256:
    """
    @notice The word of an account that was minted `balance` (below 2^64) after round `opened` opened: it
            earns from the next round on.
    """
    return balance | (opened << 240) | (kind << 254)


@view
def _balance(holder: address) -> uint256:
    """
    @notice The balance now, in smallest units.
    """
    return self.accounts[holder] & MASK_64


@pure
def _balance_of(account: uint256) -> uint256:
    return account & MASK_64


@pure
def _kind(account: uint256) -> uint256:
    return account >> 254


@pure
def _seen(account: uint256) -> uint256:
    """
    @notice The last round whose record balance is written down.
    """
    return (account >> 240) & MASK_14


@pure
def _is_even(account: uint256) -> bool:
    """
    @notice True where the balance is what it was at the record date of `seen`: a touch then needs no history.
    """
    return account & MASK_64 == (account >> 64) & MASK_64


@pure
def _touched(account: uint256, opened: uint256, history_seen: uint256) -> uint256:
    """
    @notice The account as it has to be before its balance changes, if a round has opened since `seen`.
    @param opened The last opened round, o, above `seen`
    @param history_seen H(seen); not used where the account is even
    """
    balance: uint256 = account & MASK_64
    record: uint256 = (account >> 64) & MASK_64
    earned: uint256 = (account >> 128) & MASK_112
    if record > balance:
        earned = (earned + (record - balance) * history_seen) & MASK_112
    elif record < balance:
        earned = (earned + MODULUS - (((balance - record) * history_seen) & MASK_112)) & MASK_112
    return balance | (balance << 64) | (earned << 128) | (opened << 240) | ((account >> 254) << 254)


@pure
def _entitled(account: uint256, history_known: uint256, history_final: uint256) -> uint256:
    """
    @notice What the account has earned and not been paid, in (token units x reward units).
    @param history_known H(min(f, seen))
    @param history_final H(f)
    """
    if account >> 254 == POOL:
        return 0
    return (
        ((account >> 128) & MASK_112)
        + ((account >> 64) & MASK_64) * history_known
        + (account & MASK_64) * (history_final - history_known)
    ) & MASK_112


@pure
def _paid(account: uint256, amount: uint256) -> uint256:
    """
    @notice The account after `amount` (token units x reward units, at most its entitlement) was paid.
    """
    earned: uint256 = (((account >> 128) & MASK_112) + MODULUS - amount) & MASK_112
    return (account & ~(MASK_112 << 128)) | (earned << 128)


@pure
def _plus(account: uint256, amount: uint256) -> uint256:
    """
    @notice The (touched) account with `amount` more.
    """
    assert (account & MASK_64) + amount <= MASK_64, "balance above 2^64 units"
    return account + amount


@pure
def _minus(account: uint256, amount: uint256) -> uint256:
    """
    @notice The (touched) account with `amount` less.
    """
    assert account & MASK_64 >= amount, "balance too small"
    return account - amount
