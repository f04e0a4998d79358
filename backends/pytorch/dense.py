"""Dense blocks: a loop that concatenates, where the spec repeats `dense`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.unit import Mismatch, Sized, Unit
from graphcnn.backends.python.uses import local_name
from graphcnn.backends.python.where import Where
from graphcnn.backends.python.wording import substituted, terms_of
from graphcnn.backends.pytorch.modules import Modules
from graphcnn.ir import BlockItem, DenseItem, Item, RepeatItem, Value
from graphcnn.ops.base import Shape
from graphcnn.size import UNKNOWN, Size, Unknown, symbol

if TYPE_CHECKING:
    from graphcnn.backends.pytorch.classes import Classes


def is_dense(items: Sequence[Item]) -> bool:
    """Whether each item is a `dense` with `repeat`, of one block each, and some repeat it."""
    repeats = [repeat_of(item) for item in items]
    return any(repeat is not None and len(repeat.items) > 1 for repeat in repeats) and all(
        repeat is not None
        and (bool(repeat.name) or repeat is not item)
        and bool(repeat.items)
        and all(_layer(inner) is not None for inner in repeat.items)
        for item, repeat in zip(items, repeats, strict=True)
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
    turns = [layers[n][i] for n, i in cases]
    growth = _growth(classes, inner, turns)
    inner.loop = {"i": symbol("i", 0)}
    entering = inner.shape([t.inputs[0].shape or () for t in turns], _grown(begin, growth, "i"))
    term = repeats[0].statement.repeat
    count = where.value(counts, None if term is None else unit.try_evaluate(term, {}), "layers")
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
    unit.result = where.shape(ends, _grown(begin, growth, count), begin)


def _layers(item: RepeatItem) -> list[BlockItem]:
    found = [_layer(inner) for inner in item.items]
    return [layer for layer in found if layer is not None]


def _growth(classes: Classes, where: Where, turns: Sequence[BlockItem]) -> Size:
    """The channels that a layer adds, the same for all of one block's."""
    added = [(item.result.shape or ())[0] for item in turns if isinstance(item.result, Value)]
    if len(set(added)) == 1:
        return added[0]
    result = classes.unit_of(turns)[0].result or (UNKNOWN,)
    words = {
        name: where.proposed(term.value, {}) for name, term in terms_of(turns[0].statement).items()
    }
    growth: Size = substituted(result[0], words)
    return growth if where.sizes(growth) == added else UNKNOWN


def _grown(begin: Shape, growth: Size, times: Any) -> Shape | None:
    """What comes in, with the channels of so many layers after it."""
    if isinstance(times, str) and times.isidentifier():
        times = symbol(times, 0)
    if isinstance(times, str) or isinstance(growth, Unknown) or isinstance(begin[0], Unknown):
        return None
    return (begin[0] + growth * times, *begin[1:])


def _name(turns: Sequence[BlockItem], numbers: Sequence[int]) -> str:
    """The key of a layer: `f"denselayer{i + 1}"`, or `str(i)` where layers are only counted."""
    names = [local_name(turn.name) for turn in turns]
    for offset in (0, 1):
        begin = names[0].removesuffix(str(numbers[0] + offset))
        if names == [f"{begin}{n + offset}" for n in numbers]:
            number = f"i{' + 1' if offset else ''}"
            return f'f"{begin}{{{number}}}"' if begin else f"str({number})"
    raise Mismatch
