"""What is drawn of a model: for its graph and for each block, boxes and the arrows between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from graphcnn.ir import (
    BlockItem,
    BranchesItem,
    DenseItem,
    Item,
    Node,
    OpItem,
    RepeatItem,
    ResidualItem,
    Value,
    members_of,
    nodes_of,
)
from graphcnn.model import CompiledModel
from graphcnn.ops.base import Op, show_shape
from graphcnn.program import Statement

#: ops that stand in the box of what they follow
_FUSED = ("normalisation", "activation", "regularisation")
#: turns of a dense structure that are drawn one by one; the others look the same, but for sizes
_DRAWN = 4
_SHOWN = ("stride", "dilation", "groups", "multiplier", "heads")


@dataclass
class Box:
    """One box: its first line, those below, the shape of what comes out, and how often in a row.

    ``kind`` is the group of its op, ``block``, or ``end`` for inputs and outputs; ``statement`` is
    where the spec asks for it, the same for all turns of a loop.
    """

    kind: str
    title: str
    lines: tuple[str, ...]
    shape: str
    inputs: tuple[Value, ...] = ()
    makes: tuple[Value, ...] = ()
    statement: Statement | None = None
    times: int = 1
    sources: list[int] = field(default_factory=list)

    @property
    def text(self) -> tuple[str, ...]:
        """The lines in the box."""
        times = f" \N{MULTIPLICATION SIGN}{self.times}" if self.times > 1 else ""
        return (self.title + times, *self.lines, *([self.shape] if self.shape else []))


@dataclass
class Diagram:
    """The boxes of one scope in an order in which arrows lead forward; ``sources`` are indices."""

    title: str
    boxes: list[Box]


def diagrams(model: CompiledModel) -> list[Diagram]:
    """The graph of a model, and each block that it uses, as it is where most of it is used."""
    graph = model.ir
    whole = [one for one in graph.body.items if one is not None]
    outputs = {
        name + (" (training only)" if one.training_only else ""): one.value
        for name, one in graph.outputs.items()
    }
    found = [Diagram(model.name, _joined(graph.inputs, whole, outputs))]
    for use in _uses(whole):
        inside = [one for one in use.body.items if one is not None]
        outputs = use.outputs if len(use.outputs) > 1 else {}
        found.append(Diagram(_call(use), _joined(use.values, inside, outputs)))
    return found


def _uses(items: Iterable[Item]) -> list[BlockItem]:
    """For each block the use of most of its statements; those of the graph itself come first."""
    largest: dict[str, tuple[int, BlockItem]] = {}
    level = [*items]
    while level:
        deeper: list[Item] = []
        for item in level:
            if isinstance(item, BlockItem):
                size = len({(one.span.file.name, one.span.start) for one in nodes_of(item)})
                if item.block.name not in largest or size > largest[item.block.name][0]:
                    largest[item.block.name] = size, item
            deeper += members_of(item)
        level = deeper
    return [item for _, item in largest.values()]


def _call(use: BlockItem) -> str:
    arguments = [f"{name}={_plain(value)}" for name, value in use.arguments.items()]
    return f"{use.block.name}({', '.join(arguments)})" if arguments else use.block.name


def _plain(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_plain, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _starts(inputs: dict[str, Value]) -> list[Box]:
    """Where a scope begins; one value under two names is one box."""
    names: dict[int, list[str]] = {}
    for name, value in inputs.items():
        names.setdefault(id(value), []).append(name)
    values = {id(value): value for value in inputs.values()}
    return [
        Box("end", ", ".join(names[key]), (), show_shape(value.shape or ()), makes=(value,))
        for key, value in values.items()
    ]


def _ends(outputs: dict[str, Value], boxes: list[Box]) -> Iterator[Box]:
    """Where a scope ends: a box for the outputs of each box."""
    home = {id(value): index for index, box in enumerate(boxes) for value in box.makes}
    several: dict[int | None, dict[str, Value]] = {}
    for name, value in outputs.items():
        several.setdefault(home.get(id(value)), {})[name] = value
    for named in several.values():
        values = tuple(named.values())
        title, *lines = (
            [*named]
            if len(named) == 1
            else [f"{name} {show_shape(value.shape or ())}" for name, value in named.items()]
        )
        shape = show_shape(values[0].shape or ()) if len(named) == 1 else ""
        yield Box("end", title, tuple(lines), shape, inputs=values)


def _boxes(items: Iterable[Item]) -> Iterator[Box]:
    """A box for each use of a block, and one for each op outside of them."""
    for item in items:
        if isinstance(item, BlockItem):
            yield _block(item)
        elif isinstance(item, RepeatItem) and len(item.items) > _DRAWN and _is_dense(item):
            first, *middle, last = item.items
            yield from _boxes([first])
            yield _fold(middle)
            yield from _boxes([last])
        elif isinstance(item, OpItem):
            yield _op(item.node, item.statement)
        else:
            yield from _boxes(members_of(item))
            if isinstance(item, (ResidualItem, BranchesItem, DenseItem)) and item.merge:
                yield _op(item.merge, item.statement)


def _is_dense(item: RepeatItem) -> bool:
    return all(isinstance(turn, DenseItem) for turn in item.items)


def _block(use: BlockItem) -> Box:
    outputs = [*use.outputs.values()]
    shape = show_shape(outputs[0].shape or ()) if len(outputs) == 1 else f"{len(outputs)} values"
    return _whole(use.block.name, nodes_of(use), shape, use.statement)


def _fold(turns: list[Item]) -> Box:
    """Turns of a loop that are not drawn one by one."""
    return _whole(f"{len(turns)} more", (node for one in turns for node in nodes_of(one)), "")


def _whole(
    title: str, several: Iterable[Node], shape: str, statement: Statement | None = None
) -> Box:
    nodes = [*several]
    makes = tuple(value for node in nodes for value in node.outputs)
    own = set(map(id, makes))
    inputs = tuple(value for node in nodes for value in node.inputs if id(value) not in own)
    return Box("block", title, (), shape, inputs, makes, statement)


def _op(node: Node, statement: Statement) -> Box:
    shapes = ", ".join(show_shape(value.shape or ()) for value in node.outputs)
    title = _described(node.op, len(node.outputs[0].shape or ()) - 1)
    return Box(node.op.group, title, (), shapes, node.inputs, node.outputs, statement)


def _described(op: Op, axes: int) -> str:
    """An op with what makes it large: `conv 3x3, 64, stride 2`; ``axes`` are the spatial ones."""
    attributes = op.attributes()
    kernel = getattr(op, "kernel", None)
    first = op.name if kernel is None else f"{op.name} {_window(kernel, axes)}"
    words = [_plain(op.out)] if hasattr(op, "out") else []
    for name in _SHOWN:
        value = getattr(op, name, None)
        if name in attributes and value is not None and value != attributes[name].default:
            words.append(f"{name} {_plain(value)}")
    if not words:
        return first
    return f"{first}{',' if kernel is not None else ''} {', '.join(words)}"


def _window(kernel: object, axes: int) -> str:
    sides = kernel if isinstance(kernel, tuple) else (kernel,) * axes
    return "\N{MULTIPLICATION SIGN}".join(map(str, sides))


# --- fewer boxes -------------------------------------------------------------------------


def _joined(
    inputs: dict[str, Value], items: Iterable[Item], outputs: dict[str, Value]
) -> list[Box]:
    """The boxes of a scope with their arrows, after what belongs together has been made one."""
    boxes = [*_starts(inputs), *(box for box in _boxes(items) if box.makes)]
    boxes += _ends(outputs, boxes)
    boxes = _merged(_linked(boxes), _is_fused, _fused)
    return _merged(boxes, _is_again, _again)


def _linked(boxes: list[Box]) -> list[Box]:
    home = {id(value): index for index, box in enumerate(boxes) for value in box.makes}
    for index, box in enumerate(boxes):
        found = (home.get(id(value)) for value in box.inputs)
        box.sources = [*dict.fromkeys(one for one in found if one is not None and one != index)]
    return boxes


def _merged(
    boxes: list[Box], may: Callable[[Box, Box], bool], merge: Callable[[Box, Box], Box]
) -> list[Box]:
    """Boxes, each that ``may`` made one with what it follows, if nothing else is between them."""
    readers = [0] * len(boxes)
    for box in boxes:
        for source in box.sources:
            readers[source] += 1
    kept: list[Box] = []
    place: dict[int, int] = {}
    for index, box in enumerate(boxes):
        before = box.sources[0] if len(box.sources) == 1 else None
        if before is not None and readers[before] == 1 and may(kept[place[before]], box):
            at = place[before]
            kept[at] = merge(kept[at], box)
            place[index] = at
        else:
            place[index] = len(kept)
            kept.append(box)
    return _linked(kept)


def _is_fused(before: Box, box: Box) -> bool:
    return box.kind in _FUSED and before.kind not in ("end", "block") and len(before.lines) < 5


def _fused(before: Box, box: Box) -> Box:
    lines = (*before.lines, box.title, *box.lines)
    return replace(before, lines=lines, shape=box.shape, makes=before.makes + box.makes)


def _is_again(before: Box, box: Box) -> bool:
    alike = (before.title, before.lines, before.shape) == (box.title, box.lines, box.shape)
    return alike and box.statement is not None and before.statement is box.statement


def _again(before: Box, box: Box) -> Box:
    return replace(before, times=before.times + box.times, makes=before.makes + box.makes)
