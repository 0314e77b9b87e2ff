"""`wsf reward`: where is my reward?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from wallstreetfeds.cli.kept import FolderOption, JsonOption, wsf
from wallstreetfeds.cli.place import Place, RpcOption, ScenarioOption, SeedOption, exact, place
from wallstreetfeds.units import TOKEN_DECIMALS

if TYPE_CHECKING:
    from wallstreetfeds.chain import Clock
    from wallstreetfeds.chain.holdings import Holding

LP: Final = "LP shares"

app = typer.Typer(name="reward", no_args_is_help=True, help="Rewards: held, of record, claimed, claimable.")


@app.command("show")
def show(
    who: Annotated[
        str | None, typer.Argument(help="A name of the run or an address; everybody if left out.")
    ] = None,
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Where is my reward: for every token and for LP shares what is held, claimed, claimable, what next."""
    from wallstreetfeds.chain.holdings import holdings

    with place(state, rpc, scenario, seed) as here:
        clock, rounds = here.scenario.clock(), here.scenario.terms().rounds
        people = list(here.names) if who is None else [who]
        found = {name: holdings(here.scenario, here.address(name)) for name in people}
        if as_json:
            entries = [_as_json(here, name, held, clock, rounds) for name, held in found.items()]
            print(json.dumps({"holders": entries} if who is None else entries[0]))
        elif who is None:
            _print_everybody(here, found)
        else:
            _print_holder(here, who, found[who], clock, rounds)


@app.command("claim")
def claim(
    who: Annotated[str, typer.Argument(help="A name of the run: it claims and is paid.")],
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Collect everything that is claimable now, from every token and from LP shares."""
    from wallstreetfeds.chain import ClientToken, Pool
    from wallstreetfeds.chain.holdings import holdings

    with place(state, rpc, scenario, seed) as here, here.changing() as answer:
        account = here.signer(who)
        paid = []
        for held in holdings(here.scenario, account.address):
            if held.claimable > 0:
                kind = Pool if held.client is None else ClientToken
                contract = kind(here.session, held.contract)
                paid.append((_label(here, held), contract.claim(sender=account)))
        total = sum(receipt.value for _, receipt in paid)
        if as_json:
            claims = [
                {
                    "asset": label,
                    "amount": here.amount(receipt.value, 0),
                    "transaction": receipt.hash,
                    "gas_used": receipt.gas_used,
                }
                for label, receipt in paid
            ]
            answer |= {
                "holder": here.name(account.address),
                "address": account.address,
                "claimed": here.amount(total, 0),
                "claims": claims,
            }
            return
        for label, receipt in paid:
            print(f"{exact(receipt.value, here.decimals):>20} {here.symbol}  from {label}")
        if paid:
            print(f"{exact(total, here.decimals):>20} {here.symbol}  claimed by {here.name(account.address)}")
        else:
            print(f"Nothing is claimable for {here.name(account.address)} now.")


def _label(here: Place, held: Holding) -> str:
    if held.client is not None:
        return here.clients[held.client]
    # Late joiners have pools of their own.
    return LP if held.contract == here.pool.address else f"{LP} of {held.contract}"


def _next_step(held: Holding, clock: Clock, rounds: int) -> str:
    """Say what comes next for one holding."""
    if held.claimable > 0:
        return "claim"
    if held.record:
        return f"round {clock.opened} is open: paid when it is scored"
    if held.balance > 0 and clock.opened < rounds:
        return f"earns in round {clock.opened + 1}"
    return "nothing more to come" if held.balance > 0 or held.claimed > 0 else ""


def _parts(held: list[Holding]) -> list[Holding]:
    """The holdings that there is something to say about."""
    return [h for h in held if h.balance or h.record or h.claimed or h.claimable]


def _as_json(here: Place, name: str, held: list[Holding], clock: Clock, rounds: int) -> dict[str, Any]:
    def tokens(units: int | None) -> dict[str, Any] | None:
        return None if units is None else {"units": str(units), "decimals": TOKEN_DECIMALS}

    address = here.address(name)
    return {
        "holder": here.name(address),
        "address": address,
        "opened": clock.opened,
        "finalized": clock.finalized,
        "rounds": rounds,
        "numeraire": here.symbol,
        "claimed": here.amount(sum(h.claimed for h in held), 0),
        "claimable": here.amount(sum(h.claimable for h in held), 0),
        "holdings": [
            {
                "asset": _label(here, h),
                "contract": h.contract,
                "balance": tokens(h.balance),
                "record_balance": tokens(h.record),
                "claimed": here.amount(h.claimed, 0),
                "claimable": here.amount(h.claimable, 0),
                "next": _next_step(h, clock, rounds),
            }
            for h in _parts(held)
        ],
    }


def _print_holder(here: Place, who: str, held: list[Holding], clock: Clock, rounds: int) -> None:
    parts = _parts(held)
    name = here.name(here.address(who))
    if not parts:
        print(f"{name} holds no token and no LP share, and never claimed anything.")
        return
    console = Console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("token", no_wrap=True)
    # Folded, never cut: an amount is shown to its last unit however narrow the terminal is.
    table.add_column("balance", justify="right", overflow="fold")
    if clock.opened > clock.finalized:
        table.add_column(f"of record, round {clock.opened}", justify="right", overflow="fold")
    for column in (f"claimed, {here.symbol}", f"claimable, {here.symbol}"):
        table.add_column(column, justify="right", overflow="fold")
    table.add_column("next")
    for h in parts:
        record = [] if h.record is None else [exact(h.record, TOKEN_DECIMALS)]
        table.add_row(
            _label(here, h),
            exact(h.balance, TOKEN_DECIMALS),
            *record,
            exact(h.claimed, here.decimals),
            exact(h.claimable, here.decimals),
            _next_step(h, clock, rounds),
        )
    console.print(table, soft_wrap=True)
    claimable = sum(h.claimable for h in held)
    print(
        f"{name} has claimed {exact(sum(h.claimed for h in held), here.decimals)} {here.symbol} and can "
        f"claim {exact(claimable, here.decimals)} {here.symbol} now; "
        f"round {clock.finalized} of {rounds} is paid."
    )
    if claimable and here.kept is not None:
        print(f"\n  {wsf(here.kept, 'reward', 'claim', name)}")


def _print_everybody(here: Place, found: dict[str, list[Holding]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in ("holder", f"claimed ({here.symbol})", f"claimable ({here.symbol})"):
        table.add_column(column, justify="left" if column == "holder" else "right")
    for name, held in found.items():
        claimed, claimable = sum(h.claimed for h in held), sum(h.claimable for h in held)
        table.add_row(name, exact(claimed, here.decimals), exact(claimable, here.decimals))
    Console().print(table)
