"""The tables of the assessment report, as Markdown."""

from __future__ import annotations

from typing import Final

from wallstreetfeds.experiments.report import Row, Tables, markdown_table, with_interval

SKEW_NAMES: Final = {
    "quantity": "quantity skew",
    "labels": "label skew",
    "label-noise": "label noise",
    "feature-noise": "feature noise",
}
PAID: Final = (
    ("shapley, capped", "default"),
    ("shapley, renormalised", "renormalised"),
    ("shapley, accuracy", "accuracy"),
    ("shapley, settled once", "settled once"),
    ("leave-one-out", "leave-one-out"),
    ("standalone", "standalone"),
    ("cosine", "cosine"),
    ("data-size", "data size"),
    ("equal", "equal"),
)
"""Methods whose pay is shown, and what their columns are called."""


def blocks(tables: Tables) -> dict[str, str]:
    """Return every block of the report by name."""
    return {
        "pearson": _by_skew(tables["fidelity_overall"], "pearson", 2),
        "spearman": _by_skew(tables["fidelity_overall"], "spearman", 2),
        "l-infinity": _by_skew(tables["fidelity_overall"], "l_infinity", 1, scale=100.0),
        "cosine": _by_skew(tables["fidelity_overall"], "cosine_distance", 3),
        "volatility": _volatility(tables),
        "volatility-clients": _clients(tables["volatility_clients"]),
        "attacks": _attacks(tables["attacks_overall"]),
    }


def _by_skew(rows: list[Row], measure: str, decimals: int, scale: float = 1.0) -> str:
    skews = list(dict.fromkeys(row["skew"] for row in rows))
    cells = {(row["method"], row["skew"]): row[measure] for row in rows}
    methods = dict.fromkeys(row["method"] for row in rows)
    spent = {row["method"]: row["evaluations"][0] for row in rows}
    return markdown_table(
        ["method", "evaluations", *[SKEW_NAMES[skew] for skew in skews]],
        [
            [
                method,
                f"{spent[method]:.0f}",
                *[with_interval(cells[method, skew], decimals, scale) for skew in skews],
            ]
            for method in methods
        ],
    )


def _volatility(tables: Tables) -> str:
    rows = tables["volatility"]
    alphas = list(dict.fromkeys(row["alpha"] for row in rows))
    cells = {(row["strategy"], row["method"], row["alpha"]): row["distance"] for row in rows}
    shown = dict.fromkeys((row["method"], row["strategy"]) for row in rows)
    ordered = sorted(shown, key=lambda pair: list(dict.fromkeys(m for m, _ in shown)).index(pair[0]))
    body = [
        [strategy, method, *[with_interval(cells[strategy, method, alpha], 2) for alpha in alphas]]
        for method, strategy in ordered
    ]
    equal = {row["alpha"]: row for row in tables["equal_pay"]}
    body += [
        ["any", "equal pay, measured", *[with_interval(equal[alpha]["equal"], 2) for alpha in alphas]],
        ["any", "equal pay, Lemma 1", *[f"{equal[alpha]['lemma']:.2f}" for alpha in alphas]],
        [
            "any",
            "equal pay, simulated",
            *[f"{equal[a]['simulated']:.3f} ± {equal[a]['standard_error']:.3f}" for a in alphas],
        ],
    ]
    return markdown_table(["strategy", "pay by", *[f"alpha {alpha:g}" for alpha in alphas]], body)


def _clients(rows: list[Row]) -> str:
    return markdown_table(
        ["alpha", "pay by", "mean spread", "largest spread", "mean error"],
        [
            [
                f"{row['alpha']:g}",
                row["method"],
                *[with_interval(row[cell], 2, 100.0) for cell in ("spread", "largest_spread", "error")],
            ]
            for row in rows
        ],
    )


def _attacks(rows: list[Row]) -> str:
    paid = {(row["attack"], row["method"]): row for row in rows}
    shown = [(method, name) for method, name in PAID if any(row["method"] == method for row in rows)]
    attacks = list(dict.fromkeys(row["attack"] for row in rows))
    first = [
        "*honest*",
        *[with_interval(paid[attacks[0], method]["honest"], 1, 100.0) for method, _ in shown],
    ]
    return markdown_table(
        ["the client", *[name for _, name in shown]],
        [
            first,
            *[
                [attack, *[with_interval(paid[attack, method]["paid"], 1, 100.0) for method, _ in shown]]
                for attack in attacks
            ],
        ],
    )
