"""Small textual mutants of a Vyper source: one wrong operator, number, argument or missing statement each.

Vyper's tokens are Python's, so `tokenize` says where code is and where a comment, a docstring or a reason is.
Signatures, types, imports, events and interfaces are left alone.
"""

from __future__ import annotations

import io
import random
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from tokenize import TokenInfo

OPERATORS = {
    "+": ["-"],
    "-": ["+"],
    "*": ["//"],
    "//": ["*"],
    "<<": [">>"],
    ">>": ["<<"],
    "<": ["<="],
    "<=": ["<"],
    ">": [">="],
    ">=": [">"],
    "==": ["!="],
    "!=": ["=="],
    "+=": ["-=", "="],
    "-=": ["+=", "="],
    "&": ["|"],
    "|": ["&"],
}
NAMES = {"and": "or", "or": "and", "True": "False", "False": "True", "min": "max", "max": "min", "not": ""}
# Their numbers are sizes, and what stands in their blocks is no code.
TYPES = {"DynArray", "Bytes", "String"}
DECLARATIONS = {"from", "import", "implements", "initializes", "uses", "exports", "def"}
BLOCKS = {"event", "struct", "interface", "flag"}
KEPT = {"return", "if", "elif", "else", "for", "pass", "break", "continue", "raise", "def"}
# (a + b - 1) // b and the like: a division that rounds up.
ROUNDED_UP = re.compile(r"\(([^()]+(?:\([^()]*\))?) \+ [^()]+ - 1\) // ")


@dataclass(frozen=True)
class Mutant:
    """The source with `text[start:end]` replaced."""

    file: str
    line: int
    kind: str
    start: int
    end: int
    replacement: str
    before: str
    after: str

    def apply(self, text: str) -> str:
        """The mutated source."""
        return text[: self.start] + self.replacement + text[self.end :]


@dataclass
class Line:
    """A logical line's tokens and where its code starts: behind the `=` of a declaration with a type."""

    tokens: list[TokenInfo]
    code: int

    def first(self) -> str:
        """Its first word."""
        return self.tokens[0].string


class Source:
    """A source file and offsets into it."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.offsets = [0]
        for line in text.splitlines(keepends=True):
            self.offsets.append(self.offsets[-1] + len(line))

    def at(self, position: tuple[int, int]) -> int:
        """Offset of a token's row and column."""
        return self.offsets[position[0] - 1] + position[1]

    def mutant(self, kind: str, start: int, end: int, replacement: str) -> Mutant:
        """One replacement, with the lines it changes as a reader sees them."""
        row = self.text.count("\n", 0, start) + 1
        last = self.text.find("\n", end)
        whole = (self.offsets[row - 1], last if last >= 0 else len(self.text))
        after = self.text[whole[0] : start] + replacement + self.text[end : whole[1]]
        before = self.text[whole[0] : whole[1]]
        return Mutant(self.name, row, kind, start, end, replacement, squeezed(before), squeezed(after))

    def lines(self) -> Iterator[Line]:
        """Logical lines of code: no docstrings, declarations or blocks that hold none."""
        tokens: list[TokenInfo] = []
        depth, skipping = 0, False
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type in (tokenize.INDENT, tokenize.DEDENT):
                depth += 1 if token.type == tokenize.INDENT else -1
            elif token.type == tokenize.NEWLINE:
                first = tokens[0].string
                if depth == 0:
                    skipping = first in BLOCKS
                if not skipping and tokens[0].type != tokenize.STRING and first not in DECLARATIONS:
                    yield Line(tokens, code_start(tokens))
                tokens = []
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER):
                tokens.append(token)


def squeezed(text: str) -> str:
    """Lines as one."""
    return " ".join(text.split())


def code_start(tokens: list[TokenInfo]) -> int:
    """Index of the first token that is no name or type of a declaration."""
    words = [token.string for token in tokens]
    if words[0] == "for" and "in" in words:
        return words.index("in")
    if len(words) > 1 and words[1] == ":":
        return words.index("=") if "=" in words else len(words)
    return 0


