"""`wsf pool`: what the market is like, what a trade would cost, and trades."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.kept import FolderOption, JsonOption
from wallstreetfeds.cli.place import (
    NUMERAIRE,
    Place,
    RpcOption,
    ScenarioOption,
    SeedOption,
    exact,
    percent,
    place,
)
from wallstreetfeds.units import TOKEN, TOKEN_DECIMALS, WAD, to_decimal

if TYPE_CHECKING:
    from wallstreetfeds.chain.quotes import Cost, Quote

MOST_TOLERANCE: Final = Decimal(50)
MOST_MINUTES: Final = 7 * 24 * 60

app = typer.Typer(name="pool", no_args_is_help=True, help="The market: prices, quotes, trades.")

AmountOption = Annotated[
    str | None, typer.Option("--amount", help="How much of it, exactly; whole tokens, e.g. 12.5.")
]
SpendOption = Annotated[str | None, typer.Option("--spend", help="Buying: how much is paid, exactly.")]
ReceiveOption = Annotated[str | None, typer.Option("--receive", help="Selling: how much is got, exactly.")]
WithOption = Annotated[
    str | None, typer.Option("--with", help="Buying: what is paid with; the numeraire by default.")
]
ForOption = Annotated[
    str | None, typer.Option("--for", help="Selling: what is got for it; the numeraire by default.")
]
ToleranceOption = Annotated[
    str, typer.Option("--tolerance", help="How much worse than quoted a trade may be, in percent.")
]
AsOption = Annotated[str | None, typer.Option("--as", help="Who trades: a name of the run.")]
DeadlineOption = Annotated[
    int, typer.Option("--deadline", help="Minutes after which the trade is refused if it is in no block.")
]
TokenArgument = Annotated[str, typer.Argument(help="Whose token, e.g. lender-01.")]


@app.command("quote")
def quote(
    buy: Annotated[str | None, typer.Option("--buy", help="Whose token to buy, e.g. lender-01.")] = None,
    sell: Annotated[str | None, typer.Option("--sell", help="Whose token to sell.")] = None,
    amount: AmountOption = None,
    spend: SpendOption = None,
    receive: ReceiveOption = None,
    paid_with: WithOption = None,
    sold_for: ForOption = None,
    tolerance: ToleranceOption = "0.5",
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """What a trade would give or take now: the fee, the price impact and the tolerance, each by itself."""
    if (buy is None) == (sell is None):
        raise Failure("buy or sell?", "Give one of --buy and --sell.")
    with place(state, rpc, scenario, seed) as here:
        if buy is not None:
            _not_both("--receive", receive, "--for", sold_for, "--buy")
            asked = _buying(here, buy, amount, spend, paid_with, tolerance)
        else:
            assert sell is not None
            _not_both("--spend", spend, "--with", paid_with, "--sell")
            asked = _selling(here, sell, amount, receive, sold_for, tolerance)
        if as_json:
            print(json.dumps(_as_json(here, asked)))
        else:
            _print_quote(here, asked)


@app.command("buy")
def buy(
    token: TokenArgument,
    amount: AmountOption = None,
    spend: SpendOption = None,
    paid_with: WithOption = None,
    tolerance: ToleranceOption = "0.5",
    trader: AsOption = None,
    deadline: DeadlineOption = 20,
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Buy tokens: exactly --amount of them, or for exactly --spend."""
    with place(state, rpc, scenario, seed) as here, here.changing() as answer:
        asked = _buying(here, token, amount, spend, paid_with, tolerance)
        _trade(here, asked, trader, deadline, as_json, answer)


