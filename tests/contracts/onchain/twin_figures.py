"""How far the twins of `onchain.twins` are apart.

Compared: every balance of numeraire, tokens and LP shares; what every holder can claim from every token and
pool; every pool's books, weights, spot prices, LP supply and fee; unvested and retained parts; rho, escrow,
pot, what was paid, all bonds.  The twins themselves compare the reason of every refusal.

Within 1e-9 relative, or what the contracts round away: two smallest units a call, two reward units a round
for money that comes from rewards, and for what was claimed one more a claim, which pays whole ones.  Amounts
are chosen so large that rounding stays below 1e-9 of what matters.  A balance that has come down from all
there is of something to next to nothing keeps the last bits of what it was: 1e-14 of the supply of a token,
of all money for the numeraire.

Not compared: gas, events, allowances, and what the model leaves out: the gate, gifts, transfers of LP shares,
cancelled federations.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from eth_utils import keccak

from onchain.world import TOKEN, WAD, ZERO

if TYPE_CHECKING:
    from onchain.twins import Twins

RELATIVE = 1e-9
LAST_BITS = 1e-14
Figure = tuple[str, float, int, str]
"""What, in the model, on the contracts, both in smallest units, and the kind of its rounding."""


@cache
def calldata(name: str, *arguments: Any) -> bytes:
    """A call of numbers and addresses."""
    types = ",".join("address" if isinstance(value, str) else "uint256" for value in arguments)
    words = [
        bytes.fromhex(value[2:]).rjust(32, b"\0") if isinstance(value, str) else value.to_bytes(32, "big")
        for value in arguments
    ]
    return keccak(text=f"{name}({types})")[:4] + b"".join(words)


def read(contract: Any, name: str, *arguments: Any) -> int:
    """The first word that a view answers."""
    output = contract.chain.call(ZERO, contract.address, calldata(name, *arguments))
    return int.from_bytes(output[:32], "big")


def check(twins: "Twins", holders: list[str]) -> None:
    """Raise AssertionError with what differs; `holders` are those looked at."""
    units = 2 * (1 + twins.calls)
    all_money = twins.money(twins.cash * len(twins.holders))
    money = units + LAST_BITS * all_money + 2 * twins.quantum * (1 + twins.model.clock.opened)
    tokens = units + LAST_BITS * TOKEN * max(twins.model.supplies)
    claimed = money + twins.quantum * twins.claims
    room = {"money": money, "claimed": claimed, "units": tokens, "exact": 0.0}
    for what, model, chain, kind in figures(twins, holders):
        if abs(model - chain) > max(room[kind], RELATIVE * abs(chain)):
            raise AssertionError(f"{what}: the model {model}, the contracts {chain}")


def figures(twins: "Twins", holders: list[str]) -> Iterator[Figure]:
    """Everything compared."""
    yield from federation_figures(twins)
    for number in range(len(twins.pools)):
        yield from pool_figures(twins, number, holders)
    money, tokens = twins.chain.numeraire, twins.chain.tokens
    holdings = twins.model.holdings
    for who in holders:
        address = twins.addresses[who]
        yield (
            f"numeraire of {who}",
            holdings.balance_of(who, 0) * twins.unit,
            read(money, "balanceOf", address),
            "claimed",
        )
        for k, token in enumerate(tokens):
            name, accounts = f"token {k} of {who}", holdings.tokens[k].accounts
            balance = accounts.balance_of(who) * TOKEN
            yield name, balance, read(token, "balanceOf", address), "units"
            owed = accounts.claimable(who) * twins.unit
            yield f"{name}, claimable", owed, read(token, "claimable", address), "money"
    for k, token in enumerate(tokens):
        client = holdings.tokens[k].client
        kept = holdings.kept(client, k + 1) * TOKEN
        yield f"retained {k}", kept, read(token, "retained", twins.addresses[client]), "units"


def federation_figures(twins: "Twins") -> Iterator[Figure]:
    """The clock and the escrow."""
    model, scenario, court = twins.model, twins.chain.scenario, twins.chain.challenges
    clock, unit = model.clock, twins.unit
    _, rho, opened, finalized = scenario.clock()
    pot = read(scenario, "pot")
    yield "opened", clock.opened, opened, "exact"
    yield "finalized", clock.finalized, finalized, "exact"
    yield "rho", clock.rho * unit, rho, "money"
    yield "pot", model.rounds.pot * unit, pot, "money"
    yield "escrow", model.rounds.escrow * unit, read(scenario, "escrow") - pot, "money"
    yield "paid", model.paid * unit, read(scenario, "paid"), "claimed"
    yield "bond", model.rounds.court.bond * unit, read(court, "bond"), "money"
    yield "forfeited", model.rounds.court.forfeited * unit, read(court, "forfeited"), "money"
    yield "staked", model.rounds.court.staked * unit, read(court, "staked"), "money"


def pool_figures(twins: "Twins", number: int, holders: list[str]) -> Iterator[Figure]:
    """Books, prices, shares."""
    chain, model = twins.pool(number)
    name = f"pool {number}"
    yield f"{name}, fee", model.fee() * WAD, read(chain, "swap_fee"), "units"
    yield f"{name}, supply", model.supply * TOKEN, read(chain, "totalSupply"), "units"
    weights = [read(chain, "weight_of_asset", k) for k in range(len(model.reserves))]
    for k, reserve in enumerate(model.reserves):
        book = read(chain, "balance_of_asset", k)
        kind = "units" if k else "money"
        yield f"{name}, asset {k}", reserve * twins.assets(number, k), book, kind
        if k:
            price = model.spot_price(k) * twins.unit * WAD
            yield f"{name}, price {k}", price, read(chain, "spot_price", k), "units"
        if k > 1:
            ratio = model.weights[k] / model.weights[1] * weights[1]
            yield f"{name}, weight {k}", ratio, weights[k], "units"
    for who in holders:
        address = twins.addresses[who]
        shares = model.shares.balance_of(who) * TOKEN
        yield f"{name}, shares of {who}", shares, read(chain, "balanceOf", address), "units"
        owed = model.shares.claimable(who) * twins.unit
        yield f"{name}, claimable of {who}", owed, read(chain, "claimable", address), "money"
        unvested = model.unvested(who) * TOKEN
        yield f"{name}, unvested of {who}", unvested, read(chain, "unvested", address), "units"
