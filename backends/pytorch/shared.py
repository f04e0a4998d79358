"""Layers that several nodes use: `reuse` gives one module values of other sizes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from typing import Any

from graphcnn.backends.python.code import Lowered
from graphcnn.backends.python.reading import is_open
from graphcnn.backends.python.uses import Uses
from graphcnn.backends.pytorch.lowering import executable
from graphcnn.ir import Node
from graphcnn.ops.base import Op, OpError, Shape
from graphcnn.size import Size, Symbolic, evaluate, symbol

Lowering = Callable[[Op, tuple[Shape, ...]], Lowered]


def shapes_of(node: Node) -> tuple[Shape, ...]:
    return tuple(value.shape or () for value in node.inputs)


def lowered_for_all(node: Node, nodes: Sequence[Node], lowering: Lowering) -> Lowered:
    """The code of a node, as one of several that share it.

    It is the same for all of them, whatever the sizes that come in, but for sizes in its
    expression, which `forward` then reads or is handed.

    Raises:
        OpError: there is no such code.
    """
    each = [executable(one.op, lowering(one.op, shapes_of(one))) for one in nodes]
    if all(other == each[0] for other in each):
        return each[0]
    common = _Common()
    # Symbols are only a proposal: rules made for numbers may refuse them anyhow.
    try:
        inputs = common.of([shapes_of(one) for one in nodes])
        op = common.op([one.op for one in nodes])
        found = executable(op, lowering(op, inputs))
    except Exception:  # noqa: BLE001 - see above
        found = None
    if found is not None and not is_open((found.module, found.forward)):
        return found
    if found is None or found.forward is None or node.facts.weights:
        raise OpError(
            f"`{node.op.name}` is shared, and would not be the same on every value given to it",
            code="unsupported-op",
            help="use the block twice where it need not share its weights",
        )
    return Lowered(None, _with_sizes(found.forward, common.sizes(nodes.index(node))))


def _with_sizes(code: Any, sizes: Mapping[str, Size]) -> Any:
    """A tree of code with a size for each symbol."""
    if isinstance(code, Symbolic):
        return evaluate(code, sizes)
    if isinstance(code, tuple):
        return tuple(_with_sizes(part, sizes) for part in code)
    if is_dataclass(code) and not isinstance(code, type):
        parts = {f.name: _with_sizes(getattr(code, f.name), sizes) for f in fields(code)}
        return replace(code, **parts)
    return code


class _Differs(Exception):
    """Values that are no sizes, and differ."""


class _Common:
    """What several values have in common: sizes that differ are symbols, one for those alike."""

    def __init__(self) -> None:
        self.symbols: dict[tuple[Size, ...], Symbolic] = {}

    def of(self, values: Sequence[Any]) -> Any:
        if all(type(value) is type(values[0]) and value == values[0] for value in values):
            return values[0]
        if all(isinstance(value, tuple) for value in values):
            return tuple(map(self.of, zip(*values, strict=True)))
        if not all(isinstance(value, Symbolic) or type(value) is int for value in values):
            raise _Differs
        return self.symbols.setdefault(tuple(values), symbol(f"size{len(self.symbols)}", 1))

    def sizes(self, number: int) -> dict[str, Size]:
        """What each symbol is for one of the values."""
        return {str(size): values[number] for values, size in self.symbols.items()}

    def op(self, ops: Sequence[Op]) -> Op:
        first = ops[0]
        if any(type(op) is not type(first) for op in ops):
            raise _Differs
        found = {f.name: self.of([getattr(op, f.name) for op in ops]) for f in fields(first)}
        return replace(first, **found)


def _but_for_sizes(node: Node, own: Lowered, each: Sequence[Lowered]) -> Lowered:
    """The expression alone, where the others are like it but for sizes."""
    alike = own.forward is not None and all(_is_like(own.forward, one.forward) for one in each)
    if node.facts.weights or not alike:
        raise OpError(
            f"`{node.op.name}` is shared, and would not be the same on every value given to it",
            code="unsupported-op",
            help="use the block twice where it need not share its weights",
        )
    return Lowered(None, own.forward)


def _is_like(one: Any, other: Any) -> bool:
    """Whether two trees of code are the same but for integers."""
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(_is_like, one, other))
    if is_dataclass(one):
        return all(_is_like(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return one == other or type(one) is int


class Shared:
    """The code of each node of a model, worked out once."""

    def __init__(self, uses: Uses, lowering: Lowering) -> None:
        self.uses = uses
        self.lowering = lowering
        self._found: dict[Hashable, Lowered] = {}
        self._late: dict[int, bool] = {}

    def of(self, node: Node) -> Lowered:
        nodes = self.uses.sharing.get(id(node.owner or node))
        late = self.is_late(node)
        key = (id(node.op), shapes_of(node)) if nodes is None and not late else id(node)
        if key not in self._found:
            self._found[key] = self._lowered(node, nodes or [node], late=late)
        return self._found[key]

    def _lowered(self, node: Node, nodes: Sequence[Node], *, late: bool) -> Lowered:
        if late:  # where another use of the block reads a size, this one does
            with suppress(OpError):
                return lowered_for_all(node, self.uses.alike[id(node)], self.lowering)
        return lowered_for_all(node, nodes, self.lowering)

    def is_late(self, node: Node) -> bool:
        """Whether some node of the same statement is shared, and depends on sizes that differ."""
        alike = self.uses.alike.get(id(node), [])
        if node.facts.weights or not self.uses.sharing:
            return False
        if id(alike) not in self._late:
            self._late[id(alike)] = any(map(self._differs, alike))
        return self._late[id(alike)]

    def _differs(self, node: Node) -> bool:
        owner = node.owner
        if owner is None:
            return False
        return self.lowering(node.op, shapes_of(node)) != self.lowering(owner.op, shapes_of(owner))
