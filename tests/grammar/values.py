"""What is known of a drawn value: its channels as the author would say them, and its size.

A number of channels is a text that means the same wherever it can be read: a number, or a term
over the names of the file and of the block around. So a block is drawn once, for every use of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_CALL = re.compile(r"[0-9]\(")
_PLAIN = re.compile(r"[0-9+*/() -]+")


class Channels(NamedTuple):
    """A number of channels: how it is said, about how many it is, and a factor that it has."""

    text: str
    about: int
    factor: int = 1

    def __add__(self, other: object) -> Channels:
        assert isinstance(other, Channels)
        return term(
            f"{self.text} + {other.text}",
            self.about + other.about,
            math.gcd(self.factor, other.factor),
        )

    def times(self, number: Channels) -> Channels:
        text = f"{_operand(self.text)} * {_operand(number.text)}"
        return term(text, self.about * number.about, self.factor * number.factor)

    def half(self) -> Channels:
        return term(f"{_operand(self.text)} // 2", self.about // 2, self.factor // 2)

    def put(self, given: Mapping[str, Channels]) -> Channels:
        """The number where names mean something else."""
        text = _WORD.sub(lambda m: _operand(given[m[0]].text) if m[0] in given else m[0], self.text)
        names = {name: one.about for name, one in given.items()}
        about = _about(_WORD.sub(lambda m: str(names.get(m[0], 4)), self.text), self.about)
        return term(text, about, self.factor)

    @property
    def names(self) -> set[str]:
        return {name.partition(".")[0] for name in _WORD.findall(self.text)}


def term(text: str, about: int, factor: int) -> Channels:
    """Sums of numbers are worked out."""
    if _PLAIN.fullmatch(text):
        number = _about(text, about)
        return Channels(str(number), number, math.gcd(number, 16))
    return Channels(text, about, factor)


def number(value: int) -> Channels:
    return Channels(str(value), value, math.gcd(value, 16))


def _about(text: str, otherwise: int) -> int:
    if not _PLAIN.fullmatch(text) or _CALL.search(text):
        return otherwise
    return int(eval(text, {}, {}))  # noqa: S307


def _operand(text: str) -> str:
    return text if _WORD.fullmatch(text) or text.isdigit() else f"({text})"


@dataclass(frozen=True)
class Tensor:
    """One value: a grid of any rank, or a row of features. Equal sizes have equal names."""

    channels: Channels
    size: str = ""

    @property
    def is_row(self) -> bool:
        return not self.size

    def with_channels(self, channels: Channels) -> Tensor:
        return Tensor(channels, self.size)

    def put(self, given: Mapping[str, Channels]) -> Tensor:
        return Tensor(self.channels.put(given), self.size)


#: several values under one name, by their own
Ports = dict[str, Tensor]
Known = Tensor | Ports


class Shared(NamedTuple):
    """What may be applied again: it takes and makes these, in whatever size if it is ``free``."""

    takes: tuple[Tensor, ...]
    makes: Known
    free: bool


@dataclass
class Space:
    """The names of one scope. A name may have expressions in it, which differ by turn."""

    outer: Space | None = None
    names: dict[str, Known] = field(default_factory=dict)
    shared: dict[str, Shared] = field(default_factory=dict)
    conditional: dict[str, tuple[str, Tensor]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def saved(self) -> Space:
        """A copy, to go back to."""
        return Space(
            self.outer, {**self.names}, {**self.shared}, {**self.conditional}, {*self.taken}
        )

    def restore(self, saved: Space) -> None:
        self.names, self.shared = saved.names, saved.shared
        self.conditional, self.taken = saved.conditional, saved.taken

    def visible(self) -> dict[str, Known]:
        around = {} if self.outer is None else self.outer.visible()
        hidden = {name: one for name, one in around.items() if name not in self.taken}
        return {**hidden, **self.names}

    def reusable(self) -> dict[str, Shared]:
        around = {} if self.outer is None else self.outer.reusable()
        hidden = {name: one for name, one in around.items() if name not in self.taken}
        return {**hidden, **self.shared}


def tensors(known: Mapping[str, Known]) -> dict[str, Tensor]:
    """Single values by how they are read, `half.0` among them."""
    found: dict[str, Tensor] = {}
    for name, one in known.items():
        if isinstance(one, Tensor):
            found[name] = one
        else:
            found.update({f"{name}.{port}": tensor for port, tensor in one.items()})
    return found
