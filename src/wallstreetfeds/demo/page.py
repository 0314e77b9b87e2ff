"""The report as one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from wallstreetfeds.demo import panels, plots
from wallstreetfeds.demo.drawing import SIGN, drawing
from wallstreetfeds.demo.result import ClientResult, DemoResult
from wallstreetfeds.demo.sentences import headings, lead, length, percent, told
from wallstreetfeds.units import show

# Nothing may be fetched, whatever a later change puts into the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(result: DemoResult, command: str) -> str:
    """Return the report as HTML.  `command` is how the run was started."""
    heads = headings(result)
    with drawing():
        body = [
            f"<h1>{len(result.clients)} clients, {length(result)}: who earned what</h1>",
            f'<p class="lead">{escape(lead(result))}</p>',
            _tiles(result),
            _key(result),
            _prices(result, heads["prices"]),
            _figure(
                heads["shares"],
                "Score share of every client in every round: the part of the round's pot its token earns. "
                "Best clients at the top."
                + (f" {plots.CROSS}: the reply did not count." if _left_out(result) else "")
                + _estimate(result),
                (plots.share_map(result, width) for width in (plots.WIDE, plots.NARROW)),
            ),
            _figure(
                heads["rewards"],
                "A token's reward belongs to who held the token at the record dates: the client itself, "
                "investors who bought it, or the pool's liquidity providers.",
                (plots.reward_bars(result, width) for width in (plots.WIDE, plots.NARROW)),
            ),
            _figure(
                heads["liquidity"],
                "All liquidity providers together: the pool's assets at spot prices, fees among them, and "
                "the rewards its tokens have earned; against the opening deposit, held, at the same prices "
                "and with the rewards it would have earned. After the last round tokens are worth nothing.",
                (plots.liquidity_lines(result, width) for width in (plots.WIDE, plots.NARROW)),
            ),
            _figure(
                heads["metric"],
                f"The global model's {result.metric} on the federator's validation set; lower is better.",
                (plots.metric_line(result, width) for width in (plots.WIDE, plots.NARROW)),
            ),
        ]
    body += [
        _clients(result),
        _exclusions(result),
        _disputes(result),
        _money(result),
        _facts(result, command),
    ]
    style = files("wallstreetfeds.demo").joinpath("page.css").read_text(encoding="utf-8")
    title = f"WallStreetFeds: {len(result.clients)} clients, {length(result)}, seed {result.seed}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body>\n</html>\n"
    )


def _tiles(result: DemoResult) -> str:
    decimals = result.numeraire_decimals
    money = result.conservation
    tiles = (
        ("rewards paid", f"${show(sum(c.reward for c in result.clients), decimals, 0)}"),
        ("raised by clients", f"${show(sum(c.raised for c in result.clients), decimals, 0)}"),
        (f"{result.metric} at the end", f"{result.metric_last:.4f}"),
        ("books", "balanced" if money.balanced else "do not balance"),
        ("gas", f"{result.gas / 1e6:,.1f} million"),
        ("seconds", f"{result.facts.seconds:,.1f}"),
    )
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in tiles)
    return f'<dl class="tiles">{cells}</dl>'


def _key(result: DemoResult) -> str:
    said = {
        "good": "good: trains on its data",
        "noisy-labels": "noisy labels: part of its labels are wrong",
        "free-rider": "free-rider: hands back the model unchanged",
    }
    present = [quality for quality in said if any(c.quality == quality for c in result.clients)]
    items = "".join(f'<li class="{q}">{SIGN[q]} {said[q]}</li>' for q in present)
    return (
        f'<ul class="key">{items}</ul>'
        '<p class="note">Only this report knows these qualities; the contracts, the assessment and the '
        "traders do not. $ is the numeraire, demo dollars.</p>"
    )


def _prices(result: DemoResult, heading: str) -> str:
    drawn = []
    many = " many" if len(result.clients) > panels.MANY else ""
    for k in plots.ranked(result):
        client = result.clients[k]
        drawn.append(
            f"<figure><figcaption>{_name(client)}<span>{percent(client.score_share)}</span></figcaption>"
            f"{panels.price_panel(result, k)}</figure>"
        )
    return (
        f"<h2>{escape(heading)}</h2>"
        "<p>One panel a client, with its part of all rewards, best first. "
        f"{'Vertical lines' if result.rounds <= panels.MOST_DATES else 'Whole numbers'} are record dates: "
        "who holds then is paid for the round, and the price falls by the part of the budget that the round "
        "takes. Scores are paid, and trades follow, half-way between two record dates.</p>"
        '<ul class="key"><li><span class="line"></span>price in the pool</li>'
        '<li><span class="line dashed"></span>'
        "fair value: the rewards still to come, if shares stay what they were so far</li></ul>"
        f'<div class="panels{many}">{"".join(drawn)}</div>'
    )


def _figure(heading: str, caption: str, drawn: Iterable[str]) -> str:
    wide, narrow = drawn
    return (
        f"<h2>{escape(heading)}</h2><p>{escape(caption)}</p>"
        f'<figure class="wide">{wide}</figure><figure class="narrow">{narrow}</figure>'
    )


def _name(client: ClientResult) -> str:
    sign = SIGN.get(client.quality, "")
    return f'<b class="{escape(client.quality)}">{sign} {escape(client.name)}</b>'


def _left_out(result: DemoResult) -> bool:
    return any(round_.excluded for round_ in result.series)


def _estimate(result: DemoResult) -> str:
    errors = [error for round_ in result.series for error in round_.standard_errors or ()]
    if not errors:
        return ""
    values = [abs(value) for round_ in result.series for value in round_.contributions]
    mean = sum(values) / len(values)
    each = result.facts.evaluations // len(result.series)
    return (
        f" With so many clients contributions are sampled, an estimate from {each:,} coalitions a round; "
        f"its standard error is at most {max(errors):.2g} in a single contribution (of about "
        f"{mean:.2g}, in units of the utility)."
    )


def _table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int], total: bool = False
) -> str:
    """Return a table; cells are HTML already."""
    right = set(numbers)

    def cells(kind: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{kind}{' class=number' if i in right else ''}>{cell}</{kind}>" for i, cell in enumerate(row)
        )

    lines = [f"<tr>{cells('td', row)}</tr>" for row in rows]
    if total:
        lines[-1] = lines[-1].replace("<tr>", '<tr class="sum">', 1)
    top = f"<thead><tr>{cells('th', head)}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{top}<tbody>{"".join(lines)}</tbody></table></div>'


def _clients(result: DemoResult) -> str:
    decimals = result.numeraire_decimals
    rows = []
    for client in result.clients:
        amounts = (
            client.reward,
            client.reward_client,
            client.reward_investors,
            client.reward_providers,
            client.raised,
        )
        prices = (client.price_last, client.fair_last)
        rows.append(
            [
                _name(client),
                escape(client.quality),
                percent(client.score_share),
                *(show(amount, decimals) for amount in amounts),
                *(f"{price:.4f}" for price in prices),
                f'<code title="{client.address}">{client.address[:8]}…{client.address[-4:]}</code>',
            ]
        )
    head = (
        "client",
        "quality",
        "share",
        "reward, $",
        "kept",
        "investors",
        "liquidity pr.",
        "raised, $",
        "last price",
        "fair value",
        "address",
    )
    return (
        "<h2>Clients</h2><p>In join order. Last price and fair value stand just before the last round opens. "
        "Raised: what the client got for tokens it sold. Every token opened at "
        f"{result.clients[0].price_open:.4f}.</p>" + _table(head, rows, numbers=range(2, 10))
    )


def _exclusions(result: DemoResult) -> str:
    rows = [
        (
            str(round_.round),
            "unknown node" if e.client is None else _name(result.clients[e.client]),
            escape(e.reason),
        )
        for round_ in result.series
        for e in round_.excluded
    ]
    if not rows:
        return ""
    return "<h2>Replies that did not count</h2>" + _table(("round", "client", "why"), rows, numbers=())


def _disputes(result: DemoResult) -> str:
    if not result.disputes:
        return ""
    said = (escape(told(dispute, result.numeraire_decimals)) for dispute in result.disputes)
    return "<h2>Challenges</h2>" + "".join(f"<p>{sentence}</p>" for sentence in said)


def _money(result: DemoResult) -> str:
    money, decimals = result.conservation, result.numeraire_decimals
    parts = (
        ("escrow", money.escrow, "what no paid round has taken"),
        ("claimed", money.claimed, "paid to holders and liquidity providers"),
        ("claimable", money.claimable, "earned and not yet claimed"),
        ("bonds", money.bonds, "the federator's, and what challengers have at stake"),
        ("dust", money.dust, "fractions of a unit, and rewards of locked shares"),
    )
    rows = [(name, show(amount, decimals, decimals), note) for name, amount, note in parts]
    total = sum(amount for _, amount, _ in parts)
    rows.append(("sum", show(total, decimals, decimals), ""))
    rows.append(
        (
            "deposited",
            show(money.deposited, decimals, decimals),
            "the budget, in escrow from the start, and bonds",
        )
    )
    verdict = (
        "Every unit is accounted for, from chain state alone."
        if money.balanced
        else '<span class="bad">The books do not balance:</span> ' + escape("; ".join(money.discrepancies))
    )
    table = _table(("", "$", ""), rows, numbers=(1,), total=True)
    return f'<h2>Where the money is</h2><p>{verdict}</p><div class="notes">{table}</div>'


def _facts(result: DemoResult, command: str) -> str:
    facts = result.facts
    rows = (
        ("command", f"<code>{escape(command)}</code>"),
        ("task, seed", f"{escape(facts.task)}, {result.seed}"),
        ("chain", f"{facts.chain_id}, {escape(facts.node)}"),
        ("scenario", f"<code>{result.scenario}</code>"),
        ("orchestrator", f"<code>{facts.orchestrator}</code>"),
        ("numeraire", f"<code>{facts.numeraire}</code>"),
        ("transactions, gas", f"{result.transactions:,}, {result.gas:,}"),
        (
            "seconds",
            f"{facts.seconds:.1f} in all: chain {result.chain_seconds:.1f}, "
            f"learning {result.learning_seconds:.1f}, assessment {result.assessment_seconds:.1f}",
        ),
        (
            "contributions",
            f"{'sampled estimates' if result.estimated else 'exact'} Shapley values, "
            f"{facts.evaluations:,} coalitions"
            + (
                f", standard error of a share of a round at most {100 * result.largest_share_error:.2g} %"
                if result.estimated
                else ""
            ),
        ),
        ("versions", escape(", ".join(f"{name} {number}" for name, number in facts.versions.items()))),
        (
            "beside this page",
            "<code>results.json</code>, <code>rounds.parquet</code> (a row a round and client), "
            "<code>events.parquet</code> (every event of the federation's contracts)",
        ),
    )
    return '<h2>The run</h2><div class="facts">' + _table((), rows, numbers=()) + "</div>"
