"""What a piece of Python reads: the names of its code, and none of its comments and texts."""

from __future__ import annotations

import io
import symtable
import tokenize
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from keyword import iskeyword


def globals_read(text: str) -> set[str]:
    """The names that a module's text reads from itself, from its imports or from Python."""
    found: set[str] = set()
    waiting = [symtable.symtable(text, "emitted", "exec")]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        whole = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (whole or symbol.is_global())
        }
    return found


def names_in(line: str) -> tuple[str, ...]:
    """The names in a line of code or an expression, in order; those of attributes are none."""
    return tuple(line[begin:end] for begin, end in _places(line))


def renamed(line: str, change: Callable[[str], str]) -> str:
    """The line with ``change`` of each of its names."""
    parts, at = [], 0
    for begin, end in _places(line):
        parts += [line[at:begin], change(line[begin:end])]
        at = end
    return "".join([*parts, line[at:]])


@lru_cache(maxsize=8192)
def _places(line: str) -> tuple[tuple[int, int], ...]:
    """Where names begin and end in a line."""
    return tuple(_found(line))


def _found(line: str) -> Iterator[tuple[int, int]]:
    code = line.lstrip()
    shift = len(line) - len(code)
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    before, depth = "", 0
    for token, after in pairwise(tokens):
        begin, end = (shift + column for _, column in (token.start, token.end))
        depth += (token.string in {"(", "["}) - (token.string in {")", "]"})
        keyword = depth > 0 and after.string == "="
        if token.type == tokenize.NAME:
            if before != "." and not keyword and not iskeyword(token.string):
                yield begin, end
        elif token.type == tokenize.STRING and token.string[0] in "fF":  # before Python 3.12
            yield from _in_braces(token.string, begin)
        before = token.string


def _in_braces(text: str, shift: int) -> Iterator[tuple[int, int]]:
    """Where names are in what an f-string computes."""
    begin = text.find("{")
    while begin >= 0:
        end = text.find("}", begin)
        if text.startswith("{{", begin):
            end = begin + 1
        else:
            for first, last in _places(text[begin + 1 : end]):
                yield shift + begin + 1 + first, shift + begin + 1 + last
        begin = text.find("{", end + 1)
