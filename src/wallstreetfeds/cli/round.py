"""`wsf round`: are the scores of a round what its evidence gives?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from wallstreetfeds.cli.errors import Failure
from wallstreetfeds.cli.kept import FolderOption, JsonOption, open_folder
from wallstreetfeds.cli.place import RpcOption, ScenarioOption, place

if TYPE_CHECKING:
    from wallstreetfeds.chain import Scenario
    from wallstreetfeds.federation.evidence import Verdict

MOST_TOLD: Final = 5
"""Faults and differences that one message names; --json has all of them."""

app = typer.Typer(name="round", no_args_is_help=True, help="Rounds: check scores by their evidence.")


@app.command("verify")
def verify(
    number: Annotated[int, typer.Argument(metavar="ROUND", help="Round, from 1.")],
    state: FolderOption = None,
    rpc: RpcOption = None,
    scenario: ScenarioOption = None,
    bundles: Annotated[
        Path | None, typer.Option("--bundles", help="Folder of the evidence; the kept run's by default.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The validation set, where the evidence has none.")
    ] = None,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Take the federator's word for updates that nobody signed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch a round's scores and root from the chain, check its evidence, and compute the scores again.

    Prints "equal", or which client differs and by how much; exit code 1 on any difference, and on updates
    that are not signed by their clients' wallets unless --unsigned says that the federation signs none.
    """
    from wallstreetfeds.chain.posted import posted_round
    from wallstreetfeds.federation.evidence import EvidenceError, EvidenceFolder, Posted, verify_round
    from wallstreetfeds.federation.signing import Venue

    with _target(state, rpc, scenario, bundles) as target:
        found = posted_round(target.scenario, number)
        posted = Posted(
            venue=Venue(target.scenario.session.chain_id, target.scenario.address),
            round=found.round,
            block_hash=found.block_hash,
            root=found.root,
            partaking=found.partaking,
            scores=found.scores,
            wallets=found.wallets,
            supplies=found.supplies,
            score_cap=found.score_cap,
        )
        try:
            verdict = verify_round(posted, EvidenceFolder(target.bundles), data=data, unsigned=unsigned)
        except EvidenceError as error:
            raise Failure(str(error), "Say with --bundles where the federator's evidence is.") from error
    answer = _as_json(verdict, target.names, ruled=found.scores != found.submitted)
    if verdict.equal and as_json:
        print(json.dumps(answer))
    elif verdict.equal:
        _print(verdict, target.names, ruled=found.scores != found.submitted)
    else:
        raise Failure(*_complaint(verdict, target.names), done=answer)


@dataclass(frozen=True)
class _Target:
    """The federation whose round is checked, its clients' names in join order, and where the evidence is."""

    scenario: Scenario
    names: Sequence[str]
    bundles: Path


@contextmanager
def _target(
    state: Path | None, rpc: str | None, address: str | None, bundles: Path | None
) -> Iterator[_Target]:
    from wallstreetfeds.chain import ChainError, Scenario, Session
    from wallstreetfeds.demo.cast import client_names

    if address is None or rpc is None:
        with place(state, rpc, address, 0) as here:
            yield _Target(here.scenario, here.clients, bundles or open_folder(state).bundles)
        return
    from eth_utils.address import is_address

    if not is_address(address):
        raise Failure(f"--scenario is {address}", "Give an address: 0x and 40 hexadecimal digits.")
    if bundles is None:
        raise Failure("no evidence to check", "Say with --bundles where the federator's evidence is.")
    try:
        scenario = Scenario(Session.connect(rpc), address)
        yield _Target(scenario, client_names(scenario.client_count()), bundles)
    except (ChainError, ValueError) as error:
        raise Failure(str(error)) from error