def mutants(name: str, text: str, rng: random.Random) -> list[Mutant]:
    """Every mutant of a source in random order, one of each kind before the second of any."""
    source = Source(name, text)
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for line in source.lines():
        for mutant in (*words(source, line), *statements(source, line), *arguments(source, line)):
            kinds[mutant.kind].append(mutant)
    for found in ROUNDED_UP.finditer(text):
        rounded = f"{found[1]} // " if " " not in found[1] else f"({found[1]}) // "
        kinds["rounding"].append(source.mutant("rounding", found.start(), found.end(), rounded))
    for found in re.finditer(r"^ *(@nonreentrant|# pragma nonreentrancy on)$", text, re.MULTILINE):
        kinds["lock"].append(source.mutant("lock", *found.span(), ""))
    for of_kind in kinds.values():
        rng.shuffle(of_kind)
    order = sorted(kinds)
    longest = max((len(kinds[kind]) for kind in order), default=0)
    return [kinds[kind][place] for place in range(longest) for kind in order if place < len(kinds[kind])]


def words(source: Source, line: Line) -> Iterator[Mutant]:
    """Another operator, another number."""
    brackets: list[str] = []
    for index, token in enumerate(line.tokens):
        previous = line.tokens[index - 1] if index else None
        if token.string in "([{":
            brackets.append(previous.string if previous else "")
        elif token.string in ")]}":
            brackets.pop()
        if index < line.code:
            continue
        start, end = source.at(token.start), source.at(token.end)
        if token.type == tokenize.OP:
            for other in OPERATORS.get(token.string, []):
                yield source.mutant("operator", start, end, other)
            following = line.tokens[index + 1] if index + 1 < len(line.tokens) else None
            if token.string == "+" and following and following.string == "1":
                yield source.mutant("rounding", start, source.at(following.end), "")
        elif (
            token.type == tokenize.NUMBER and not TYPES & set(brackets) and not token.string.startswith("0x")
        ):
            if previous is None or previous.string != "=" or line.tokens[index - 2].string != "bound":
                yield source.mutant("number", start, end, str(int(token.string.replace("_", "")) + 1))
        elif token.type == tokenize.NAME and token.string in NAMES:
            yield source.mutant("operator", start, end, NAMES[token.string])


def statements(source: Source, line: Line) -> Iterator[Mutant]:
    """Without an assertion, an assignment, a call or a log; with a condition turned round."""
    start, end = source.at(line.tokens[0].start), source.at(line.tokens[-1].end)
    first = line.first()
    if first in ("if", "elif"):
        inside = source.at(line.tokens[1].start), source.at(line.tokens[-1].start)
        yield source.mutant("condition", *inside, f"not ({source.text[inside[0] : inside[1]]})")
    if first in KEPT or first == "@" or line.code:
        return
    kind = "assertion" if first == "assert" else "statement"
    if source.text[source.offsets[line.tokens[0].start[0] - 1]] == " ":
        yield source.mutant(kind, start, end, "pass")


def arguments(source: Source, line: Line) -> Iterator[Mutant]:
    """A call with two neighbouring arguments in each other's place."""
    stack: list[tuple[bool, list[int]]] = []
    for index, token in enumerate(line.tokens):
        if token.string in "([{":
            call = token.string == "(" and index > 0 and line.tokens[index - 1].type == tokenize.NAME
            stack.append((call, [index]))
        elif token.string == "," and stack:
            stack[-1][1].append(index)
        elif token.string in ")]}":
            call, marks = stack.pop()
            if line.tokens[index - 1].string != ",":
                marks.append(index)
            if call and index >= line.code:
                yield from swaps(source, line, marks)


def swaps(source: Source, line: Line, marks: list[int]) -> Iterator[Mutant]:
    """The arguments lie between the marks."""
    spans = [
        (source.at(line.tokens[left + 1].start), source.at(line.tokens[right - 1].end))
        for left, right in pairwise(marks)
        if right > left + 1
    ]
    for (start, middle), (after, end) in pairwise(spans):
        text = source.text
        if text[start:middle] != text[after:end]:
            swapped = text[after:end] + text[middle:after] + text[start:middle]
            yield source.mutant("arguments", start, end, swapped)
