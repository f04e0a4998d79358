"""Uses of a model's blocks that the model does not have: what a class must be right for too.

A class is written from its uses, and those of one model may agree by chance: two inputs that are
the same value everywhere, a width that is always that of another input, a `when` that always
holds. So each block is used once more by itself with one of its arguments changed, for every
argument and every size that differs between its uses and is hence an argument of its class. What
only chance made equal differs there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, zip_longest
from typing import Any

from graphcnn.backends.python.uses import Use, Uses
from graphcnn.elaborate import Inference, Limits, Part, graph_of_block
from graphcnn.ir import BlockItem, Graph, Item
from graphcnn.model import CompiledModel
from graphcnn.naming import assign_names
from graphcnn.ops.base import Shape
from graphcnn.program import Block

#: an argument by its name, or the size of an input by its number and axis
Coordinate = str | tuple[int, int]
Point = Mapping[Coordinate, Any]
Key = str

#: as many uses of a block are changed
_BASES = 3
#: as many changes are tried of a block, and as many are kept
_TRIES = 160
_KEPT = 32
#: numbers from which on one may be a width, and be the same as another
_WIDE = 4
#: nodes that the probes of one block may come to
_NODES = 4_000
#: blocks inside blocks get arguments from the probes of those around them, and so on
_ROUNDS = 3


@dataclass(frozen=True)
class Probe:
    """A graph that is one use of a block; ``base`` is the use that it was made from."""

    graph: Graph
    base: BlockItem


def probes(
    model: CompiledModel, graphs: Sequence[Graph], fits: Callable[[Graph], bool]
) -> list[Probe]:
    """Uses of the blocks of a model with other arguments, as far as they mean something.

    ``graphs`` are those that are emitted together; ``fits`` says whether a backend has all of a
    graph's ops.
    """
    found: list[Probe] = []
    prober = _Prober(model, fits)
    new = list(graphs)
    for _ in range(_ROUNDS):
        uses = Uses()
        for graph in new:
            uses.gather(graph)
        made = [probe for block, used in uses.blocks.items() for probe in prober.of(block, used)]
        if not made:
            break
        found += made
        new = [probe.graph for probe in made]
    return found


def relevant(uses: Sequence[Use]) -> list[Use]:
    """The uses of a block without probes that change what is the same in all others.

    That is no argument of the class, which need not be right for other values of it.
    """
    called = [_point(use.item) for use in uses if not use.probe]
    if not called:
        return list(uses)
    first = called[0]
    fixed = {c: key for c, key in first.items() if all(one.get(c) == key for one in called)}
    return [use for use in uses if not use.probe or fixed.items() <= _point(use.item).items()]


def _point(item: Item) -> dict[Coordinate, Key]:
    """Where a use of a block lies among all possible ones, in values that can be compared."""
    return {coordinate: _key(value) for coordinate, value in _values(item).items()}


def _values(item: Item) -> dict[Coordinate, Any]:
    sizes = {
        (number, axis): size
        for number, value in enumerate(item.inputs)
        for axis, size in enumerate(value.shape or ())
    }
    return {**getattr(item, "arguments", {}), **sizes}


def _key(value: Any) -> Key:
    """Equal for equal values of one type."""
    return f"{type(value).__name__} {value!r}"


class _Prober:
    """Makes the probes of one model; a change that was tried is not tried again."""

    def __init__(self, model: CompiledModel, fits: Callable[[Graph], bool]) -> None:
        self.model = model
        self.fits = fits
        self.inference = Inference()
        scope = model.ir.scope
        self.parameters = {name: scope[name] for name in model.program.parameters if name in scope}
        self.known: dict[Block, _Known] = {}

    def of(self, block: Block, uses: Sequence[Use]) -> list[Probe]:
        """The uses of one block that differ from others in what those differ in."""
        known = self.known.setdefault(block, _Known())
        known.add(use.item for use in uses)
        found: list[Probe] = []
        for base, choices in known.changes():
            for point in choices:
                if known.tries == 0 or known.kept == 0:
                    return found
                graph = self.graph(base, point, known.limits) if known.is_new(base, point) else None
                if graph is not None:
                    found.append(Probe(graph, base))
                    known.kept -= 1
                    break
        return found

    def graph(self, base: BlockItem, point: Point, limits: Limits) -> Graph | None:
        """A use of a block by itself; None where it means nothing, or is too large."""
        shapes: list[Shape] = [
            tuple(size for c, size in point.items() if isinstance(c, tuple) and c[0] == number)
            for number in range(len(base.inputs))
        ]
        arguments = {name: value for name, value in point.items() if isinstance(name, str)}
        part = Part(base.block, base.statement, arguments, shapes)
        graph = graph_of_block(self.model.program, part, self.parameters, limits, self.inference)
        if graph is None or assign_names(graph) is not None or not self.fits(graph):
            return None
        return graph


class _Known:
    """What is known of one block: its uses, and the changes that were tried."""

    def __init__(self) -> None:
        self.items: dict[frozenset[tuple[Coordinate, Key]], BlockItem] = {}
        self.tried: set[frozenset[tuple[Coordinate, Key]]] = set()
        #: each coordinate's values
        self.values: dict[Coordinate, dict[Key, Any]] = {}
        self.tries, self.kept = _TRIES, _KEPT
        self.limits = Limits()
        self.limits.nodes = _NODES

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, BlockItem):
                self.items.setdefault(frozenset(_point(item).items()), item)
                for coordinate, value in _values(item).items():
                    self.values.setdefault(coordinate, {}).setdefault(_key(value), value)

    def is_new(self, base: BlockItem, point: Point) -> bool:
        """Whether a point was not tried, nor is a use that is known; from now on it was tried.

        A use of several inputs is to be tried by itself: where it is known they may be one value.
        """
        key = frozenset((c, _key(value)) for c, value in point.items())
        if key in self.tried or (key in self.items and len(base.inputs) < 2):
            return False
        self.tried.add(key)
        self.tries -= 1
        return True

    def changes(self) -> Iterator[tuple[BlockItem, Iterable[Point]]]:
        """Changes of uses, each as alternatives of which the first that means something serves."""
        turns = zip_longest(*map(self._changes, self.bases()))
        yield from (change for turn in turns for change in turn if change is not None)

    def _changes(self, base: BlockItem) -> Iterator[tuple[BlockItem, Iterable[Point]]]:
        values = _values(base)
        if len(base.inputs) > 1:
            yield base, [values]  # whose inputs may be one value where it is used
        widths = [
            c
            for c in self.varying(values)
            if (isinstance(c, str) or c[1] == 0) and type(values[c]) is int and values[c] >= _WIDE
        ]
        for a, b in combinations(widths, 2):  # a `when` may ask whether they differ
            yield base, [{**values, a: values[b]}, {**values, b: values[a]}]
        for coordinate in values:
            for others in self.others(coordinate, values[coordinate]):
                yield base, self.points(values, coordinate, others)

    def bases(self) -> list[BlockItem]:
        """Uses that differ most in kind."""
        kinds: dict[tuple[Any, ...], BlockItem] = {}
        for item in self.items.values():
            values = _values(item)
            kind = [(c, _key(value)) for c, value in values.items() if type(value) is not int]
            kinds.setdefault((len(values), *kind), item)
        rest = [item for item in reversed(self.items.values()) if item not in kinds.values()]
        return [*kinds.values(), *rest][:_BASES]

    def varying(self, values: Point) -> list[Coordinate]:
        return [c for c in values if len(self.values[c]) > 1]

    def others(self, coordinate: Coordinate, value: Any) -> list[list[Any]]:
        """Other values for what varies: one that it has elsewhere, and one that it has nowhere."""
        known = self.values[coordinate]
        if len(known) == 1:
            return []
        elsewhere = [one for key, one in known.items() if key != _key(value)]
        if type(value) is float:
            return [elsewhere, [2 * value, value / 2]]
        if isinstance(value, list):
            return [elsewhere, [_larger(value)]]
        if type(value) is not int:
            return [elsewhere]
        highest = max(one for one in known.values() if type(one) is int)
        larger = (2 * value, 2 * highest, highest + 2, 3 * value)
        odd = (highest + 1 + highest % 2, 3 * value)
        new = [[n for n in numbers if n > 0 and _key(n) not in known] for numbers in (larger, odd)]
        return [elsewhere[::-1], *new]

    def points(self, base: Point, coordinate: Coordinate, values: Sequence[Any]) -> Iterator[Point]:
        """A use changed in one coordinate, alone or with others of which it may need the same."""
        for value in values:
            changed = {**base, coordinate: value}
            yield changed
            if type(value) is type(base[coordinate]) is int:
                numbers = [c for c in self.varying(base) if type(base[c]) is int]
                numbers.remove(coordinate)
                yield from _together(base, changed, value, base[coordinate], numbers)


def _larger(value: Any) -> Any:
    """A list with all of its numbers doubled."""
    if isinstance(value, list):
        return [_larger(one) for one in value]
    return 2 * value if type(value) in (int, float) else value


def _together(
    base: Point, changed: Point, value: int, before: int, numbers: Sequence[Coordinate]
) -> Iterator[Point]:
    """A change with others beside it: a sum wants two widths alike."""
    equal = [c for c in numbers if base[c] == before]
    for other in equal:
        yield {**changed, other: value}
    if len(equal) > 1:
        yield {**changed, **dict.fromkeys(equal, value)}
    if before and value % before == 0:
        factor = value // before
        for other in numbers:
            if other not in equal:
                yield {**changed, other: base[other] * factor}
        if len(numbers) > 1:
            yield {**changed, **{c: base[c] * factor for c in numbers}}
