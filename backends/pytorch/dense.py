"""Dense blocks: a loop that concatenates, where the spec repeats `dense`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.unit import Mismatch, Sized, Unit, Where
from graphcnn.backends.python.uses import local_name
from graphcnn.backends.pytorch.modules import Modules
from graphcnn.expression import Expr, Template
from graphcnn.ir import BlockItem, DenseItem, Item, RepeatItem, Value
from graphcnn.ops.base import Shape
from graphcnn.size import UNKNOWN, symbol

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes


def is_dense(item: Item) -> bool:
    """Whether an item is a `dense` with `repeat`, of one block each."""
    repeat = repeat_of(item)
    return (
        repeat is not None
        and (bool(repeat.name) or repeat is not item)
        and len(repeat.items) > 1
        and all(_layer(inner) is not None for inner in repeat.items)
    )


def repeat_of(item: Item) -> RepeatItem | None:
    """The repeat that an item is, or all that a block's body holds."""
    if isinstance(item, RepeatItem):
        return item
    if isinstance(item, BlockItem) and item.block.kind == "graph" and len(item.body.items) == 1:
        only = item.body.items[0]
        if isinstance(only, RepeatItem) and only.id is None and only.inputs == item.inputs:
            return only
    return None


def _layer(item: Item) -> BlockItem | None:
    if not isinstance(item, DenseItem):
        return None
    present = [inner for inner in item.body.items if inner is not None]
    if len(present) == 1 and isinstance(present[0], BlockItem) and present[0].owner is None:
        return present[0] if isinstance(present[0].result, Value) else None
    return None


def write_dense(classes: Classes, unit: Unit, items: Sequence[Item], where: Where) -> None:
    """``for layer in self.values(): x = torch.cat([x, layer(x)], dim=1)``."""
    repeats = [repeat for repeat in map(repeat_of, items) if repeat is not None]
    layers = [_layers(item) for item in repeats]
    counts = [len(found) for found in layers]
    begin = where.shape(
        [item.inputs[0].shape or () for item in items],
        tuple(unit.symbols.get(name, UNKNOWN) for name in ("in_channels", "in_height", "in_width")),
    )
    cases = [(n, i) for n, found in enumerate(layers) for i in range(len(found))]
    inner = where.subset([n for n, _ in cases]).bound([{"i": i} for _, i in cases])
    inner.loop = {"i": symbol("i", 0)}
    turns = [layers[n][i] for n, i in cases]
    entering = inner.shape([t.inputs[0].shape or () for t in turns], _grown(begin, layers[0]))
    term = repeats[0].statement.repeat
    times = None if term is None else unit.try_evaluate(term, {})
    count = where.value(counts, times, "layers")
    text, _ = Modules(classes, inner, {"in": Sized(entering)}).module(turns, entering)
    name = _name(turns, [i for _, i in cases])
    unit.base = "nn.ModuleDict"
    unit.doc = unit.doc or "Each layer sees the outputs of all layers before it."
    unit.init = [f"for i in range({count}):", f"    self[{name}] = {text}"]
    unit.forward = [
        "for layer in self.values():",
        "    x = torch.cat([x, layer(x)], dim=1)",
        "return x",
    ]
    unit.signature = "(self, x: Tensor) -> Tensor"
    ends = [item.result.shape or () for item in items if isinstance(item.result, Value)]
    growth = _growth(layers[0])
    grown: Shape | None = None
    if begin and growth is not None and not isinstance(begin[0], type(UNKNOWN)):
        total: Any = symbol(count, 0) if isinstance(count, str) else count
        grown = (begin[0] + growth * total, *begin[1:])
    unit.result = where.shape(ends, grown, begin)


def _layers(item: RepeatItem) -> list[BlockItem]:
    found = [_layer(inner) for inner in item.items]
    return [layer for layer in found if layer is not None]


def _growth(layers: Sequence[BlockItem]) -> int | None:
    a, b = (layer.inputs[0].shape or () for layer in layers[:2])
    if isinstance(a[0], int) and isinstance(b[0], int):
        return b[0] - a[0]
    return None


def _grown(begin: Shape, layers: Sequence[BlockItem]) -> Shape | None:
    growth = _growth(layers)
    if growth is None or isinstance(begin[0], type(UNKNOWN)):
        return None
    return (begin[0] + symbol("i", 0) * growth, *begin[1:])


def _name(turns: Sequence[BlockItem], numbers: Sequence[int]) -> str:
    """The key of a layer: `f"denselayer{i + 1}"`, or `str(i)` where layers are only counted."""
    names = [local_name(turn.name) for turn in turns]
    term = turns[0].statement.id
    if term is None:
        if names != [str(n) for n in numbers]:
            raise Mismatch
        return "str(i)"
    pieces = term.value.parts if isinstance(term.value, Template) else ()
    if len(pieces) == 2 and isinstance(pieces[0], str) and isinstance(pieces[1], Expr):
        for offset in (0, 1):
            if names == [f"{pieces[0]}{n + offset}" for n in numbers]:
                return f'f"{pieces[0]}{{i{" + 1" if offset else ""}}}"'
    raise Mismatch
