"""Sizes that are known only where the code runs, read off the tensors that are there.

An attribute such as `$(a.shape[1:])` comes to symbols where the input's size is symbolic. The code
cannot name those; it reads them: `a.shape[-2:]`. The author's words come first, as everywhere.
Where they cannot be carried over, a tensor is sought that has the size, or from whose size it
follows. Whatever is written is checked in every case against what elaboration found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from graphcnn.backends.python.code import Formula
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Sized, alike
from graphcnn.ops.base import Shape
from graphcnn.size import Size, Symbolic, evaluate, line, symbol, symbols


def is_open(value: Any) -> bool:
    """Whether a symbol stands in a value or in code, or in a part of it."""
    return bool(names_in(value))


def names_in(code: Any) -> frozenset[str]:
    """The symbols in a value or in code."""
    if isinstance(code, Symbolic):
        return symbols(code)
    parts: Iterable[Any] = ()
    if isinstance(code, (tuple, list)):
        parts = code
    elif is_dataclass(code) and not isinstance(code, type):
        parts = (getattr(code, f.name) for f in fields(code))
    return frozenset[str]().union(*map(names_in, parts))


@dataclass(frozen=True)
class Seen:
    """A tensor whose sizes can be read: its shape in each case, and in terms of the code's names.

    ``names`` are what the author calls it; ``source`` is what the code reads it as. What is
    ``near`` comes into the op, or into the class or function.
    """

    source: Any
    shapes: tuple[Shape, ...]
    shape: Shape
    names: tuple[str, ...] = ()
    near: bool = False

    def sizes(self, axis: int) -> list[Size]:
        return [shape[axis] for shape in self.shapes]


class Reader:
    """Finds code for sizes at one place; ``size`` and ``spatial`` write what is read.

    ``size`` is the code of one axis of a tensor, ``spatial`` that of all but the channels.
    ``late`` says which sizes are not known before.
    """

    def __init__(
        self,
        seen: Sequence[Seen],
        size: Callable[[Seen, int], Any],
        spatial: Callable[[Seen], Any],
        late: Callable[[Sequence[Size]], bool],
    ) -> None:
        self.seen = [one for one in seen if len({len(shape) for shape in one.shapes}) == 1]
        self.size = size
        self.spatial = spatial
        self.late = late
        self._places = {
            f"__seen{k}_{axis}": (one, axis)
            for k, one in enumerate(self.seen)
            for axis in range(len(one.shape))
        }
        self._symbols = {place: symbol(name, 1) for name, place in self._named()}

    def _named(self) -> Iterator[tuple[str, tuple[int, int]]]:
        index = {id(one): k for k, one in enumerate(self.seen)}
        for name, (one, axis) in self._places.items():
            yield name, (index[id(one)], axis)

    def words(self, one: Seen) -> Shape:
        """A tensor's shape as expressions are to see it: a symbol of its own for what is read."""
        k = self.seen.index(one)
        return tuple(
            self._symbols[k, axis] if self.late(one.sizes(axis)) else size
            for axis, size in enumerate(one.shape)
        )

    def near(self) -> dict[str, Sized]:
        """What names mean where sizes are read."""
        return {name: Sized(self.words(one)) for one in self.seen for name in one.names}

    def known(self, case: int) -> Mapping[str, Size]:
        """The sizes that are read, in one case."""
        return {name: one.shapes[case][axis] for name, (one, axis) in self._places.items()}

    def is_read(self, name: str) -> bool:
        return name in self._places

    def formula(self, size: Symbolic, written: Callable[[str], Text]) -> Any:
        """The code of a size in terms of what is read."""
        names = [name for name in symbols(size) if name in self._places]
        reads = tuple((name, self.size(*self._places[name])) for name in sorted(names))
        if str(size) in names:
            return reads[0][1]
        return Formula(written(str(size)), reads)

    def together(self, words: tuple[Size, ...] | None, values: Sequence[tuple[Size, ...]]) -> Any:
        """The code of all spatial sizes of one tensor; None where these are not such."""
        rank = len(values[0]) + 1
        if rank < 3:
            return None
        for k, one in enumerate(self.seen):
            axes = range(1, len(one.shape))
            if len(one.shape) == rank and alike([s[1:] for s in one.shapes], list(values)):
                own = tuple(self._symbols[k, axis] for axis in axes)
                if words in (None, own) and all(self.late(one.sizes(axis)) for axis in axes):
                    return self.spatial(one)
        return None

    def found(self, values: Sequence[Size]) -> Iterator[Symbolic | None]:
        """Sizes that may have these values: axes of what comes in, what follows from axes, axes."""
        yield self._direct(values, near=True)
        yield self._solved(values)
        yield self._direct(values, near=False)

    def _direct(self, values: Sequence[Size], *, near: bool) -> Symbolic | None:
        """The size of an axis that has these values."""
        for name, (one, axis) in self._places.items():
            if (one.near or not near) and alike(one.sizes(axis), values):
                return symbol(name, 1)
        return None

    def _solved(self, values: Sequence[Size]) -> Symbolic | None:
        """The size over axes that tell its symbols; all cases have the same size."""
        first = values[0]
        if not isinstance(first, Symbolic) or not alike(values, [first] * len(values)):
            return None
        known: dict[str, Size] = {}
        for name in symbols(first):
            for read, (one, axis) in self._places.items():
                lines = {line(size, name) for size in one.sizes(axis)}
                found = lines.pop()
                if found is not None and not lines:
                    factor, offset = found
                    known[name] = (symbol(read, 1) - offset) // factor
                    break
            else:
                return None
        try:
            found_size = evaluate(first, known)
        except ValueError:
            return None
        return found_size if isinstance(found_size, Symbolic) else None
