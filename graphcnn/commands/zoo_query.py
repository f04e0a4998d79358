"""What `graphcnn zoo` is asked for: words to find and conditions on figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from graphcnn.diagnostics import UsageError, did_you_mean
from graphcnn.ops.base import Shape
from graphcnn.size import Size, maximum
from graphcnn.size.comparison import Comparison, read_comparison


class Figures(Protocol):
    """What conditions are about."""

    @property
    def params(self) -> Size: ...
    @property
    def buffers(self) -> Size: ...
    @property
    def macs(self) -> Size: ...
    @property
    def activations(self) -> Size: ...
    @property
    def receptive_field(self) -> tuple[int, ...] | None: ...
    @property
    def inputs(self) -> dict[str, Shape]: ...
    @property
    def year(self) -> int | None: ...


def _longest_side(figures: Figures) -> list[Size]:
    sides = [side for shape in figures.inputs.values() for side in shape[1:]]
    return [maximum(*sides)] if sides else []


def _year(figures: Figures) -> list[Size]:
    return [] if figures.year is None else [figures.year]


#: what can be compared, each with its numbers: a condition is to hold of all, and there must be one
FIGURES: dict[str, Callable[[Figures], Sequence[Size]]] = {
    "params": lambda figures: [figures.params],
    "buffers": lambda figures: [figures.buffers],
    "macs": lambda figures: [figures.macs],
    "activations": lambda figures: [figures.activations],
    "receptive_field": lambda figures: figures.receptive_field or (),
    "input": _longest_side,
    "year": _year,
}

_CONDITION = re.compile(r"([^<>=]*)([<>=].*)", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """All ``words`` are to be found, in any case, and all ``conditions`` are to hold."""

    words: tuple[str, ...] = ()
    conditions: tuple[tuple[str, Comparison], ...] = ()

    def finds(self, texts: Iterable[str]) -> bool:
        """Whether each word is a part of one of ``texts``."""
        folded = [text.casefold() for text in texts]
        return all(any(word.casefold() in text for text in folded) for word in self.words)

    def holds(self, figures: Figures) -> bool:
        """Whether each condition is known to hold."""
        for name, comparison in self.conditions:
            found = FIGURES[name](figures)
            if not found or not all(comparison.holds(size) for size in found):
                return False
        return True


def parse_query(texts: Iterable[str]) -> Query:
    """Words, and conditions such as `params<5M`.

    Raises:
        UsageError: a text is like a condition and is none.
    """
    words: list[str] = []
    conditions: list[tuple[str, Comparison]] = []
    for text in texts:
        match = _CONDITION.fullmatch(text)
        if match is None:
            words.append(_word(text))
        else:
            conditions.append(_condition(text, match[1].strip(), match[2].strip()))
    return Query(tuple(words), tuple(conditions))


def _word(text: str) -> str:
    if text in FIGURES:
        # Without quotes, `params<5M` is this word and a file for the shell.
        raise UsageError(f"`{text}` is compared with a number, in quotes: '{text}<1000'")
    return text


def _condition(text: str, name: str, rest: str) -> tuple[str, Comparison]:
    if name and name not in FIGURES:
        hint = did_you_mean(name, FIGURES) or f"there are {', '.join(FIGURES)}"
        raise UsageError(f"there is no figure `{name}`; {hint}")
    comparison = read_comparison(rest)
    if not name or comparison is None:
        raise UsageError(
            f"`{text}` is no condition: a figure, one of < <= > >= =, and a number such as 5000, "
            "2.5M or 1e9; each condition is an argument of its own"
        )
    return name, comparison
