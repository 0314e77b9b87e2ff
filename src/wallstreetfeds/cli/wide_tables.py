"""Tables wider than the terminal: several below each other, whole words, the rows' names in each."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

INTERVAL: Final = re.compile(r" \[[^]]*\]")
HEAD_LINES: Final = 3
"""How many lines a head is folded into, if its words allow it."""
LONGEST_CELL: Final = 30
"""Characters of a cell, above which it is folded where the table is too wide."""
GAP: Final = 1

Lines = list[list[str]]
"""Cells of a table by line, the heads first."""


def print_tables(console: Console, blocks: dict[str, str]) -> None:
    """Print Markdown tables by name, without their intervals; what has no rows is passed over."""
    for name, block in blocks.items():
        heads, _, *rows = [
            [INTERVAL.sub("", cell).strip() for cell in line[1:-1].split(" | ")]
            for line in block.splitlines()
        ]
        if not rows:
            continue
        lines = [heads, *rows]
        for longest in (console.width, LONGEST_CELL):
            widths = [_width(column, longest) for column in zip(*lines, strict=True)]
            parts = list(_parts(lines, widths, console.width))
            if len(parts) == 1:
                break
        for number, places in enumerate(parts, 1):
            title = name if len(parts) == 1 else f"{name}, {number} of {len(parts)}"
            console.print(Text(title, style="italic"))
            console.print(_table(lines, places, widths))
            console.print()


def _parts(lines: Lines, widths: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield the columns of each table to print: those that name a row, and as many others as fit."""
    naming = list(range(_naming(lines[1:])))
    left = room = width - sum(widths[place] + GAP for place in naming)
    part: list[int] = []
    for group in _groups(lines[0], len(naming)):
        together = sum(widths[place] + GAP for place in group)
        for place in group:
            needed = together if place == group[0] else widths[place] + GAP
            if part and needed > left:
                yield naming + part
                part, left = [], room
            part.append(place)
            left -= widths[place] + GAP
    yield naming + part


def _groups(heads: Sequence[str], start: int) -> list[list[int]]:
    """Return the columns that only make sense together: "value: mean, %", "largest, %" after it."""
    groups: list[list[int]] = []
    for place in range(start, len(heads)):
        if groups and ": " not in heads[place] and ": " in heads[groups[-1][0]]:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _naming(rows: Lines) -> int:
    """Return how many columns from the left it takes to tell all rows apart; one where nothing does."""
    for count in range(1, len(rows[0])):
        if len({tuple(row[:count]) for row in rows}) == len(rows):
            return count
    return 1


def _width(column: Sequence[str], longest: int) -> int:
    """Return the fewest characters that cut no word of a column and fold its head into few lines."""
    head, *cells = column
    longest_word = max((len(word) for text in column for word in text.split()), default=1)
    width = max(longest_word, min(longest, max(map(len, cells))))
    while len(textwrap.wrap(head, width, break_on_hyphens=False)) > HEAD_LINES:
        width += 1
    return width


def _table(lines: Lines, places: Sequence[int], widths: Sequence[int]) -> Table:
    table = Table(box=None, padding=(0, GAP, 0, 0))
    for place in places:
        table.add_column(
            Text(lines[0][place]),
            justify="right" if place else "left",
            overflow="fold",
            width=widths[place],
        )
    for row in lines[1:]:
        table.add_row(*(Text(row[place]) for place in places))
    return table