@app.command("sell")
def sell(
    token: TokenArgument,
    amount: AmountOption = None,
    receive: ReceiveOption = None,
    sold_for: ForOption = None,
    tolerance: ToleranceOption = "0.5",
    trader: AsOption = None,
    deadline: DeadlineOption = 20,
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Sell tokens: exactly --amount of them, or for exactly --receive."""
    with place(state, rpc, scenario, seed) as here, here.changing() as answer:
        asked = _selling(here, token, amount, receive, sold_for, tolerance)
        _trade(here, asked, trader, deadline, as_json, answer)


@app.command("show")
def show(
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Every token's price, what is in the pool, the fee in force, and the round."""
    with place(state, rpc, scenario, seed) as here:
        pool, clock, rounds = here.pool, here.scenario.clock(), here.scenario.terms().rounds
        labels = [here.label(asset) for asset in range(pool.asset_count())]
        books, prices, fee = pool.balances(), [0, *pool.spot_prices()], pool.swap_fee()
    if as_json:
        assets = [
            {
                "asset": label,
                "balance": here.amount(books[asset], asset),
                "price": None if asset == NUMERAIRE else _price(Fraction(prices[asset], WAD), here.decimals),
            }
            for asset, label in enumerate(labels)
        ]
        rounds_now = {"opened": clock.opened, "finalized": clock.finalized, "rounds": rounds}
        print(json.dumps({"pool": pool.address, "swap_fee": _percent(Fraction(fee, WAD)), **rounds_now,
                          "numeraire": here.symbol, "assets": assets}))  # fmt: skip
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("asset")
    table.add_column(f"price ({here.symbol})", justify="right")
    table.add_column("in the pool", justify="right")
    for asset, label in enumerate(labels):
        price = "" if asset == NUMERAIRE else _price(Fraction(prices[asset], WAD), here.decimals)
        table.add_row(label, price, exact(books[asset], here.scale(asset)))
    console = Console()
    console.print(table)
    console.print(
        f"Round {clock.finalized} of {rounds} is paid; "
        + (
            f"the fee is {_percent(Fraction(fee, WAD))} %."
            if clock.rho
            else "the last round has opened: the market is closed, liquidity providers can leave."
        ),
        highlight=False,
    )


def _buying(
    here: Place, token: str, amount: str | None, spend: str | None, paid_with: str | None, tolerance: str
) -> Quote:
    from wallstreetfeds.chain.quotes import quote_exact_in, quote_exact_out

    asset = here.asset(token)
    other = NUMERAIRE if paid_with is None else here.asset(paid_with)
    allowed = _tolerance(tolerance)
    if amount is not None and spend is None:
        units = here.units(amount, asset, "--amount")
        return quote_exact_out(here.pool, other, asset, units, tolerance=allowed)
    if spend is not None and amount is None:
        units = here.units(spend, other, "--spend")
        return quote_exact_in(here.pool, other, asset, units, tolerance=allowed)
    raise Failure("how much?", "Give one of --amount (tokens to get) and --spend (what to pay).")


def _selling(
    here: Place, token: str, amount: str | None, receive: str | None, sold_for: str | None, tolerance: str
) -> Quote:
    from wallstreetfeds.chain.quotes import quote_exact_in, quote_exact_out

    asset = here.asset(token)
    other = NUMERAIRE if sold_for is None else here.asset(sold_for)
    allowed = _tolerance(tolerance)
    if amount is not None and receive is None:
        units = here.units(amount, asset, "--amount")
        return quote_exact_in(here.pool, asset, other, units, tolerance=allowed)
    if receive is not None and amount is None:
        units = here.units(receive, other, "--receive")
        return quote_exact_out(here.pool, asset, other, units, tolerance=allowed)
    raise Failure("how much?", "Give one of --amount (tokens to sell) and --receive (what to get).")


def _trade(
    here: Place, asked: Quote, trader: str | None, deadline: int, as_json: bool, answer: dict[str, Any]
) -> None:
    from wallstreetfeds.chain import FundsError
    from wallstreetfeds.chain.quotes import trade
    from wallstreetfeds.records import Swap

    if not 1 <= deadline <= MOST_MINUTES:
        raise Failure(f"--deadline is {deadline}", f"Choose 1 to {MOST_MINUTES} minutes.")
    account = here.signer(trader)
    try:
        receipt = trade(here.pool, asked, sender=account, deadline_seconds=deadline * 60)
    except FundsError as error:
        raise Failure(
            f"{here.name(account.address)} has too little: {_worded(here, asked.amount_in, asked.asset_in)} "
            "would be paid",
            f"{str(error)[0].upper()}{str(error)[1:]}.",
        ) from error
    swap = next(event for event in receipt.events if isinstance(event, Swap))
    if as_json:
        answer |= {
            "trader": account.address,
            "transaction": receipt.hash,
            "block": receipt.block,
            "gas_used": receipt.gas_used,
            "amount_in": here.amount(swap.amount_in, asked.asset_in),
            "amount_out": here.amount(swap.amount_out, asked.asset_out),
            "fee": here.amount(swap.fee, asked.asset_in),
            "quote": _as_json(here, asked),
        }
        return
    print(
        f"{here.name(account.address)} paid {_worded(here, swap.amount_in, asked.asset_in)} and got "
        f"{_worded(here, swap.amount_out, asked.asset_out)}."
    )
    _print_costs(here, asked)
    print(f"Transaction {receipt.hash}, block {receipt.block}, {receipt.gas_used:,} gas.")


def _print_quote(here: Place, asked: Quote) -> None:
    verb = ("would take", "exactly") if asked.exact == "out" else ("exactly", "would give")
    print(f"pay   {verb[0]:>10} {_worded(here, asked.amount_in, asked.asset_in)}")
    print(f"get   {verb[1]:>10} {_worded(here, asked.amount_out, asked.asset_out)}")
    _print_costs(here, asked)
    if asked.exact == "in":
        print(f"Refused below {_worded(here, asked.min_amount_out, asked.asset_out)}.")
    else:
        print(f"Refused above {_worded(here, asked.max_amount_in, asked.asset_in)}.")


def _print_costs(here: Place, asked: Quote) -> None:
    for label, cost in _costs(asked):
        print(
            f"{label:<14} {exact(cost.amount, here.decimals):>18} {here.symbol}  {_percent(cost.part):>8} %"
        )


def _costs(asked: Quote) -> list[tuple[str, Cost]]:
    return [
        ("fee", asked.fee_cost),
        ("price impact", asked.impact_cost),
        ("tolerance", asked.tolerance_cost),
    ]


def _as_json(here: Place, asked: Quote) -> dict[str, Any]:
    """A quote: amounts in smallest units with their decimals, costs in the numeraire and in percent."""
    costs = {
        label.replace(" ", "_"): {**here.amount(cost.amount, NUMERAIRE), "percent": _percent(cost.part)}
        for label, cost in _costs(asked)
    }
    return {
        "pool": here.pool.address,
        "block": asked.block,
        "asset_in": here.label(asked.asset_in),
        "asset_out": here.label(asked.asset_out),
        "exact": asked.exact,
        "amount_in": here.amount(asked.amount_in, asked.asset_in),
        "amount_out": here.amount(asked.amount_out, asked.asset_out),
        "max_amount_in": here.amount(asked.max_amount_in, asked.asset_in),
        "min_amount_out": here.amount(asked.min_amount_out, asked.asset_out),
        "numeraire": here.symbol,
        **costs,
    }


def _worded(here: Place, units: int, asset: int) -> str:
    return f"{exact(units, here.scale(asset))} {here.label(asset)}"


def _tolerance(text: str) -> int:
    return int(percent(text, "--tolerance", MOST_TOLERANCE) * WAD)


def _percent(part: Fraction) -> str:
    return f"{float(part * 100):.4f}"


def _price(units_a_token: Fraction, decimals: int) -> str:
    """Whole numeraire a whole token, from numeraire units a whole token."""
    return f"{to_decimal(int(units_a_token * TOKEN), TOKEN_DECIMALS + decimals):.8f}"


def _not_both(first: str, one: str | None, second: str, other: str | None, with_: str) -> None:
    for name, value in ((first, one), (second, other)):
        if value is not None:
            raise Failure(f"{name} does not go with {with_}", "See 'wsf pool quote --help'.")
