"""What a run shows, in words: every sentence is computed, none is hoped for."""

from __future__ import annotations

from statistics import median

from wallstreetfeds.demo.result import DemoResult, Dispute
from wallstreetfeds.units import show


def percent(part: float) -> str:
    """Return a part of one in per cent, with a decimal where it is small."""
    if 0 < part < 0.0005:
        return "<0.1 %"
    return f"{100 * part:.1f} %"


def length(result: DemoResult) -> str:
    """Return how many rounds were played, and of how many."""
    played = len(result.series)
    of = f" of {result.rounds}" if played < result.rounds else ""
    return f"{played}{of} {_plural('round', result.rounds)}"


def lead(result: DemoResult) -> str:
    """Return the run in two sentences."""
    noisy = sum(client.quality == "noisy-labels" for client in result.clients)
    riders = sum(client.quality == "free-rider" for client in result.clients)
    bad = [f"{noisy} with noisy labels"] if noisy else []
    bad += [f"{riders} {_plural('free-rider', riders)}"] if riders else []
    who = f"{len(result.clients)} clients" + (f", among them {' and '.join(bad)}," if bad else "")
    return (
        f"{who} trained one model for {length(result)}. Every round a fair assessment scored them, a "
        "contract paid by the scores whoever held their tokens, and the tokens were traded."
    )


def headings(result: DemoResult) -> dict[str, str]:
    """Return the heading of every figure: what it shows in this run."""
    return {
        "prices": _prices(result),
        "shares": _shares(result),
        "rewards": _rewards(result),
        "liquidity": _liquidity(result),
        "metric": _metric(result),
    }


def told(dispute: Dispute, decimals: int) -> str:
    """Return who challenged what, the ruling, and where the bonds went, in two sentences."""

    def money(amount: int) -> str:
        return show(amount, decimals)

    who, bond = dispute.challenger, money(dispute.bond)
    if dispute.favoured is not None:
        what = (
            f"the federator gave {dispute.favoured} {dispute.share_submitted:.3f} of the round, recomputed "
            f"it is {dispute.share_recomputed:.3f}; {who} challenged with a bond of {bond}"
        )
    else:
        what = f"{who} challenged scores that are right with a bond of {bond}"
    if dispute.ruling == "replaced":
        end = (
            f"Replaced: {who} got {money(dispute.returned)} back, {money(dispute.compensation)} of it from "
            f"the federator's bond; {money(dispute.added)} more of that went to the pot"
        )
    else:
        end = f"Upheld: the bond of {money(dispute.forfeited)} went to the federator"
    return f"Challenge in round {dispute.round}: {what}. {end}."


def _prices(result: DemoResult) -> str:
    # The value of one round's slip is the same for all: what differs is the share a price stands for.
    off = [
        abs(client.price_last / client.fair_last - 1) if client.fair_last > 0 else float("inf")
        for client in result.clients
    ]
    gap = median(off)
    if gap == float("inf"):
        return "Prices against fair value"
    close = f"the median last price is {percent(gap)} from fair value"
    bad = [c.price_last for c in result.clients if c.quality != "good"]
    good = [c.price_last for c in result.clients if c.quality == "good"]
    if bad and good and max(bad) < min(good):
        return f"Every bad client's token ends below every good one's; {close}"
    return close[0].upper() + close[1:]


def _shares(result: DemoResult) -> str:
    bad = [c for c in result.clients if c.quality != "good"]
    if not bad:
        best = max(result.clients, key=lambda client: client.score_share)
        return f"{best.name} earned most: {percent(best.score_share)} of all rewards"
    share = sum(client.score_share for client in bad)
    count = len(bad)
    return (
        f"{count} bad {_plural('client', count)} earned {percent(share)} of all rewards; equal parts would "
        f"have been {percent(count / len(result.clients))}"
    )


def _rewards(result: DemoResult) -> str:
    total = sum(client.reward for client in result.clients) or 1
    kept = sum(client.reward_client for client in result.clients) / total
    investors = sum(client.reward_investors for client in result.clients) / total
    pool = sum(client.reward_providers for client in result.clients) / total
    return (
        f"Clients kept {percent(kept)} of the rewards, investors got {percent(investors)}, "
        f"liquidity providers {percent(pool)}"
    )


def _liquidity(result: DemoResult) -> str:
    ratio = result.liquidity.provided[-1] / result.liquidity.held[-1] - 1
    if abs(ratio) < 0.0005:
        return "Liquidity providers end where holding the same assets would have left them"
    where = "below" if ratio < 0 else "above"
    return f"Liquidity providers end {percent(abs(ratio))} {where} holding the same assets"


def _metric(result: DemoResult) -> str:
    first, last = result.metric_first, result.metric_last
    verb = "falls" if last < first else "rises" if last > first else "stays"
    return f"The model's {result.metric} {verb} from {first:.4f} to {last:.4f}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else word + "s"
