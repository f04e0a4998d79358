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
    #: how many values the function had before this one
    number: int = 0
    #: the loops that it is made in, from the outermost
    loops: tuple[Loop, ...] = ()
    #: what enters a turn of a loop, which something else has made
    is_start: bool = False
    #: what the ids of its turns begin with
    stem: str | None = None
    #: the lists that it is appended to
    lists: list[Listing] = field(default_factory=list)
    #: the list and the place in it that it is read from
    item: tuple[Listing, Any] | None = None

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
class Listing:
    """A list of what the turns of loops make; it is begun before ``loop``.

    ``firsts`` are the values that it begins with, ``sources`` those that are appended.
    """

    name: str
    loop: Loop
    firsts: list[Slot]
    sources: list[Slot]
    #: where each value stands, by the case that the list is begun in and the value's identity
    places: dict[tuple[Case, int], int]


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
    """A loop that carries one value, or none from turn to turn.

    ``entry`` goes in, ``begin`` is it at the start of a turn, ``end`` at its end, and ``result``
    after the last one.
    """

    loop: Loop
    entry: Slot | None
    begin: Slot | None
    end: Slot | None
    result: Slot
    body: list[Part]
    training: bool = False
    #: the lists that are begun before it
    lists: list[Listing] = field(default_factory=list)


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
    """What steps read, in order, and what is put into lists; a value once for each time."""
    for part in parts:
        if isinstance(part, Step):
            yield from part.sources
        else:
            if isinstance(part, Repeat):
                yield from (slot for listing in part.lists for slot in listing.firsts)
            if part.entry is not None:
                yield part.entry
            yield from slots_read(part.body)
            if part.end is not None:
                yield part.end
            if isinstance(part, When):
                yield from slots_read(part.otherwise)
                if part.other_end is not None:
                    yield part.other_end
        yield from (slot for slot in made_by(part) for _ in slot.lists)


def made_by(part: Part) -> list[Slot]:
    """What is there after a step that was not before, but for what its body keeps to itself."""
    return part.targets if isinstance(part, Step) else [part.result]
