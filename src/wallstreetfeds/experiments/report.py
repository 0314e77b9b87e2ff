"""A report whose numbers come from the tables: Markdown with quotes and blocks that are filled in.

A quoted number carries its source in a comment that no reader sees:

    paid 0.0 %<!-- attacks_overall: attack=free-riding, method=shapley: paid -->

and a block is a whole table between `<!-- block: NAME -->` and `<!-- end -->`. `refreshed` writes both anew
from the tables; a report that does not change by it quotes what was measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

Row = dict[str, Any]
Tables = dict[str, list[Row]]
"""Result tables by name. A cell is a key, a number, [mean, low, high], or None where it is not defined."""

QUOTE: Final = re.compile(
    r"(?P<number>-?\d+(?:\.\d+)?)(?P<unit> %)?<!-- (?P<table>\w+): (?P<where>[^:>]*): (?P<cell>[\w.]+) -->"
)
BLOCK: Final = re.compile(r"<!-- block: (?P<name>[\w-]+) -->\n.*?<!-- end -->", re.DOTALL)
NEXT_KEY: Final = re.compile(r", (?=\w+=)")
PAPER: Final = re.compile(r"\b\d{4}\.\d{5}\b")
"""The number of a paper on arXiv."""

PARTS: Final = {"low": 1, "high": 2}
COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)


def refreshed(text: str, tables: Tables, blocks: Mapping[str, str]) -> str:
    """Return the report with every quoted number and block as the tables have it.

    A number keeps its number of decimals and its unit; "%" multiplies by 100. Raises ValueError on a quote
    or a block that has no source.
    """

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        if name not in blocks:
            raise ValueError(f"the report has a block {name!r}; there are {', '.join(blocks)}")
        return f"<!-- block: {name} -->\n{blocks[name]}\n<!-- end -->"

    def quote(found: re.Match[str]) -> str:
        value = looked_up(tables, found["table"], found["where"], found["cell"])
        decimals = len(found["number"].partition(".")[2])
        scale = 100.0 if found["unit"] else 1.0
        return fixed(scale * value, decimals) + found[0].removeprefix(found["number"])

    return QUOTE.sub(quote, BLOCK.sub(block, text))


def looked_up(tables: Tables, table: str, where: str, cell: str) -> float:
    """Return the number that a quote stands for.

    `where` picks one row ("attack=copy, method=equal"); `cell` is a column, with ".low" or ".high" for the
    ends of its interval. Raises ValueError unless there is exactly one.
    """
    wanted = dict(part.split("=", 1) for part in NEXT_KEY.split(where)) if where else {}
    rows = [
        row
        for row in tables.get(table, [])
        if all(str(row.get(key)) == value for key, value in wanted.items())
    ]
    column, _, part = cell.partition(".")
    value = rows[0].get(column) if len(rows) == 1 else None
    number: Any = value[PARTS.get(part, 0)] if isinstance(value, list) and len(value) == 3 else value
    if type(number) not in (int, float):
        raise ValueError(f"no single number for {table}: {where}: {cell} ({len(rows)} rows)")
    return float(number)


def unsourced(text: str) -> list[str]:
    """Return the decimals and percentages of a report that neither a quote nor a block accounts for."""
    left = PAPER.sub("", COMMENT.sub("", QUOTE.sub("", BLOCK.sub("", text))))
    return re.findall(r"-?\d+\.\d+(?: %)?|\d+ %", left)


def markdown_table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, the first column to the left and the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def with_interval(cell: Any, decimals: int, scale: float = 1.0) -> str:
    """Return "mean [low, high]", or a dash where nothing is defined."""
    if cell is None:
        return "-"
    mean, low, high = (fixed(scale * number, decimals) for number in cell)
    return f"{mean} [{low}, {high}]"


def fixed(number: float, decimals: int) -> str:
    """Return `number` with that many decimals; nothing is written as minus zero."""
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def as_text(results: dict[str, Any]) -> str:
    """Return the results as JSON with one line for each row of a table, so that changes can be read."""
    head = json.dumps({key: value for key, value in results.items() if key != "tables"}, indent=1)
    parts = [
        f'  "{name}": [\n' + ",\n".join(f"   {json.dumps(row)}" for row in rows) + "\n  ]"
        for name, rows in results["tables"].items()
    ]
    return head.removesuffix("\n}") + ',\n "tables": {\n' + ",\n".join(parts) + "\n }\n}\n"
