"""Random federations and random calls for the twins: one seed, one walk.

Calls are drawn so that most are accepted and every refusal comes up: amounts above a cap, above a balance,
below the minimum, out of turn, too early.  Money is so large, and a trade so large a part of it, that the
contracts' rounding of a fee to a smallest unit stays below 1e-9 of what a trade gives.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np

from onchain.twins import TOKEN, Setting, Twins
from wallstreetfeds.sim.model.terms import DAY, Terms

PERIOD = 3600
LARGE = 50
"""Clients of the large federations: 51 assets."""
HAIR = 1e-6
"""Whole tokens: the last bits of a float are below."""
LEAST_SHARES = 10**6
"""A millionth of an LP share: a smaller part of somebody's shares is a hair."""


def setting(rng: np.random.Generator, large: bool = False) -> Setting:
    """A federation: 2 to 9 assets, or 51."""
    count = LARGE if large else int(rng.choice([1, 2, 3, 4, 8]))
    rounds = int(rng.choice([1, 3, 4, 6, 8]))
    budget = int(rng.integers(10**2, 10**4)) * 10**8
    parts = sorted(rng.integers(20, 100, rounds), reverse=True) if rng.random() < 0.4 else []
    schedule = [int(budget * part // sum(parts)) for part in parts]
    if schedule:
        schedule[0] += budget - sum(schedule)
    retained = float(rng.choice([0.0, 0.2, 0.35]))
    terms = Terms(
        budget=float(budget),
        rounds=rounds,
        schedule=tuple(map(float, schedule)),
        late_joins=bool(rng.random() < 0.4),
        listed=float(rng.choice([0.2, 0.5, 0.65])),
        retained=retained,
        score_cap=float(rng.choice([4, 64])),
        bond=None if rng.random() < 0.7 else float(budget // 1000),
        challenge_window=int(rng.choice([0, 0, PERIOD])),
        training_time=int(rng.choice([0, 60])),
        swap_fee=float(rng.choice([0.0, 0.003, 0.1])),
        opening_fee=0.9,
        opening_period=PERIOD if rng.random() < 0.6 else 0,
        clock=bool(rng.random() < 0.7),
        numeraire_decimals=int(rng.choice([6, 8, 18])),
    )
    equal = rng.random() < 0.5
    supplies = tuple(10**18 if equal else int(rng.integers(10**11, 4 * 10**12)) * 10**6 for _ in range(count))
    listed = tuple(bool(large or k == 0 or rng.random() < 0.85) for k in range(count))
    value = budget * terms.listed * float(rng.uniform(0.3, 2))
    return Setting(terms, supplies, listed, round(value) * 10**terms.numeraire_decimals)


class Walk:
    """One federation under random calls; `done` and `refused` count them by kind."""

    def __init__(self, seed: int, large: bool = False) -> None:
        self.rng = np.random.default_rng(seed)
        self.twins = Twins(setting(self.rng, large))
        self.actors = ["federator", "investor", "lp", "attacker", "client 0"]
        self.actors += ["client 1"] if len(self.twins.chain.clients) > 1 else []
        # Everybody but the actors only ever earns and claims: looked at less often where they are many.
        self.watched = self.actors if large else None
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.kinds: list[tuple[Callable[[], bool], int]] = [
            (self.sell, 24),
            (self.buy, 12),
            (self.send, 10),
            (self.join, 8),
            (self.leave, 8),
            (self.join_with_one, 8),
            (self.leave_with_one, 8),
            (self.step_round, 22),
            (self.claim, 8),
            (self.wait, 8),
            (self.top_up, 4),
            (self.join_late, 4),
            (self.out_of_turn, 6),
            (self.take_bond, 6),
        ]

    def run(self, calls: int) -> None:
        """So many calls, everything compared after each; seldom many once nothing can be traded any more."""
        odds = np.array([weight for _, weight in self.kinds], dtype=float)
        self.twins.check()
        self.spread()
        if self.rng.random() < 0.8:
            self.twins.wait(PERIOD)
        for _ in range(calls):
            kind, _ = self.kinds[self.rng.choice(len(self.kinds), p=odds / odds.sum())]
            self.count(kind)
            self.twins.check(self.watched)
            if self.twins.model.clock.rho == 0 and self.rng.random() < 0.2:
                break
        self.twins.check()

    def spread(self) -> None:
        """Some of every token for the investor and the attacker, so that they can sell and join."""
        for client in range(len(self.twins.chain.tokens)):
            spare = self.spare(f"client {client}", client)
            for who in ("investor", "attacker"):
                amount = int(spare * self.rng.uniform(0.05, 0.3) * TOKEN)
                self.twins.transfer(client, f"client {client}", who, amount)

    def mature(self) -> None:
        """Run down what is left of the schedule; everybody claims and leaves with almost everything.

        Of what the last LPs leave behind with the locked millionth of a share, a smallest unit is too large
        a part to compare.
        """
        while self.twins.model.clock.finalized < self.twins.terms.rounds:
            self.count(self.step_round)
            self.twins.check(self.watched)
        for who in self.twins.holders:
            for number in range(len(self.twins.pools)):
                shares = self.shares(number, who, 0.99)
                if shares:
                    assert self.twins.remove_liquidity(number, who, shares)
            self.twins.claim(who)
            for number in range(1, self.twins.terms.rounds + 1):
                self.twins.withdraw_challenge_bond(number, who)
        self.twins.withdraw_bond()
        self.twins.check()

    def count(self, kind: Callable[[], bool]) -> None:
        """Make one call."""
        self.tally(kind.__name__, kind())

    def tally(self, kind: str, accepted: bool) -> None:
        """Count a call that was made."""
        if accepted:
            self.done[kind] += 1
        else:
            self.refused[f"{kind}: {self.twins.reason}"] += 1

    # --- draws ------------------------------------------------------------------------------------------

    def who(self) -> str:
        return str(self.rng.choice(self.actors))

    def who_has(self, number: int, asset: int) -> str:
        """Somebody who has an asset, mostly."""
        owners = [who for who in self.actors if self.spendable(number, asset, who) > 0]
        return str(self.rng.choice(owners)) if owners and self.rng.random() < 0.9 else self.who()

    def place(self) -> tuple[int, int, int]:
        """A pool and two of its assets, now and then the same."""
        number = int(self.rng.integers(len(self.twins.pools)))
        count = len(self.twins.model.pools[number].reserves)
        first, second = (int(k) for k in self.rng.integers(count, size=2))
        return (
            number,
            first,
            second if self.rng.random() < 0.1 else (first + 1 + second % (count - 1)) % count,
        )

    def part(self) -> float:
        """A part of a limit: mostly small, now and then above it."""
        return float(10 ** self.rng.uniform(-3.5, 0.05))

    def units(self, number: int, asset: int, amount: float) -> int:
        return max(1, int(amount * self.twins.assets(number, asset)))

    def spendable(self, number: int, asset: int, who: str) -> float:
        model = self.twins.model
        return model.holdings.spendable(who, model.pools[number].federation_asset(asset))

    def spare(self, who: str, client: int) -> float:
        """What somebody may send of a token; 0 for a hair."""
        spendable = self.twins.model.holdings.spendable(who, client + 1)
        return spendable if spendable > HAIR else 0.0

    def amount_in(self, number: int, asset: int, who: str) -> int:
        """Within the cap and what is held, mostly; now and then dust, or more than is held."""
        pool = self.twins.model.pools[number]
        reserve, held = pool.reserves[asset], self.spendable(number, asset, who)
        draw = self.rng.random()
        if draw < 0.04:
            return self.units(number, asset, reserve * 1e-13)
        if draw < 0.08:
            return self.units(number, asset, reserve * self.near_cap() / (1 - pool.fee()))
        limit = 0.35 * reserve if draw < 0.12 else min(0.35 * reserve, held)
        return self.units(number, asset, limit * self.part())

    def near_cap(self) -> float:
        """A part of a balance just below or just above the 30 % that may move."""
        return 0.3 * float(self.rng.choice([0.999, 1.001]))

    def shares(self, number: int, who: str, part: float) -> int:
        """Vested LP shares."""
        pool = self.twins.model.pools[number]
        return int(max(0.0, pool.shares.balance_of(who) - pool.unvested(who)) * part * TOKEN * (1 - 1e-9))

    # --- calls ------------------------------------------------------------------------------------------

    def sell(self) -> bool:
        number, i, j = self.place()
        who = self.who_has(number, i)
        amount, least = self.amount_in(number, i, who), 0
        if self.rng.random() < 0.1:
            least = self.units(number, j, self.twins.model.pools[number].reserves[j])
        return self.twins.swap_exact_in(number, who, i, j, amount, least)

    def buy(self) -> bool:
        number, i, j = self.place()
        who = self.who_has(number, i)
        pool = self.twins.model.pools[number]
        part = self.near_cap() if self.rng.random() < 0.1 else 0.3 * self.part()
        amount = self.units(number, j, pool.reserves[j] * part)
        if self.rng.random() < 0.1:
            return self.twins.swap_exact_out(number, who, i, j, amount, 1)
        return self.twins.swap_exact_out(number, who, i, j, amount)

    def send(self) -> bool:
        client = int(self.rng.integers(len(self.twins.chain.tokens)))
        owner = f"client {client}"
        sender = owner if owner in self.actors and self.rng.random() < 0.5 else self.who()
        amount = int(self.spare(sender, client) * self.part() * TOKEN)
        return self.twins.transfer(client, sender, self.who(), amount)

    def join(self) -> bool:
        number, who = int(self.rng.integers(len(self.twins.pools))), self.who()
        pool = self.twins.model.pools[number]
        limit = 0.1
        if self.rng.random() < 0.8:
            who = str(self.rng.choice(["investor", "attacker"]))
            limit = min(self.spendable(number, k, who) / x for k, x in enumerate(pool.reserves))
        shares = int(pool.supply * limit * self.part() * TOKEN)
        return self.twins.add_liquidity(number, who, max(LEAST_SHARES, shares))

    def leave(self) -> bool:
        number, who = int(self.rng.integers(len(self.twins.pools))), self.who()
        return self.twins.remove_liquidity(
            number, who, max(LEAST_SHARES, self.shares(number, who, self.part()))
        )

    def join_with_one(self) -> bool:
        number, asset, _ = self.place()
        who = self.who_has(number, asset)
        return self.twins.add_single_asset(number, who, asset, self.amount_in(number, asset, who))

    def leave_with_one(self) -> bool:
        (number, asset, _), who = self.place(), self.who()
        shares = max(LEAST_SHARES, self.shares(number, who, self.part()))
        return self.twins.remove_single_asset(number, who, asset, shares)

    def step_round(self) -> bool:
        """The next step of the rounds: open, score, pay, or wait and pay without scores."""
        twins, clock, draw = self.twins, self.twins.model.clock, self.rng.random()
        if not clock.is_round_open:
            return twins.open_round("federator")
        if draw < 0.2:
            twins.wait(7 * DAY)
            done = twins.finalize_without_scores()
            return done or twins.finalize_round()
        if not twins.submit_scores(self.scores()):
            twins.wait(60)
            twins.submit_scores([0] * self.partaking())
        if twins.terms.challenge_window:
            self.dispute()
        return twins.finalize_round() or twins.finalize_without_scores()

    def dispute(self) -> None:
        """Nobody, somebody or several object; the arbiter says this or that, or nothing."""
        twins, draw = self.twins, self.rng.random()
        tokens = len(twins.chain.tokens)
        for _ in range(int(self.rng.integers(4))):
            self.tally("challenge", twins.challenge(self.who(), int(self.rng.integers(tokens + 1))))
        if draw < 0.5:
            twins.finalize_round()
        twins.wait(PERIOD)
        if draw < 0.3:
            self.tally("replace", twins.rule(self.scores()))
        elif draw < 0.6:
            self.tally("uphold", twins.rule(None))
        elif draw < 0.8:
            twins.wait(twins.terms.ruling_period)
            twins.rule(None)
        self.twins.check(self.watched)

    def partaking(self) -> int:
        return len(self.twins.model.rounds.given)

    def scores(self) -> list[int]:
        count = self.partaking()
        raw = self.rng.integers(0, 10**9 // count, count) * (self.rng.random(count) < 0.8)
        return [int(score) for score in raw]

    def out_of_turn(self) -> bool:
        """A call that is refused most of the time."""
        twins = self.twins
        calls: list[Callable[[], bool]] = [
            lambda: twins.open_round("attacker"),
            lambda: twins.submit_scores(self.scores() if self.partaking() else [1]),
            twins.finalize_without_scores,
            twins.withdraw_bond,
            lambda: twins.open_round("federator"),
            lambda: twins.challenge(self.who(), 0),
            lambda: twins.rule(None),
            self.take_bond,
        ]
        return calls[int(self.rng.integers(len(calls)))]()

    def take_bond(self) -> bool:
        """A challenger's, now or too early."""
        opened = self.twins.model.clock.opened
        return self.twins.withdraw_challenge_bond(int(self.rng.integers(opened + 1)), self.who())

    def claim(self) -> bool:
        return self.twins.claim(self.who())

    def wait(self) -> bool:
        return self.twins.wait(
            int(self.rng.choice([1, 60, 900, PERIOD, DAY, 7 * DAY], p=[0.2] * 4 + [0.1] * 2))
        )

    def top_up(self) -> bool:
        budget = self.twins.terms.budget
        return self.twins.top_up(self.who(), self.twins.money(budget * self.part() * 0.2))

    def join_late(self) -> bool:
        if not self.twins.late:
            self.twins.reason = "nobody is left to join"
            return False
        value = self.twins.terms.budget / len(self.twins.chain.tokens)
        liquidity = (
            self.twins.money(value * float(self.rng.uniform(0.1, 1))) if self.rng.random() < 0.7 else 0
        )
        supply = 10**18 if self.rng.random() < 0.5 else int(self.rng.integers(10**11, 4 * 10**12)) * 10**6
        return self.twins.join_late(liquidity, supply)
