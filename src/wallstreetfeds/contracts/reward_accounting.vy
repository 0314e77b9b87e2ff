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
@dev One word an account: balance 64 bits, record 64, earned 112, seen 16.  The user of this module brings
     o, f and H; a balance has to stay below 2^64 and every sum of entitlements below 2^112.
"""

struct Account:
    balance: uint256
    record: uint256
    earned: uint256
    seen: uint256


MASK_64: constant(uint256) = 2**64 - 1
MASK_112: constant(uint256) = 2**112 - 1
MODULUS: constant(uint256) = 2**112

# `seen` of an account that keeps its own record balances elsewhere (a pool) and earns nothing here.
UNREWARDED: constant(uint256) = 2**16 - 1

accounts: HashMap[address, uint256]


@view
def _load(holder: address) -> Account:
    word: uint256 = self.accounts[holder]
    return Account(
        balance=word & MASK_64,
        record=(word >> 64) & MASK_64,
        earned=(word >> 128) & MASK_112,
        seen=word >> 240,
    )


def _store(holder: address, account: Account):
    assert account.balance <= MASK_64, "balance above 2^64 units"
    self.accounts[holder] = (
        account.balance | (account.record << 64) | (account.earned << 128) | (account.seen << 240)
    )


@view
def _balance(holder: address) -> uint256:
    """
    @notice The balance now, in smallest units.
    """
    return self.accounts[holder] & MASK_64


@pure
def _needs_history(account: Account, opened: uint256) -> bool:
    """
    @notice True where a touch has to know H(seen).
    """
    return opened > account.seen and account.record != account.balance


@pure
def _touched(account: Account, opened: uint256, history_seen: uint256) -> Account:
    """
    @notice The account as it has to be before its balance changes.
    @param opened The last opened round, o
    @param history_seen H(seen); read only where `_needs_history`
    """
    if opened <= account.seen:
        return account
    after: Account = account
    if account.record > account.balance:
        after.earned = (account.earned + (account.record - account.balance) * history_seen) & MASK_112
    elif account.record < account.balance:
        after.earned = (
            account.earned + MODULUS - (((account.balance - account.record) * history_seen) & MASK_112)
        ) & MASK_112
    after.record = account.balance
    after.seen = opened
    return after


@pure
def _entitled(account: Account, history_known: uint256, history_final: uint256) -> uint256:
    """
    @notice What the account has earned and not been paid, in (token units x reward units).
    @param history_known H(min(f, seen))
    @param history_final H(f)
    """
    if account.seen == UNREWARDED:
        return 0
    return (
        account.earned
        + account.record * history_known
        + account.balance * (history_final - history_known)
    ) & MASK_112


@pure
def _paid(account: Account, amount: uint256) -> Account:
    """
    @notice The account after `amount` (token units x reward units, at most its entitlement) was paid.
    """
    after: Account = account
    after.earned = (account.earned + MODULUS - amount) & MASK_112
    return after
