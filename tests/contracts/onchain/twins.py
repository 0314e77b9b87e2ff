"""One federation twice, on the contracts (revm) and in the float64 model: every call goes to both.

A call that one refuses and the other does not, or for another reason, is an error; `check` compares all there
is to compare, as `onchain.twin_figures` says.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from boa import BoaError

from onchain import world
from onchain.twin_figures import check, read
from onchain.world import FOREVER, NO_EVIDENCE, TOKEN, packed, revert_reason
from wallstreetfeds.sim.market import Refused
from wallstreetfeds.sim.model.federation import Client, Federation
from wallstreetfeds.sim.model.terms import Terms

ROLES = ("federator", "investor", "lp", "attacker")
CASH = 3
"""Everybody has three times the budget, late clients included."""


class Setting(NamedTuple):
    """A federation in whole tokens: its terms, each client's supply and whether it lists, the deposit."""

    terms: Terms
    supplies: tuple[int, ...]
    listed: tuple[bool, ...]
    deposit: int
    late: int = 2


class Twins:
    """To be made inside `on_revm()`.  Amounts of methods are smallest units; both twins get the same."""

    def __init__(self, setting: Setting) -> None:
        self.terms = terms = setting.terms
        self.unit = 10**terms.numeraire_decimals
        self.calls = self.claims = 0
        self.reason = ""
        self.scores: list[int] = []
        env = world.boa.env
        names = [*ROLES, *(f"client {k}" for k in range(len(setting.supplies)))]
        self.late = [f"late {k}" for k in range(setting.late if terms.late_joins else 0)]
        names += self.late
        self.addresses = {name: env.generate_address(name) for name in names}
        self.holders = names
        chain = self.chain = world.Federation(
            decimals=terms.numeraire_decimals,
            federator=self.addresses["federator"],
            schedule=[self.money(part) for part in terms.schedule],
            **self._integers(terms),
        )
        self.quantum = read(chain.scenario, "quantum")
        chain.fund()
        self._register(setting)
        self.open_on_chain(setting)
        self.cash = CASH * terms.budget
        self.model = Federation(
            terms,
            [
                Client(f"client {k}", supply / TOKEN, listed)
                for k, (supply, listed) in enumerate(zip(setting.supplies, setting.listed, strict=True))
            ],
            {
                "federator": (setting.deposit - setting.deposit // 4) / self.unit,
                "lp": setting.deposit // 4 / self.unit,
            },
            dict.fromkeys(names, self.cash),
        )

    # --- the two openings -------------------------------------------------------------------------------

    def money(self, amount: float) -> int:
        """Whole numeraire in smallest units."""
        return int(Fraction(amount) * self.unit)

    def _integers(self, terms: Terms) -> dict[str, Any]:
        fractions = {"listed", "retained", "score_cap", "swap_fee", "opening_fee", "challenge_bond"}
        plain = {"rounds", "max_clients", "late_joins", "training_time", "round_deadline", "round_gap"}
        plain |= {"opening_period", "clock", "challenge_window", "ruling_period"}
        integers = {name: round(getattr(terms, name) * 10**6) * 10**12 for name in fractions}
        integers |= {name: getattr(terms, name) for name in plain}
        return integers | {
            "budget": self.money(terms.budget),
            "supply": round(terms.supply * TOKEN),
            "bond": self.money(terms.full_bond),
        }

    def _register(self, setting: Setting) -> None:
        chain = self.chain
        clients = [self.addresses[f"client {k}"] for k in range(len(setting.supplies))]
        chain.scenario.allow_clients(clients, list(setting.supplies), sender=chain.federator)
        for client, listed in zip(clients, setting.listed, strict=True):
            token = chain.scenario.join(listed, sender=client)
            chain.clients.append(client)
            chain.tokens.append(world.compiled("ClientToken").at(token))

    def open_on_chain(self, setting: Setting) -> None:
        """Deposits, the opening, everybody's cash and approvals."""
        chain = self.chain
        chain.lp = self.addresses["lp"]
        chain.deposit(setting.deposit).start()
        self.pools = [chain.pool]
        for address in self.addresses.values():
            held = read(chain.numeraire, "balanceOf", address)
            chain.grant(address, CASH * self.money(self.terms.budget) - held)
        self._approve()

    def _approve(self) -> None:
        for address in self.addresses.values():
            for pool in self.pools:
                for asset in (self.chain.numeraire, *self.chain.tokens):
                    asset.approve(pool, FOREVER, sender=address)
            self.chain.numeraire.approve(self.chain.challenges, FOREVER, sender=address)

    # --- calls ------------------------------------------------------------------------------------------

    def both(self, chain: Callable[[], Any], model: Callable[[], Any]) -> bool:
        """Make a call on both; True where both accept, a difference of reasons is an error."""
        self.calls += 1
        reasons = []
        for call, refusal in ((chain, BoaError), (model, Refused)):
            try:
                call()
                reasons.append("")
            except refusal as error:
                reason = revert_reason(error) if isinstance(error, BoaError) else str(error)
                reasons.append(reason or "reverted")
        assert reasons[0] == reasons[1], f"the contracts say {reasons[0]!r}, the model {reasons[1]!r}"
        self.reason = reasons[0]
        return not self.reason

    def pool(self, number: int) -> tuple[Any, Any]:
        """A pool of both."""
        return self.pools[number], self.model.pools[number]

    def assets(self, number: int, asset: int) -> int:
        """Smallest units in a whole one of a pool's asset."""
        return self.unit if asset == 0 else TOKEN

    def swap_exact_in(self, number: int, who: str, i: int, j: int, amount: int, least: int = 0) -> bool:
        """Sell."""
        chain, model = self.pool(number)
        order = (i, j, amount, least, self.addresses[who], FOREVER)
        whole = (amount / self.assets(number, i), least / self.assets(number, j))
        return self.both(
            lambda: chain.swap_exact_in(*order, sender=self.addresses[who]),
            lambda: model.swap_exact_in(who, i, j, *whole),
        )

    def swap_exact_out(self, number: int, who: str, i: int, j: int, amount: int, most: int = FOREVER) -> bool:
        """Buy."""
        chain, model = self.pool(number)
        order = (i, j, amount, most, self.addresses[who], FOREVER)
        whole = (amount / self.assets(number, j), most / self.assets(number, i))
        return self.both(
            lambda: chain.swap_exact_out(*order, sender=self.addresses[who]),
            lambda: model.swap_exact_out(who, i, j, *whole),
        )

    def add_liquidity(self, number: int, who: str, shares: int) -> bool:
        """Join in proportion."""
        chain, model = self.pool(number)
        limits = [FOREVER] * len(model.reserves)
        return self.both(
            lambda: chain.add_liquidity(shares, limits, FOREVER, sender=self.addresses[who]),
            lambda: model.add_liquidity(who, shares / TOKEN),
        )

    def remove_liquidity(self, number: int, who: str, shares: int) -> bool:
        """Leave in proportion."""
        chain, model = self.pool(number)
        address, limits = self.addresses[who], [0] * len(model.reserves)
        return self.both(
            lambda: chain.remove_liquidity(shares, limits, address, FOREVER, sender=address),
            lambda: model.remove_liquidity(who, shares / TOKEN),
        )

    def add_single_asset(self, number: int, who: str, asset: int, amount: int) -> bool:
        """Join with one asset."""
        chain, model = self.pool(number)
        return self.both(
            lambda: chain.add_single_asset(asset, amount, 0, FOREVER, sender=self.addresses[who]),
            lambda: model.add_single_asset(who, asset, amount / self.assets(number, asset)),
        )

    def remove_single_asset(self, number: int, who: str, asset: int, shares: int) -> bool:
        """Leave with one asset."""
        chain, model = self.pool(number)
        address = self.addresses[who]
        return self.both(
            lambda: chain.remove_single_asset(asset, shares, 0, address, FOREVER, sender=address),
            lambda: model.remove_single_asset(who, asset, shares / TOKEN),
        )

    def transfer(self, client: int, sender: str, receiver: str, amount: int) -> bool:
        """Send tokens."""
        token, to = self.chain.tokens[client], self.addresses[receiver]
        return self.both(
            lambda: token.transfer(to, amount, sender=self.addresses[sender]),
            lambda: self.model.holdings.transfer(sender, receiver, client + 1, amount / TOKEN),
        )

    def claim(self, who: str) -> bool:
        """Claim from everywhere."""
        address = self.addresses[who]
        sources = [s for s in (*self.chain.tokens, *self.pools) if read(s, "claimable", address) > 0]
        self.claims += len(sources)
        return self.both(
            lambda: [source.claim(sender=address) for source in sources], lambda: self.model.claim(who)
        )

    def open_round(self, who: str) -> bool:
        """Record date."""
        return self.both(
            lambda: self.chain.scenario.open_round(sender=self.addresses[who]),
            lambda: self.model.open_round(who),
        )

    def submit_scores(self, scores: list[int]) -> bool:
        """By the federator."""
        order = (self.model.clock.opened, packed(scores), NO_EVIDENCE)
        done = self.both(
            lambda: self.chain.scenario.submit_scores(*order, sender=self.chain.federator),
            lambda: self.model.submit_scores(scores),
        )
        if done:
            self.scores = scores
        return done

    def finalize_round(self) -> bool:
        """Payment date."""
        order = (self.model.clock.opened, packed(self.scores))
        return self.both(lambda: self.chain.scenario.finalize_round(*order), self.model.finalize_round)

    def finalize_without_scores(self) -> bool:
        """Payment date of a round without scores."""
        number = self.model.clock.opened
        return self.both(
            lambda: self.chain.scenario.finalize_without_scores(number), self.model.finalize_without_scores
        )

    def challenge(self, who: str, asset: int) -> bool:
        """Object to the submitted scores."""
        order = (self.model.clock.opened, asset, NO_EVIDENCE)
        return self.both(
            lambda: self.chain.challenges.challenge(*order, sender=self.addresses[who]),
            lambda: self.model.challenge(who, asset),
        )

    def rule(self, scores: list[int] | None) -> bool:
        """Uphold the challenged scores, or replace them."""
        court, arbiter, number = self.chain.challenges, self.chain.arbiter, self.model.clock.opened
        if scores is None:
            return self.both(lambda: court.uphold_scores(number, sender=arbiter), self.model.uphold_scores)
        done = self.both(
            lambda: court.replace_scores(number, packed(scores), NO_EVIDENCE, sender=arbiter),
            lambda: self.model.replace_scores(scores),
        )
        if done:
            self.scores = scores
        return done

    def withdraw_challenge_bond(self, number: int, who: str) -> bool:
        """A challenger's bond back."""
        court = self.chain.challenges
        return self.both(
            lambda: court.withdraw_challenge_bond(number, self.addresses[who]),
            lambda: self.model.withdraw_challenge_bond(number, who),
        )

    def top_up(self, who: str, amount: int) -> bool:
        """More escrow."""
        return self.both(
            lambda: self.chain.scenario.top_up(amount, sender=self.addresses[who]),
            lambda: self.model.top_up(who, amount / self.unit),
        )

    def join_late(self, liquidity: int, supply: int) -> bool:
        """The next late client."""
        name = self.late[0]
        address, scenario = self.addresses[name], self.chain.scenario
        scenario.allow_clients([address], [supply], sender=self.chain.federator)
        done = self.both(
            lambda: scenario.join_late(FOREVER, liquidity, sender=address),
            lambda: self.model.join_late(name, liquidity / self.unit, supply / TOKEN),
        )
        if done:
            self.late.pop(0)
            index = len(self.chain.tokens)
            self.chain.tokens.append(world.compiled("ClientToken").at(scenario.token_at(index)))
            if liquidity:
                at = scenario.pool_at(len(self.pools))
                self.pools.append(world.compiled("Pool").at(at))
            self._approve()
        return done

    def withdraw_bond(self) -> bool:
        """Anyone, for the federator."""
        return self.both(self.chain.challenges.withdraw_bond, self.model.withdraw_bond)

    def wait(self, seconds: int) -> bool:
        """Later."""
        world.boa.env.time_travel(seconds)
        self.model.advance_time(seconds)
        return True

    def check(self, holders: list[str] | None = None) -> None:
        """Raise AssertionError where the two differ; `holders` (all by default) are those looked at."""
        check(self, self.holders if holders is None else holders)
