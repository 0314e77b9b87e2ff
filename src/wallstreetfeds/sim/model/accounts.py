"""Balances that earn by record date: one class for the holders of a client token and of LP shares.

The rule of reward_accounting.vy: the reward of round r belongs to the balances at the moment the round
opened, and is known once the round is paid.  H(r) is the reward per token summed over rounds 1..r.  A balance
is constant between touches, so only in the round `seen` can the record balance differ from the balance.

The contracts keep one number that mixes what is and what is not yet paid, to save storage.  Floats would
cancel there, so here a touch adds up what is known: everything of rounds before the open one, a sum of
positive terms.
"""

from __future__ import annotations

from collections.abc import Iterator

from wallstreetfeds.sim.market import TradeRefused

HAIR = 1e-12
"""Relative slack of a limit: a holder may spend its balance whatever the last bit of a sum says."""


class Account:
    """One holder: balance, record balance of the round `seen`, and what was earned before that round."""

    __slots__ = ("balance", "earned", "record", "seen")

    def __init__(self, seen: int) -> None:
        self.balance = self.record = self.earned = 0.0
        self.seen = seen


class RecordAccounts:
    """All holders of one token.  Amounts are whole tokens, rewards whole numeraire.

    A token made while the federation runs starts at the last `opened` round, of which it earns nothing.
    """

    __slots__ = ("_accounts", "history", "opened")

    def __init__(self, opened: int = 0, finalized: int = 0) -> None:
        self.opened = opened
        self.history = [0.0] * (finalized + 1)
        self._accounts: dict[str, Account] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._accounts)

    @property
    def held(self) -> float:
        """Whole tokens of all holders together."""
        return sum(account.balance for account in self._accounts.values())

    def balance_of(self, holder: str) -> float:
        """Return the whole tokens of a holder."""
        account = self._accounts.get(holder)
        return 0.0 if account is None else account.balance

    def open_round(self) -> None:
        """Record date: from here on balances may change without changing who is owed the round's reward."""
        self.opened += 1

    def pay(self, reward_per_token: float) -> None:
        """Payment date of the open round."""
        self.history.append(self.history[-1] + reward_per_token)

    def mint(self, holder: str, amount: float) -> None:
        """Add tokens to a holder; they earn from the next round on."""
        self._touched(holder).balance += amount

    def burn(self, holder: str, amount: float, keep: float = 0.0, reason: str = "") -> float:
        """Take tokens from a holder and return how many: `amount`, or its balance where that is a hair less.

        Raises TradeRefused "balance too small", or `reason` where less than `keep` would stay.
        """
        balance = self.balance_of(holder)
        if not amount <= balance:
            if not amount <= balance * (1 + HAIR):
                raise TradeRefused("balance too small")
            amount = balance
        if keep > 0 and balance - amount < keep * (1 - HAIR):
            raise TradeRefused(reason)
        self._touched(holder).balance = balance - amount
        return amount

    def claimable(self, holder: str) -> float:
        """Return the reward of all paid rounds that the holder has not been paid, whole numeraire."""
        account = self._accounts.get(holder)
        if account is None:
            return 0.0
        history = self.history
        final = len(history) - 1
        seen = account.seen
        known = seen if seen < final else final
        before = history[seen - 1] if seen > 0 else 0.0
        owed = account.earned + account.record * (history[known] - before)
        owed += account.balance * (history[final] - history[known])
        return owed if owed > 0 else 0.0

    def claim(self, holder: str) -> float:
        """Return what is claimable and count it as paid."""
        amount = self.claimable(holder)
        if amount > 0:
            self._accounts[holder].earned -= amount
        return amount

    def _touched(self, holder: str) -> Account:
        """Return the account as it has to be before its balance changes."""
        account = self._accounts.get(holder)
        if account is None:
            account = self._accounts[holder] = Account(self.opened)
        elif self.opened > account.seen:
            history, seen, paid = self.history, account.seen, self.opened - 1
            before = history[seen - 1] if seen > 0 else 0.0
            account.earned += account.record * (history[seen] - before)
            account.earned += account.balance * (history[paid] - history[seen])
            account.record, account.seen = account.balance, self.opened
        return account
