"""I5's actor: one account with two addresses, no role, on a market whose prices are fair values.

Everybody else is honest and idle: the federator scores by supply, nobody trades.  A sequence of its calls
is a list of steps; `gain` is what it ends with, numeraire and claimable, when it has the tokens it began with
again, over what it would have had if it had done nothing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from boa import BoaError

from onchain import world
from onchain.world import DAY, EVIDENCE, FOREVER, WAD, Federation, packed, revert_reason

CAPITAL_SHARE = 4

WORLDS: dict[str, dict[str, Any]] = {
    "no fee": {"rounds": 6, "swap_fee": 0},
    "fee": {"rounds": 5, "swap_fee": 3 * 10**15, "challenge_window": DAY, "ruling_period": DAY},
    "steep": {"rounds": 4, "swap_fee": 0, "schedule": [7 * 10**11, 2 * 10**11, 9 * 10**10, 10**10]},
    "late pool": {"rounds": 6, "swap_fee": 0, "late_joins": True, "late": True},
    "18 decimals": {
        "rounds": 6,
        "swap_fee": 0,
        "decimals": 18,
        "budget": 123_456 * WAD,
        "late_joins": True,
        "late": True,
    },
}

# The paper's curve, where a search has to find the payout capture.
CONTROLS: dict[str, dict[str, Any]] = {"plain curve": {"rounds": 6, "swap_fee": 0, "clock": False}}

REFUSALS = {
    "trade too small",
    "more than 30% of a balance",
    "the pool is almost empty",
    "the last round has opened",
    "balance too small",
    "the market is not open",
    "amount is zero",
    "already challenged",
    "no scores to challenge",
    "the challenge window is closed",
    "neither a client nor a holder",
    "top-ups above their maximum",
}


class Step(NamedTuple):
    """One call: what, three numbers whose meaning depends on it, and how much (units to 40, then parts)."""

    kind: str
    a: int
    b: int
    size: int


KINDS = (
    "swap_in",
    "swap_out",
    "add",
    "remove",
    "add_one",
    "remove_one",
    "claim",
    "send",
    "round",
    "late_round",
    "open",
    "pay",
    "top_up",
    "challenge",
    "wait",
)


TRADES = frozenset(["swap_in", "swap_out", "add", "remove", "add_one", "remove_one", "top_up"])


class Game:
    """A federation, fairly priced, and the actor in it."""

    def __init__(self, name: str) -> None:
        terms = dict((WORLDS | CONTROLS)[name])
        # A round without scores pays by history, where a late joiner has less: whether there will be one is
        # the federator's knowledge, so the late worlds have none.
        self.late = late = terms.pop("late", False)
        federation = Federation(**({"opening_period": 0, "opening_fee": 0, "round_gap": DAY} | terms))
        self.federation = federation.open(3)
        self.pools = [federation.pool]
        self.assets = [[0, 1, 2]]
        if late:
            federation.round()
            liquidity = federation.budget // 40
            federation.join_late(world.boa.env.generate_address("late"), liquidity=liquidity)
            self.pools.append(world.compiled("Pool").at(federation.scenario.pool_at(1)))
            self.assets.append([3])
        self.me = [federation.attacker, world.boa.env.generate_address("other")]
        self.money = federation.budget * CAPITAL_SHARE
        for address in self.me:
            federation.grant(address, self.money, federation.challenges)
            federation.numeraire.approve(federation.scenario, FOREVER, sender=address)
            for pool in self.pools:
                federation.numeraire.approve(pool, FOREVER, sender=address)
                for token in federation.tokens:
                    token.approve(pool, FOREVER, sender=address)
        # One percent of two clients' supplies, so that it can sell first and buy back.
        for k in range(2):
            federation.tokens[k].transfer(self.me[0], federation.supply // 100, sender=federation.clients[k])
        self.start = [int(token.balanceOf(self.me[0])) for token in federation.tokens]
        self.done: set[str] = set()
        self.reason = ""
        self.idle = self._idle()

    def _idle(self) -> dict[int, int]:
        """What doing nothing earns, by rounds paid."""
        federation, earned = self.federation, {}
        with world.boa.env.anchor():
            earned[federation.clock()[3]] = 0
            while federation.clock()[1]:
                self.round(0)
                earned[federation.clock()[3]] = sum(t.claimable(self.me[0]) for t in federation.tokens)
        self.done = set()
        return earned

    # --- steps ------------------------------------------------------------------------------------------

    def play(self, steps: list[Step]) -> int:
        """The gain of a sequence; nothing of it stays."""
        self.done = set()
        with world.boa.env.anchor():
            for step in steps:
                self.act(step)
            return self.gain()

    def act(self, step: Step) -> None:
        federation, who = self.federation, self.me[step.size % 2]
        number = step.a % len(self.pools)
        pool, count = self.pools[number], len(self.assets[number]) + 1
        first, second = step.b % count, (step.b // 4) % count
        if step.kind in ("swap_in", "swap_out") and first != second:
            held = pool.balance_of_asset(first if step.kind == "swap_in" else second) * 3 // 10
            limit = 0 if step.kind == "swap_in" else FOREVER
            call = pool.swap_exact_in if step.kind == "swap_in" else pool.swap_exact_out
            if step.kind == "swap_in" and first > 0:
                held = min(held, self.tokens(self.assets[number][first - 1], who))
            self.do(step.kind, call, first, second, self.part(held, step), limit, who, FOREVER, sender=who)
        elif step.kind == "add":
            shares = self.part(pool.totalSupply() // 4, step)
            self.do(step.kind, pool.add_liquidity, shares, [FOREVER] * count, FOREVER, sender=who)
        elif step.kind == "remove":
            shares = self.part(pool.balanceOf(who), step)
            self.do(step.kind, pool.remove_liquidity, shares, [0] * count, who, FOREVER, sender=who)
        elif step.kind == "add_one":
            held = pool.balance_of_asset(first) * 3 // 10
            if first > 0:
                held = min(held, self.tokens(self.assets[number][first - 1], who))
            self.do(step.kind, pool.add_single_asset, first, self.part(held, step), 0, FOREVER, sender=who)
        elif step.kind == "remove_one":
            shares = self.part(pool.balanceOf(who), step)
            self.do(step.kind, pool.remove_single_asset, first, shares, 0, who, FOREVER, sender=who)
        elif step.kind == "claim":
            self.do(step.kind, self.sources[step.b % len(self.sources)].claim, sender=who)
        elif step.kind == "send":
            source = self.sources[step.b % len(self.sources)]
            to = self.me[1 - step.size % 2]
            self.do(step.kind, source.transfer, to, self.part(source.balanceOf(who), step), sender=who)
        elif step.kind == "top_up":
            amount = self.part(federation.budget // 10, step)
            self.do(step.kind, federation.scenario.top_up, amount, sender=who)
        elif step.kind == "challenge":
            court, opened = federation.challenges, federation.clock()[2]
            if opened > federation.clock()[3] and federation.challenge_window:
                self.do(step.kind, court.challenge, opened, step.b % 4, EVIDENCE, sender=who)
        elif step.kind == "wait":
            world.boa.env.time_travel(seconds=1 + step.size * 100)
        elif step.kind in ("round", "late_round", "open", "pay"):
            getattr(self, step.kind)(step.size)

    def do(self, kind: str, call: Callable[..., Any], *arguments: Any, sender: Any) -> bool:
        try:
            call(*arguments, sender=sender)
        except BoaError as error:
            self.reason = revert_reason(error)
            if self.reason not in REFUSALS:
                raise
            return False
        self.done.add(kind)
        return True

    @property
    def sources(self) -> list[Any]:
        return [*self.federation.tokens, *self.pools]

    def tokens(self, client: int, who: Any) -> int:
        return int(self.federation.tokens[client].balanceOf(who))

    @staticmethod
    def part(of: int, step: Step) -> int:
        """Up to forty units as such, more in thousandths."""
        return min(of, step.size) if step.size <= 40 else of * step.size // 1000

    # --- rounds: the actor opens and pays them as anybody can --------------------------------------------

    def open(self, _: int) -> None:
        _, rho, opened, finalized = self.federation.clock()
        if rho and opened == finalized:
            world.boa.env.time_travel(seconds=self.federation.round_gap)
            self.do("open", self.federation.scenario.open_round, sender=self.me[0])

    def pay(self, size: int) -> None:
        """With the honest scores of the federator, or without any once the deadline has passed."""
        federation = self.federation
        _, _, opened, finalized = federation.clock()
        if opened == finalized:
            return
        if federation.scenario.stage()[0] < opened and size % 3 == 0:
            world.boa.env.time_travel(seconds=federation.round_deadline)
            self.do("unscored", federation.scenario.finalize_without_scores, opened, sender=self.me[0])
            return
        if federation.scenario.stage()[0] < opened:
            federation.submit([])
            if size % 3 == 1 and federation.challenge_window:
                return
        world.boa.env.time_travel(seconds=federation.challenge_window + federation.ruling_period)
        self.do("pay", federation.scenario.finalize_round, opened, packed([]), sender=self.me[0])

    def round(self, size: int) -> None:
        self.open(size)
        self.pay(2)

    def late_round(self, size: int) -> None:
        self.open(size)
        self.pay(0)

    # --- the end ----------------------------------------------------------------------------------------

    def gain(self) -> int:
        """Leave everything, get the own tokens back, collect."""
        federation, (me, other) = self.federation, self.me
        for number, pool in enumerate(self.pools):
            for address in self.me:
                if shares := pool.balanceOf(address):
                    limits = [0] * (len(self.assets[number]) + 1)
                    pool.remove_liquidity(shares, limits, me, FOREVER, sender=address)
        for token in federation.tokens:
            if held := token.balanceOf(other):
                token.transfer(me, held, sender=other)
        if federation.clock()[1]:
            self.square()
        while federation.clock()[2] > federation.clock()[3]:
            self.pay(2)
        total = 0
        for address in self.me:
            for source in self.sources:
                source.claim(sender=address)
            for number in range(1, federation.clock()[2] + 1):
                if federation.challenges.bond_of(number, address):
                    federation.challenges.withdraw_challenge_bond(number, address)
            total += federation.numeraire.balanceOf(address)
        return int(total - 2 * self.money - self.idle[federation.clock()[3]])

    def square(self) -> None:
        """Buy back what is missing, sell what is too much, each in its own pool."""
        me = self.me[0]
        for pool, clients in zip(self.pools, self.assets, strict=True):
            for asset, client in enumerate(clients, 1):
                for _ in range(200):
                    over = self.tokens(client, me) - self.start[client]
                    most = pool.balance_of_asset(asset) // 20
                    if over > 0:
                        order = (asset, 0, min(over, most), 0, me, FOREVER)
                        if not self.do("square", pool.swap_exact_in, *order, sender=me):
                            break
                    elif over < 0:
                        self.buy(pool, asset, min(-over, most))
                    else:
                        break

    def buy(self, pool: Any, asset: int, amount: int) -> None:
        """At least so much: the market sells no few units alone."""
        me = self.me[0]
        for factor in (1, 10, 100, 1000, 10_000, 100_000, 10**6):
            order = (0, asset, amount * factor, FOREVER, me, FOREVER)
            if self.do("square", pool.swap_exact_out, *order, sender=me):
                return
        raise AssertionError(f"{amount} tokens cannot be bought back: {self.reason}")

    def dust(self) -> int:
        """What rounding can give: a pot's units need not divide, so a client may get a unit more a round."""
        return int(2 * self.federation.rounds * self.federation.scenario.quantum())