def _complaint(verdict: Verdict, names: Sequence[str]) -> tuple[str, str]:
    """Return in words what is wrong, and what to do."""
    number = verdict.posted.round
    if verdict.differences:
        told = [
            f"{names[one.client]} has {one.posted:,} on chain, {one.recomputed:,} recomputed "
            f"({one.posted - one.recomputed:+,})"
            for one in verdict.differences
        ]
        whose = "score differs" if len(told) == 1 else "scores differ"
        return (
            f"round {number}: {len(told)} {whose}: {_first(told)}",
            "Where the terms have a challenge window, clients and LPs can challenge the scores.",
        )
    told = [_named(str(fault), names) for fault in verdict.faults]
    if verdict.unsigned and len(told) == 1 and verdict.recomputed is None:
        return (
            f"round {number} is not proven: {told[0]}",
            "Where the federation has agreed to sign nothing, --unsigned takes it at its word.",
        )
    return (
        f"the evidence of round {number} does not hold: {_first(told)}",
        "Get the file again, or another copy of the evidence.",
    )


def _first(told: Sequence[str]) -> str:
    more = len(told) - MOST_TOLD
    return "; ".join(told[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")


def _named(text: str, names: Sequence[str]) -> str:
    """Return a sentence in which numbers of clients, counted from 0, are followed by their names."""

    def named(match: re.Match[str]) -> str:
        client = int(match[1])
        return f"{match[0]} ({names[client]})" if client < len(names) else match[0]

    return re.sub(r"\bclient[ /](\d{1,4})\b", named, text)


def _print(verdict: Verdict, names: Sequence[str], *, ruled: bool) -> None:
    posted, recomputed = verdict.posted, verdict.recomputed or ()
    signed = "NONE SIGNED: the federator's word alone" if verdict.unsigned else "all signed by their wallets"
    print(f"scenario  {posted.venue.scenario} on chain {posted.venue.chain_id}, round {posted.round}")
    print(f"evidence  {verdict.manifest}")
    print(f"updates   {verdict.updates} of {len(names)} accepted; {signed}")
    sampled = "" if verdict.exact else ", sampled by a seed that the opening block has set"
    print(f"engine    {verdict.engine}, {verdict.method}; {verdict.evaluations:,} coalitions{sampled}")
    data = "none named" if verdict.data is None else f"sha-256 {verdict.data}, {verdict.rows:,} rows"
    print(f"data      {data}")
    print(f"model     sha-256 {verdict.model}, before the round")
    weights = verdict.weights or ()
    unequal = len(set(weights)) > 1
    print(f"weights   {'NOT EQUAL: see the table' if unequal else 'equal'}")
    if ruled:
        print("ruling    the arbiter has replaced the federator's scores; these are the ones that count")
    width = max(len("client"), *(len(name) for name in names))
    print(f"\n{'client':{width}}  {'on chain':>13}  {'recomputed':>13}" + unequal * f"  {'weight':>11}")
    for name, score, again, weight in zip(names, posted.scores, recomputed, weights, strict=False):
        print(f"{name:{width}}  {score:>13,}  {again:>13,}" + unequal * f"  {weight:>11.5g}")
    print("\nequal, by updates that nobody has signed" if verdict.unsigned else "\nequal")


def _as_json(verdict: Verdict, names: Sequence[str], *, ruled: bool) -> dict[str, Any]:
    posted = verdict.posted
    return {
        "round": posted.round,
        "equal": verdict.equal,
        "chain_id": posted.venue.chain_id,
        "scenario": posted.venue.scenario,
        "root": posted.root.hex(),
        "manifest": str(verdict.manifest),
        "replaced_by_ruling": ruled,
        "engine": verdict.engine,
        "method": verdict.method,
        "exact": verdict.exact,
        "evaluations": verdict.evaluations,
        "model": verdict.model,
        "data": verdict.data,
        "rows": verdict.rows,
        "weights": None if verdict.weights is None else list(verdict.weights),
        "updates": verdict.updates,
        "signatures": verdict.signatures,
        "unsigned": verdict.unsigned,
        "clients": list(names),
        "scores": list(posted.scores),
        "recomputed": None if verdict.recomputed is None else list(verdict.recomputed),
        "differences": [
            {
                "client": names[one.client],
                "on_chain": one.posted,
                "recomputed": one.recomputed,
                "difference": one.posted - one.recomputed,
            }
            for one in verdict.differences
        ],
        "faults": [{"where": fault.where, "what": fault.what} for fault in verdict.faults],
    }
