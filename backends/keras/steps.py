"""A function's body as a tree of steps, before variables have names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.place import Case, Loop
from graphcnn.backends.python.unit import Mismatch
from graphcnn.ir import Value
from graphcnn.ops.base import Shape


@dataclass(eq=False)
class Slot:
    """A value in a function: which tensor it is in each case, its shape and layout there."""

    values: dict[Case, Value]
    shape: Shape
    layout: Layout
    hint: str | None = None
    name: str | None = None
    #: whether it is called so even where the next line alone reads it
    kept: bool = False

    def call(self, name: str) -> None:
        """Settle what the value is called, unless it is an input, which has its name."""
        if self.name is None and name.isidentifier():
            self.hint, self.kept = name, True

    def value(self, case: Case) -> Value | None:
        """The tensor in a case, which may lie inside a loop that this value is outside of."""
        for length in range(len(case), 0, -1):
            found = self.values.get(case[:length])
            if found is not None:
                return found
        return None


@dataclass(eq=False)
class Step:
    """``targets = code``; ``fed`` calls what the code constructs, None takes it as it is.

    A step without targets but with ``holds`` keeps a layer under that name, for several uses.
    """

    targets: list[Slot]
    code: Any
    sources: list[Slot]
    fed: tuple[Any, ...] | None = None
    holds: str | None = None
    training: bool = False
    comment: str | None = None


@dataclass(eq=False)
class Repeat:
    """A loop that carries one value.

    ``entry`` goes in, ``begin`` is it at the start of a turn, ``end`` at its end, and ``result``
    after the last one.
    """

    loop: Loop
    entry: Slot
    begin: Slot
    end: Slot
    result: Slot
    body: list[Part]
    training: bool = False


@dataclass(eq=False)
class When:
    """Steps under a condition, which make ``result`` of ``entry``; else it stays ``entry``."""

    condition: str
    entry: Slot
    end: Slot
    result: Slot
    body: list[Part]
    otherwise: list[Part] = field(default_factory=list)
    other_end: Slot | None = None
    training: bool = False
    #: where the condition holds, case by case
    truths: Sequence[bool] = ()


Part = Step | Repeat | When


def end_of(slot: Slot | None) -> Slot:
    if slot is None:
        raise Mismatch
    return slot


def trained_only(values: Sequence[Value]) -> bool:
    return all(value.node is not None and value.node.training_only for value in values)


def slots_read(parts: Iterable[Part]) -> Iterator[Slot]:
    """What steps read, in order; a value once for each time."""
    for part in parts:
        if isinstance(part, Step):
            yield from part.sources
        else:
            yield part.entry
            yield from slots_read(part.body)
            yield part.end
            if isinstance(part, When):
                yield from slots_read(part.otherwise)
                if part.other_end is not None:
                    yield part.other_end
