"""What has to hold after every call: I1, I2, I3, I7 and I8 of SPEC, to the smallest unit."""

from typing import Any

from onchain.season import Season


class Books(Season):
    """The rules; `check` after every step, `leave_and_settle` at the end."""

    def __init__(self, *args: Any, **terms: Any) -> None:
        super().__init__(*args, **terms)
        self.last_clock = self.federation.clock()
        self.last_weights: list[list[int]] = []

    def check(self) -> None:
        self.money_adds_up()
        self.bonds_add_up()
        self.supplies_add_up()
        self.rounds_only_grow()

    def owed(self) -> int:
        """All that can be claimed; each one's part is what the naive model says."""
        total = 0
        for contract in self.contracts:
            for holder in self.holders:
                amount = contract.claimable(holder)
                received = self.claimed.get((contract, holder), 0)
                if contract in self.pools:
                    expected = self.naive.owed_to_lp(holder, self.pools.index(contract))
                else:
                    expected = self.naive.owed(self.tokens.index(contract), holder)
                assert received + amount == expected
                total += amount
        return total

    def money_adds_up(self) -> None:
        """I1 and I2, to the wei; dust is computed from the naive model alone."""
        owed, paid = self.owed(), self.scenario.paid()
        assert paid == sum(self.claimed.values())
        deposited = self.federation.budget + self.naive.added
        escrow = self.scenario.escrow()
        assert escrow == self.naive.escrow + self.naive.pot * self.naive.quantum
        assert escrow + paid + owed + self.naive.dust() == deposited
        held = self.federation.numeraire.balanceOf(self.scenario) - self.given_to_scenario
        assert held == deposited - paid
        assert held >= owed

    def bonds_add_up(self) -> None:
        """I1's bonds: what Challenges holds is what it owes to the federator and to challengers."""
        staked = sum(sum(bonds.values()) for bonds in self.challengers.values())
        staked += sum(self.compensation.values())
        court = self.challenges
        assert (court.bond(), court.forfeited(), court.staked()) == (self.bond, self.forfeited, staked)
        assert self.federation.numeraire.balanceOf(court) == self.bond + self.forfeited + staked

    def supplies_add_up(self) -> None:
        """I3, and the pools' books are covered."""
        addresses = [pool.address for pool in self.pools]
        for k, token in enumerate(self.tokens):
            in_pools = 0
            for number, pool in enumerate(self.pools):
                book = dict(zip(self.assets[number], self.books(number)[1:], strict=True)).get(k, 0)
                held = token.balanceOf(pool)
                assert held == book + self.given_tokens.get((number, token.address), 0)
                in_pools += held
            assert sum(token.balanceOf(h) for h in self.holders) + in_pools == self.naive.supplies[k]
            assert token.totalSupply() == self.naive.supplies[k]
        for number, pool in enumerate(self.pools):
            shares = sum(pool.balanceOf(h) for h in [*self.holders, *addresses])
            assert shares == pool.totalSupply()
            money = self.federation.numeraire.balanceOf(pool)
            assert money == self.books(number)[0] + self.given_to_pool[number]

    def rounds_only_grow(self) -> None:
        """I7: the clock agrees with the schedule; only open_round changes a weight."""
        clock = self.federation.clock()
        naive = self.naive
        assert clock == (self.federation.budget, naive.rho, naive.opened, naive.finalized)
        assert clock[2] >= self.last_clock[2]
        assert clock[3] >= self.last_clock[3]
        weights = [self.weights(number) for number in range(len(self.pools))]
        if not self.changed_weights:
            assert weights[: len(self.last_weights)] == self.last_weights
        self.last_clock, self.last_weights, self.changed_weights = clock, weights, False

    def leave_and_settle(self) -> None:
        """I8: without the federator and the arbiter everybody leaves and claims; what stays is dust."""
        stranger = self.actors.index(self.federation.attacker)
        while self.naive.rho or self.is_open:
            if self.scores is not None:
                self.wait(self.federation.challenge_window + self.federation.ruling_period)
                self.finalize(stranger)
            elif self.is_open:
                self.wait(self.federation.round_deadline)
                self.finalize_without_scores(stranger)
            else:
                self.wait(self.federation.round_gap)
                self.open_round(stranger)
        for number, challengers in list(self.challengers.items()):
            for who, bond in list(challengers.items()):
                if bond:
                    self.withdraw_challenge_bond(number, self.actors.index(who))
        self.withdraw_bond()
        for actor in range(len(self.actors)):
            for number in range(len(self.pools)):
                self.remove_liquidity(number, actor, 1000)
            for contract in range(len(self.contracts)):
                self.claim(contract, actor)
        self.check()
        assert self.federation.numeraire.balanceOf(self.challenges) == 0
        left = self.federation.numeraire.balanceOf(self.scenario) - self.given_to_scenario
        others = [h for h in self.holders if h not in self.actors]
        owed = sum(c.claimable(h) for c in self.contracts for h in others)
        assert left == self.naive.dust() + self.scenario.escrow() + owed
        assert self.scenario.escrow() < self.naive.quantum
